"""What was done at a visit: items of its kind, within the programme and a visit's limits, noted once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.web.officer.reader import faults
from tests.web.provider.houses import at, director, next_door
from tests.web.recipient.reader import verbs
from tests.web.street import HOME, Street, build, tenge
from tests.web.town import Town, made, problem


@pytest.fixture
def street(town: Town) -> Street:
    return build(town)


def engaged(street: Street, items: list[str] | None) -> str:
    """Aigerim, whose programme names these items; served from 3 March on."""
    holder, first = street.holder()
    recipient = street.budget.get(f"/api/vouchers/{first}").json()["recipient_id"]
    made(street.budget.post(f"/api/vouchers/{first}/revocation", {"reason": "another one"}, key="revoke"))
    voucher = {
        **HOME, "recipient_id": recipient, "line_id": street.line, "units_a_month": 8, "ceiling": tenge("3000.00"),
        "from_on": "2026-03-03", "until_on": "2026-07-01", "items": items,
    }  # fmt: skip
    granted = made(street.budget.post("/api/vouchers", voucher, key="items"))
    assert granted["items"] == items
    placement = made(holder.post(f"/api/vouchers/{granted['id']}/bookings", {"offer_id": street.offer}, key="b"))
    return str(made(street.house.post(f"/api/placements/{placement['id']}/acceptance", key="a"))["engagement_id"])


def entry(street: Street, hour: int = 4, **more: Any) -> dict[str, Any]:
    start = datetime(2026, 3, 3, hour, tzinfo=UTC)
    return {
        "client_id": f"v-{hour}", "worker_id": street.worker, "place": "at home", "quantity": 1,
        "started_at": start.isoformat(), "ended_at": start.replace(minute=45).isoformat(), **more,
    }  # fmt: skip


def test_a_visit_brings_at_most_thirty_kilograms_of_fuel_and_thirty_litres_of_water(street: Street) -> None:
    engagement = engaged(street, ["fuel", "water", "cooking"])
    street.travel(2)
    door = f"/api/engagements/{engagement}/entries"

    def item(code: str, amount: int | None = None) -> dict[str, Any]:
        return {"items": [{"code": code, "amount": amount}]}

    for code, unit in (("fuel", "kg"), ("water", "l")):
        told = problem(street.house.post(door, entry(street, **item(code, 31))), 422, "visit-item-over-limit")
        assert (told["limit"], told["unit"], told["pointer"]) == (30, unit, "/items/0/amount")
        problem(street.house.post(door, entry(street, **item(code))), 422, "visit-item-amount-missing")
    problem(street.house.post(door, entry(street, **item("washing"))), 422, "visit-item-not-in-programme")
    problem(street.house.post(door, entry(street, **item("legal-advice"))), 422, "visit-item-unknown")
    assert street.house.get(door).json()["items"] == [], "nothing is entered"
    done = {"items": [{"code": "fuel", "amount": 30}, {"code": "cooking"}]}
    stands = made(street.house.post(door, entry(street, **done)))
    assert stands["items"] == [{"code": "fuel", "amount": 30}, {"code": "cooking", "amount": None}]
    assert made(street.house.post(door, entry(street, **done)))["id"] == stands["id"], "sent again from a dead spot"
    problem(street.house.post(door, entry(street, **item("fuel", 5))), 409, "visit-items-noted")
    assert verbs(street, "entry", stands["id"]) == ["entered", "items-noted"]
    problem(street.house.post(door, entry(street, 8, items=[{"code": "cooking"}] * 2)), 400, "malformed-input")


def test_a_programme_names_items_of_its_own_kind(street: Street) -> None:
    _, first = street.holder()
    recipient = street.budget.get(f"/api/vouchers/{first}").json()["recipient_id"]
    made(street.budget.post(f"/api/vouchers/{first}/revocation", {"reason": "another one"}, key="revoke"))
    body = {
        **HOME, "recipient_id": recipient, "line_id": street.line, "units_a_month": 8, "ceiling": tenge("3000.00"),
        "from_on": "2026-03-03", "until_on": "2026-07-01", "items": ["legal-advice"],
    }  # fmt: skip
    problem(street.budget.post("/api/vouchers", body, key="wrong"), 422, "voucher-items")
    problem(street.budget.post("/api/vouchers", body | {"items": []}, key="none"), 400, "malformed-input")


def test_the_page_offers_what_the_programme_names_and_notes_it_once(street: Street) -> None:
    engagement = engaged(street, ["fuel", "cooking"])
    street.travel(2)
    visit = made(street.house.post(f"/api/engagements/{engagement}/entries", entry(street)))["id"]
    reader, there = director(street), at(street, f"/journal/{visit}")
    noting = f"{there}/items"
    page = reader.open(there)
    assert "delivery of firewood and coal" in page.words
    assert "help to wash" not in page.words
    assert "Tick what was done" in faults(reader.press(page, noting).text)[0]
    page = reader.press(page, noting, **{"item-fuel": "yes", "amount-fuel": "31"})
    assert page.status == 422
    assert "more than a visit allows" in page.words or "allows 30 kg" in page.words
    page = reader.follow(reader.press(reader.open(there), noting, **{"item-fuel": "yes", "amount-fuel": "20"}))
    assert "delivery of firewood and coal to private homes: 20 kg" in page.words
    assert not page.has_form(noting)
    problem(
        next_door(street).post(f"/api/entries/{visit}/items", {"items": [{"code": "cooking"}]}), 404, "entry-not-found"
    )
