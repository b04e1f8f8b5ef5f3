"""Downloads for everybody: providers, service points, offers, published rounds, the daily figures; as CSV or JSON.

Read and sent a page at a time, so that a large file costs no more memory than a small one. Nothing of a person is in
them. A cell that a spreadsheet would take for a formula begins with an apostrophe in CSV; JSON has the bare text.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from contracts.kernel.money import decimal_string
from contracts.kernel.runner import Database
from contracts.kernel.work import NOBODY, Work
from market.catalogue.models import LocalityRow
from market.oversight import published, statistics
from market.oversight.directory import PublicOffer, offer_columns
from market.placement.queries import licensed_on
from market.placement.rules import Round
from market.provider.models import OfferRow, ProviderRow, ServicePointRow
from market.provider.rules import OfferStatus, ProviderStatus

PAGE = 1_000  # rows read at once
MAX_ROWS = 500_000  # of one file: what a spreadsheet still opens, and a hundred times the country's offers
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it a well-known spreadsheet misreads Cyrillic
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four are wide

Row = dict[str, Any]
Page = tuple[list[Row], UUID | None]  # the rows, and where the next page goes on (None: there is none)


class Dataset(StrEnum):
    PROVIDERS = "providers"
    POINTS = "service-points"
    OFFERS = "offers"
    ROUNDS = "rounds"
    STATISTICS = "statistics"


class Form(StrEnum):
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class _Source:
    columns: tuple[str, ...]
    page: Callable[[Work, UUID | None], Page]


def written(database: Database, dataset: Dataset, form: Form) -> Iterator[str]:
    """The file in pieces."""
    source = _SOURCES[dataset]
    pages = _pages(database, source)
    return _as_csv(source.columns, pages) if form is Form.CSV else _as_json(pages)


def columns_of(dataset: Dataset) -> tuple[str, ...]:
    return _SOURCES[dataset].columns


def safe_cell(value: object) -> object:
    """A text that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.lstrip(" \N{NO-BREAK SPACE}").startswith(_FORMULA):
        return f"'{value}"
    return value


def _pages(database: Database, source: _Source) -> Iterator[list[Row]]:
    after: UUID | None = None
    left = MAX_ROWS
    while left > 0:
        rows, after = database.read(NOBODY, partial(_page, source=source, after=after))
        yield rows[:left]
        left -= len(rows)
        if after is None:
            return


def _page(work: Work, *, source: _Source, after: UUID | None) -> Page:
    return source.page(work, after)


def _as_csv(columns: tuple[str, ...], pages: Iterator[list[Row]]) -> Iterator[str]:
    yield BYTE_ORDER_MARK
    for rows in _with_heads(columns, pages):
        text = io.StringIO()
        csv.writer(text).writerows([safe_cell(cell) for cell in row] for row in rows)
        yield text.getvalue()


def _with_heads(columns: tuple[str, ...], pages: Iterator[list[Row]]) -> Iterator[list[list[object]]]:
    yield [list(columns)]
    for rows in pages:
        yield [[_flat(row.get(name)) for name in columns] for row in rows]


def _flat(value: object) -> object:
    """A list as words with spaces between them, as the codes have none."""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _as_json(pages: Iterator[list[Row]]) -> Iterator[str]:
    first = True
    yield "["
    for rows in pages:
        for row in rows:
            yield ("\n" if first else ",\n") + msgspec.json.encode(row).decode()
            first = False
    yield "\n]\n"


# --- what each file holds --------------------------------------------------------------------------------------------
def _sliced(work: Work, statement: sa.Select[Any], key: Any, after: UUID | None) -> list[Any]:
    if after is not None:
        statement = statement.where(key > after)
    return list(work.rows(statement.order_by(key).limit(PAGE)))


def _public(work: Work) -> list[sa.ColumnElement[bool]]:
    return [ProviderRow.status == ProviderStatus.ADMITTED, licensed_on(work.today)]


def _next(rows: list[Any]) -> UUID | None:
    return rows[-1].id if len(rows) == PAGE else None


def _providers(work: Work, after: UUID | None) -> Page:
    names = [ProviderRow.__table__.c[name] for name in ("id", *_PROVIDERS)]
    rows = _sliced(work, sa.select(*names).where(*_public(work)), ProviderRow.id, after)
    return [dict(zip(_PROVIDERS, row[1:], strict=True)) for row in rows], _next(rows)


def _points(work: Work, after: UUID | None) -> Page:
    point = ServicePointRow
    wanted: list[Any] = [
        point.id, ProviderRow.number, point.name, point.address, LocalityRow.name, point.territory,
        point.latitude, point.longitude,
    ]  # fmt: skip
    statement: sa.Select[Any] = (
        sa.select(*wanted)
        .join(ProviderRow, ProviderRow.id == point.provider_id)
        .join(LocalityRow, LocalityRow.id == point.locality_id)
        .where(*_public(work))
    )
    rows = _sliced(work, statement, point.id, after)
    return [dict(zip(_POINTS, row[1:], strict=True)) for row in rows], _next(rows)


def _offers(work: Work, after: UUID | None) -> Page:
    statement: sa.Select[Any] = (
        sa.select(*offer_columns(work), ProviderRow.number)
        .join(ProviderRow, ProviderRow.id == OfferRow.provider_id)
        .where(OfferRow.status == OfferStatus.OPEN, *_public(work))
    )
    rows = _sliced(work, statement, OfferRow.id, after)
    found = []
    for *values, number in rows:
        offer = PublicOffer(*values)
        price = None if offer.price_minor is None else decimal_string(offer.price_minor)
        plain = {name: getattr(offer, name, None) for name in _OFFERS}
        found.append(plain | {"provider": number, "price": price, "currency": "KZT"})
    return found, _next(rows)


def _rounds(work: Work, _after: UUID | None) -> Page:
    region_of = published.regions_of_localities(work)
    return [row for one in published.published(work) for row in _of_round(one, region_of)], None


def _of_round(one: Round, region_of: Mapping[int, str]) -> Iterator[Row]:
    """One row a figure; a hidden one has no value."""
    head = {
        "round": one.number, "finished_at": one.finished_at, "territory": one.territory, "policy": one.policy,
        "seed": one.seed, "instance_sha256": one.instance_sha256, "certificate": one.certificate,
    }  # fmt: skip
    safe = published.safe_figures(one, region_of)
    if safe is None:
        yield head | {"figure": "all", "group": "asked", "value": None}
        return
    tables = {"tier": safe.by_tier, "region": safe.by_region, "service": safe.by_service}
    for figure, rows in ({"all": {"": safe.whole}} | tables).items():
        for key, shown in rows.items():
            for name, value in zip(("served", "waiting", "asked"), shown, strict=True):
                yield head | {"figure": figure, "group": f"{key} {name}".strip(), "value": value}
    for reason, count in safe.reasons.items():
        yield head | {"figure": "reason", "group": reason.value, "value": count}
    for quantile, metres in safe.quantiles.items():
        yield head | {"figure": "distance-m", "group": f"{quantile}%", "value": metres}


def _statistics(work: Work, _after: UUID | None) -> Page:
    found = statistics.latest(work)
    if found is None:
        return [], None
    rows = [
        {"day": found.day, "figure": name, "group": key, "placed": shown[0], "waiting": shown[1], "both": shown[2]}
        for name, table in found.facts["people"].items()
        for key, shown in table.items()
    ]
    return rows, None


_PROVIDERS = ("number", "name", "bin", "sector", "organisation_type", "territory")
_POINTS = ("provider", "name", "address", "locality", "territory", "latitude", "longitude")
_OFFERS = (
    "number", "provider", "kind", "setting", "unit", "price", "currency", "capacity_unit", "free", "categories",
    "languages", "radius_m",
)  # fmt: skip
_ROUND = (
    "round", "finished_at", "territory", "policy", "seed", "instance_sha256", "certificate", "figure", "group", "value",
)  # fmt: skip
_SOURCES: Mapping[Dataset, _Source] = {
    Dataset.PROVIDERS: _Source(_PROVIDERS, _providers),
    Dataset.POINTS: _Source(_POINTS, _points),
    Dataset.OFFERS: _Source(_OFFERS, _offers),
    Dataset.ROUNDS: _Source(_ROUND, _rounds),
    Dataset.STATISTICS: _Source(("day", "figure", "group", "placed", "waiting", "both"), _statistics),
}
