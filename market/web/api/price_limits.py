"""Floors and ceilings of unit prices: public law, set by the akimat's officers."""

from datetime import date
from uuid import UUID

import msgspec
from litestar.params import JSONBody

from contracts.kernel.work import Work
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.oversight.limits import end_limit
from market.tariff import service
from market.tariff.queries import price_limit
from market.tariff.rules import PriceLimit
from market.web import queries as lists
from market.web.api.catalogue import Prefix
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.wire import Asked, Day, Listing, Money, Tenge, TerritoryPrefix, Text, shown
from market.web.work import Id, TheCaller


class NewPriceLimit(Asked):
    """``territory`` is a prefix of the code: the longest that fits a place decides there."""

    territory: TerritoryPrefix
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    floor: Tenge
    ceiling: Tenge
    from_on: Day
    until_on: Day
    source: Text


class Ending(Asked):
    until_on: Day


class PriceLimitView(msgspec.Struct, frozen=True):
    id: UUID
    territory: str
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    floor: Money
    ceiling: Money
    from_on: date
    until_on: date
    source: str


@writes("/price-limits")
def set_price_limit(caller: TheCaller, data: JSONBody[NewPriceLimit]) -> PriceLimitView:
    def change(work: Work) -> PriceLimitView:
        limit_id = service.set_price_limit(work, **data.values())
        return shown(PriceLimitView, PriceLimit(limit_id, **data.values()))

    return caller.write(change)


@reads("/price-limits", public=True)
def list_price_limits(caller: TheCaller, at: TheSlice, territory: Prefix = None) -> Listing[PriceLimitView]:
    found = caller.read(lambda work: lists.price_limits(work, at, territory=territory))
    return at.listing(found, lambda limit: shown(PriceLimitView, limit), lambda limit: limit.id)


@writes("/price-limits/{limit_id:uuid}/ending")
def end_price_limit(caller: TheCaller, limit_id: Id, data: JSONBody[Ending]) -> PriceLimitView:
    """From ``until_on`` on it holds no longer. What was agreed under it stays."""
    return caller.do(
        lambda work: end_limit(work, limit_id, on=data.until_on),
        lambda work: shown(PriceLimitView, price_limit(work, limit_id)),
    )


HANDLERS = [set_price_limit, list_price_limits, end_price_limit]
