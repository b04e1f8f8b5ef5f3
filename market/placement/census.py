"""The bulk read of a round: everyone who waits as classes of equals with their members, and every offer of the day.

One snapshot, four statements. People are grouped as they come in: the database would sort everybody's keys as text and
hold all of them for it.
"""

import time
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import sqlalchemy as sa

from contracts.kernel.bulk import bare_id, read_in_parts
from contracts.kernel.database import table_of
from contracts.kernel.work import Work
from market.catalogue.models import LocalityRow
from market.placement.crowd import NEED, Crowd, Roll, Service
from market.placement.models import PlacementRow, RequestRow, WishRow
from market.placement.queries import licensed_on, price_on
from market.placement.request_queries import is_waiting
from market.placement.rules import PlacementStatus
from market.placement.terms import EAST, GRID, Homes
from market.provider.models import OfferRow, ProviderRow, ServicePointRow
from market.provider.rules import OfferStatus, ProviderStatus
from market.recipient.models import RecipientRow
from market.voucher.models import VoucherRow
from market.voucher.rules import VoucherStatus
from matching import Integers

AT_ONCE = 10_000  # people read at a time: some ten megabytes


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

    def provider_number(self) -> Integers:
        numbers = self.providers()
        return np.array([numbers[one] for one in self.provider_id], dtype=np.int64)

    def providers(self) -> dict[str, int]:
        """Their numbers, by first appearance."""
        return {one: number for number, one in enumerate(dict.fromkeys(self.provider_id))}


@dataclass(frozen=True, eq=False)
class Census:
    """``place``: latitude and longitude of every home, which is a locality or, where it goes by address, a point of
    the grid on which addresses are kept. ``class_seconds``: what grouping people into classes took of the reading, in
    time of the processor."""

    crowd: Crowd
    supply: Supply
    place: dict[int, tuple[float, float]]
    territory: dict[int, str]  # of every locality
    class_seconds: float

    def provider_of_crowd(self) -> Integers:
        """The number of who served each class last, -1 where nobody did who offers anything now."""
        numbers, served = self.supply.providers(), self.crowd.provider
        known = {one: numbers.get(one, -1) for one in set(served)}
        return np.fromiter(map(known.__getitem__, served), np.int64, len(served))


def take(work: Work, *, territory: str, homes: Homes = Homes.LOCALITY, continuity: bool = False) -> Census:
    """``continuity``: look up who served each person last."""
    statement = _waiting(work, territory, homes, continuity=continuity)
    roll = Roll([column.name for column in statement.selected_columns][:-2])
    for rows in read_in_parts(work, statement, AT_ONCE):
        roll.add(rows)
    begun = time.thread_time()
    crowd = roll.crowd()
    class_seconds = roll.seconds + time.thread_time() - begun
    supply = _supply(work, work.today)
    places = sa.select(LocalityRow.id, LocalityRow.latitude, LocalityRow.longitude, LocalityRow.territory)
    localities = {row[0]: (row[1], row[2], row[3]) for row in work.rows(places)}
    place = {locality: (north, east) for locality, (north, east, _) in localities.items()}
    lies_in = {locality: code for locality, (_, _, code) in localities.items()}
    return Census(crowd, supply, _points(crowd) if homes is Homes.ADDRESS else place, lies_in, class_seconds)


def _points(crowd: Crowd) -> dict[int, tuple[float, float]]:
    points = (divmod(home, EAST) for home in np.unique(crowd.home).tolist())
    return {north * EAST + east: (north / GRID, east / GRID) for north, east in points}


def _waiting(work: Work, territory: str, homes: Homes, *, continuity: bool) -> sa.Select[Any]:
    """Everyone who waits with a voucher that still runs: the columns that make two of them equal, and who it is."""
    last, run_out = _last_provider(work), _run_out(work)
    dead = sa.select(RecipientRow.id).where(RecipientRow.died_on <= work.today)
    ids = [bare_id(work, column) for column in (RequestRow.id, RequestRow.voucher_id, RequestRow.recipient_id)]
    kind, *rest = (
        sa.cast(column, sa.String())
        for column in (
            RequestRow.kind, RequestRow.setting, RequestRow.unit, RequestRow.size, RequestRow.tier,
            RequestRow.ceiling_minor, RequestRow.category,
        )
    )  # fmt: skip
    keys: list[sa.ColumnElement[Any]] = [
        RequestRow.locality_id.label("locality"),
        sum((" " + one for one in rest), kind).label(NEED),
    ]
    if homes is Homes.ADDRESS:
        keys.insert(1, _point().label("home"))
    if continuity:
        keys.append(sa.func.coalesce(last.c.provider, "").label("provider"))
    everyone = (
        sa.select(*keys, _wishes(work), sum(ids, _moment(work, RequestRow.waiting_since)).label("member"))
        .outerjoin(run_out, run_out.c.id == RequestRow.voucher_id)
        .where(
            is_waiting(),
            RequestRow.territory.startswith(territory, autoescape=True),
            run_out.c.id.is_(None),
            RequestRow.recipient_id.not_in(dead),
        )
    )
    if homes is Homes.ADDRESS:
        everyone = everyone.join(RecipientRow, RecipientRow.id == RequestRow.recipient_id)
    if continuity:
        same = (last.c.recipient_id == RequestRow.recipient_id, last.c.kind == RequestRow.kind, last.c.nth == 1)
        everyone = everyone.outerjoin(last, sa.and_(*same))
    return everyone


def _run_out(work: Work) -> sa.CTE:
    """The vouchers that no longer run: they are few, and to look each request up among them is cheaper than to look its
    voucher up. A set made once, on both databases."""
    until = sa.func.coalesce(VoucherRow.granted_until_on, VoucherRow.until_on)
    ended = sa.or_(VoucherRow.status != VoucherStatus.ISSUED, until <= work.today)
    return sa.select(VoucherRow.id).where(ended).cte("run_out").prefix_with("MATERIALIZED")


def _point() -> sa.ColumnElement[int]:
    """A home on the grid on which addresses are kept, as one number."""
    north, east = (
        sa.cast(sa.func.round(column * GRID), sa.BigInteger)
        for column in (RecipientRow.latitude, RecipientRow.longitude)
    )
    return north * EAST + east


def _last_provider(work: Work) -> sa.Subquery:
    """Who served each person in each kind of service, the last one first (``nth`` 1)."""
    before = table_of(RequestRow).alias("before")
    nth = sa.func.row_number().over(
        partition_by=(PlacementRow.recipient_id, before.c.kind),
        order_by=(PlacementRow.created_at.desc(), PlacementRow.id),
    )
    return (
        sa.select(
            PlacementRow.recipient_id,
            before.c.kind,
            bare_id(work, PlacementRow.provider_id).label("provider"),
            nth.label("nth"),
        )
        .join(before, before.c.id == PlacementRow.request_id)
        .where(PlacementRow.status.in_([PlacementStatus.ACCEPTED, PlacementStatus.ENDED]))
        .subquery("last")
    )


def _moment(work: Work, column: Any) -> sa.ColumnElement[str]:
    """An instant as 26 characters that sort by time, as SQLite keeps it."""
    if work.connection.dialect.name == "sqlite":
        return sa.type_coerce(column, sa.String())
    return sa.func.to_char(sa.func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US", type_=sa.String())


def _wishes(work: Work) -> sa.ColumnElement[str]:
    """Each holder's ranking as one text, looked up by the request: SQLite takes longer to group them all and to look
    each request up among the groups."""
    ranked = (
        sa.select(bare_id(work, WishRow.offer_id).label("offer"))
        .where(WishRow.request_id == RequestRow.id)
        .order_by(WishRow.rank)
        .correlate(RequestRow)
        .subquery("ranked")
    )
    return sa.func.coalesce(sa.select(sa.func.aggregate_strings(ranked.c.offer, "")).scalar_subquery(), "")


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
