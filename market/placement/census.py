"""The bulk read of a round: everyone who waits as classes of equals with their members, and every offer of the day.

One snapshot, four statements. The database makes the classes and hands over each with its members as one text, which
costs one pass over everyone; a class with ``count`` n owns the next n members, the longest waiting first.
"""

import time
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import sqlalchemy as sa

from contracts.kernel.bulk import bare_id, read_rows
from contracts.kernel.work import Work
from market.catalogue.models import LocalityRow
from market.placement.models import RequestRow, WishRow
from market.placement.queries import licensed_on, price_on
from market.placement.rules import RequestStatus
from market.provider.models import OfferRow, ProviderRow, ServicePointRow
from market.provider.rules import OfferStatus, ProviderStatus
from market.recipient.models import RecipientRow
from market.voucher.models import VoucherRow
from market.voucher.rules import VoucherStatus
from matching import Integers

SINCE, ID = 26, 32  # characters of a moment, and of an id, in a member's text
Service = tuple[str, str, str]  # kind, setting, unit


@dataclass(frozen=True, eq=False)
class Crowd:
    """One value a class; ``wishes`` are the offers' ids, best first (empty where a rank is missing).

    ``member`` is one text a request: since when it waits (UTC), its id, its voucher's and its recipient's.
    """

    service: list[Service]
    size: Integers
    locality: Integers
    tier: Integers
    category: list[str]
    ceiling: Integers
    wishes: list[tuple[str, ...]]
    count: Integers
    member: list[str]

    def request_ids(self) -> list[str]:
        return [member[SINCE : SINCE + ID] for member in self.member]


@dataclass(frozen=True, eq=False)
class Supply:
    """One value an offer that is open today, of an admitted and licensed provider, with a price."""

    id: list[str]
    provider_id: list[str]
    service: list[Service]
    capacity: Integers
    taken: Integers
    version: Integers
    categories: list[list[str]]
    radius_m: list[int | None]
    price: Integers
    latitude: np.ndarray[Any, np.dtype[np.float64]]
    longitude: np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Census:
    """``place`` of a class: latitude and longitude of its locality (the national round knows homes to the locality).
    ``class_seconds``: what grouping people into classes took of the reading."""

    crowd: Crowd
    supply: Supply
    place: dict[int, tuple[float, float]]
    class_seconds: float


def take(work: Work, *, territory: str) -> Census:
    waiting, keys = _waiting(work, territory)
    begun = time.monotonic()
    members = sa.func.aggregate_strings(waiting.c.member, ",")
    rows = read_rows(work, sa.select(*keys, members).group_by(*keys).order_by(*keys))
    class_seconds = time.monotonic() - begun
    return Census(
        crowd=_crowd(rows),
        supply=_supply(work, work.today),
        place={row[0]: (row[1], row[2]) for row in work.rows(_places())},
        class_seconds=class_seconds,
    )


def _places() -> sa.Executable:
    return sa.select(LocalityRow.id, LocalityRow.latitude, LocalityRow.longitude)


def _crowd(rows: list[tuple[Any, ...]]) -> Crowd:
    kind, setting, unit, size, locality, tier, category, ceiling, wishes, members = (
        zip(*rows, strict=True) if rows else ((),) * 10
    )
    by_class = [sorted(text.split(",")) for text in members]
    return Crowd(
        service=list(zip(kind, setting, unit, strict=True)),
        size=_integers(size),
        locality=_integers(locality),
        tier=_integers(tier),
        category=list(category),
        ceiling=_integers(ceiling),
        wishes=[tuple(text.split(",")) if text else () for text in wishes],
        count=_integers([len(own) for own in by_class]),
        member=[member for own in by_class for member in own],
    )


def _waiting(work: Work, territory: str) -> tuple[sa.Subquery, list[sa.ColumnElement[Any]]]:
    """Everyone who waits with a voucher that still runs, and the columns that make two of them equal."""
    wishes = _wishes(work)
    dead = sa.select(RecipientRow.id).where(RecipientRow.died_on <= work.today)
    ids = [bare_id(work, column) for column in (RequestRow.id, RequestRow.voucher_id, RequestRow.recipient_id)]
    waiting = (
        sa.select(
            *(sa.type_coerce(column, sa.String()) for column in (RequestRow.kind, RequestRow.setting, RequestRow.unit)),
            RequestRow.size,
            RequestRow.locality_id,
            RequestRow.tier,
            RequestRow.category,
            RequestRow.ceiling_minor,
            sa.func.coalesce(wishes.c.wishes, "").label("wishes"),
            sum(ids, _moment(work, RequestRow.waiting_since)).label("member"),
        )
        .join(VoucherRow, VoucherRow.id == RequestRow.voucher_id)
        .outerjoin(wishes, wishes.c.request_id == RequestRow.id)
        .where(
            RequestRow.status == RequestStatus.WAITING,
            RequestRow.territory.startswith(territory, autoescape=True),
            VoucherRow.status == VoucherStatus.ISSUED,
            VoucherRow.until_on > work.today,
            RequestRow.recipient_id.not_in(dead),
        )
        .subquery("waiting")
    )
    return waiting, [column for column in waiting.c if column.name != "member"]


def _moment(work: Work, column: Any) -> sa.ColumnElement[str]:
    """An instant as 26 characters that sort by time, as SQLite keeps it."""
    if work.connection.dialect.name == "sqlite":
        return sa.type_coerce(column, sa.String())
    return sa.func.to_char(sa.func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US", type_=sa.String())


def _wishes(work: Work) -> sa.Subquery:
    """Each holder's ranking as one text; a column a rank, because not every database orders what it concatenates."""
    deepest = work.scalar(sa.select(sa.func.max(WishRow.rank))) or 1
    offer = bare_id(work, WishRow.offer_id)
    named = [
        sa.func.coalesce(sa.func.max(sa.case((WishRow.rank == rank, offer))), "") for rank in range(1, deepest + 1)
    ]
    text: sa.ColumnElement[Any] = named[0]
    for one in named[1:]:
        text = text + "," + one
    return sa.select(WishRow.request_id, text.label("wishes")).group_by(WishRow.request_id).subquery("wishes")


def _supply(work: Work, today: date) -> Supply:
    price = price_on(today)
    rows = work.rows(
        sa.select(
            bare_id(work, OfferRow.id),
            bare_id(work, OfferRow.provider_id),
            OfferRow.kind,
            OfferRow.setting,
            OfferRow.unit,
            OfferRow.capacity,
            OfferRow.taken,
            OfferRow.version,
            OfferRow.categories,
            OfferRow.radius_m,
            price,
            ServicePointRow.latitude,
            ServicePointRow.longitude,
        )
        .join(ProviderRow, ProviderRow.id == OfferRow.provider_id)
        .join(ServicePointRow, ServicePointRow.id == OfferRow.service_point_id)
        .where(
            OfferRow.status == OfferStatus.OPEN,
            ProviderRow.status == ProviderStatus.ADMITTED,
            licensed_on(today),
            price.is_not(None),
        )
        .order_by(OfferRow.id)
    )
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [()] * 13
    offer, provider, kind, setting, unit, capacity, taken, version, categories, radius, prices, north, east = columns
    return Supply(
        id=list(offer),
        provider_id=list(provider),
        service=[(str(k), str(s), str(u)) for k, s, u in zip(kind, setting, unit, strict=True)],
        capacity=_integers(capacity),
        taken=_integers(taken),
        version=_integers(version),
        categories=list(categories),
        radius_m=list(radius),
        price=_integers(prices),
        latitude=np.array(north, dtype=np.float64),
        longitude=np.array(east, dtype=np.float64),
    )


def _integers(values: Any) -> Integers:
    return np.array(values, dtype=np.int64)
