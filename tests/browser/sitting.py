"""Somebody sits down, signs in by keyboard and works; beside it what the other desks do meanwhile, through the API."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser

from tests.browser.combinations import Combination
from tests.browser.installation import Installation
from tests.browser.keyboard import Hands
from tests.browser.looking import context_for

PHONE = Combination("en", 360, scripts=True, display="large")
DESK = Combination("en", 1280, scripts=True, display="plain")
BARE = Combination("en", 360, scripts=False, display="contrast")


def _mostly(*habits: Combination) -> pytest.MarkDecorator:
    """The first habits in every run, the others in long ones."""
    first, *others = habits
    later = [pytest.param(one, marks=pytest.mark.soak) for one in others]
    return pytest.mark.parametrize("habits", [first, *later], ids=str)


AT_HOME = _mostly(PHONE, BARE)
AT_HOME_WITHOUT_SCRIPTS = _mostly(BARE, PHONE)
AT_WORK = _mostly(DESK, BARE)


@contextmanager
def seated(browser: Browser, stage: Installation, login: str, habits: Combination = DESK) -> Iterator[Hands]:
    with context_for(browser, stage.address, habits, java_script_enabled=habits.scripts) as context:
        hands = Hands(context.new_page(), judged=habits.scripts)
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
