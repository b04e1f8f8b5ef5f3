"""An old woman on a phone, by its keyboard, or in a browser that runs no scripts: from the choice to the money."""

from typing import Any

from playwright.sync_api import Browser

from tests.browser.combinations import Combination
from tests.browser.installation import Installation
from tests.browser.sitting import AT_HOME, AT_HOME_WITHOUT_SCRIPTS, DESK, menu, seated
from tests.browser.waiting import pay

LIVE = {"requested", "offered", "accepted"}


def _a_free_place(stage: Installation) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A voucher that nobody serves, the offer of the demonstration's NGO for it, which gets one more place, and another
    offer to compare it with."""
    house = stage.get("provider", "/me")["grants"][0]["provider_id"]
    placed = {p["voucher_id"] for p in stage.get("recipient", "/placements")["items"] if p["status"] in LIVE}
    for voucher in stage.get("recipient", "/vouchers")["items"]:
        cards = stage.get("recipient", f"/vouchers/{voucher['id']}/offers")["items"]
        own = [card for card in cards if card["provider_id"] == house]
        if own and voucher["id"] not in placed and len(cards) > 1:
            offer = stage.get("provider", f"/offers/{own[0]['offer_id']}")
            stage.post("provider", f"/offers/{offer['id']}/capacity", {"capacity": offer["capacity"] + 1})
            return voucher, own[0], next(card for card in cards if card["provider_id"] != house)
    raise AssertionError("the demonstration has a voucher for its NGO to serve")


@AT_HOME
def test_from_the_choice_to_the_place(browser: Browser, stage: Installation, habits: Combination) -> None:
    voucher, card, other = _a_free_place(stage)
    with seated(browser, stage, "recipient", habits) as hands:
        menu(hands, "My care")
        hands.follow(f"{hands.path}/vouchers/{voucher['number']}/choose")
        for one in (card, other):
            hands.tick("checkbox", f"Compare {one['provider_name']}", exact=True)
        hands.press("button", "Compare the ticked ones")
        assert hands.page.get_by_role("columnheader", name=card["provider_name"], exact=True).count() == 1
        hands.press("button", f"Go on with {card['provider_name']}", exact=True)
        hands.press("button", "Ask for a place here")
        assert "The provider has been asked" in hands.page.inner_text("main")
        _provider_accepts(browser, stage)
        menu(hands, "My care")
        assert f"Who helps you: {card['provider_name']}" in hands.page.inner_text("main")


def _provider_accepts(browser: Browser, stage: Installation) -> None:
    (asked,) = stage.get("provider", "/placements?status=requested")["items"]
    with seated(browser, stage, "provider", DESK) as hands:
        menu(hands, "My organisation")
        hands.press("link", "Places asked for", exact=True)
        hands.follow(f"{hands.path}/{asked['id']}")
        hands.press("button", "Yes, we give the place")
    assert stage.get("provider", f"/placements/{asked['id']}")["status"] == "accepted"


@AT_HOME_WITHOUT_SCRIPTS
def test_from_the_offered_place_to_the_money(browser: Browser, stage: Installation, habits: Combination) -> None:
    (act,) = stage.get("budget-officer", "/acts?status=submitted")["items"]
    with seated(browser, stage, "recipient", habits) as hands:
        menu(hands, "My care")
        hands.press("button", "Look at the place and answer")
        assert hands.page.locator("main section h2").count() >= 1, "why it is this place"
        hands.press("button", "Yes, I accept this place")
        assert "You have accepted the place." in hands.page.inner_text("main")
        menu(hands, "My care")
        hands.press("button", "Look at the visits")
        hands.press("button", "Yes, it took place")
        assert "The visit is confirmed." in hands.page.inner_text("main")
        paid = pay(stage, act["id"])
        hands.press("link", "Payments", exact=True)
        told = hands.page.inner_text("main")
        assert "Paid to the provider" in told, told
        assert paid["status"] == "settled"
