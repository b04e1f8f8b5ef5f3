"""Who waits, what is reachable, who is placed, and the sentences that hold over all placements."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.act.pricing import cost_of
from contracts.act.rules import ActStatus
from contracts.act.served import priced_visits, sums
from contracts.contract.models import EngagementRow
from contracts.contract.rules import EngagementStatus, unused_until
from contracts.kernel.clock import CivilToday
from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from contracts.ledger.models import AccountRow
from contracts.register import absences
from contracts.register.models import AbsenceRow, EntryRow
from contracts.register.queries import served_within_engagement
from contracts.register.rules import EntryStatus
from market.catalogue.queries import indicators
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.placement.cards import Box
from market.placement.models import (
    IS_LIVE,
    IS_OPEN,
    PlacementRow,
    RequestRow,
    RoundFileRow,
    RoundReportRow,
    RoundRow,
    WishRow,
)
from market.placement.request_queries import columns, is_waiting, request_where
from market.placement.rules import (
    OPEN,
    Candidate,
    Placement,
    PlacementNotFound,
    PlacementStatus,
    Request,
    Round,
    RoundNotFound,
    RoundStatus,
)
from market.provider.models import LicenceRow, OfferRow, OfferTariffRow, ProviderRow, ServicePointRow
from market.provider.rules import OfferNotFound, OfferStatus
from market.recipient.models import RecipientRow
from market.voucher.models import VoucherRow
from market.voucher.rules import VoucherStatus

PAGE = 500  # rows a page
PAY_MORE = "voucher-top-up"  # the dated switch: 1 where the holder may pay what exceeds the voucher


def price_on(day: date) -> sa.ColumnElement[Any]:
    """The price of the offer in the enclosing statement on that day; NULL where none is in force yet."""
    return (
        sa.select(OfferTariffRow.price_minor)
        .where(OfferTariffRow.offer_id == OfferRow.id, OfferTariffRow.from_on <= day)
        .order_by(OfferTariffRow.from_on.desc())
        .limit(1)
        .scalar_subquery()
    )


def licensed_on(day: date) -> sa.ColumnElement[bool]:
    """Whether the provider in the enclosing statement holds a licence on that day."""
    return (
        sa.select(LicenceRow.id)
        .where(
            LicenceRow.provider_id == ProviderRow.id,
            LicenceRow.from_on <= day,
            sa.or_(LicenceRow.until_on.is_(None), LicenceRow.until_on > day),
        )
        .exists()
    )


def candidate(work: Work, offer_id: UUID) -> Candidate:
    """Raises OfferNotFound."""
    found = offer_or_none(work, offer_id)
    if found is None:
        raise OfferNotFound(pointer="/offer_id", rule="known-offer")
    return found


def offer_or_none(work: Work, offer_id: UUID) -> Candidate | None:
    rows = _candidates(work, OfferRow.id == offer_id)
    return rows[0] if rows else None


def candidates(
    work: Work, kind: ServiceKind, setting: CareSetting, unit: Unit, *, inside: Box | None = None
) -> list[Candidate]:
    """Every open offer of the service (in the box), reachable or not: that is the rules' business."""
    where = [OfferRow.kind == kind, OfferRow.setting == setting, OfferRow.unit == unit]
    where.append(OfferRow.status == OfferStatus.OPEN)
    if inside is not None:
        where.append(ServicePointRow.latitude.between(inside.south, inside.north))
        where.append(ServicePointRow.longitude.between(inside.west, inside.east))
    return _candidates(work, *where)


def candidates_among(work: Work, offer_ids: Sequence[UUID]) -> dict[UUID, Candidate]:
    return {one.offer_id: one for one in _candidates(work, OfferRow.id.in_(offer_ids))}


def may_pay_more(work: Work, day: date) -> bool:
    """Whether a holder may choose an offer dearer than the voucher; off where no row of the switch holds the day."""
    rows = indicators(work, code=PAY_MORE)
    return any(row.value for row in rows if row.from_on <= day < row.until_on)


def _candidates(work: Work, *where: sa.ColumnElement[bool]) -> list[Candidate]:
    statement = (
        sa.select(
            OfferRow.id,
            OfferRow.provider_id,
            ProviderRow.name,
            ProviderRow.sector,
            OfferRow.kind,
            OfferRow.setting,
            OfferRow.unit,
            OfferRow.capacity,
            OfferRow.taken,
            OfferRow.categories,
            OfferRow.languages,
            OfferRow.radius_m,
            OfferRow.status,
            ProviderRow.status,
            licensed_on(work.today),
            price_on(work.today),
            ServicePointRow.latitude,
            ServicePointRow.longitude,
            OfferRow.number,
            OfferRow.capacity_unit,
            ServicePointRow.name,
            ServicePointRow.address,
        )
        .join(ProviderRow, ProviderRow.id == OfferRow.provider_id)
        .join(ServicePointRow, ServicePointRow.id == OfferRow.service_point_id)
        .where(*where)
    )
    return [Candidate(*row) for row in work.rows(statement)]


def request_of_voucher(work: Work, voucher_id: UUID, *, lock: bool = False) -> Request:
    """Raises RequestNotFound."""
    return request_where(work, RequestRow.voucher_id == voucher_id, lock=lock)


def request(work: Work, request_id: UUID, *, lock: bool = False) -> Request:
    """Raises RequestNotFound."""
    return request_where(work, RequestRow.id == request_id, lock=lock)


def wishes_of(work: Work, request_id: UUID) -> list[UUID]:
    """Best first."""
    rows = work.rows(sa.select(WishRow.offer_id).where(WishRow.request_id == request_id).order_by(WishRow.rank))
    return [row.offer_id for row in rows]


def placement(work: Work, placement_id: UUID, *, lock: bool = False) -> Placement:
    """Raises PlacementNotFound."""
    found = work.find(Placement, PlacementRow, PlacementRow.id == placement_id, lock=lock)
    if found is None:
        raise PlacementNotFound
    return found


def live_placement_of(work: Work, request_id: UUID) -> Placement | None:
    holder = sa.select(RequestRow.recipient_id).where(RequestRow.id == request_id).scalar_subquery()
    own = (PlacementRow.recipient_id == holder, PlacementRow.request_id == request_id)
    return work.find(Placement, PlacementRow, *own, IS_LIVE)


def overdue(work: Work, now: datetime, *, limit: int) -> list[Placement]:
    """Nobody answered in time. In order of their offers, so that two who release at once do not wait in a circle."""
    return placements_locked(work, IS_OPEN, PlacementRow.respond_until <= now, limit=limit, skip=True)


def over(work: Work, day: date, *, limit: int) -> list[Placement]:
    """Accepted ones whose days are over."""
    ended = (PlacementRow.status == PlacementStatus.ACCEPTED, PlacementRow.ends_on <= day)
    return placements_locked(work, *ended, limit=limit, skip=True)


def live_of_recipient(work: Work, recipient_id: UUID) -> list[Placement]:
    return placements_locked(work, PlacementRow.recipient_id == recipient_id, IS_LIVE)


def live_of_dead(work: Work, day: date, *, limit: int) -> list[tuple[Placement, date]]:
    """With the day their holder died on."""
    dead = dict(
        tuple(row)
        for row in work.rows(
            sa.select(RecipientRow.id, RecipientRow.died_on)
            .join(PlacementRow, PlacementRow.recipient_id == RecipientRow.id)
            .where(RecipientRow.died_on <= day, IS_LIVE)
            .limit(limit)
        )
    )
    live = placements_locked(work, PlacementRow.recipient_id.in_(dead), IS_LIVE, skip=True)
    return [(one, dead[one.recipient_id]) for one in live]


def open_of_voucher(work: Work, voucher_id: UUID) -> list[Placement]:
    holder = sa.select(VoucherRow.recipient_id).where(VoucherRow.id == voucher_id).scalar_subquery()
    own = (PlacementRow.recipient_id == holder, PlacementRow.voucher_id == voucher_id)
    return placements_locked(work, *own, IS_LIVE, PlacementRow.status.in_(OPEN))


def open_without_voucher(work: Work, *, limit: int) -> list[Placement]:
    """Nobody has answered yet, and their voucher was ended."""
    ended = sa.select(VoucherRow.id).where(VoucherRow.status != VoucherStatus.ISSUED)
    where = (PlacementRow.status.in_(OPEN), PlacementRow.voucher_id.in_(ended))
    return placements_locked(work, *where, limit=limit, skip=True)


def placements_locked(
    work: Work, *where: sa.ColumnElement[bool], limit: int | None = None, skip: bool = False
) -> list[Placement]:
    names = list(Placement.__dataclass_fields__)
    statement = (
        sa.select(*[PlacementRow.__table__.c[name] for name in names])
        .where(*where)
        .order_by(PlacementRow.offer_id, PlacementRow.id)
        .limit(limit)
        .with_for_update(skip_locked=skip)
    )
    return [Placement(*row) for row in work.rows(statement)]


def _unpaid() -> sa.Select[Any]:
    """Visits whose money no accepted act has taken yet."""
    return (
        sa.select(EntryRow.engagement_id)
        .outerjoin(ActRow, ActRow.id == EntryRow.act_id)
        .where(
            EntryRow.status != EntryStatus.CANCELLED,
            sa.or_(ActRow.id.is_(None), ActRow.status != ActStatus.ACCEPTED),
            served_within_engagement(),
        )
    )


def _unpaid_missed(what: Any) -> sa.Select[Any]:
    """Of missed visits whose money no accepted act has taken yet."""
    return (
        sa.select(what)
        .select_from(AbsenceRow)
        .outerjoin(ActRow, ActRow.id == AbsenceRow.act_id)
        .where(*absences.unpaid(), sa.or_(ActRow.id.is_(None), ActRow.status != ActStatus.ACCEPTED))
    )


def entered_minor(work: Work, engagement_id: UUID) -> int:
    """What those visits of the engagement cost, confirmed or not, each at the price of its day."""
    unpaid = _unpaid().where(EntryRow.engagement_id == engagement_id).with_only_columns(EntryRow.id)
    visits = priced_visits(EntryRow.id.in_(unpaid)).c
    rows = work.rows(sa.select(visits.unit, visits.price, *sums(visits)).group_by(visits.unit, visits.price))
    served = sum(
        cost_of(unit, price, quantity=int(quantity), seconds=int(seconds)) for unit, price, _, quantity, seconds in rows
    )
    missed = _unpaid_missed(sa.func.coalesce(sa.func.sum(AbsenceRow.payable_minor), 0))
    return served + int(work.scalar(missed.where(AbsenceRow.engagement_id == engagement_id)))


def last_confirmed_day(work: Work, engagement_id: UUID) -> date | None:
    """Of its visits that were confirmed (only those stand in acts), the day of the last."""
    confirmed = (EntryRow.engagement_id == engagement_id, EntryRow.status == EntryStatus.CONFIRMED)
    found: date | None = work.scalar(sa.select(sa.func.max(EntryRow.served_on)).where(*confirmed))
    return found


def unused(work: Work, day: date, *, limit: int) -> list[tuple[UUID, UUID]]:
    """Engagements that hold money which can no longer be needed, and their vouchers."""
    free = AccountRow.credits_posted - AccountRow.debits_posted - AccountRow.debits_pending
    statement = (
        sa.select(EngagementRow.id, EngagementRow.voucher_id)
        .join(AccountRow, AccountRow.id == EngagementRow.account_id)
        .where(
            EngagementRow.status == EngagementStatus.ENDED,
            EngagementRow.until_on <= unused_until(day),
            free > 0,
            EngagementRow.id.not_in(_unpaid()),
            EngagementRow.id.not_in(_unpaid_missed(AbsenceRow.engagement_id)),
        )
        .order_by(EngagementRow.id)
        .limit(limit)
    )
    return [(row.id, row.voucher_id) for row in work.rows(statement)]


def waiting_without_voucher(work: Work, day: date, *, limit: int) -> list[Request]:
    """They wait, but their voucher was ended, or its days (or its holder's) are over; locked."""
    ended = sa.or_(VoucherRow.status != VoucherStatus.ISSUED, VoucherRow.until_on <= day, RecipientRow.died_on <= day)
    statement = (
        sa.select(*columns())
        .join(VoucherRow, VoucherRow.id == RequestRow.voucher_id)
        .join(RecipientRow, RecipientRow.id == RequestRow.recipient_id)
        .where(is_waiting(), ended)
        .order_by(RequestRow.id)
        .limit(limit)
        .with_for_update(of=RequestRow, skip_locked=True)
    )
    return [Request(*row) for row in work.rows(statement)]


def round_(work: Work, round_id: UUID, *, lock: bool = False) -> Round:
    """Raises RoundNotFound."""
    found = work.find(Round, RoundRow, RoundRow.id == round_id, lock=lock)
    if found is None:
        raise RoundNotFound
    return found


def rounds(work: Work, *, limit: int = PAGE) -> list[Round]:
    """The newest first."""
    return work.find_all(Round, RoundRow, order_by=(RoundRow.number.desc(),), limit=min(limit, PAGE))


def unfinished_rounds(work: Work) -> list[Round]:
    unfinished = RoundRow.status.in_([RoundStatus.REQUESTED, RoundStatus.RUNNING])
    return work.find_all(Round, RoundRow, unfinished, order_by=(RoundRow.number,))


def rounds_without_report(work: Work, *, limit: int) -> list[UUID]:
    """Complete ones with files, the oldest first."""
    filed = sa.select(RoundFileRow.piece).where(RoundFileRow.round_id == RoundRow.id).exists()
    told = sa.select(RoundReportRow.round_id).where(RoundReportRow.round_id == RoundRow.id).exists()
    due = (RoundRow.status == RoundStatus.COMPLETE, filed, ~told)
    rows = work.rows(sa.select(RoundRow.id).where(*due).order_by(RoundRow.number).limit(limit))
    return [row.id for row in rows]


def next_round_number(work: Work) -> int:
    return int(work.scalar(sa.select(sa.func.coalesce(sa.func.max(RoundRow.number), 0) + 1)))


def invariants() -> list[Invariant]:
    placements = sa.select(sa.func.count()).select_from(PlacementRow)
    requests = sa.select(sa.func.count()).select_from(RequestRow)
    held = (
        sa.select(PlacementRow.offer_id, sa.func.sum(PlacementRow.size).label("size"))
        .where(IS_LIVE)
        .group_by(PlacementRow.offer_id)
        .subquery()
    )
    miscounted = (
        sa.select(OfferRow.number)
        .outerjoin(held, held.c.offer_id == OfferRow.id)
        .where(OfferRow.taken != sa.func.coalesce(held.c.size, 0))
    )
    twice = sa.select(PlacementRow.request_id).where(IS_LIVE).group_by(PlacementRow.request_id)
    unanswered = sa.and_(PlacementRow.status.in_(OPEN), PlacementRow.respond_until < CivilToday())
    unreleased = sa.and_(PlacementRow.status == PlacementStatus.ACCEPTED, PlacementRow.ends_on < CivilToday())
    engaged = PlacementRow.status.in_([PlacementStatus.ACCEPTED, PlacementStatus.ENDED])
    return [
        Invariant(
            "an offer's counter is the sum of its live placements",
            sa.select(sa.func.count()).select_from(OfferRow),
            miscounted,
        ),
        Invariant("a request has at most one live placement", requests, twice.having(sa.func.count() > 1)),
        Invariant(
            "an accepted placement has an engagement",
            placements,
            sa.select(PlacementRow.id).where(engaged != PlacementRow.engagement_id.is_not(None)),
        ),
        Invariant("nobody's answer is overdue", placements, sa.select(PlacementRow.id).where(unanswered)),
        Invariant("a placement that is over holds no place", placements, sa.select(PlacementRow.id).where(unreleased)),
    ]
