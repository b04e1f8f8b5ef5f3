"""Visits and payees at the door: whose worker, whose act, whose territory."""

from datetime import UTC, datetime, timedelta

from contracts.kernel.work import Role
from tests.web.street import build
from tests.web.town import Town, made, problem


def test_a_visit_names_a_worker_of_the_house_and_comes_out_of_a_draft(town: Town) -> None:
    street = build(town)
    holder, voucher = street.holder()
    placement = made(holder.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key="b"))
    engagement = made(street.house.post(f"/api/placements/{placement['id']}/acceptance", key="a"))["engagement_id"]
    street.travel(2)
    start = datetime(2026, 3, 3, 5, tzinfo=UTC)
    entry = {
        "client_id": "v", "worker_id": street.worker, "place": "at home", "quantity": 1,
        "started_at": start.isoformat(), "ended_at": (start + timedelta(minutes=45)).isoformat(),
    }  # fmt: skip
    path = f"/api/engagements/{engagement}/entries"
    refused = problem(street.house.post(path, entry | {"worker_id": street.provider}), 422, "worker-not-on-staff")
    assert refused["pointer"] == "/worker_id"
    ghost = made(street.house.post(path, entry))["id"]
    made(holder.post(f"/api/entries/{ghost}/confirmation"))
    street.travel(31)
    contract = street.house.get(f"/api/engagements/{engagement}").json()["contract_id"]
    act = made(street.house.post(f"/api/contracts/{contract}/acts", {"month": "2026-03"}))["id"]
    struck = made(street.house.post(f"/api/entries/{ghost}/cancellation", {"reason": "nobody was there"}))
    assert (struck["status"], struck["act_id"]) == ("cancelled", None)
    problem(street.house.post(f"/api/acts/{act}/submission"), 409, "act-needs-assembly")


def test_a_finance_officer_elsewhere_finds_no_payee(town: Town) -> None:
    street = build(town)
    change = {"legal_name": "Warm Home", "iban": "KZ86125KZT5004100100"}
    waiting = made(street.house.post(f"/api/providers/{street.provider}/payee", change))["versions"][-1]["id"]
    elsewhere = town.person(Role.FINANCE_OFFICER, territory="75")
    for verb in ("approval", "rejection"):
        problem(elsewhere.post(f"/api/payee-versions/{waiting}/{verb}"), 404, "payee-not-found")
