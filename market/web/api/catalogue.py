"""Reference rows for everybody: territories, places, kinds of service, dated legal numbers with their source."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from market.catalogue import queries
from market.catalogue.rules import ServiceKind
from market.web.formats import locality_names
from market.web.routes import reads
from market.web.wire import Listing, shown
from market.web.work import TheCaller

Prefix = Annotated[
    str | None, QueryParameter(name="territory", pattern="^[0-9]{0,9}$", description="A prefix of the code")
]


class TerritoryView(msgspec.Struct, frozen=True):
    code: str
    iso: str
    name_kk: str
    name_ru: str
    name_en: str


class LocalityView(msgspec.Struct, frozen=True):
    """``id`` is the public gazetteer's. ``population`` 0: it has no figure."""

    id: int
    name: str
    name_kk: str
    name_ru: str
    territory: str
    latitude: float
    longitude: float
    population: int
    kato: str | None


class KindView(msgspec.Struct, frozen=True):
    code: ServiceKind
    name_kk: str
    name_ru: str
    name_en: str


class IndicatorView(msgspec.Struct, frozen=True):
    """``value`` in ``unit``; money in tiyn."""

    id: UUID
    code: str
    value: int
    unit: str
    from_on: date
    until_on: date
    source: str


@reads("/territories", public=True)
def list_territories(caller: TheCaller) -> Listing[TerritoryView]:
    return Listing([shown(TerritoryView, t) for t in caller.read(queries.territories)])


@reads("/localities", public=True)
def list_localities(caller: TheCaller, territory: Prefix = None) -> Listing[LocalityView]:
    """The largest first; the whole gazetteer of the country is one page."""
    found = caller.read(lambda work: queries.localities(work, territory=territory or ""))
    kazakh, russian = locality_names("kk"), locality_names("ru")
    return Listing(
        [
            shown(LocalityView, one, name_kk=kazakh.get(one.id, one.name), name_ru=russian.get(one.id, one.name))
            for one in found
        ]
    )


@reads("/service-kinds", public=True)
def list_kinds(caller: TheCaller) -> Listing[KindView]:
    return Listing([shown(KindView, kind) for kind in caller.read(queries.kinds)])


@reads("/indicators", public=True)
def list_indicators(caller: TheCaller) -> Listing[IndicatorView]:
    return Listing([shown(IndicatorView, number) for number in caller.read(queries.indicators)])


HANDLERS = [list_territories, list_localities, list_kinds, list_indicators]
