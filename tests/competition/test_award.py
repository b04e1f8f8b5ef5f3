"""Opening and deciding: all bids judged at once, the lowest price wins, two people, one contract."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.approval.rules import InterestDeclared
from contracts.approval.service import declare_interest
from contracts.audit import queries as audit
from contracts.contract import queries as contracts
from contracts.contract.rules import Basis, ContractStatus, PayeeMissing
from contracts.kernel.errors import NotAllowed, WrongState
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from market.catalogue import service as catalogue
from market.catalogue.rules import IndicatorCode
from market.competition import queries
from market.competition.models import BidRow
from market.competition.rules import (
    AlreadyAwarded,
    AwardStatus,
    BidStatus,
    OpeningTooEarly,
    SecondPersonNeeded,
    TenderNotOpened,
    TenderStatus,
)
from market.provider import service as providers
from market.provider.models import LicenceRow
from tests.competition.halls import (
    ELSEWHERE,
    OFFICER,
    SECOND,
    WINDOW,
    award,
    bid,
    broken,
    lots_of,
    ngos,
    now,
    open_bids,
    open_hall,
    opened_with,
    published,
    stored,
    tender,
    travel,
    withdraw,
)


@pytest.fixture
def line(database: Database) -> UUID:
    return open_hall(database)


def verbs(database: Database, tender_id: UUID) -> list[str]:
    return [e.verb for e in database.read(SYSTEM, lambda work: audit.events_of(work, "tender", tender_id))]


def decided(database: Database, award_id: UUID) -> queries.Award:
    return database.read(SYSTEM, lambda work: queries.award(work, award_id))


def test_bids_are_opened_from_the_deadline_on_and_once(database: Database, line: UUID) -> None:
    tender_id, (lot_id,) = published(database, line)
    bid_id = bid(database, lot_id, ngos(database)[0])
    travel(database, tender(database, tender_id).deadline_at - now(database) - timedelta(seconds=2))
    with pytest.raises(OpeningTooEarly):
        open_bids(database, tender_id)
    assert stored(database, bid_id).status is BidStatus.SUBMITTED
    travel(database, timedelta(seconds=2))
    with pytest.raises(NotAllowed):
        open_bids(database, tender_id, ELSEWHERE)
    open_bids(database, tender_id)
    with pytest.raises(WrongState):
        open_bids(database, tender_id)
    found = tender(database, tender_id)
    assert (found.status, found.opened_by) == (TenderStatus.OPENED, OFFICER.id)
    assert stored(database, bid_id).status is BidStatus.ADMITTED
    assert verbs(database, tender_id) == ["created", "published", "opened"]
    assert broken(database) == []


def test_the_opening_judges_every_bid_and_says_why_one_is_rejected(database: Database, line: UUID) -> None:
    tender_id, (lot_id,) = published(database, line)
    good, suspended, unlicensed, gone = ngos(database, 4)
    bids = [bid(database, lot_id, one) for one in (good, suspended, unlicensed, gone)]
    withdraw(database, bids[3], gone)
    database.write(OFFICER, lambda work: providers.suspend(work, suspended, reason="an inspection"))
    with database.engine.begin() as connection:
        connection.execute(sa.delete(LicenceRow).where(LicenceRow.provider_id == unlicensed))
    travel(database, WINDOW)
    open_bids(database, tender_id)
    judged = [(stored(database, one).status, stored(database, one).rejection_reason) for one in bids]
    assert judged == [
        (BidStatus.ADMITTED, None),
        (BidStatus.REJECTED, "bidder-not-admitted"),
        (BidStatus.REJECTED, "bidder-without-licence"),
        (BidStatus.WITHDRAWN, None),
    ]


def test_the_lowest_price_wins_and_its_contract_waits_for_the_provider(database: Database, line: UUID) -> None:
    tender_id, lot_id, bids = opened_with(database, line, [1_100_00, 900_00, 1_000_00])
    award_id = award(database, lot_id)
    won, winner = decided(database, award_id), stored(database, bids[1])
    assert (won.bid_id, won.provider_id, won.unit_price_minor) == (bids[1], winner.provider_id, 900_00)
    assert (won.status, won.decided_by) == (AwardStatus.ACTIVE, SECOND.id)
    contract = database.read(SYSTEM, lambda work: contracts.contract_of_award(work, award_id))
    lot = lots_of(database, tender_id)[0]
    assert contract is not None
    assert (contract.provider_id, contract.line_id, contract.basis) == (winner.provider_id, line, Basis.AWARD)
    assert (contract.status, contract.from_on) == (ContractStatus.PENDING, lot.from_on)
    assert contract.terms["unit_price_minor"] == 900_00
    assert tender(database, tender_id).status is TenderStatus.COMPLETE
    assert verbs(database, tender_id) == ["created", "published", "opened", "decided"]
    assert database.read(SYSTEM, lambda work: queries.award_of(work, lot_id)) == won
    assert broken(database) == []


def test_of_equal_prices_the_earlier_bid_wins(database: Database, line: UUID) -> None:
    _, lot_id, bids = opened_with(database, line, [950_00, 900_00, 900_00])
    assert decided(database, award(database, lot_id)).bid_id == bids[1]


def test_of_equal_prices_at_the_same_moment_the_smaller_id_wins(database: Database, line: UUID) -> None:
    tender_id, (lot_id,) = published(database, line)
    bids = [bid(database, lot_id, one, 900_00) for one in ngos(database, 3)]
    moment = stored(database, bids[2]).submitted_at
    with database.engine.begin() as connection:
        connection.execute(sa.update(BidRow).values(submitted_at=moment))
    travel(database, WINDOW)
    open_bids(database, tender_id)
    assert decided(database, award(database, lot_id)).bid_id == min(bids)


def test_a_rejected_bid_does_not_win_however_cheap(database: Database, line: UUID) -> None:
    tender_id, (lot_id,) = published(database, line)
    cheap, dear = ngos(database, 2)
    bid(database, lot_id, cheap, 500_00)
    expected = bid(database, lot_id, dear, 1_200_00)
    database.write(OFFICER, lambda work: providers.suspend(work, cheap, reason="an inspection"))
    travel(database, WINDOW)
    open_bids(database, tender_id)
    assert decided(database, award(database, lot_id)).bid_id == expected


def test_who_opened_does_not_decide(database: Database, line: UUID) -> None:
    tender_id, lot_id, _ = opened_with(database, line, [900_00])
    with pytest.raises(SecondPersonNeeded):
        award(database, lot_id, OFFICER)
    budget_officer = Actor(UUID(int=47), "budget", (Grant(Role.BUDGET_OFFICER, territory=""),))
    for actor in (ELSEWHERE, budget_officer):
        with pytest.raises(NotAllowed):
            award(database, lot_id, actor)
    assert tender(database, tender_id).status is TenderStatus.OPENED
    assert award(database, lot_id)


def test_who_declared_an_interest_in_a_bidder_neither_opens_nor_decides(database: Database, line: UUID) -> None:
    tender_id, (lot_id,) = published(database, line)
    bidders = ngos(database, 2)
    for one in bidders:
        bid(database, lot_id, one)
    travel(database, WINDOW)
    for actor in (OFFICER, SECOND):
        database.write(actor, lambda work: declare_interest(work, provider_id=bidders[1], reason="my wife works there"))
    with pytest.raises(InterestDeclared):
        open_bids(database, tender_id)
    other = Actor(UUID(int=48), "Aizhan", (Grant(Role.PROCUREMENT_OFFICER, territory="75"),))
    open_bids(database, tender_id, other)
    with pytest.raises(InterestDeclared):
        award(database, lot_id, SECOND)
    assert award(database, lot_id, Actor(UUID(int=49), "Dina", other.grants))


def test_a_lot_is_decided_once_and_not_before_the_opening(database: Database, line: UUID) -> None:
    _, (sealed,) = published(database, line)
    with pytest.raises(TenderNotOpened):
        award(database, sealed)
    _, lot_id, _ = opened_with(database, line, [900_00])
    award(database, lot_id)
    with pytest.raises(AlreadyAwarded):
        award(database, lot_id)


def test_with_too_few_admitted_bids_the_tender_is_unsuccessful(database: Database, line: UUID) -> None:
    tender_id, lot_id, _ = opened_with(database, line, [])
    award_id = award(database, lot_id)
    found = decided(database, award_id)
    assert (found.status, found.bid_id, found.unit_price_minor) == (AwardStatus.UNSUCCESSFUL, None, None)
    assert tender(database, tender_id).status is TenderStatus.UNSUCCESSFUL
    assert database.read(SYSTEM, lambda work: contracts.contract_of_award(work, award_id)) is None
    assert broken(database) == []


def test_how_many_bids_are_enough_is_a_dated_number_of_the_day_of_publication(database: Database, line: UUID) -> None:
    early, early_lot, _ = opened_with(database, line, [900_00])
    today = now(database).date() + timedelta(days=1)
    database.write(
        Actor(UUID(int=48), "the ministry", (Grant(Role.BUDGET_OFFICER, territory=""),)),
        lambda work: catalogue.set_indicator(
            work,
            code=IndicatorCode.MINIMUM_BIDS,
            value=2,
            from_on=today,
            until_on=today.replace(year=today.year + 1),
            source="a test's own act",
        ),
    )
    travel(database, timedelta(days=2))
    late, late_lot, _ = opened_with(database, line, [900_00])
    award(database, early_lot)
    award(database, late_lot)
    assert tender(database, early).status is TenderStatus.COMPLETE
    assert tender(database, late).status is TenderStatus.UNSUCCESSFUL


def test_a_tender_is_complete_when_its_last_lot_is_decided(database: Database, line: UUID) -> None:
    tender_id, lots = published(database, line, lots=2)
    bid(database, lots[1], ngos(database)[0])
    travel(database, WINDOW)
    open_bids(database, tender_id)
    award(database, lots[1])
    assert tender(database, tender_id).status is TenderStatus.OPENED
    award(database, lots[0])
    assert tender(database, tender_id).status is TenderStatus.COMPLETE
    assert verbs(database, tender_id)[3:] == ["lot-decided", "decided"]
    assert [a.status for a in database.read(SYSTEM, lambda work: queries.awards(work, tender_id))] == [
        AwardStatus.ACTIVE,
        AwardStatus.UNSUCCESSFUL,
    ]
    assert broken(database) == []


def test_without_a_contract_nothing_is_awarded(database: Database, line: UUID) -> None:
    tender_id, lot_id, _ = opened_with(database, line, [900_00])
    with database.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM payee_version"))
        connection.execute(sa.text("DELETE FROM payee"))
    with pytest.raises(PayeeMissing):
        award(database, lot_id)
    assert database.read(SYSTEM, lambda work: queries.award_of(work, lot_id)) is None
    assert tender(database, tender_id).status is TenderStatus.OPENED


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("UPDATE award SET unit_price_minor = 90100", "an award goes to an admitted bid at its price"),
        ("UPDATE bid SET status = 'submitted'", "bids are judged at the opening, all of them, and not before"),
        ("UPDATE bid SET unit_price_minor = 1", "no admitted bid is cheaper than the one that won"),
        ("UPDATE tender SET published_at = deadline_at", "a bid came between the publication and the deadline"),
        ("UPDATE tender SET opened_at = published_at", "bids are opened from the deadline on"),
        ("DELETE FROM award", "a decided tender has an award for every lot"),
    ],
)
def test_a_damaged_competition_is_named(database: Database, line: UUID, damage: str, sentence: str) -> None:
    _, lot_id, _ = opened_with(database, line, [900_00, 1_000_00])
    award(database, lot_id)
    assert broken(database) == []
    with database.engine.begin() as connection:
        connection.execute(sa.text(damage))
    assert sentence in broken(database)
