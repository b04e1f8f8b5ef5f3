"""Reading the reference rows."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.database import Base, Invariant, table_of
from contracts.kernel.work import Work
from market.catalogue.models import IndicatorRow, LocalityRow, ServiceItemRow, ServiceKindRow, TerritoryRow
from market.catalogue.rules import (
    MINUTES_CODE,
    Conversion,
    IndicatorCode,
    IndicatorNotSet,
    UnknownLocality,
    UnknownTerritory,
)

PAGE = 500


@dataclass(frozen=True, slots=True)
class Territory:
    code: str
    iso: str
    name_kk: str
    name_ru: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Locality:
    """``population`` 0: the gazetteer has no figure."""

    id: int
    name: str
    territory: str
    latitude: float
    longitude: float
    population: int
    kato: str | None


@dataclass(frozen=True, slots=True)
class Kind:
    code: str
    name_kk: str
    name_ru: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    kind: str
    name_kk: str
    name_ru: str
    name_en: str
    limit_amount: int | None
    limit_unit: str | None


@dataclass(frozen=True, slots=True)
class Indicator:
    """``value`` in ``unit`` (money in tiyn) from ``from_on`` up to, not including, ``until_on``."""

    id: UUID
    code: str
    value: int
    unit: str
    from_on: date
    until_on: date
    source: str


def territories(work: Work) -> list[Territory]:
    return work.find_all(Territory, TerritoryRow, order_by=(TerritoryRow.code,))


def territory(work: Work, code: str, *, pointer: str = "/territory") -> Territory:
    """Raises UnknownTerritory, naming ``pointer``."""
    found = work.find(Territory, TerritoryRow, TerritoryRow.code == code)
    if found is None:
        raise UnknownTerritory(f"There is no territory {code[:20]!r}", pointer=pointer, rule="known-territory")
    return found


def check_territory_prefix(work: Work, prefix: str, *, pointer: str = "/territory") -> None:
    """A prefix must cover at least one territory; the empty one covers the country."""
    covered = TerritoryRow.code.startswith(prefix, autoescape=True)
    if prefix and work.scalar(sa.select(sa.literal(1)).where(covered).limit(1)) is None:
        raise UnknownTerritory(f"No territory begins with {prefix[:20]!r}", pointer=pointer, rule="known-territory")


def localities(work: Work, *, territory: str = "", limit: int = PAGE) -> list[Locality]:
    """By code prefix of the territory, the largest first."""
    return work.find_all(
        Locality,
        LocalityRow,
        LocalityRow.territory.startswith(territory, autoescape=True),
        order_by=(LocalityRow.population.desc(), LocalityRow.id),
        limit=min(limit, PAGE),
    )


def locality(work: Work, locality_id: int, *, pointer: str = "/locality_id") -> Locality:
    """Raises UnknownLocality, naming ``pointer``."""
    found = work.find(Locality, LocalityRow, LocalityRow.id == locality_id)
    if found is None:
        raise UnknownLocality(f"There is no locality {locality_id}", pointer=pointer, rule="known-locality")
    return found


def kinds(work: Work) -> list[Kind]:
    return work.find_all(Kind, ServiceKindRow, order_by=(ServiceKindRow.code,))


def items(work: Work, *, kind: str | None = None) -> list[Item]:
    where = () if kind is None else (ServiceItemRow.kind == kind,)
    return work.find_all(Item, ServiceItemRow, *where, order_by=(ServiceItemRow.kind, ServiceItemRow.code))


def indicators(work: Work, *, code: str | None = None) -> list[Indicator]:
    where = () if code is None else (IndicatorRow.code == code,)
    return work.find_all(Indicator, IndicatorRow, *where, order_by=(IndicatorRow.code, IndicatorRow.from_on))


def indicator_on(work: Work, code: IndicatorCode, on: date) -> Indicator:
    """The row whose period holds the day. Raises IndicatorNotSet."""
    found = work.find(
        Indicator, IndicatorRow, IndicatorRow.code == code, IndicatorRow.from_on <= on, IndicatorRow.until_on > on
    )
    if found is None:
        raise IndicatorNotSet(f"{code} is not set for {on}", rule="dated-indicator", indicator=str(code))
    return found


def indicator_running_into(work: Work, code: IndicatorCode, day: date) -> Indicator | None:
    """The row that began before the day and holds it."""
    return work.find(
        Indicator, IndicatorRow, IndicatorRow.code == code, IndicatorRow.from_on < day, IndicatorRow.until_on > day
    )


def overlapping(work: Work, code: IndicatorCode, from_on: date, until_on: date) -> int:
    """How many rows of the number share a day with the period."""
    shares = sa.and_(IndicatorRow.code == code, IndicatorRow.from_on < until_on, IndicatorRow.until_on > from_on)
    return int(work.scalar(sa.select(sa.func.count()).select_from(IndicatorRow).where(shares)))


def values_of(work: Work, model: type[Base], column: str) -> set[object]:
    """What stands in a column already: how a load finds what is missing."""
    return {row[0] for row in work.rows(sa.select(table_of(model).c[column]).distinct())}


def conversion_on(work: Work, on: date) -> Conversion:
    """The capacity rule of the day, in one SELECT. Raises IndicatorNotSet."""
    codes = [IndicatorCode.WEEKS_A_YEAR, *MINUTES_CODE.values()]
    rows = work.rows(
        sa.select(IndicatorRow.code, IndicatorRow.value).where(
            IndicatorRow.code.in_(codes), IndicatorRow.from_on <= on, IndicatorRow.until_on > on
        )
    )
    values = {row.code: row.value for row in rows}
    missing = [str(code) for code in codes if code not in values]
    if missing:
        raise IndicatorNotSet(f"{missing[0]} is not set for {on}", rule="dated-indicator", indicator=missing[0])
    return Conversion({unit: values[code] for unit, code in MINUTES_CODE.items()}, values[IndicatorCode.WEEKS_A_YEAR])


def invariants() -> list[Invariant]:
    one, other = sa.orm.aliased(IndicatorRow), sa.orm.aliased(IndicatorRow)
    return [
        Invariant(
            "the periods of a legal number do not overlap",
            sa.select(sa.func.count()).select_from(IndicatorRow),
            sa.select(one.id).join(
                other,
                sa.and_(
                    one.code == other.code,
                    one.id < other.id,
                    one.from_on < other.until_on,
                    other.from_on < one.until_on,
                ),
            ),
        )
    ]
