"""What the worker does when nobody presses a button."""

from datetime import date

from contracts.audit.verification import verify
from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM
from market.keys import audit_key
from market.oversight.check import check
from market.seed.journey import TERRITORY
from market.worker import DayEnd, Sealing, placement_steps
from tests.flows.conftest import Told


def run_and_reported_and_lapsed(database: Database) -> list[int]:
    """Without what waits for the night: it may be night."""
    done = {step.name: step.run(database) for step in placement_steps()}
    return [done[name] for name in ("rounds run", "rounds reported", "answers lapsed")]


def test_a_round_that_was_asked_for_is_run_once_and_offers_lapse_unanswered(told: Told) -> None:
    journey, settings = told
    journey.desk["dina"].post(f"/vouchers/{journey.voucher['dina']}/request")
    asked = journey.desk["budget"].post("/rounds", {"territory": TERRITORY})["id"]
    journey.desk["budget"].refused("round-under-way", "/rounds", {"territory": TERRITORY})
    database = open_database(settings.database_url)
    try:
        assert run_and_reported_and_lapsed(database) == [1, 1, 0]
        assert journey.desk["budget"].get(f"/rounds/{asked}")["status"] == "complete"
        assert len(journey.desk["dina"].get("/placements", status="offered")["items"]) == 1
        assert run_and_reported_and_lapsed(database) == [0, 0, 0]
        journey.town.travel(days=20)
        assert run_and_reported_and_lapsed(database) == [0, 0, 1]
        assert journey.desk["dina"].get("/placements", status="offered")["items"] == []
        assert journey.desk["dina"].get(f"/vouchers/{journey.voucher['dina']}/request")["status"] == "waiting"
        assert [f.name for f in check(database) if f.broken] == []
    finally:
        database.close()


def test_a_year_that_is_over_gives_its_money_back_once_a_day(told: Told) -> None:
    journey, settings = told
    database = open_database(settings.database_url)
    day_end = DayEnd()
    try:
        assert day_end(database) == 0
        journey.town.travel(days=(date(journey.year + 1, 1, 2) - journey.town.today()).days)
        assert [f.name for f in check(database) if f.broken] != []  # overdue until the worker comes
        closed = day_end(database)
        assert closed == 3
        assert (day_end(database), day_end(database)) == (0, 0)
        stages = journey.desk["budget"].get(f"/funding-lines/{journey.line}")
        assert stages["reserved"]["amount"] == "0.00"
        assert journey.desk["bolat"].get(f"/vouchers/{journey.voucher['bolat']}")["status"] == "closed"
    finally:
        database.close()


def test_what_grew_is_sealed_once_a_minute(told: Told) -> None:
    _, settings = told
    database = open_database(settings.database_url)
    key = audit_key(settings)
    sealing = Sealing(key)
    try:
        assert sealing(database) > 10
        assert sealing(database) == 0
        verdict = database.read(SYSTEM, lambda work: verify(work, key.public_key()))
        assert verdict.first_fault is None
        assert verdict.checkpoints == 1
    finally:
        database.close()
