"""Somebody sits down, signs in by keyboard and works; beside it what the other desks do meanwhile, through the API."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.combinations import Combination
from tests.browser.installation import Installation
from tests.browser.keyboard import Hands
from tests.browser.looking import context_for

PHONE = Combination("en", 360, scripts=True, display="large")
DESK = Combination("en", 1280, scripts=True, display="plain")
BARE = Combination("en", 360, scripts=False, display="contrast")
AT_HOME = pytest.mark.parametrize("habits", [PHONE, BARE], ids=str)
AT_WORK = pytest.mark.parametrize("habits", [DESK, BARE], ids=str)
PATIENCE_SECONDS = 90.0
UNDER_WAY = {"ordered", "sending", "sent"}


@contextmanager
def seated(browser: Browser, stage: Installation, login: str, habits: Combination = DESK) -> Iterator[Hands]:
    with context_for(browser, stage.address, habits, java_script_enabled=habits.scripts) as context:
        hands = Hands(context.new_page())
        sign_in(hands, stage, login)
        yield hands


def sign_in(hands: Hands, stage: Installation, login: str) -> None:
    person = next(person for person in stage.people if person.user == login)
    hands.page.goto(f"{stage.address}/sign-in")
    hands.write("Name you sign in with", person.user)
    hands.write("Password", person.password, exact=True)
    hands.press_here()


def menu(hands: Hands, name: str) -> None:
    """A link of the main menu, which is folded on a phone."""
    fold = hands.page.get_by_role("button", name="Menu", exact=True)
    if fold.count() and fold.is_visible() and fold.get_attribute("aria-expanded") == "false":
        hands.to("button", "Menu", exact=True)
        hands.page.keyboard.press("Enter")
    hands.press("link", name, exact=True)


def until(ask: Callable[[], Any], is_done: Callable[[Any], bool]) -> Any:
    """Asks again and again: background work takes its time."""
    last = time.monotonic() + PATIENCE_SECONDS
    while not is_done(found := ask()):
        assert time.monotonic() < last, f"nothing happened for {PATIENCE_SECONDS:.0f} s: {found}"
        time.sleep(0.2)
    return found


def settled(stage: Installation, payment_id: str) -> Any:
    """Once the worker has sent it and the payment server has paid."""
    paid = until(
        lambda: stage.get("finance-officer", f"/payments/{payment_id}"), lambda p: p["status"] not in UNDER_WAY
    )
    assert paid["status"] == "settled", paid
    return paid


def pay(stage: Installation, act_id: str) -> Any:
    """What the officers do with an act that was handed in."""
    stage.post("budget-officer", f"/acts/{act_id}/acceptance")
    payment = stage.post("finance-officer", f"/acts/{act_id}/payment")
    return settled(stage, payment["id"])


def travel(stage: Installation, days: int) -> None:
    stage.post("administrator", "/demo/clock", {"days": days})
