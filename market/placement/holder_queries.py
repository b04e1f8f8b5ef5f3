"""What a holder's pages show: who serves them, how much is left, visits and what was paid for them, what rounds said.

Everything is read by the recipient's id or a primary key: a page of one person costs the same in a town and in the
nation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActLineRow, ActRow
from contracts.act.pricing import SECONDS_AN_HOUR
from contracts.act.rules import ActStatus
from contracts.act.taken_back import back_of_acts
from contracts.contract.models import EngagementRow
from contracts.contract.rules import EngagementStatus
from contracts.kernel.calendar import civil_date
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.payment.advance_queries import had_before
from contracts.payment.models import PaymentRow
from contracts.payment.rules import NOT_LIVE, PaymentStatus
from contracts.register.models import EntryRow
from contracts.register.queries import seconds_between
from contracts.register.rules import Confirmation, EntryStatus
from market.catalogue.rules import MAX_UNITS_A_MONTH, Language
from market.placement.models import IS_LIVE, PlacementRow, RoundRow
from market.placement.outcome_queries import outcomes_of
from market.placement.request_queries import of_recipients
from market.placement.rules import Outcome, Placement, PlacementStatus, Request, RoundStatus
from market.provider.models import OfferRow, ProviderRow, ServicePointRow
from market.voucher.rules import Voucher

PAGE = 50
TICK = timedelta(microseconds=1)
ROUNDS_BACK = 24  # rounds whose outcome is looked for: two years of monthly ones


@dataclass(frozen=True, slots=True)
class Helper:
    """An engagement as its recipient knows it: who comes, from where, until when."""

    engagement_id: UUID
    voucher_id: UUID
    placement_id: UUID
    provider_id: UUID
    provider_name: str
    point_name: str
    address: str
    unit: str
    units_a_month: int
    from_on: date
    until_on: date
    status: EngagementStatus


@dataclass(frozen=True, slots=True)
class SeenPlacement:
    """A placement with the names a holder knows it by."""

    placement: Placement
    provider_name: str
    point_name: str
    address: str
    latitude: float
    longitude: float
    languages: list[Language]

    @property
    def answer_on(self) -> date:
        """The last day of the term to answer."""
        return civil_date(self.placement.respond_until - TICK)


@dataclass(frozen=True, slots=True)
class SeenVisit:
    id: UUID
    engagement_id: UUID
    provider_name: str
    kind: str
    unit: str
    started_at: datetime
    ended_at: datetime
    quantity: int
    status: EntryStatus
    confirmed_how: Confirmation | None
    confirmed_at: datetime | None
    cancel_reason: str | None


@dataclass(frozen=True, slots=True)
class PaidMonth:
    """A line of an act: what one provider gets for one month of this person's visits. ``payment`` None: not ordered.
    ``had_minor``: what of the whole act was paid with money that the provider had, the last of it at ``had_at``;
    ``back_minor``: what of it was taken back, because visits were found untrue."""

    line_id: UUID
    act_id: UUID
    month: Month
    provider_name: str
    kind: str
    unit: str
    entries: int
    quantity: int
    seconds: int
    unit_price_minor: int
    amount_minor: int
    act_status: ActStatus
    act_total_minor: int
    payment: PaymentStatus | None
    settled_at: datetime | None
    had_minor: int = 0
    had_at: datetime | None = None
    back_minor: int = 0

    @property
    def is_taken_back(self) -> bool:
        """All of it."""
        return 0 < self.act_total_minor <= self.back_minor

    @property
    def is_set_off(self) -> bool:
        """Nothing is left to pay."""
        return self.payment is None and self.had_minor > 0 and self.act_total_minor <= self.had_minor + self.back_minor

    @property
    def done_at(self) -> datetime | None:
        """When the provider had the money of the whole act."""
        return self.had_at if self.is_set_off else self.settled_at


def helpers_of(work: Work, recipient_id: UUID) -> list[Helper]:
    """Who serves the person today or soon."""
    goes_on = (EngagementRow.status != EngagementStatus.ENDED, EngagementRow.until_on > work.today)
    statement = (
        sa.select(
            EngagementRow.id,
            EngagementRow.voucher_id,
            EngagementRow.placement_id,
            ProviderRow.id,
            ProviderRow.name,
            ServicePointRow.name,
            ServicePointRow.address,
            EngagementRow.unit,
            EngagementRow.units_a_month,
            EngagementRow.from_on,
            EngagementRow.until_on,
            EngagementRow.status,
        )
        .join(OfferRow, OfferRow.id == EngagementRow.offer_id)
        .join(ProviderRow, ProviderRow.id == OfferRow.provider_id)
        .join(ServicePointRow, ServicePointRow.id == OfferRow.service_point_id)
        .where(EngagementRow.recipient_id == recipient_id, *goes_on)
        .order_by(EngagementRow.from_on, EngagementRow.id)
        .limit(PAGE)
    )
    return [Helper(*row) for row in work.rows(statement)]


def used_in(work: Work, recipient_id: UUID, month: Month) -> dict[UUID, int]:
    """By voucher, the units of the month that were entered and not cancelled; hours rounded up."""
    seconds = sa.func.sum(seconds_between(EntryRow.started_at, EntryRow.ended_at))
    statement = (
        sa.select(EngagementRow.voucher_id, EngagementRow.unit, sa.func.sum(EntryRow.quantity), seconds)
        .join(EngagementRow, EngagementRow.id == EntryRow.engagement_id)
        .where(
            EngagementRow.recipient_id == recipient_id,
            EntryRow.month == month,
            EntryRow.status != EntryStatus.CANCELLED,
        )
        .group_by(EngagementRow.voucher_id, EngagementRow.unit)
    )
    return {
        voucher_id: -(-int(total) // SECONDS_AN_HOUR) if unit == "hour" else int(quantity)
        for voucher_id, unit, quantity, total in work.rows(statement)
    }


@dataclass(slots=True)
class ItemDone:
    """How often an item was done in a month, and how much of it in all, in its own unit, where that was noted."""

    times: int = 0
    amount: int = 0


def items_done(work: Work, voucher: Voucher, month: Month) -> dict[str, ItemDone]:
    """By code, at visits that were entered and not cancelled."""
    statement = (
        sa.select(EntryRow.items)
        .join(EngagementRow, EngagementRow.id == EntryRow.engagement_id)
        .where(EngagementRow.recipient_id == voucher.recipient_id, EngagementRow.voucher_id == voucher.id)
        .where(EntryRow.month == month, EntryRow.status != EntryStatus.CANCELLED, EntryRow.items.is_not(None))
        .limit(MAX_UNITS_A_MONTH)
    )
    done: dict[str, ItemDone] = {}
    for (items,) in work.rows(statement):
        for code, amount in items or ():
            one = done.setdefault(code, ItemDone())
            one.times += 1
            one.amount += amount or 0
    return done


def waiting_for_answers(work: Work, recipient_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many offered places and visits wait for each person's word."""
    offered = sa.select(PlacementRow.recipient_id.label("id")).where(
        PlacementRow.recipient_id.in_(recipient_ids),
        IS_LIVE,
        PlacementRow.status == PlacementStatus.OFFERED,
        PlacementRow.respond_until > work.now,
    )
    entered = sa.select(EntryRow.recipient_id.label("id")).where(
        EntryRow.recipient_id.in_(recipient_ids), EntryRow.status == EntryStatus.ENTERED
    )
    both = offered.union_all(entered).subquery()
    rows = work.rows(sa.select(both.c.id, sa.func.count()).group_by(both.c.id))
    return {recipient_id: int(count) for recipient_id, count in rows}


def placements_seen(work: Work, *where: sa.ColumnElement[bool], limit: int = PAGE) -> list[SeenPlacement]:
    """The newest first. The caller names the recipient or the placement."""
    columns = [PlacementRow.__table__.c[name] for name in Placement.__dataclass_fields__]
    statement = (
        sa.select(
            *columns,
            ProviderRow.name,
            ServicePointRow.name,
            ServicePointRow.address,
            ServicePointRow.latitude,
            ServicePointRow.longitude,
            OfferRow.languages,
        )
        .join(OfferRow, OfferRow.id == PlacementRow.offer_id)
        .join(ProviderRow, ProviderRow.id == PlacementRow.provider_id)
        .join(ServicePointRow, ServicePointRow.id == OfferRow.service_point_id)
        .where(*where)
        .order_by(PlacementRow.created_at.desc(), PlacementRow.id.desc())
        .limit(limit)
    )
    seen = []
    for row in work.rows(statement):
        *facts, languages = row[len(columns) :]
        provider, point, address, latitude, longitude = facts
        spoken = [Language(one) for one in languages]
        seen.append(
            SeenPlacement(Placement(*row[: len(columns)]), provider, point, address, latitude, longitude, spoken)
        )
    return seen


def of_recipient(recipient_id: UUID, *statuses: PlacementStatus) -> list[sa.ColumnElement[bool]]:
    where = [of_recipients([recipient_id])]
    return [*where, PlacementRow.status.in_(statuses)] if statuses else where


def of_placement(placement_id: UUID) -> list[sa.ColumnElement[bool]]:
    return [PlacementRow.id == placement_id]


def visits_of(
    work: Work,
    recipient_id: UUID,
    *,
    status: EntryStatus | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = PAGE,
) -> list[SeenVisit]:
    """The latest first; those before a page's end."""
    where = [EntryRow.recipient_id == recipient_id]
    if status is not None:
        where.append(EntryRow.status == status)
    if before is not None:
        where.append(sa.tuple_(EntryRow.started_at, EntryRow.id) < sa.tuple_(*before))
    statement = (
        sa.select(
            EntryRow.id,
            EntryRow.engagement_id,
            ProviderRow.name,
            EngagementRow.kind,
            EngagementRow.unit,
            EntryRow.started_at,
            EntryRow.ended_at,
            EntryRow.quantity,
            EntryRow.status,
            EntryRow.confirmed_how,
            EntryRow.confirmed_at,
            EntryRow.cancel_reason,
        )
        .join(EngagementRow, EngagementRow.id == EntryRow.engagement_id)
        .join(OfferRow, OfferRow.id == EngagementRow.offer_id)
        .join(ProviderRow, ProviderRow.id == OfferRow.provider_id)
        .where(*where)
        .order_by(EntryRow.started_at.desc(), EntryRow.id.desc())
        .limit(limit)
    )
    return [SeenVisit(*row) for row in work.rows(statement)]


def paid_for(
    work: Work, recipient_id: UUID, *, before: tuple[Month, UUID] | None = None, limit: int = PAGE
) -> list[PaidMonth]:
    """What acts hold for the person's visits, the latest month first, with the payment of each."""
    where = [ActLineRow.recipient_id == recipient_id, ActRow.status != ActStatus.DRAFT]
    if before is not None:
        where.append(sa.tuple_(ActRow.month, ActLineRow.id) < sa.tuple_(*before))
    latest = sa.orm.aliased(PaymentRow)  # of an act that was paid in parts
    live = sa.select(latest.id).where(latest.act_id == ActRow.id, latest.status.not_in(NOT_LIVE)).correlate(ActRow)
    statement = (
        sa.select(
            ActLineRow.id,
            ActRow.id,
            ActRow.month,
            ProviderRow.name,
            ActLineRow.kind,
            ActLineRow.unit,
            ActLineRow.entries,
            ActLineRow.quantity,
            ActLineRow.seconds,
            ActLineRow.unit_price_minor,
            ActLineRow.amount_minor,
            ActRow.status,
            ActRow.total_minor,
            PaymentRow.status,
            PaymentRow.settled_at,
        )
        .join(ActRow, ActRow.id == ActLineRow.act_id)
        .join(ProviderRow, ProviderRow.id == ActRow.provider_id)
        .outerjoin(PaymentRow, PaymentRow.id == live.order_by(latest.id.desc()).limit(1).scalar_subquery())
        .where(*where)
        .order_by(ActRow.month.desc(), ActLineRow.id.desc())
        .limit(limit)
    )
    months = [PaidMonth(*row) for row in work.rows(statement)]
    act_ids = {one.act_id for one in months}
    had, back = had_before(work, act_ids), back_of_acts(work, act_ids)
    return [_beside(one, had.get(one.act_id), back.get(one.act_id, 0)) for one in months]


def _beside(one: PaidMonth, had: tuple[int, datetime] | None, back_minor: int) -> PaidMonth:
    had_minor, had_at = had or (0, None)
    return replace(one, had_minor=had_minor, had_at=had_at, back_minor=back_minor)


def outcomes_lately(work: Work, request: Request) -> list[Outcome]:
    """What the last rounds that could have placed the request decided, the newest first."""
    here = sa.literal(request.territory).startswith(RoundRow.territory)
    done = (RoundRow.status == RoundStatus.COMPLETE, RoundRow.finished_at >= request.waiting_since, here)
    statement = sa.select(RoundRow.id).where(*done).order_by(RoundRow.number.desc()).limit(ROUNDS_BACK)
    return outcomes_of(work, [row.id for row in work.rows(statement)], request.id)


def placement_of_round(work: Work, request: Request, round_id: UUID) -> Placement | None:
    """What the round offered to the request."""
    own = (of_recipients([request.recipient_id]), PlacementRow.request_id == request.id)
    found = work.find_all(Placement, PlacementRow, *own, PlacementRow.round_id == round_id, limit=1)
    return found[0] if found else None
