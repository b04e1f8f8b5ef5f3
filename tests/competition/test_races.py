"""The deadline under a storm: acceptance and opening exclude each other, whoever comes at the same moment."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit.models import EventRow
from contracts.kernel.clock import ClockRow, read_clock, real_clock
from contracts.kernel.errors import DomainError
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from market.competition import queries
from market.competition.models import BidRow
from market.competition.rules import AlreadyAwarded, AlreadyBid, BidLate, BidStatus, OpeningTooEarly, TenderStatus
from tests.competition.halls import (
    award,
    bid,
    broken,
    ngos,
    now,
    open_bids,
    open_hall,
    opened_with,
    published,
    tender,
)

BIDDERS = 200
HALFWAY = 0.5  # seconds of real time until the deadline, while about as many bids are in as will be late


@pytest.fixture
def line(database: Database) -> UUID:
    return open_hall(database)


def run_towards(database: Database, tender_id: UUID, seconds: float) -> None:
    """Let the clock run so fast that the deadline falls ``seconds`` of real time from now."""
    deadline_at = tender(database, tender_id).deadline_at
    with database.engine.begin() as connection:
        shown, real = read_clock(connection), real_clock(connection)
        rate = int((deadline_at - shown).total_seconds() / seconds) + 1
        connection.execute(sa.update(ClockRow).values(real_at=real, shown_at=shown, rate=rate))


def keep_opening(database: Database, tender_id: UUID) -> None:
    """As an impatient officer does: again and again until it opens."""
    for _ in range(5_000):
        try:
            open_bids(database, tender_id)
        except OpeningTooEarly:
            time.sleep(0.002)
            continue
        return
    raise AssertionError("it never opened")


def what_stands(database: Database, tender_id: UUID) -> tuple[Sequence[Any], int, int | None]:
    """The bids, and where the opening and the last bid stand in the trail."""
    opening = (EventRow.verb == "opened", EventRow.stream == f"tender:{tender_id}")
    last = sa.select(sa.func.max(EventRow.position)).where(EventRow.verb == "submitted")
    with database.engine.connect() as connection:
        rows = connection.execute(sa.select(BidRow.status, BidRow.submitted_at)).all()
        position = connection.execute(sa.select(EventRow.position).where(*opening)).scalar_one()
        return rows, position, connection.execute(last).scalar()


def test_no_bid_is_accepted_at_or_after_the_opening(database: Database, line: UUID) -> None:
    tender_id, (lot_id,) = published(database, line)
    bidders = ngos(database, BIDDERS)
    start = Barrier(BIDDERS + 1)

    def race(number: int) -> UUID:
        start.wait()
        time.sleep(2 * HALFWAY * number / BIDDERS)
        return bid(database, lot_id, bidders[number])

    def opening() -> None:
        start.wait()
        keep_opening(database, tender_id)

    run_towards(database, tender_id, HALFWAY)
    with ThreadPoolExecutor(BIDDERS + 1) as pool:
        opened = pool.submit(opening)
        outcomes = [f.exception() for f in [pool.submit(race, n) for n in range(BIDDERS)]]
    assert opened.exception() is None
    taken = sum(o is None for o in outcomes)
    assert all(isinstance(o, BidLate) for o in outcomes if o is not None)
    found = tender(database, tender_id)
    rows, opening_position, last = what_stands(database, tender_id)
    assert len(rows) == taken
    assert all(row.status is BidStatus.ADMITTED for row in rows), "the opening saw every bid that was taken"
    assert all(row.submitted_at < found.deadline_at for row in rows)
    assert last is None or last < opening_position
    assert found.status is TenderStatus.OPENED
    assert broken(database) == []


def test_of_many_bids_of_one_provider_at_once_one_stands(database: Database, line: UUID) -> None:
    _, (lot_id,) = published(database, line)
    provider = ngos(database)[0]
    start = Barrier(16)

    def ask(number: int) -> UUID:
        start.wait()
        return bid(database, lot_id, provider, 600_00 + number)

    with ThreadPoolExecutor(16) as pool:
        outcomes = [f.exception() for f in [pool.submit(ask, n) for n in range(16)]]
    assert sum(o is None for o in outcomes) == 1
    assert all(isinstance(o, AlreadyBid) for o in outcomes if o is not None)
    assert database.read(SYSTEM, lambda work: queries.bid_count(work, lot_id)) == 1


def test_of_many_who_open_or_decide_at_once_one_does(database: Database, line: UUID) -> None:
    tender_id, lot_id, _ = opened_with(database, line, [900_00, 950_00])
    start = Barrier(8)

    def decide(_: int) -> UUID:
        start.wait()
        return award(database, lot_id)

    with ThreadPoolExecutor(8) as pool:
        outcomes = [f.exception() for f in [pool.submit(decide, n) for n in range(8)]]
    assert sum(o is None for o in outcomes) == 1
    assert all(isinstance(o, DomainError) for o in outcomes if o is not None)
    assert all(isinstance(o, AlreadyAwarded) for o in outcomes if o is not None)
    assert len(database.read(SYSTEM, lambda work: queries.awards(work, tender_id))) == 1
    assert now(database) >= tender(database, tender_id).deadline_at
