"""A clerk of an NGO, by keyboard: visits are entered, the month's act is drawn up and handed in, the money comes."""

from datetime import datetime, timedelta

from playwright.sync_api import Browser

from contracts.kernel.calendar import ALMATY
from tests.browser.combinations import Combination
from tests.browser.installation import Installation
from tests.browser.sitting import AT_WORK, menu, seated
from tests.browser.waiting import pay, travel

EVENING = 23  # o'clock


def _now(stage: Installation) -> datetime:
    moment = stage.post("administrator", "/demo/clock", {"days": 0})["now"]
    return datetime.fromisoformat(moment).astimezone(ALMATY)


def _to_the_evening(stage: Installation) -> None:
    """When the visits of the day are over."""
    travel(stage, hours=max(0, EVENING - _now(stage).hour))


def _to_next_month(stage: Installation) -> None:
    today = _now(stage).date()
    travel(stage, days=((today.replace(day=1) + timedelta(days=32)).replace(day=1) - today).days)


@AT_WORK
def test_from_the_visit_to_the_money(browser: Browser, stage: Installation, habits: Combination) -> None:
    _to_the_evening(stage)
    (served,) = stage.get("provider", "/placements?status=accepted")["items"]
    with seated(browser, stage, "provider", habits) as hands:
        menu(hands, "My organisation")
        hands.press("link", "Visits", exact=True)
        hands.tick("checkbox", "Visited")
        hands.press("button", "Enter the ticked visits")
        assert "The visits are entered." in hands.page.inner_text("main")
    entries = stage.get("recipient", f"/engagements/{served['engagement_id']}/entries")["items"]
    visit = max(entries, key=lambda entry: entry["started_at"])
    assert visit["status"] == "entered"
    stage.post("recipient", f"/entries/{visit['id']}/confirmation")
    _to_next_month(stage)
    with seated(browser, stage, "provider", habits) as hands:
        menu(hands, "My organisation")
        hands.press("link", "Monthly acts", exact=True)
        hands.press("button", "Draw up the act of")
        hands.press("button", "Hand the act in")
        assert "The act is handed in." in hands.page.inner_text("main")
        act = max(stage.get("provider", "/acts?status=submitted")["items"], key=lambda act: act["month"])
        pay(stage, act["id"])
        hands.press("link", "Payments", exact=True)
        assert "Paid on" in hands.page.inner_text("main")


@AT_WORK
def test_a_visit_without_a_time_is_explained_beside_its_row(
    browser: Browser, stage: Installation, habits: Combination
) -> None:
    _to_the_evening(stage)
    with seated(browser, stage, "provider", habits) as hands:
        menu(hands, "My organisation")
        hands.press("link", "Visits", exact=True)
        hands.tick("checkbox", "Visited")
        hands.write("Start", "quarter past")
        hands.press("button", "Enter the ticked visits")
        field = hands.page.get_by_label("Start")
        assert field.input_value() == "quarter past", "what was typed stays"
        assert field.get_attribute("aria-describedby"), "and the fault is told with the field"
        assert hands.page.locator(".govuk-error-summary a").count() == 1
