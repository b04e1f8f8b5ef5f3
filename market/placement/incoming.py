"""Queries of the places a provider was asked for, and of how full its offers will be."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.work import Work
from market.catalogue.rules import CareSetting, Category, Language, ServiceKind, Unit
from market.placement.models import IS_TOLD, PlacementRow, RequestRow
from market.placement.request_queries import told_to
from market.placement.rules import PlacementNotFound, PlacementStatus
from market.provider.models import OfferRow, ServicePointRow
from market.voucher.models import VoucherRow

PAGE = 50


@dataclass(frozen=True, slots=True)
class Incoming:
    """A place as the provider reads it: what is asked of it, and nothing that tells who asks."""

    id: UUID
    status: PlacementStatus
    created_at: datetime
    respond_until: datetime
    decided_at: datetime | None
    decline_reason: str | None
    ends_on: date | None
    unit_price_minor: int
    distance_m: int
    size: int
    recipient_id: UUID
    engagement_id: UUID | None
    offer_number: str
    point_name: str
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    category: Category
    language: Language
    units_a_month: int
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many places are to be answered, and by when the first."""

    count: int
    first_until: datetime | None


def places_of(
    work: Work, provider_id: UUID, status: PlacementStatus, *, after: UUID | None = None, limit: int = PAGE
) -> list[Incoming]:
    """Those to be answered in the order in which they came (which is that of their deadlines), decided ones newest
    first. What a round offered is between it and the holder until they answer."""
    where = [told_to([provider_id]), PlacementRow.status == status]
    newest_first = status is not PlacementStatus.REQUESTED
    if after is not None:
        where.append(PlacementRow.id < after if newest_first else PlacementRow.id > after)
    order = PlacementRow.id.desc() if newest_first else PlacementRow.id
    return [_read(row) for row in work.rows(_places().where(*where).order_by(order).limit(limit))]


def place(work: Work, placement_id: UUID) -> tuple[Incoming, UUID]:
    """The place and its provider. Raises PlacementNotFound."""
    row = work.connection.execute(
        _places().add_columns(PlacementRow.provider_id).where(PlacementRow.id == placement_id)
    ).one_or_none()
    if row is None:
        raise PlacementNotFound
    *facts, provider_id = row
    return _read(facts), provider_id


def waiting(work: Work, provider_id: UUID) -> Waiting:
    where = (told_to([provider_id]), PlacementRow.status == PlacementStatus.REQUESTED)
    ((count, first),) = work.rows(sa.select(sa.func.count(), sa.func.min(PlacementRow.respond_until)).where(*where))
    return Waiting(int(count), first)


def held_on(work: Work, offer_ids: Collection[UUID], days: Sequence[date]) -> dict[UUID, list[int]]:
    """What of each offer is held on each of the days, as far as is known today: what is taken, but for places that end
    by then. Whose end is not known stays."""
    ended = [sa.func.coalesce(sa.func.sum(sa.case((_ends_by(day), PlacementRow.size), else_=0)), 0) for day in days]
    statement = (
        sa.select(PlacementRow.offer_id, *ended)
        .where(PlacementRow.offer_id.in_(offer_ids), PlacementRow.status == PlacementStatus.ACCEPTED, IS_TOLD)
        .group_by(PlacementRow.offer_id)
    )
    less = {offer_id: [int(size) for size in sizes] for offer_id, *sizes in work.rows(statement)}
    taken = dict(
        tuple(row) for row in work.rows(sa.select(OfferRow.id, OfferRow.taken).where(OfferRow.id.in_(offer_ids)))
    )
    none = [0] * len(days)
    return {one: [taken[one] - size for size in less.get(one, none)] for one in offer_ids}


def _ends_by(day: date) -> sa.ColumnElement[bool]:
    return PlacementRow.ends_on <= day


def _read(facts: Iterable[Any]) -> Incoming:
    """A request keeps category and language as text."""
    read = Incoming(*facts)
    return replace(read, category=Category(read.category), language=Language(read.language))


def _places() -> sa.Select[tuple[object, ...]]:
    names = [
        "id", "status", "created_at", "respond_until", "decided_at", "decline_reason", "ends_on", "unit_price_minor",
        "distance_m", "size", "recipient_id", "engagement_id",
    ]  # fmt: skip
    return (
        sa.select(
            *[PlacementRow.__table__.c[name] for name in names],
            OfferRow.number,
            ServicePointRow.name,
            RequestRow.kind,
            RequestRow.setting,
            RequestRow.unit,
            RequestRow.category,
            RequestRow.language,
            VoucherRow.units_a_month,
            VoucherRow.from_on,
            VoucherRow.until_on,
        )
        .join(RequestRow, RequestRow.id == PlacementRow.request_id)
        .join(VoucherRow, VoucherRow.id == PlacementRow.voucher_id)
        .join(OfferRow, OfferRow.id == PlacementRow.offer_id)
        .join(ServicePointRow, ServicePointRow.id == OfferRow.service_point_id)
    )
