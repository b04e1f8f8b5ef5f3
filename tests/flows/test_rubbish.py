"""Bad input is refused with a problem that names the field and the rule, and nothing is written."""

from typing import Any

import sqlalchemy as sa

from contracts.kernel.runner import open_database
from contracts.kernel.work import SYSTEM
from market.oversight.check import check
from market.seed.desks import Desk, tenge
from market.seed.journey import SERVICE, TERRITORY, Journey
from market.settings import Settings
from market.tables import METADATA
from tests.flows.conftest import Told

UNCOUNTED = {"idempotency"}


def rows(settings: Settings) -> dict[str, int]:
    database = open_database(settings.database_url)
    try:
        with database.engine.connect() as connection:
            return {
                table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in METADATA.sorted_tables
                if table.name not in UNCOUNTED
            }
    finally:
        database.close()


def send(desk: Desk, path: str, body: Any, number: int) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {desk.api_key}", "Idempotency-Key": f"rubbish-{number}"}
    if isinstance(body, str):
        answer = desk.client.post(
            f"/api{path}", content=body.encode(), headers=headers | {"Content-Type": "application/json"}
        )
    else:
        answer = desk.client.post(f"/api{path}", json=body, headers=headers)
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    return problem


def named(problem: dict[str, Any]) -> set[str]:
    """The fields a problem names; the empty one stands for the request as a whole."""
    return {""} | {error["pointer"] for error in problem.get("errors", [])} | {problem.get("pointer", "")}


def recipient(journey: Journey, **changed: Any) -> dict[str, Any]:
    return {
        "iin": "450101301238", "name": "Somebody", "address": "Somewhere", "territory": TERRITORY,
        "locality_id": journey.locality["id"], "latitude": journey.locality["latitude"],
        "longitude": journey.locality["longitude"], "category": "elderly", "tier": 1, "language": "kk",
    } | changed  # fmt: skip


def offer(journey: Journey, **changed: Any) -> dict[str, Any]:
    provider = journey.provider["warm-home"]
    point = journey.desk["warm-home"].get(f"/providers/{provider}")["service_points"][0]["id"]
    return {
        "provider_id": provider, "service_point_id": point, **SERVICE, "capacity_unit": "places", "capacity": 1,
        "categories": ["elderly"], "languages": ["kk"], "price": tenge("850.00"),
    } | changed  # fmt: skip


def test_rubbish_is_refused_by_name_and_nothing_is_written(told: Told) -> None:
    journey, settings = told
    desk, line, mine = journey.desk, journey.line, journey.offer["warm-home"]
    appropriation = f"/funding-lines/{line}/appropriations"
    newcomer = {"bin": "190540009117", "name": "N", "sector": "ngo", "organisation_type": "ngo",
                "territory": "999999999"}  # fmt: skip
    desk["newcomer"], _ = journey.town.newcomer("newcomer")
    voucher = {"recipient_id": str(desk["aisulu"].get("/me")["grants"][0]["recipient_id"]), "line_id": line, **SERVICE,
               "units_a_month": 8, "ceiling": tenge("1000.00"), "from_on": str(journey.town.today()),
               "until_on": f"{journey.year + 1}-01-01"}  # fmt: skip
    cases: list[tuple[str, str, Any, int, str, str]] = [
        # who, where, what, status, code, field
        ("operator", "/recipients", recipient(journey, iin="470401498034"), 400, "malformed-input", "/iin"),
        ("operator", "/recipients", recipient(journey, iin="47040149803²"), 400, "malformed-input", "/iin"),
        ("operator", "/recipients", recipient(journey, territory="999999999"), 403, "not-allowed", ""),
        ("operator", "/recipients", recipient(journey, locality_id=1), 422, "unknown-locality", "/locality_id"),
        ("operator", "/recipients", recipient(journey, tier=-1), 400, "malformed-input", "/tier"),
        ("operator", "/recipients", recipient(journey, boss=True), 400, "malformed-input", "/boss"),
        ("warm-home", "/offers", offer(journey, capacity=-1), 400, "malformed-input", "/capacity"),
        ("warm-home", "/offers", offer(journey, capacity=1.5), 400, "malformed-input", "/capacity"),
        ("warm-home", "/offers", offer(journey, price=tenge("1500.01")), 422, "tariff-above-ceiling", "/price"),
        ("warm-home", "/offers", offer(journey, price=tenge("499.99")), 422, "tariff-below-floor", "/price"),
        ("kind-hands", f"/offers/{mine}/capacity", {"capacity": 9}, 404, "offer-not-found", ""),
        ("kind-hands", f"/contracts/{journey.contract}/signature", None, 404, "contract-not-found", ""),
        ("newcomer", "/providers", newcomer, 422, "unknown-territory", "/territory"),
        ("newcomer", "/providers", newcomer | {"bin": "190540009118"}, 400, "malformed-input", "/bin"),
        ("budget", appropriation, '{"amount": {"amount": 12.5}}', 400, "malformed-input", "/amount/amount"),
        ("budget", appropriation, '{"amount": {"amount": NaN}}', 400, "malformed-input", "/amount/amount"),
        ("budget", appropriation, '{"amount": {"amount": "1e3"}}', 400, "malformed-input", "/amount/amount"),
        ("budget", appropriation, '{"amount": {"amount": "-1.00"}}', 400, "malformed-input", "/amount/amount"),
        ("budget", appropriation, '{"amount": {"amount": "1.00", "amount": "2.00"}}', 400, "malformed-input",
         "/amount/amount"),
        ("budget", appropriation, '{"amount": {"amount": "10000000000000000.00"}}', 400, "malformed-input",
         "/amount/amount"),
        ("budget", appropriation, '{"amount": ', 400, "malformed-input", ""),
        ("budget", "/vouchers", voucher, 409, "voucher-overlaps", ""),
        ("budget", "/vouchers", voucher | {"kind": "legal"}, 422, "voucher-wrong-service", "/kind"),
        ("finance", "/vouchers", voucher, 403, "not-allowed", ""),
        ("dina", f"/vouchers/{journey.voucher['bolat']}/bookings", {"offer_id": mine}, 404, "voucher-not-found", ""),
    ]  # fmt: skip
    before = rows(settings)
    wrong = []
    for number, (who, path, body, status, code, field) in enumerate(cases):
        problem = send(desk[who], path, body, number)
        if (problem["status"], problem["type"]) != (status, f"/problems/{code}") or field not in named(problem):
            wrong.append((path, status, code, field, problem))
    assert wrong == []
    assert rows(settings) == before
    database = open_database(settings.database_url)
    try:
        assert [finding.name for finding in check(database) if finding.broken] == []
        assert database.read(SYSTEM, lambda work: work.changes) == []
    finally:
        database.close()
