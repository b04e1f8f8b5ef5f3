"""Bids: who may, for how much, until when, and who sees them before the opening."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit import queries as audit
from contracts.audit.models import EventRow
from contracts.kernel.errors import DomainError, Malformed, NotFound, WrongState
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from market.competition import queries
from market.competition import service as competition
from market.competition.rules import (
    AlreadyBid,
    BidAboveCeiling,
    BidderNotAdmitted,
    BidderNotNgo,
    BidderWithoutLicence,
    BidLate,
    BidNotFound,
    BidsStillSealed,
    BidStatus,
    LotNotFound,
    TenderNotOpen,
)
from market.provider.rules import ProviderNotFound, ProviderStatus, Sector
from market.tariff.rules import TariffBelowFloor
from tests.competition.halls import (
    ADMINISTRATOR,
    AUDITOR,
    CEILING,
    ELSEWHERE,
    OFFICER,
    SECOND,
    WINDOW,
    bid,
    broken,
    draft,
    lots_of,
    ngos,
    now,
    open_bids,
    open_hall,
    order,
    people_of,
    published,
    stored,
    tender,
    travel,
    withdraw,
)

SECRET = 987_65  # a price that stands nowhere else


@pytest.fixture
def line(database: Database) -> UUID:
    return open_hall(database)


@pytest.fixture
def lot(database: Database, line: UUID) -> UUID:
    _, (lot_id,) = published(database, line)
    return lot_id


def verbs(database: Database, bid_id: UUID) -> list[str]:
    return [e.verb for e in database.read(SYSTEM, lambda work: audit.events_of(work, "bid", bid_id))]


def bids(database: Database) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM bid")).scalar_one())


def wait_until(database: Database, lot_id: UUID, before: timedelta) -> None:
    """Travel to a moment before the lot's deadline (after it, where negative)."""
    found = database.read(SYSTEM, lambda work: queries.tender(work, queries.lot(work, lot_id).tender_id))
    travel(database, found.deadline_at - now(database) - before)


def test_an_ngo_bids_by_its_own_people(database: Database, lot: UUID) -> None:
    provider = ngos(database)[0]
    bid_id = bid(database, lot, provider)
    found = stored(database, bid_id)
    assert (found.provider_id, found.unit_price_minor, found.status) == (provider, 1_000_00, BidStatus.SUBMITTED)
    assert found.submitted_by == people_of(provider).id
    assert verbs(database, bid_id) == ["submitted"]
    assert broken(database) == []


def test_a_bid_a_second_before_the_deadline_counts_and_a_second_after_is_late(database: Database, lot: UUID) -> None:
    first, second = ngos(database, 2)
    wait_until(database, lot, timedelta(seconds=2))
    bid(database, lot, first)
    wait_until(database, lot, -timedelta(seconds=1))
    with pytest.raises(BidLate) as refused:
        bid(database, lot, second)
    assert refused.value.code == "bid-late"
    assert refused.value.members["rule"] == "before-the-deadline"
    assert bids(database) == 1
    assert broken(database) == []


def test_after_the_opening_a_bid_is_late_too(database: Database, line: UUID) -> None:
    tender_id, (lot_id,) = published(database, line)
    travel(database, WINDOW)
    open_bids(database, tender_id)
    with pytest.raises(BidLate):
        bid(database, lot_id, ngos(database)[0])
    assert bids(database) == 0


@pytest.mark.parametrize(
    ("price", "error"),
    [
        (CEILING + 1, BidAboveCeiling),
        (499_99, TariffBelowFloor),
        (0, Malformed),
        (-1, Malformed),
        (1_000.0, Malformed),
        (True, Malformed),
    ],
)
def test_a_price_outside_the_limits_is_refused(
    database: Database, lot: UUID, price: Any, error: type[DomainError]
) -> None:
    with pytest.raises(error) as refused:
        bid(database, lot, ngos(database)[0], price)
    members: Any = refused.value.members
    assert (members.get("pointer") or members["errors"][0]["pointer"]) == "/unit_price"
    assert bids(database) == 0


@pytest.mark.parametrize("price", [CEILING, 500_00])
def test_the_ceiling_and_the_floor_themselves_are_admissible(database: Database, lot: UUID, price: int) -> None:
    assert bid(database, lot, ngos(database)[0], price)


@pytest.mark.parametrize(
    ("organisation", "error"),
    [
        ({"sector": Sector.STATE}, BidderNotNgo),
        ({"sector": Sector.BUSINESS}, BidderNotNgo),
        ({"status": ProviderStatus.REGISTERED}, BidderNotAdmitted),
        ({"status": ProviderStatus.SUSPENDED}, BidderNotAdmitted),
        ({"licence": None}, BidderWithoutLicence),
        ({"licence": (date(2025, 1, 1), date(2026, 12, 31))}, BidderWithoutLicence),
    ],
)
def test_an_order_goes_to_admitted_and_licensed_ngos_only(
    database: Database, line: UUID, organisation: dict[str, Any], error: type[DomainError]
) -> None:
    _, (lot_id,) = published(database, line)
    if organisation.get("licence"):  # one that ends on the day the service begins
        starts = database.read(SYSTEM, lambda work: queries.lot(work, lot_id)).from_on
        organisation = {"licence": (date(2025, 1, 1), starts)}
    with pytest.raises(error) as refused:
        bid(database, lot_id, ngos(database, **organisation)[0])
    assert refused.value.members["pointer"] == "/provider_id"
    assert bids(database) == 0


def test_nobody_bids_for_another_provider(database: Database, lot: UUID) -> None:
    own, other = ngos(database, 2)
    carer = Actor(UUID(int=50), "a carer", (Grant(Role.CARER, provider_id=own),))
    for actor in (people_of(other), carer, OFFICER, SYSTEM):
        with pytest.raises(ProviderNotFound):
            database.write(
                actor, lambda work: competition.submit_bid(work, lot, provider_id=own, unit_price_minor=1_000_00)
            )
    assert bids(database) == 0


def test_a_draft_takes_no_bids_and_is_not_seen(database: Database, line: UUID) -> None:
    tender_id = draft(database, order(database, line))
    lot_id = lots_of(database, tender_id)[0].id
    for unseen in (lot_id, UUID(int=404)):
        with pytest.raises(LotNotFound):
            bid(database, unseen, ngos(database)[0])


def test_a_cancelled_tender_takes_no_bids(database: Database, line: UUID) -> None:
    tender_id, (lot_id,) = published(database, line)
    database.write(OFFICER, lambda work: competition.cancel(work, tender_id, reason="money was cut"))
    with pytest.raises(TenderNotOpen):
        bid(database, lot_id, ngos(database)[0])


def test_a_provider_has_one_live_bid_and_bids_again_after_withdrawing(database: Database, lot: UUID) -> None:
    provider = ngos(database)[0]
    first = bid(database, lot, provider)
    with pytest.raises(AlreadyBid):
        bid(database, lot, provider, 900_00)
    withdraw(database, first, provider)
    with pytest.raises(WrongState):
        withdraw(database, first, provider)
    second = bid(database, lot, provider, 900_00)
    assert [stored(database, one).status for one in (first, second)] == [BidStatus.WITHDRAWN, BidStatus.SUBMITTED]
    assert verbs(database, first) == ["submitted", "withdrawn"]
    assert database.read(OFFICER, lambda work: queries.bid_count(work, lot)) == 1


def test_a_bid_is_withdrawn_by_its_bidder_before_the_deadline_only(database: Database, lot: UUID) -> None:
    provider, other = ngos(database, 2)
    bid_id = bid(database, lot, provider)
    with pytest.raises(BidNotFound):
        withdraw(database, bid_id, other)
    travel(database, WINDOW)
    with pytest.raises(BidLate):
        withdraw(database, bid_id, provider)
    assert stored(database, bid_id).status is BidStatus.SUBMITTED


def test_before_the_opening_only_the_bidder_sees_a_bid(database: Database, lot: UUID) -> None:
    provider, other = ngos(database, 2)
    bid_id = bid(database, lot, provider, SECRET)
    rival = bid(database, lot, other)
    own = people_of(provider)
    assert database.read(own, lambda work: queries.bid(work, bid_id)).unit_price_minor == SECRET
    assert [b.id for b in database.read(own, lambda work: queries.bids_of_lot(work, lot))] == [bid_id]
    assert [b.id for b in database.read(own, lambda work: queries.bids_of_provider(work, provider))] == [bid_id]
    assert database.read(own, lambda work: queries.may_read_bid(work, bid_id))
    assert not database.read(own, lambda work: queries.may_read_bid(work, rival))
    for actor in (OFFICER, SECOND, AUDITOR):
        with pytest.raises(BidsStillSealed):
            database.read(actor, lambda work: queries.bid(work, bid_id))
    for actor in (people_of(other), ELSEWHERE, ADMINISTRATOR):
        with pytest.raises(NotFound):
            database.read(actor, lambda work: queries.bid(work, bid_id))
    for actor in (OFFICER, SECOND, AUDITOR, ADMINISTRATOR, people_of(other), ELSEWHERE, SYSTEM):
        assert not database.read(actor, lambda work: queries.may_read_bid(work, bid_id))
        seen = database.read(actor, lambda work: queries.bids_of_lot(work, lot))
        assert bid_id not in [b.id for b in seen]
        assert database.read(actor, lambda work: queries.bids_of_provider(work, provider)) == []
    assert database.read(OFFICER, lambda work: queries.bid_count(work, lot)) == 2


def test_the_price_stands_in_the_bid_s_own_stream_and_nowhere_else(database: Database, lot: UUID) -> None:
    bid_id = bid(database, lot, ngos(database)[0], SECRET)
    with database.engine.connect() as connection:
        found = connection.execute(sa.select(EventRow.stream).where(EventRow.body.contains(str(SECRET)))).scalars()
        assert set(found) == {f"bid:{bid_id}"}
    assert str(SECRET) not in repr(stored(database, bid_id))


def test_after_the_opening_officers_in_scope_see_the_bids(database: Database, line: UUID) -> None:
    tender_id, (lot_id,) = published(database, line)
    provider, other = ngos(database, 2)
    bid_id = bid(database, lot_id, provider, SECRET)
    travel(database, WINDOW)
    with pytest.raises(BidsStillSealed):
        database.read(OFFICER, lambda work: queries.bid(work, bid_id))
    open_bids(database, tender_id)
    for actor in (OFFICER, SECOND, AUDITOR):
        assert database.read(actor, lambda work: queries.bid(work, bid_id)).unit_price_minor == SECRET
        assert database.read(actor, lambda work: queries.may_read_bid(work, bid_id))
        assert len(database.read(actor, lambda work: queries.bids_of_lot(work, lot_id))) == 1
    for actor in (people_of(other), ELSEWHERE, ADMINISTRATOR):
        assert not database.read(actor, lambda work: queries.may_read_bid(work, bid_id))
        assert database.read(actor, lambda work: queries.bids_of_lot(work, lot_id)) == []


def test_bids_of_a_cancelled_tender_stay_sealed(database: Database, line: UUID) -> None:
    tender_id, (lot_id,) = published(database, line)
    bid_id = bid(database, lot_id, ngos(database)[0])
    database.write(OFFICER, lambda work: competition.cancel(work, tender_id, reason="money was cut"))
    travel(database, WINDOW)
    assert tender(database, tender_id).opened_at is None
    with pytest.raises(BidsStillSealed):
        database.read(OFFICER, lambda work: queries.bid(work, bid_id))
    assert not database.read(AUDITOR, lambda work: queries.may_read_bid(work, UUID(int=404)))
