"""An offer closes: the officer looks where its people could go, and decides, on a page."""

from contracts.kernel.work import Role
from tests.web.officer.reader import Reader, links
from tests.web.street import HOME, build, tenge
from tests.web.town import Town, made


def test_an_officer_offers_the_people_of_a_closed_offer_other_places(hall: Town) -> None:
    street = build(hall, capacity=1)
    point = street.house.get(f"/api/offers/{street.offer}").json()["service_point_id"]
    offer = HOME | {
        "provider_id": street.provider, "service_point_id": point, "capacity_unit": "places", "capacity": 1,
        "categories": ["elderly"], "languages": ["kk"], "price": tenge("2600.00"), "radius_m": 20000,
    }  # fmt: skip
    other = made(street.house.post("/api/offers", offer))
    holder, voucher = street.holder()
    placement = made(holder.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key="b"))["id"]
    made(street.house.post(f"/api/placements/{placement}/acceptance", key="a"))
    number, at = street.house.get(f"/api/providers/{street.provider}").json()["number"], f"/rehousing/{street.offer}"
    officer = Reader.of(hall, street.budget)
    officer.open(at, status=409)
    made(street.house.post(f"/api/offers/{street.offer}/closure"))
    assert at in links(officer.open(f"/registry/{number}"))
    Reader.of(hall, street.house).open(at, status=403)
    assert at not in links(Reader.of(hall, street.finance).open(f"/registry/{number}"))
    shown = officer.send(officer.open(at), f"{at}/plan")
    assert shown.status_code == 200
    assert other["number"] in shown.text
    box = f"move-{placement}"
    empty = officer.send(shown.text, at)
    assert empty.status_code == 400
    done = officer.send(shown.text, at, **{box: other["id"]})
    assert done.status_code == 303, done.text[-3000:]
    (offered,) = [one for one in holder.get("/api/placements").json()["items"] if one["status"] == "offered"]
    assert offered["offer_id"] == other["id"]
    assert "Nobody is served under this offer any more." in officer.open(at)
    assert (
        hall.person(Role.AUDITOR).get(f"/api/audit/placement/{offered['id']}").json()["items"][0]["verb"] == "offered"
    )
