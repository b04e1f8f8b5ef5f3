"""Setting price limits, and judging a price by them."""

from datetime import date
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import Malformed
from contracts.kernel.ids import new_id
from contracts.kernel.work import Role, Work
from market.catalogue.queries import check_territory_prefix
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.tariff import queries, rules
from market.tariff.models import PriceLimitRow
from market.tariff.rules import MAX_SOURCE, PriceLimitPeriodTaken


def set_price_limit(
    work: Work,
    *,
    territory: str,
    kind: ServiceKind,
    setting: CareSetting,
    unit: Unit,
    floor_minor: int,
    ceiling_minor: int,
    from_on: date,
    until_on: date,
    source: str,
) -> UUID:
    """A floor and a ceiling for a territory prefix and some days, by an officer whose scope holds the whole prefix.
    Raises PriceLimitPeriodTaken. The event is in the stream ``price-limit:territory/kind/setting/unit``."""
    work.actor.require(Role.BUDGET_OFFICER, territory=territory)
    check_territory_prefix(work, territory)
    rules.check_bounds(floor_minor, ceiling_minor)
    if from_on >= until_on:
        raise Malformed("A period must end after it begins", pointer="/until_on", rule="period")
    if not 0 < len(source.strip()) <= MAX_SOURCE:
        raise Malformed("Name the act this limit comes from", pointer="/source", rule="source-named")
    limit_id = new_id()
    inserted = work.insert_if_new(
        PriceLimitRow,
        id=limit_id,
        territory=territory,
        kind=kind,
        setting=setting,
        unit=unit,
        floor_minor=floor_minor,
        ceiling_minor=ceiling_minor,
        from_on=from_on,
        until_on=until_on,
        source=source.strip(),
    )
    # record first: it holds the stream's head, so that of two officers at once the second sees the first one's row
    record(work, "price-limit", f"{territory}/{kind}/{setting}/{unit}", "set")
    period = queries.overlapping(
        work, territory=territory, kind=kind, setting=setting, unit=unit, from_on=from_on, until_on=until_on
    )
    if not inserted or period > 1:
        raise PriceLimitPeriodTaken(pointer="/from_on", rule="periods-do-not-overlap")
    return limit_id


def end_price_limit(work: Work, limit_id: UUID, *, on: date) -> None:
    """It holds until the day before ``on``. That no price begins later is the caller's to know: prices live above
    their limits (``oversight/limits.py``). Raises PriceLimitNotFound, PriceLimitEndWrong."""
    limit = queries.price_limit(work, limit_id, lock=True)
    work.actor.require(Role.BUDGET_OFFICER, territory=limit.territory)
    rules.check_end(limit, on, work.today)
    ended = work.update(PriceLimitRow, limit_id, PriceLimitRow.until_on > on, until_on=on)
    assert ended, "the row is locked"
    record(work, "price-limit", f"{limit.territory}/{limit.kind}/{limit.setting}/{limit.unit}", "ended")


def check_price(
    work: Work,
    price_minor: int,
    *,
    territory: str,
    kind: ServiceKind,
    setting: CareSetting,
    unit: Unit,
    on: date,
    pointer: str = "/price",
    held: bool = False,
) -> None:
    """``held``: the limit stays until this transaction is over. Raises NoPriceLimit, TariffAboveCeiling,
    TariffBelowFloor."""
    limit = queries.limit_on(
        work, territory=territory, kind=kind, setting=setting, unit=unit, on=on, pointer=pointer, held=held
    )
    rules.check_price(limit, price_minor, pointer=pointer)
