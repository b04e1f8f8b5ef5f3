"""What a unit of service may cost."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.kernel.errors import Conflict, Malformed, NotFound, RuleBroken
from contracts.kernel.money import MAX_MINOR, decimal_string
from market.catalogue.rules import CareSetting, ServiceKind, Unit

MAX_SOURCE = 500


class TariffAboveCeiling(RuleBroken):
    code = "tariff-above-ceiling"
    title = "The price is above the ceiling"


class TariffBelowFloor(RuleBroken):
    code = "tariff-below-floor"
    title = "The price is below the floor"


class NoPriceLimit(RuleBroken):
    code = "no-price-limit"
    title = "No price limit is set for this service there on that day"


class PriceLimitPeriodTaken(Conflict):
    code = "price-limit-period-taken"
    title = "A price limit for the same service and territory holds on some of these days already"


class PriceLimitNotFound(NotFound):
    code = "price-limit-not-found"
    title = "There is no such price limit"


class PriceLimitEndWrong(RuleBroken):
    code = "price-limit-end-wrong"
    title = "A price limit ends tomorrow or later, and before the day on which it ends anyway"


class PricesBeginLater(Conflict):
    code = "prices-begin-later"
    title = "A provider's price begins on that day or later under this limit: choose a later day"


@dataclass(frozen=True, slots=True)
class PriceLimit:
    """Both bounds are allowed prices, in minor units. ``territory`` is the prefix that decided."""

    id: UUID
    territory: str
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    floor_minor: int
    ceiling_minor: int
    from_on: date
    until_on: date
    source: str


def check_price(limit: PriceLimit, price_minor: int, *, pointer: str = "/price") -> None:
    """Raises TariffAboveCeiling or TariffBelowFloor, naming both limits and the act they come from."""
    assert type(price_minor) is int, "money is an integer"
    if limit.floor_minor <= price_minor <= limit.ceiling_minor:
        return
    above = price_minor > limit.ceiling_minor
    floor, ceiling = decimal_string(limit.floor_minor), decimal_string(limit.ceiling_minor)
    raise (TariffAboveCeiling if above else TariffBelowFloor)(
        f"{decimal_string(price_minor)} is not between {floor} and {ceiling}",
        pointer=pointer,
        rule="price-limit",
        floor=floor,
        ceiling=ceiling,
        source=limit.source,
    )


def check_bounds(floor_minor: int, ceiling_minor: int) -> None:
    assert type(floor_minor) is type(ceiling_minor) is int, "money is an integer"
    if not 0 < floor_minor <= MAX_MINOR:
        raise Malformed("A floor is a positive amount", pointer="/floor", rule="positive-amount")
    if not floor_minor <= ceiling_minor <= MAX_MINOR:
        raise Malformed("A ceiling is not below the floor", pointer="/ceiling", rule="floor-below-ceiling")


def check_end(limit: PriceLimit, on: date, today: date) -> None:
    """``on`` is the first day on which it holds no longer. What was agreed under it stays as it is."""
    if not max(today, limit.from_on) < on < limit.until_on:
        raise PriceLimitEndWrong(pointer="/until_on", rule="end-in-the-future")


def prefixes(territory: str) -> list[str]:
    """Every prefix, the whole country first: "71" -> ["", "7", "71"]."""
    return [territory[:length] for length in range(len(territory) + 1)]
