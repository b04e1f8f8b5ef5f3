"""What an NGO finds in the hall: what takes bids now, and its own bids with what became of them."""

from uuid import UUID

import pytest

from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from market.competition import bidder
from market.competition.rules import BidStatus, TenderNotFound, TenderStatus
from tests.competition.halls import (
    WINDOW,
    award,
    bid,
    draft,
    ngos,
    open_bids,
    open_hall,
    order,
    people_of,
    published,
    tender,
    travel,
    withdraw,
)


@pytest.fixture
def line(database: Database) -> UUID:
    return open_hall(database)


def test_only_tenders_that_take_bids_now_are_open(database: Database, line: UUID) -> None:
    first, lots = published(database, line, lots=2)
    second, _ = published(database, line)
    hidden = draft(database, order(database, line))
    found = database.read(SYSTEM, bidder.open_tenders)
    assert [one.id for one in found] == [first, second]
    assert database.read(SYSTEM, bidder.count_open_tenders) == 2
    assert [t.id for t in database.read(SYSTEM, lambda w: bidder.open_tenders(w, after=first))] == [second]
    assert database.read(SYSTEM, lambda w: bidder.lot_counts(w, [first, second])) == {first: len(lots), second: 1}
    number = tender(database, first).number
    assert database.read(SYSTEM, lambda w: bidder.published_tender(w, number)).id == first
    for unknown in (tender(database, hidden).number, "T-0"):
        with pytest.raises(TenderNotFound):
            database.read(SYSTEM, lambda w, n=unknown: bidder.published_tender(w, n))
    travel(database, WINDOW)
    assert database.read(SYSTEM, bidder.open_tenders) == []


def test_a_bidder_follows_its_own_bids_and_nobody_elses(database: Database, line: UUID) -> None:
    tender_id, (lot_id,) = published(database, line)
    winner, loser = ngos(database, 2)
    taken_back = bid(database, lot_id, winner, 900_00)
    withdraw(database, taken_back, winner)
    won, lost = bid(database, lot_id, winner, 800_00), bid(database, lot_id, loser, 850_00)

    def own(provider_id: UUID, **page: UUID) -> list[bidder.OwnBid]:
        return database.read(people_of(provider_id), lambda w: bidder.own_bids(w, provider_id, **page))

    assert [(one.id, one.status, one.won) for one in own(winner)] == [
        (won, BidStatus.SUBMITTED, None), (taken_back, BidStatus.WITHDRAWN, None),
    ]  # fmt: skip
    assert [one.id for one in own(winner, after=won)] == [taken_back]
    live = database.read(people_of(winner), lambda w: bidder.live_bids_of(w, winner, [lot_id]))
    assert {lot: one.id for lot, one in live.items()} == {lot_id: won}
    assert database.read(people_of(loser), lambda w: bidder.own_bids(w, winner)) == []
    assert database.read(people_of(loser), lambda w: bidder.live_bids_of(w, winner, [lot_id])) == {}
    travel(database, WINDOW)
    open_bids(database, tender_id)
    award(database, lot_id)
    assert [(one.won, one.tender_status) for one in own(winner)] == [
        (True, TenderStatus.COMPLETE), (False, TenderStatus.COMPLETE),
    ]  # fmt: skip
    assert [(one.id, one.won) for one in own(loser)] == [(lost, False)]
