"""Flags are raised once, as visits arrive; what was recorded later is found by the daily look; none goes away."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit.queries import events_of
from contracts.kernel.calendar import ALMATY
from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from market.oversight import flags
from market.oversight.flagging import look_again, look_over
from market.oversight.suspicion import Leg, Suspicion, is_impossible, metres_between
from market.recipient.models import RecipientRow
from market.web.wire import PAGE
from tests.oversight.region import Region, build

NOW = timedelta(0)
DAY = date(2026, 3, 16)


@pytest.fixture
def region(database: Database) -> Region:
    """One house, and a person who is visited honestly."""
    with database.engine.begin() as connection:
        start_travelling(connection, shown_at=datetime(2026, 4, 1, 7, tzinfo=UTC))
    return build(houses=1, workers=0, frauds=0, days=35)


def visited(region: Region) -> UUID:
    house = region.house(7)
    person = region.person(house.place)
    engagement = region.served(house, person)
    region.visit(house, engagement, person, new_id(), datetime.combine(DAY, time(10), ALMATY))
    return person


def suspicions(database: Database) -> list[Suspicion]:
    return [one.suspicion for one in database.read(SYSTEM, lambda w: flags.flags_in(w, ("",), limit=PAGE))]


def test_a_death_that_is_recorded_later_is_found_by_the_daily_look(region: Region, database: Database) -> None:
    person = visited(region)
    region.write(database)
    assert look_over(database, settled=NOW) == 1
    assert suspicions(database) == []
    with database.engine.begin() as connection:
        table = sa.update(RecipientRow).where(RecipientRow.id == person)
        connection.execute(table.values(died_on=DAY - timedelta(days=2)))
    assert look_over(database, settled=NOW) == 0, "nothing has arrived"
    assert look_again(database, settled=NOW) == 0, "the daily look begins tomorrow"
    with database.engine.begin() as connection:
        move_clock(connection, timedelta(days=1))
    assert look_again(database, settled=NOW) == 1
    assert suspicions(database) == [Suspicion.AFTER_DEATH]
    assert look_again(database, settled=NOW) == 0, "once a day"
    assert [e.verb for e in database.read(SYSTEM, lambda w: events_of(w, "oversight", "flags"))] == ["raised"]


def test_a_flag_is_raised_once_and_never_goes_away(region: Region, database: Database) -> None:
    region.plant(Suspicion.AFTER_DEATH, region.house(8))
    region.write(database)
    assert look_over(database, settled=NOW) == 3
    assert suspicions(database) == [Suspicion.AFTER_DEATH] * 2
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE oversight_look SET last_id = :none"), {"none": "0" * 32})
    assert look_over(database, settled=NOW) == 3
    assert suspicions(database) == [Suspicion.AFTER_DEATH] * 2
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM visit_flag"))
    broken = [i.name for i in flags.invariants() if database.read(SYSTEM, lambda w, i=i: w.rows(i.broken.limit(1)))]
    assert broken == []


def test_what_has_just_been_written_waits_until_every_transaction_beside_it_is_over(
    region: Region, database: Database
) -> None:
    visited(region)
    region.write(database)
    assert look_over(database, settled=timedelta(minutes=1)) == 0
    assert look_over(database, settled=NOW) == 1


def leg(metres: float, seconds: int) -> Leg:
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    there = (51.0 + metres / 111_195, 71.0)
    return Leg(UUID(int=1), UUID(int=2), start, start + timedelta(seconds=seconds), (51.0, 71.0), there)


@pytest.mark.parametrize(
    ("metres", "seconds", "impossible"),
    [
        (1_400, 0, False), (1_600, 0, True), (10_000, 600, False), (10_000, 300, True), (90_000, 3_650, False),
        (91_000, 3_600, True), (3_000, -60, True),
    ],
)  # fmt: skip
def test_nobody_is_faster_than_a_car(metres: float, seconds: int, impossible: bool) -> None:
    assert is_impossible(leg(metres, seconds)) is impossible


def test_a_distance_is_along_the_sphere() -> None:
    almaty, astana = (43.238, 76.945), (51.169, 71.449)
    assert 970_000 < metres_between(almaty, astana) < 980_000
    assert metres_between(astana, astana) == 0
