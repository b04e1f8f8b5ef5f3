"""What happens elsewhere meanwhile: other desks through the API, the worker, the payment server, the clock."""

import time
from collections.abc import Callable
from typing import Any

from tests.browser.installation import Installation

PATIENCE_SECONDS = 90.0
UNDER_WAY = {"ordered", "sending", "sent"}


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


def travel(stage: Installation, *, days: int = 0, hours: int = 0) -> None:
    stage.post("administrator", "/demo/clock", {"days": days, "hours": hours})
