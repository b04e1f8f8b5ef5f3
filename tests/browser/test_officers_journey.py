"""The officers' desks by keyboard alone: the act is accepted, its payment ordered, and the trail tells who did what."""

from playwright.sync_api import Browser

from tests.browser.combinations import Combination
from tests.browser.installation import Installation
from tests.browser.sitting import AT_WORK, menu, seated
from tests.browser.waiting import settled


@AT_WORK
def test_an_act_is_accepted_paid_and_followed(browser: Browser, stage: Installation, habits: Combination) -> None:
    (act,) = stage.get("budget-officer", "/acts?status=submitted")["items"]
    with seated(browser, stage, "budget-officer", habits) as hands:
        menu(hands, "Acts")
        hands.press("link", act["number"])
        hands.press("button", "Accept the act of")
        assert hands.page.get_by_text("The act is accepted.").count() == 1
    with seated(browser, stage, "finance-officer", habits) as hands:
        menu(hands, "Payments")
        hands.press("button", f"Order the payment {act['number']}")
        assert hands.page.get_by_text("The payment is ordered.").count() == 1
        ordered = stage.get("finance-officer", "/payments")["items"]
        (payment,) = [one for one in ordered if one["act_id"] == act["id"]]
        settled(stage, payment["id"])
        menu(hands, "Payments")
        hands.press("link", payment["number"])
        assert "Paid" in hands.page.inner_text("main")
    with seated(browser, stage, "auditor", habits) as hands:
        menu(hands, "Acts")
        hands.press("link", "Accepted")
        hands.press("link", act["number"])
        hands.press("link", "History of this act")
        trail = hands.page.inner_text("main")
        assert "budget-officer" in trail, "who accepted it"


def test_an_act_given_back_without_a_reason_keeps_the_reader_on_the_field(
    browser: Browser, stage: Installation
) -> None:
    (act,) = stage.get("budget-officer", "/acts?status=submitted")["items"]
    with seated(browser, stage, "budget-officer") as hands:
        menu(hands, "Acts")
        hands.press("link", act["number"])
        hands.press("button", "Give it back")
        summary = hands.page.locator(".govuk-error-summary")
        assert summary.evaluate("e => e === document.activeElement"), "what is wrong is read out first"
        hands.to("link", "Fill in this field")
        hands.page.keyboard.press("Enter")
        hands.page.keyboard.type("The visit of the 12th was at another address")
        hands.press("button", "Give it back")
        assert stage.get("budget-officer", f"/acts/{act['id']}")["status"] == "returned"
