"""Which limit decides, and the sentences that always hold over them."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.tariff.models import PriceLimitRow
from market.tariff.rules import NoPriceLimit, PriceLimit, PriceLimitNotFound, prefixes

PAGE = 500


def price_limit(work: Work, limit_id: UUID, *, lock: bool = False) -> PriceLimit:
    """Raises PriceLimitNotFound."""
    found = work.find(PriceLimit, PriceLimitRow, PriceLimitRow.id == limit_id, lock=lock)
    if found is None:
        raise PriceLimitNotFound
    return found


def keep(work: Work, limit_id: UUID, *, on: date) -> bool:
    """Hold off whoever would end the limit until this transaction is over. False where it ended meanwhile."""
    holds = sa.select(PriceLimitRow.id).where(PriceLimitRow.id == limit_id, PriceLimitRow.until_on > on)
    return work.scalar(holds.with_for_update(read=True)) is not None


def limit_on(
    work: Work,
    *,
    territory: str,
    kind: ServiceKind,
    setting: CareSetting,
    unit: Unit,
    on: date,
    pointer: str = "/price",
    held: bool = False,
) -> PriceLimit:
    """The limit of the day with the longest prefix of the territory; ``held``: and it stays until this transaction is
    over. ``pointer``: where in the caller's input the price stood. Raises NoPriceLimit."""
    found = work.find_all(
        PriceLimit,
        PriceLimitRow,
        PriceLimitRow.territory.in_(prefixes(territory)),
        PriceLimitRow.kind == kind,
        PriceLimitRow.setting == setting,
        PriceLimitRow.unit == unit,
        PriceLimitRow.from_on <= on,
        PriceLimitRow.until_on > on,
        order_by=(sa.func.length(PriceLimitRow.territory).desc(),),
        limit=1,
    )
    if not found or (held and not keep(work, found[0].id, on=on)):
        raise NoPriceLimit(
            f"No price limit for {kind}, {setting}, a {unit} in {territory} on {on}",
            pointer=pointer,
            rule="price-limit",
        )
    return found[0]


def price_limits(
    work: Work, *, territory: str = "", on: date | None = None, after: UUID | None = None, limit: int = PAGE
) -> list[PriceLimit]:
    """Those set for the territory or inside it, oldest first; page on with ``after``."""
    where = [PriceLimitRow.territory.startswith(territory, autoescape=True)]
    if on is not None:
        where += [PriceLimitRow.from_on <= on, PriceLimitRow.until_on > on]
    if after is not None:
        where.append(PriceLimitRow.id > after)
    return work.find_all(PriceLimit, PriceLimitRow, *where, order_by=(PriceLimitRow.id,), limit=min(limit, PAGE))


def limits_over(
    work: Work, territories: Sequence[str], *, on: date | None, after: UUID | None = None, limit: int = PAGE
) -> list[PriceLimit]:
    """Those that judge prices somewhere in the territories (each a prefix): set for them, inside them, or around them.
    One more than ``limit`` where there is a next page."""
    column = PriceLimitRow.territory
    inside = [column.startswith(prefix, autoescape=True) for prefix in territories]
    around = column.in_({wider for prefix in territories for wider in prefixes(prefix)})
    where = [sa.or_(around, *inside)]
    if on is not None:
        where += [PriceLimitRow.from_on <= on, PriceLimitRow.until_on > on]
    if after is not None:
        where.append(PriceLimitRow.id > after)
    return work.find_all(PriceLimit, PriceLimitRow, *where, order_by=(PriceLimitRow.id,), limit=limit + 1)


def overlapping(
    work: Work, *, territory: str, kind: ServiceKind, setting: CareSetting, unit: Unit, from_on: date, until_on: date
) -> int:
    """How many limits of exactly this key share a day with the period."""
    statement = (
        sa.select(sa.func.count())
        .select_from(PriceLimitRow)
        .where(
            PriceLimitRow.territory == territory,
            PriceLimitRow.kind == kind,
            PriceLimitRow.setting == setting,
            PriceLimitRow.unit == unit,
            PriceLimitRow.from_on < until_on,
            PriceLimitRow.until_on > from_on,
        )
    )
    return int(work.scalar(statement))


def invariants() -> list[Invariant]:
    one, other = sa.orm.aliased(PriceLimitRow), sa.orm.aliased(PriceLimitRow)
    same = [
        one.territory == other.territory,
        one.kind == other.kind,
        one.setting == other.setting,
        one.unit == other.unit,
        one.id < other.id,
        one.from_on < other.until_on,
        other.from_on < one.until_on,
    ]
    return [
        Invariant(
            "the price limits of one service and territory do not overlap",
            sa.select(sa.func.count()).select_from(PriceLimitRow),
            sa.select(one.id).join(other, sa.and_(*same)),
        )
    ]
