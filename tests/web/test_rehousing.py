"""An offer closes: the officer asks where its people could go, decides, and the holder says yes; all by API."""

from tests.web.street import HOME, build, tenge
from tests.web.town import Town, made


def test_an_officer_asks_for_a_plan_and_decides_and_the_holder_says_yes(hall: Town) -> None:
    street = build(hall, capacity=1)
    point = street.house.get(f"/api/offers/{street.offer}").json()["service_point_id"]
    offer = HOME | {
        "provider_id": street.provider, "service_point_id": point, "capacity_unit": "places", "capacity": 1,
        "categories": ["elderly"], "languages": ["kk"], "price": tenge("2600.00"), "radius_m": 20000,
    }  # fmt: skip
    other = made(street.house.post("/api/offers", offer))["id"]
    holder, voucher = street.holder()
    placement = made(holder.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key="b"))["id"]
    made(street.house.post(f"/api/placements/{placement}/acceptance", key="a"))
    at = f"/api/offers/{street.offer}"
    still_open = street.budget.post(f"{at}/rehousing-plan")
    assert (still_open.status_code, still_open.json()["type"]) == (409, "/problems/offer-still-open")
    made(street.house.post(f"{at}/closure"))
    assert street.house.post(f"{at}/rehousing-plan").status_code == 403
    (move,) = made(street.budget.post(f"{at}/rehousing-plan"))["moves"]
    assert move["placement_id"] == placement
    assert move["offer_id"] == other
    wanted = {"moves": [{"placement_id": placement, "offer_id": other}]}
    assert street.house.post(f"{at}/rehousing", wanted).status_code == 403
    (offered,) = made(street.budget.post(f"{at}/rehousing", wanted, key="d"))["placement_ids"]
    assert holder.get(f"/api/placements/{offered}").json()["status"] == "offered"
    made(holder.post(f"/api/placements/{offered}/acceptance", key="h"))
    assert holder.get(f"/api/placements/{placement}").json()["status"] == "ended"
    again = street.budget.post(f"{at}/rehousing", wanted, key="e")
    assert again.json()["type"] == "/problems/not-served-there"
