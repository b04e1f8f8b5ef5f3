"""What providers offer: a service at a point, with a counter of free places and a dated price."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromQuery, JSONBody
from pydantic import Field

from contracts.kernel.work import Work
from market.catalogue.rules import CapacityUnit, CareSetting, Category, Language, ServiceKind, Unit
from market.provider import queries, service
from market.provider.rules import NewOffer as Opening
from market.provider.rules import OfferNotFound, OfferStatus, PriceNotSet, ProviderStatus
from market.web import queries as lists
from market.web.api import rehousing
from market.web.api.catalogue import Prefix
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.sight import check_seen
from market.web.wire import Asked, Count, Day, Listing, Money, Tenge, shown
from market.web.work import Id, TheCaller, TheVersion, tagged

Places = Annotated[int, Field(ge=0, le=10**9)]
ProviderFilter = FromQuery[UUID | None]
KindFilter = FromQuery[ServiceKind | None]
SettingFilter = FromQuery[CareSetting | None]


class NewOffer(Asked):
    """``price`` a unit from ``from_on`` on (today if absent); ``radius_m``: how far home care travels."""

    provider_id: UUID
    service_point_id: UUID
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    capacity_unit: CapacityUnit
    capacity: Places
    categories: Annotated[list[Category], Field(min_length=1, max_length=10)]
    languages: Annotated[list[Language], Field(min_length=1, max_length=3)]
    price: Tenge
    from_on: Day | None = None
    radius_m: Count | None = None


class NewCapacity(Asked):
    capacity: Places


class NewTariff(Asked):
    price: Tenge
    from_on: Day


class OfferView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    provider_id: UUID
    service_point_id: UUID
    territory: str
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    capacity_unit: CapacityUnit
    capacity: int
    free: int
    categories: list[str]
    languages: list[str]
    radius_m: int | None
    status: OfferStatus
    version: int


class OfferDetails(OfferView, frozen=True):
    """``price``: today's, null where none is set yet."""

    price: Money | None


def show(work: Work, offer_id: UUID) -> OfferDetails:
    """Everybody sees the offers of providers that everybody sees."""
    found = queries.offer(work, offer_id)
    if queries.provider(work, found.provider_id).status is ProviderStatus.REGISTERED:
        check_seen(work.actor, OfferNotFound, territory=found.territory, provider_id=found.provider_id)
    try:
        price = Money.of(queries.price_on(work, offer_id, work.today))
    except PriceNotSet:
        price = None
    return shown(OfferDetails, found, price=price)


@writes("/offers")
def open_offer(caller: TheCaller, data: JSONBody[NewOffer]) -> OfferDetails:
    return caller.write(lambda work: show(work, service.open_offer(work, Opening(**data.values()))))


@reads("/offers", public=True)
def list_offers(
    caller: TheCaller,
    at: TheSlice,
    territory: Prefix = None,
    provider_id: ProviderFilter = None,
    kind: KindFilter = None,
    setting: SettingFilter = None,
) -> Listing[OfferView]:
    found = caller.read(
        lambda work: lists.offers(work, at, territory=territory, provider_id=provider_id, kind=kind, setting=setting)
    )
    return at.listing(found, lambda offer: shown(OfferView, offer), lambda offer: offer.id)


@reads("/offers/{offer_id:uuid}", public=True)
def get_offer(caller: TheCaller, offer_id: Id) -> Response[OfferDetails]:
    view = caller.read(lambda work: show(work, offer_id))
    return tagged(view, view.version)


@writes("/offers/{offer_id:uuid}/capacity")
def set_capacity(
    caller: TheCaller, version: TheVersion, offer_id: Id, data: JSONBody[NewCapacity]
) -> Response[OfferDetails]:
    """Never below what is taken. With ``If-Match`` only if nobody changed the offer since."""
    view = caller.do(
        lambda work: service.set_capacity(work, offer_id, capacity=data.capacity, version=version),
        lambda work: show(work, offer_id),
    )
    return tagged(view, view.version)


@writes("/offers/{offer_id:uuid}/tariffs")
def set_tariff(caller: TheCaller, offer_id: Id, data: JSONBody[NewTariff]) -> OfferDetails:
    return caller.do(
        lambda work: service.set_tariff(work, offer_id, **data.values()), lambda work: show(work, offer_id)
    )


@writes("/offers/{offer_id:uuid}/closure")
def close_offer(caller: TheCaller, offer_id: Id) -> OfferDetails:
    """Nobody new is taken; who is served stays."""
    return caller.do(lambda work: service.close_offer(work, offer_id), lambda work: show(work, offer_id))


@writes("/offers/{offer_id:uuid}/reopening")
def reopen_offer(caller: TheCaller, offer_id: Id) -> OfferDetails:
    return caller.do(lambda work: service.reopen_offer(work, offer_id), lambda work: show(work, offer_id))


HANDLERS = [
    open_offer, list_offers, get_offer, set_capacity, set_tariff, close_offer, reopen_offer, *rehousing.HANDLERS,
]  # fmt: skip
