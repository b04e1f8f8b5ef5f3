"""What the public statistics are counted from, in sets: nobody's name is read here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contracts.kernel.work import Work
from market.catalogue.rules import CapacityUnit, CareSetting, ServiceKind
from market.placement.models import IS_NOT_CLOSED, RequestRow
from market.placement.queries import licensed_on, price_on
from market.placement.request_queries import state
from market.placement.rules import RequestStatus
from market.provider.models import OfferRow, ProviderRow
from market.provider.rules import OfferStatus, ProviderStatus, Sector

WAITING, PLACED = RequestStatus.WAITING, RequestStatus.PLACED
DIMENSIONS: Mapping[str, Any] = {
    "territory": RequestRow.territory,
    "kind": RequestRow.kind,
    "setting": RequestRow.setting,
    "category": RequestRow.category,
    "tier": RequestRow.tier,
}


@dataclass(frozen=True, slots=True)
class Demand:
    """Requests, and the people behind them, with a place and waiting; ``people`` of both together is not the sum."""

    placed: int
    waiting: int
    people_placed: int
    people_waiting: int
    people: int


@dataclass(frozen=True, slots=True)
class Supply:
    """Offers that can be chosen today; ``capacity`` and ``free`` in ``capacity_unit``."""

    kind: ServiceKind
    setting: CareSetting
    capacity_unit: CapacityUnit
    offers: int
    capacity: int
    free: int


def demand_by(work: Work, dimension: str | None) -> dict[str, Demand]:
    """By the value of a column of ``DIMENSIONS``, in its order; None: everybody, under one key."""
    column = sa.literal("all") if dimension is None else sa.type_coerce(DIMENSIONS[dimension], sa.String())
    people = sa.func.count(sa.distinct(RequestRow.recipient_id))
    live = IS_NOT_CLOSED
    by_status = (
        sa.select(column.label("key"), state().label("state"), sa.func.count(), people)
        .where(live)
        .group_by(sa.text("1"), sa.text("2"))
    )
    counts = {(str(key), status): (count, persons) for key, status, count, persons in work.rows(by_status)}
    whole = sa.select(column.label("key"), people).where(live).group_by(sa.text("1")).order_by(sa.text("1"))
    none = (0, 0)
    return {
        str(key): Demand(
            placed=counts.get((str(key), PLACED), none)[0],
            waiting=counts.get((str(key), WAITING), none)[0],
            people_placed=counts.get((str(key), PLACED), none)[1],
            people_waiting=counts.get((str(key), WAITING), none)[1],
            people=persons,
        )
        for key, persons in work.rows(whole)
    }


def providers_by_territory(work: Work) -> dict[tuple[str, Sector], int]:
    """Those that may serve today: admitted, with a licence."""
    statement = (
        sa.select(ProviderRow.territory, ProviderRow.sector, sa.func.count())
        .where(ProviderRow.status == ProviderStatus.ADMITTED, licensed_on(work.today))
        .group_by(ProviderRow.territory, ProviderRow.sector)
    )
    return {(territory, sector): count for territory, sector, count in work.rows(statement)}


def supply(work: Work) -> list[Supply]:
    service = (OfferRow.kind, OfferRow.setting, OfferRow.capacity_unit)
    statement = (
        sa.select(
            *service,
            sa.func.count(),
            sa.cast(sa.func.sum(OfferRow.capacity), sa.BigInteger),
            sa.cast(sa.func.sum(OfferRow.capacity - OfferRow.taken), sa.BigInteger),
        )
        .join(ProviderRow, ProviderRow.id == OfferRow.provider_id)
        .where(
            OfferRow.status == OfferStatus.OPEN,
            ProviderRow.status == ProviderStatus.ADMITTED,
            licensed_on(work.today),
            price_on(work.today).is_not(None),
        )
        .group_by(*service)
        .order_by(*service)
    )
    return [Supply(*row) for row in work.rows(statement)]
