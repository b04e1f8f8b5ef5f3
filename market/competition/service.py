"""Inviting bids, taking them until the deadline, opening them, deciding.

Whoever takes a bid, opens bids or decides holds the tender's row first and reads the clock after that: a bid is either
in before the opening or late, whatever happens at the same moment.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.approval.service import check_disinterested
from contracts.audit.service import record
from contracts.budget import queries as budget
from contracts.contract import service as contracts
from contracts.contract.rules import Basis, ContractTerms
from contracts.kernel.calendar import civil_date
from contracts.kernel.ids import human_number, new_id
from contracts.kernel.work import Role, Work
from market.catalogue import queries as catalogue
from market.catalogue.rules import IndicatorCode
from market.competition import queries
from market.competition.models import AwardRow, BidRow, LotRow, TenderRow
from market.competition.queries import Bid, Lot, Tender
from market.competition.rules import (
    BID,
    TENDER,
    AlreadyAwarded,
    AlreadyBid,
    AwardStatus,
    Bidder,
    BidNotFound,
    BidStatus,
    LotNotFound,
    NewLot,
    NewTender,
    Offered,
    PersonNeeded,
    TenderChanged,
    TenderNotFound,
    TenderNotOpened,
    TenderStatus,
    check_bid_price,
    check_bidder,
    check_deadline,
    check_funding,
    check_lot,
    check_may_open,
    check_reason,
    check_second_person,
    check_start,
    check_takes_bids,
    check_tender,
    concluded,
    rejection,
    winner,
)
from market.provider import queries as providers
from market.provider.rules import ProviderNotFound
from market.tariff.service import check_price


def create_tender(work: Work, new: NewTender) -> UUID:
    """A draft with its lots, by a procurement officer in whose scope the tender and every funding line lie."""
    work.actor.require(Role.PROCUREMENT_OFFICER, territory=new.territory)
    check_tender(new)
    check_deadline(new.deadline_at, work.now)
    tender_id = new_id()
    work.insert(
        TenderRow,
        id=tender_id,
        number=human_number("T"),
        title=new.title.strip(),
        territory=catalogue.territory(work, new.territory).code,
        status=TenderStatus.DRAFT,
        deadline_at=new.deadline_at,
        created_by=_person(work),
        published_at=None,
        opened_at=None,
        opened_by=None,
        cancellation_reason=None,
        version=1,
    )
    for sequence, lot in enumerate(new.lots, start=1):
        _add_lot(work, tender_id, sequence, lot, new)
    record(work, "tender", tender_id, "created")
    return tender_id


def reschedule(work: Work, tender_id: UUID, *, deadline_at: datetime, version: int | None = None) -> None:
    """Another deadline for a draft. From the publication on no condition changes. Raises WrongState,
    LotBeforeDeadline."""
    tender = _officer_s(work, tender_id)
    TENDER.after("published", tender.status)
    check_deadline(deadline_at, work.clock())
    for lot in queries.lots(work, tender_id):
        check_start(lot.from_on, deadline_at, pointer="/deadline_at")
    if version is not None and version != tender.version:
        raise TenderChanged(version=tender.version)
    _move(work, tender, "rescheduled", deadline_at=deadline_at)


def publish(work: Work, tender_id: UUID) -> None:
    """From now until the deadline NGOs bid. Raises WrongState, DeadlinePassed, LotBeforeDeadline."""
    tender = _officer_s(work, tender_id)
    status = TENDER.after("published", tender.status)
    now = work.clock()
    check_deadline(tender.deadline_at, now)
    for lot in queries.lots(work, tender_id):
        check_start(lot.from_on, tender.deadline_at, pointer=f"/lots/{lot.sequence - 1}/from_on")
    _move(work, tender, "published", status=status, published_at=now)


def cancel(work: Work, tender_id: UUID, *, reason: str) -> None:
    """Before anything is awarded. Bids that were not opened stay sealed. Raises WrongState, AlreadyAwarded."""
    tender = _officer_s(work, tender_id)
    status = TENDER.after("cancelled", tender.status)
    if queries.awards(work, tender_id):
        raise AlreadyAwarded(rule="nothing-awarded")
    _move(work, tender, "cancelled", status=status, cancellation_reason=check_reason(reason))


def submit_bid(work: Work, lot_id: UUID, *, provider_id: UUID, unit_price_minor: int) -> UUID:
    """By the provider's own people. Raises BidLate (by the database's clock, under the tender's lock), TenderNotOpen,
    BidderNotNgo, BidderNotAdmitted, BidderWithoutLicence, BidAboveCeiling, a tariff refusal, AlreadyBid."""
    if not queries.is_bidder(work, provider_id):
        raise ProviderNotFound(pointer="/provider_id", rule="provider-of-the-bidder")
    lot = queries.lot(work, lot_id)
    bidder = _bidder(work, provider_id, lot.from_on)
    tender = queries.tender(work, lot.tender_id, lock=True)
    if tender.status is TenderStatus.DRAFT:
        raise LotNotFound
    check_takes_bids(tender.status, tender.deadline_at, work.clock())
    check_bidder(bidder)
    check_bid_price(unit_price_minor, lot.ceiling_minor)
    check_price(
        work,
        unit_price_minor,
        territory=lot.territory,
        kind=lot.kind,
        setting=lot.setting,
        unit=lot.unit,
        on=lot.from_on,
        pointer="/unit_price",
    )
    bid_id = new_id()
    if not work.insert_if_new(
        BidRow,
        id=bid_id,
        lot_id=lot_id,
        provider_id=provider_id,
        unit_price_minor=unit_price_minor,
        status=BID.after("submitted", BidStatus.DRAFT),
        submitted_at=work.now,
        submitted_by=_person(work),
        rejection_reason=None,
    ):
        raise AlreadyBid(pointer="/provider_id", rule="one-live-bid")
    record(work, "bid", bid_id, "submitted")
    return bid_id


def withdraw_bid(work: Work, bid_id: UUID) -> None:
    """By the bidder, before the deadline; another bid may follow. Raises BidLate, WrongState."""
    bid = queries.stored_bid(work, bid_id)
    if not queries.is_bidder(work, bid.provider_id):
        raise BidNotFound
    tender = queries.tender(work, queries.lot(work, bid.lot_id).tender_id, lock=True)
    check_takes_bids(tender.status, tender.deadline_at, work.clock())
    status = BID.after("withdrawn", queries.stored_bid(work, bid_id).status)
    moved = work.update(BidRow, bid_id, BidRow.status == BidStatus.SUBMITTED, status=status)
    assert moved, "the tender's row is locked"
    record(work, "bid", bid_id, "withdrawn")


def open_bids(work: Work, tender_id: UUID) -> None:
    """Once, from the deadline on: every bid is admitted, or rejected with the rule it breaks by now. Raises
    OpeningTooEarly, InterestDeclared, WrongState."""
    tender = _officer_s(work, tender_id)
    status = TENDER.after("opened", tender.status)
    now = work.clock()
    check_may_open(tender.deadline_at, now)
    starts = {lot.id: lot.from_on for lot in queries.lots(work, tender_id)}
    bids = queries.live_bids(work, tender_id)
    check_disinterested(work, frozenset(bid.provider_id for bid in bids))
    for bid in bids:
        _judge(work, bid, rejection(_bidder(work, bid.provider_id, starts[bid.lot_id])))
    _move(work, tender, "opened", status=status, opened_at=now, opened_by=_person(work))


def award(work: Work, lot_id: UUID) -> UUID:
    """Decide a lot, by somebody else than who opened: the lowest admitted price wins (``rules.winner``) and its
    contract is concluded, to be signed by the provider; with too few bids the lot is unsuccessful. The last lot's
    decision completes the tender. The award's id. Raises TenderNotOpened, SecondPersonNeeded, InterestDeclared,
    AlreadyAwarded."""
    lot = queries.lot(work, lot_id)
    tender = _officer_s(work, lot.tender_id)
    if tender.status not in {TenderStatus.OPENED, TenderStatus.COMPLETE, TenderStatus.UNSUCCESSFUL}:
        raise TenderNotOpened(rule="opened-first", status=str(tender.status))
    if queries.award_of(work, lot_id) is not None:
        raise AlreadyAwarded(rule="one-award-a-lot")
    check_second_person(tender.opened_by, _person(work))
    offered = queries.admitted(work, lot_id)
    check_disinterested(work, frozenset(one.provider_id for one in offered))
    assert tender.published_at is not None, "an opened tender was published"
    minimum = catalogue.indicator_on(work, IndicatorCode.MINIMUM_BIDS, civil_date(tender.published_at)).value
    won = winner(offered, minimum=minimum)
    award_id = _write_award(work, lot_id, won)
    _settle(work, tender)
    if won is not None:
        contracts.conclude(work, _terms(lot, won, award_id))
    return award_id


def _add_lot(work: Work, tender_id: UUID, sequence: int, lot: NewLot, new: NewTender) -> None:
    at, territory = f"/lots/{sequence - 1}", new.territory
    check_lot(lot, at=at)
    line = budget.line(work, lot.line_id, pointer=f"{at}/line_id")
    # the contract will be concluded on this line, by the same office
    work.actor.require(Role.PROCUREMENT_OFFICER, territory=line.territory)
    check_funding(lot, territory, line_kind=line.service_kind, line_territory=line.territory, year=line.year, at=at)
    check_start(lot.from_on, new.deadline_at, pointer=f"{at}/from_on")
    check_price(
        work,
        lot.ceiling_minor,
        territory=territory,
        kind=lot.kind,
        setting=lot.setting,
        unit=lot.unit,
        on=lot.from_on,
        pointer=f"{at}/ceiling",
    )
    work.insert(
        LotRow,
        id=new_id(),
        tender_id=tender_id,
        sequence=sequence,
        line_id=lot.line_id,
        territory=territory,
        kind=lot.kind,
        setting=lot.setting,
        unit=lot.unit,
        units=lot.units,
        ceiling_minor=lot.ceiling_minor,
        from_on=lot.from_on,
        until_on=lot.until_on,
    )


def _officer_s(work: Work, tender_id: UUID) -> Tender:
    """The tender, locked, for a procurement officer in whose scope it lies; to all others it does not exist (a
    published one is public, but nothing here is theirs to do)."""
    tender = queries.tender(work, tender_id, lock=True)
    if not work.actor.has(Role.PROCUREMENT_OFFICER, territory=tender.territory):
        if tender.status is TenderStatus.DRAFT:
            raise TenderNotFound
        work.actor.require(Role.PROCUREMENT_OFFICER, territory=tender.territory)
    return tender


def _move(work: Work, tender: Tender, verb: str, **changed: Any) -> None:  # values of the tender's columns
    same = TenderRow.status == tender.status
    moved = work.update(TenderRow, tender.id, same, **changed, version=TenderRow.version + 1)
    assert moved, "the row is locked"
    record(work, "tender", tender.id, verb)


def _bidder(work: Work, provider_id: UUID, on: date) -> Bidder:
    provider = providers.provider(work, provider_id)
    licensed = providers.licence_on(work, provider_id, on) is not None
    return Bidder(provider.sector, provider.status, licensed=licensed)


def _judge(work: Work, bid: Bid, reason: str | None) -> None:
    status = BID.after("admitted" if reason is None else "rejected", bid.status)
    moved = work.update(BidRow, bid.id, BidRow.status == bid.status, status=status, rejection_reason=reason)
    assert moved, "the tender's row is locked"


def _write_award(work: Work, lot_id: UUID, won: Offered | None) -> UUID:
    award_id = new_id()
    work.insert(
        AwardRow,
        id=award_id,
        lot_id=lot_id,
        bid_id=won.bid_id if won else None,
        provider_id=won.provider_id if won else None,
        unit_price_minor=won.unit_price_minor if won else None,
        status=AwardStatus.ACTIVE if won else AwardStatus.UNSUCCESSFUL,
        decided_by=_person(work),
        decided_at=work.now,
    )
    return award_id


def _settle(work: Work, tender: Tender) -> None:
    """Record the decision; the last one moves the tender."""
    decided = [a.status for a in queries.awards(work, tender.id)]
    if len(decided) < len(queries.lots(work, tender.id)):
        record(work, "tender", tender.id, "lot-decided")
        return
    _move(work, tender, "decided", status=concluded(tender.status, decided))


def _terms(lot: Lot, won: Offered, award_id: UUID) -> ContractTerms:
    return ContractTerms(
        provider_id=won.provider_id,
        line_id=lot.line_id,
        basis=Basis.AWARD,
        from_on=lot.from_on,
        until_on=lot.until_on,
        award_id=award_id,
        kind=lot.kind,
        setting=lot.setting,
        unit=lot.unit,
        unit_price_minor=won.unit_price_minor,
    )


def _person(work: Work) -> UUID:
    if work.actor.id is None:
        raise PersonNeeded
    return work.actor.id
