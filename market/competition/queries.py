"""Tenders, lots, bids and awards; who may look at a bid; what must hold over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.database import Invariant
from contracts.kernel.work import Role, Work
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.competition.models import AwardRow, BidRow, LotRow, TenderRow
from market.competition.rules import (
    AwardNotFound,
    AwardStatus,
    BidNotFound,
    BidsStillSealed,
    BidStatus,
    LotNotFound,
    Offered,
    TenderNotFound,
    TenderStatus,
)

MAX_LISTED = 500  # tenders a page
READERS = (Role.PROCUREMENT_OFFICER, Role.COMMITTEE_MEMBER, Role.BUDGET_OFFICER, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Tender:
    id: UUID
    number: str
    title: str
    territory: str
    status: TenderStatus
    deadline_at: datetime
    created_by: UUID
    published_at: datetime | None
    opened_at: datetime | None
    opened_by: UUID | None
    cancellation_reason: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Lot:
    id: UUID
    tender_id: UUID
    sequence: int
    line_id: UUID
    territory: str
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    units: int
    ceiling_minor: int
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class Bid:
    id: UUID
    lot_id: UUID
    provider_id: UUID
    unit_price_minor: int
    status: BidStatus
    submitted_at: datetime
    submitted_by: UUID
    rejection_reason: str | None

    def __repr__(self) -> str:
        return f"Bid({self.id}, {self.status})"  # a sealed price is not printed by accident


@dataclass(frozen=True, slots=True)
class Award:
    id: UUID
    lot_id: UUID
    bid_id: UUID | None
    provider_id: UUID | None
    unit_price_minor: int | None
    status: AwardStatus
    decided_by: UUID
    decided_at: datetime


def tender(work: Work, tender_id: UUID, *, lock: bool = False) -> Tender:
    """``lock``: taking bids and opening them exclude each other. Raises TenderNotFound."""
    found = work.find(Tender, TenderRow, TenderRow.id == tender_id, lock=lock)
    if found is None:
        raise TenderNotFound
    return found


def tender_numbered(work: Work, number: str) -> Tender:
    """Raises TenderNotFound."""
    found = work.find(Tender, TenderRow, TenderRow.number == number)
    if found is None:
        raise TenderNotFound
    return found


def tenders_of_offices(
    work: Work, territories: Sequence[str], *, status: TenderStatus | None, after: UUID | None = None, limit: int
) -> list[Tender]:
    """Those of some territories (each a prefix), drafts too, the newest first; one more than ``limit`` where there is a
    next page."""
    where = [sa.or_(sa.false(), *(TenderRow.territory.startswith(one, autoescape=True) for one in territories))]
    if status is not None:
        where.append(TenderRow.status == status)
    if after is not None:
        where.append(TenderRow.id < after)
    return work.find_all(Tender, TenderRow, *where, order_by=(TenderRow.id.desc(),), limit=limit + 1)


def tenders(
    work: Work, *, territory: str = "", after_number: str = "", drafts: bool = False, limit: int = MAX_LISTED
) -> list[Tender]:
    """Those under a territory prefix, a page at a time by number; drafts only where asked for."""
    shown = [s for s in TenderStatus if drafts or s is not TenderStatus.DRAFT]
    return work.find_all(
        Tender,
        TenderRow,
        TenderRow.territory.startswith(territory, autoescape=True),
        TenderRow.status.in_(shown),
        TenderRow.number > after_number,
        order_by=(TenderRow.number,),
        limit=min(limit, MAX_LISTED),
    )


def lot(work: Work, lot_id: UUID) -> Lot:
    """Raises LotNotFound."""
    found = work.find(Lot, LotRow, LotRow.id == lot_id)
    if found is None:
        raise LotNotFound
    return found


def lots(work: Work, tender_id: UUID) -> list[Lot]:
    return work.find_all(Lot, LotRow, LotRow.tender_id == tender_id, order_by=(LotRow.sequence,))


def stored_bid(work: Work, bid_id: UUID) -> Bid:
    """Whoever asks: for the services here and for tests. Raises BidNotFound."""
    found = work.find(Bid, BidRow, BidRow.id == bid_id)
    if found is None:
        raise BidNotFound
    return found


def bid(work: Work, bid_id: UUID) -> Bid:
    """To the bidder always; to officers in scope after the opening (before it: BidsStillSealed); to all others there
    is no such bid."""
    found = stored_bid(work, bid_id)
    if is_bidder(work, found.provider_id):
        return found
    about = _tender_of(work, found.lot_id)
    if not work.actor.has(*READERS, territory=about.territory):
        raise BidNotFound
    if about.opened_at is None:
        raise BidsStillSealed(rule="sealed-until-opening")
    return found


def may_read_bid(work: Work, bid_id: UUID) -> bool:
    """Whether the actor may see the bid itself, and so the events of the stream ``bid:<id>``, which hold its price.
    The system may not either: what it exports is read by others."""
    found = work.find(Bid, BidRow, BidRow.id == bid_id)
    if found is None:
        return False
    if is_bidder(work, found.provider_id):
        return True
    about = _tender_of(work, found.lot_id)
    return about.opened_at is not None and work.actor.has(*READERS, territory=about.territory)


def bids_of_lot(work: Work, lot_id: UUID) -> list[Bid]:
    """What the actor may see of a lot's bids: before the opening their own only."""
    about = _tender_of(work, lot(work, lot_id).id)
    everything = about.opened_at is not None and work.actor.has(*READERS, territory=about.territory)
    seen = sa.true() if everything else BidRow.provider_id.in_(work.actor.directs())
    return work.find_all(Bid, BidRow, BidRow.lot_id == lot_id, seen, order_by=(BidRow.submitted_at, BidRow.id))


def bids_of_provider(work: Work, provider_id: UUID, *, limit: int = MAX_LISTED) -> list[Bid]:
    """A bidder's own bids, the newest first; to others there are none."""
    if not is_bidder(work, provider_id):
        return []
    own = BidRow.provider_id == provider_id
    order = (BidRow.submitted_at.desc(), BidRow.id.desc())
    return work.find_all(Bid, BidRow, own, order_by=order, limit=min(limit, MAX_LISTED))


def live_bids(work: Work, tender_id: UUID) -> list[Bid]:
    """Every bid that was submitted and not withdrawn, over all lots, whoever asks: for the opening."""
    mine = BidRow.lot_id.in_(sa.select(LotRow.id).where(LotRow.tender_id == tender_id))
    return work.find_all(Bid, BidRow, mine, BidRow.status == BidStatus.SUBMITTED, order_by=(BidRow.id,))


def bid_count(work: Work, lot_id: UUID) -> int:
    """How many bids stand: all that officers learn before the opening."""
    live = (BidRow.lot_id == lot_id, BidRow.status != BidStatus.WITHDRAWN)
    return int(work.scalar(sa.select(sa.func.count()).select_from(BidRow).where(*live)))


def admitted(work: Work, lot_id: UUID) -> list[Offered]:
    rows = work.rows(
        sa.select(BidRow.id, BidRow.provider_id, BidRow.unit_price_minor, BidRow.submitted_at).where(
            BidRow.lot_id == lot_id, BidRow.status == BidStatus.ADMITTED
        )
    )
    return [Offered(*row) for row in rows]


def award(work: Work, award_id: UUID) -> Award:
    found = work.find(Award, AwardRow, AwardRow.id == award_id)
    if found is None:
        raise AwardNotFound
    return found


def award_of(work: Work, lot_id: UUID) -> Award | None:
    """What was decided for a lot; public."""
    return work.find(Award, AwardRow, AwardRow.lot_id == lot_id, AwardRow.status != AwardStatus.CANCELLED)


def awards(work: Work, tender_id: UUID) -> list[Award]:
    mine = AwardRow.lot_id.in_(sa.select(LotRow.id).where(LotRow.tender_id == tender_id))
    return work.find_all(
        Award, AwardRow, mine, AwardRow.status != AwardStatus.CANCELLED, order_by=(AwardRow.decided_at, AwardRow.id)
    )


def is_bidder(work: Work, provider_id: UUID) -> bool:
    """Whether the actor speaks for the provider: a carer on its staff does not."""
    return provider_id in work.actor.directs()


def _tender_of(work: Work, lot_id: UUID) -> Tender:
    return tender(work, lot(work, lot_id).tender_id)


def invariants() -> list[Invariant]:
    bids = sa.select(sa.func.count()).select_from(BidRow)
    of_tender = (
        sa.select(BidRow.id).join(LotRow, LotRow.id == BidRow.lot_id).join(TenderRow, TenderRow.id == LotRow.tender_id)
    )
    unpublished = sa.or_(TenderRow.published_at.is_(None), BidRow.submitted_at < TenderRow.published_at)
    late = of_tender.where(sa.or_(unpublished, BidRow.submitted_at >= TenderRow.deadline_at))
    decided = BidRow.status.in_([BidStatus.ADMITTED, BidStatus.REJECTED])
    pending = sa.and_(TenderRow.opened_at.is_not(None), BidRow.status == BidStatus.SUBMITTED)
    sealed = of_tender.where(sa.or_(sa.and_(decided, TenderRow.opened_at.is_(None)), pending))
    tenders_ = sa.select(sa.func.count()).select_from(TenderRow)
    early = sa.select(TenderRow.number).where(TenderRow.opened_at < TenderRow.deadline_at)
    awards_ = sa.select(sa.func.count()).select_from(AwardRow)
    won = sa.select(AwardRow.id).where(AwardRow.status == AwardStatus.ACTIVE)
    cheaper = sa.exists().where(
        BidRow.lot_id == AwardRow.lot_id,
        BidRow.status == BidStatus.ADMITTED,
        BidRow.unit_price_minor < AwardRow.unit_price_minor,
    )
    same = sa.exists().where(
        BidRow.id == AwardRow.bid_id,
        BidRow.lot_id == AwardRow.lot_id,
        BidRow.provider_id == AwardRow.provider_id,
        BidRow.unit_price_minor == AwardRow.unit_price_minor,
        BidRow.status == BidStatus.ADMITTED,
    )
    return [
        Invariant("a bid came between the publication and the deadline", bids, late),
        Invariant("bids are judged at the opening, all of them, and not before", bids, sealed),
        Invariant("bids are opened from the deadline on", tenders_, early),
        Invariant("an award goes to an admitted bid at its price", awards_, won.where(~same)),
        Invariant("no admitted bid is cheaper than the one that won", awards_, won.where(cheaper)),
        Invariant("a decided tender has an award for every lot", tenders_, _undecided()),
    ]


def _undecided() -> sa.Select[Any]:
    """Tenders that say they are decided although a lot is not."""
    said = TenderRow.status.in_([TenderStatus.EVALUATED, TenderStatus.COMPLETE, TenderStatus.UNSUCCESSFUL])
    settled = sa.exists().where(AwardRow.lot_id == LotRow.id, AwardRow.status != AwardStatus.CANCELLED)
    open_lot = sa.exists().where(LotRow.tender_id == TenderRow.id, ~settled)
    return sa.select(TenderRow.number).where(said, open_lot)
