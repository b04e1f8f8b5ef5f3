"""Queries of who may bid: what is open, and one's own bids with what became of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.work import AnyRow, Work
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.competition.models import AwardRow, BidRow, LotRow, TenderRow
from market.competition.queries import Bid, Tender, is_bidder
from market.competition.rules import AwardStatus, BidStatus, TenderNotFound, TenderStatus

PAGE = 50


@dataclass(frozen=True, slots=True)
class OwnBid:
    """A bid and its lot. ``won``: None until the lot is decided."""

    id: UUID
    unit_price_minor: int
    status: BidStatus
    submitted_at: datetime
    rejection_reason: str | None
    lot_id: UUID
    sequence: int
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    units: int
    from_on: date
    until_on: date
    tender_number: str
    tender_title: str
    tender_status: TenderStatus
    deadline_at: datetime
    won: bool | None


def open_tenders(work: Work, *, after: UUID | None = None, limit: int = PAGE) -> list[Tender]:
    """Those that take bids now, in the order in which they were made."""
    where = [TenderRow.status == TenderStatus.PUBLISHED, TenderRow.deadline_at > work.now]
    if after is not None:
        where.append(TenderRow.id > after)
    return work.find_all(Tender, TenderRow, *where, order_by=(TenderRow.id,), limit=limit)


def count_open_tenders(work: Work) -> int:
    where = (TenderRow.status == TenderStatus.PUBLISHED, TenderRow.deadline_at > work.now)
    return int(work.scalar(sa.select(sa.func.count()).select_from(TenderRow).where(*where)))


def published_tender(work: Work, number: str) -> Tender:
    """Raises TenderNotFound, also of a draft."""
    where = (TenderRow.number == number, TenderRow.status != TenderStatus.DRAFT)
    found = work.find(Tender, TenderRow, *where)
    if found is None:
        raise TenderNotFound
    return found


def lot_counts(work: Work, tender_ids: Collection[UUID]) -> dict[UUID, int]:
    statement = sa.select(LotRow.tender_id, sa.func.count()).where(LotRow.tender_id.in_(tender_ids))
    return {tender_id: int(count) for tender_id, count in work.rows(statement.group_by(LotRow.tender_id))}


def live_bids_of(work: Work, provider_id: UUID, lot_ids: Collection[UUID]) -> dict[UUID, Bid]:
    """The bidder's own, by lot; to others there are none."""
    if not is_bidder(work, provider_id):
        return {}
    where = (BidRow.provider_id == provider_id, BidRow.lot_id.in_(lot_ids), BidRow.status != BidStatus.WITHDRAWN)
    return {bid.lot_id: bid for bid in work.find_all(Bid, BidRow, *where)}


def own_bids(work: Work, provider_id: UUID, *, after: UUID | None = None, limit: int = PAGE) -> list[OwnBid]:
    """The newest first; to others there are none."""
    if not is_bidder(work, provider_id):
        return []
    decided = sa.and_(AwardRow.lot_id == LotRow.id, AwardRow.status != AwardStatus.CANCELLED)
    won = sa.case((AwardRow.id.is_(None), None), else_=sa.func.coalesce(AwardRow.bid_id == BidRow.id, sa.false()))
    bid, lot, tender = BidRow, LotRow, TenderRow
    statement = (
        sa.select(
            *(bid.id, bid.unit_price_minor, bid.status, bid.submitted_at, bid.rejection_reason),
            *(lot.id, lot.sequence, lot.kind, lot.setting, lot.unit, lot.units, lot.from_on, lot.until_on),
            *(tender.number, tender.title, tender.status, tender.deadline_at, won),
        )
        .join(lot, lot.id == bid.lot_id)
        .join(tender, tender.id == lot.tender_id)
        .outerjoin(AwardRow, decided)
        .where(bid.provider_id == provider_id)
        .order_by(bid.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(bid.id < after)
    return [_own(row) for row in work.rows(statement)]


def _own(row: AnyRow) -> OwnBid:
    *facts, won = row
    facts.append(None if won is None else bool(won))  # SQLite's truth is a number
    return OwnBid(*facts)
