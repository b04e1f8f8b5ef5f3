"""A carer delivers service for a house: visits are theirs to enter; its offers, contracts, acts and money are not."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.kernel.work import Role
from tests.web.street import build
from tests.web.town import Town, made, problem


def test_a_carer_enters_visits_and_reads_nothing_else_of_the_house(town: Town) -> None:
    street = build(town)
    holder, voucher = street.holder()
    placement = made(holder.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key="b"))
    engagement = made(street.house.post(f"/api/placements/{placement['id']}/acceptance", key="a"))["engagement_id"]
    street.travel(2)
    carer = town.person(Role.CARER, provider_id=UUID(street.provider))
    start = datetime(2026, 3, 3, 5, tzinfo=UTC)
    entry = {
        "client_id": "v", "worker_id": street.worker, "place": "at home", "quantity": 1,
        "started_at": start.isoformat(), "ended_at": (start + timedelta(minutes=45)).isoformat(),
    }  # fmt: skip
    visit = made(carer.post(f"/api/engagements/{engagement}/entries", entry))
    assert visit["status"] == "entered"
    assert carer.get(f"/api/engagements/{engagement}/entries").json()["items"] == [visit]
    contract = carer.get(f"/api/engagements/{engagement}").json()["contract_id"]
    for path in (f"/api/contracts/{contract}", f"/api/placements/{placement['id']}", f"/api/vouchers/{voucher}"):
        assert carer.get(path).status_code == 404, path
        assert street.house.get(path).status_code in {200, 404}
    for path in ("/api/contracts", "/api/acts", "/api/payments", "/api/placements"):
        assert carer.get(path).json()["items"] == [], path


def test_a_carer_decides_nothing_for_the_house(town: Town) -> None:
    street = build(town)
    holder, voucher = street.holder()
    placement = made(holder.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key="b"))
    carer = town.person(Role.CARER, provider_id=UUID(street.provider))
    at = f"/api/providers/{street.provider}"
    worker = {"name": "X", "speciality": "nurse", "from_on": "2026-01-01"}
    problem(carer.post(f"/api/placements/{placement['id']}/acceptance", key="a"), 404, "placement-not-found")
    problem(carer.post(f"/api/offers/{street.offer}/capacity", {"capacity": 1}), 404, "offer-not-found")
    problem(carer.post(f"{at}/licences", {"number": "L", "from_on": "2026-01-01"}), 404, "provider-not-found")
    problem(carer.post(f"{at}/staff", worker), 404, "provider-not-found")
    account = {"legal_name": "Mine", "iban": "KZ86125KZT5004100100"}
    assert carer.post(f"{at}/payee", account).status_code == 404
    assert [w["name"] for w in carer.get(f"{at}/staff").json().get("items", [])] in ([], [None])
