"""Choosing over HTTP: sifted cards page by page, three side by side, and a round's outcome explained."""

from urllib.parse import urlsplit

import pytest

from market.placement.round import run_requested
from tests.web.street import HOME, Street, build, tenge
from tests.web.town import Town, made, problem


@pytest.fixture(scope="module")
def street(hall: Town) -> Street:
    street = build(hall)
    for serial, (languages, price) in enumerate(((["kk"], "2600"), (["ru"], "2700"), (["kk", "ru"], "3900"))):
        at = f"/api/providers/{street.provider}"
        point = made(
            street.house.post(
                f"{at}/service-points",
                {"name": f"Point {serial}", "locality_id": 1526273, "address": f"Abai {serial}"},
            )
        )["service_points"][-1]["id"]
        offer = HOME | {
            "provider_id": street.provider, "service_point_id": point, "capacity_unit": "places", "capacity": serial,
            "categories": ["elderly"], "languages": languages, "price": tenge(f"{price}.00"), "radius_m": 20000,
        }  # fmt: skip
        made(street.house.post("/api/offers", offer))
    return street


def test_cards_are_sifted_and_walked_by_links(street: Street) -> None:
    holder, voucher = street.holder()
    path = f"/api/vouchers/{voucher}/offers"
    whole = holder.get(path).json()
    assert [card["price"]["amount"] for card in whole["items"]] == ["2500.00", "2600.00", "2700.00"]
    assert whole["next"] is None
    assert whole["items"][0]["own_share"] == tenge("0.00")
    assert [c["room"] for c in whole["items"]] == [10, 0, 1]
    walked, following = [], f"{path}?limit=1"
    while following:
        page = holder.get(following).json()
        walked += page["items"]
        following = page["next"]
    assert walked == whole["items"]
    assert len(holder.get(f"{path}?language=kk").json()["items"]) == 2
    assert len(holder.get(f"{path}?language=kk&free=true").json()["items"]) == 1
    assert holder.get(f"{path}?within_m=0").json()["items"] == []
    first = holder.get(f"{path}?language=kk&limit=1").json()["next"]
    assert urlsplit(first).query.startswith("language=kk&limit=1&after=")
    for wrong in ("after=x", "language=de", "within_m=-1", "within_m=near", "limit=0"):
        problem(holder.get(f"{path}?{wrong}"), 400, "malformed-input")
    problem(street.house.get(path), 404, "voucher-not-found")


def test_three_are_compared_and_of_what_cannot_be_had_is_said_why(street: Street) -> None:
    holder, voucher = street.holder()
    offers = street.town.client.get(f"/api/offers?provider_id={street.provider}").json()["items"]
    ids = [offer["id"] for offer in offers]
    path = f"/api/vouchers/{voucher}/offers/compared"
    asked = "&".join(f"offer_id={one}" for one in (ids[0], ids[-1]))
    near, dear = holder.get(f"{path}?{asked}").json()["items"]
    assert (near["card"]["offer_id"], near["refusal"]) == (street.offer, None)
    assert (dear["card"], dear["refusal"]["code"]) == (None, "price-above-voucher")
    problem(holder.get(path), 422, "too-many-compared")
    problem(holder.get(path + "?" + "&".join(f"offer_id={ids[0]}" for _ in range(4))), 400, "malformed-input")
    problem(street.auditor.get(f"{path}?{asked}"), 404, "voucher-not-found")


def test_an_outcome_tells_its_reasons(street: Street) -> None:
    holder, voucher = street.holder()
    made(holder.post(f"/api/vouchers/{voucher}/wishes", {"offer_ids": [street.offer]}))
    made(street.budget.post("/api/rounds", {}))
    run_requested(street.town.database)
    (outcome,) = holder.get(f"/api/vouchers/{voucher}/outcomes").json()["items"]
    assert outcome["reason"] == "first-wish"
    assert outcome["explanation"][0] == {
        "topic": "here",
        "saying": "first-wish",
        "values": {},
        "offer_id": street.offer,
    }
    assert [one["saying"] for one in outcome["explanation"][-2:]] == [
        "declining-keeps-the-wait", "silence-keeps-the-wait",
    ]  # fmt: skip
