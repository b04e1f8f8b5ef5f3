"""Who is registered and admitted, and what is on offer on a day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from market.catalogue.rules import CapacityUnit, CareSetting, ServiceKind, Unit
from market.provider.models import LicenceRow, OfferRow, OfferTariffRow, ProviderRow, ServicePointRow, StaffRow
from market.provider.rules import (
    OfferNotFound,
    OfferStatus,
    OrganisationType,
    PriceNotSet,
    ProviderNotFound,
    ProviderStatus,
    Sector,
    ServicePointNotFound,
)
from market.tariff.models import PriceLimitRow
from market.tariff.rules import PriceLimit

PAGE = 200


@dataclass(frozen=True, slots=True)
class Provider:
    id: UUID
    number: str
    bin: str
    name: str
    sector: Sector
    organisation_type: OrganisationType
    territory: str
    status: ProviderStatus
    registered_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    decision_reason: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Licence:
    id: UUID
    provider_id: UUID
    number: str
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class ServicePoint:
    id: UUID
    provider_id: UUID
    name: str
    locality_id: int
    territory: str
    latitude: float
    longitude: float
    address: str


@dataclass(frozen=True, slots=True)
class Worker:
    """``name_sealed`` opens with the worker's own key (person id = ``id``)."""

    id: UUID
    provider_id: UUID
    name_sealed: bytes
    speciality: str
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class Offer:
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
    taken: int
    categories: list[str]
    languages: list[str]
    radius_m: int | None
    status: OfferStatus
    version: int

    @property
    def free(self) -> int:
        return self.capacity - self.taken


@dataclass(frozen=True, slots=True)
class AdmittedOffer:
    """An offer that may be chosen on the day, with all that choosing needs. ``price_minor`` a unit on that day;
    ``capacity`` and ``taken`` in ``capacity_unit``."""

    id: UUID
    number: str
    provider_id: UUID
    provider_name: str
    provider_status: ProviderStatus
    sector: Sector
    service_point_id: UUID
    point_name: str
    locality_id: int
    latitude: float
    longitude: float
    territory: str
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    capacity_unit: CapacityUnit
    capacity: int
    taken: int
    categories: list[str]
    languages: list[str]
    radius_m: int | None
    price_minor: int

    @property
    def free(self) -> int:
        return self.capacity - self.taken


def provider(work: Work, provider_id: UUID) -> Provider:
    found = work.find(Provider, ProviderRow, ProviderRow.id == provider_id)
    if found is None:
        raise ProviderNotFound
    return found


def provider_numbered(work: Work, number: str) -> Provider:
    """Raises ProviderNotFound."""
    found = work.find(Provider, ProviderRow, ProviderRow.number == number)
    if found is None:
        raise ProviderNotFound
    return found


def provider_by_bin(work: Work, bin_: str) -> Provider | None:
    return work.find(Provider, ProviderRow, ProviderRow.bin == bin_)


def providers(
    work: Work,
    *,
    territory: str = "",
    status: ProviderStatus | None = None,
    after: UUID | None = None,
    limit: int = PAGE,
) -> list[Provider]:
    """By territory prefix, in order of registration; page on with ``after``."""
    where = [ProviderRow.territory.startswith(territory, autoescape=True)]
    if status is not None:
        where.append(ProviderRow.status == status)
    if after is not None:
        where.append(ProviderRow.id > after)
    return work.find_all(Provider, ProviderRow, *where, order_by=(ProviderRow.id,), limit=min(limit, PAGE))


def licences(work: Work, provider_id: UUID) -> list[Licence]:
    return work.find_all(Licence, LicenceRow, LicenceRow.provider_id == provider_id, order_by=(LicenceRow.from_on,))


def _licence_holds(on: date) -> sa.ColumnElement[bool]:
    return sa.and_(LicenceRow.from_on <= on, sa.or_(LicenceRow.until_on.is_(None), LicenceRow.until_on > on))


def licence_on(work: Work, provider_id: UUID, on: date) -> Licence | None:
    """One that is valid on the day, the youngest where there are several."""
    found = work.find_all(
        Licence,
        LicenceRow,
        LicenceRow.provider_id == provider_id,
        _licence_holds(on),
        order_by=(LicenceRow.from_on.desc(), LicenceRow.id.desc()),
        limit=1,
    )
    return found[0] if found else None


def is_admitted(work: Work, provider_id: UUID, on: date) -> bool:
    """Admitted, and licensed on the day."""
    return provider(work, provider_id).status is ProviderStatus.ADMITTED and bool(licence_on(work, provider_id, on))


def offers_openly(work: Work, provider_id: UUID, kind: str) -> bool:
    """Whether any of its offers of that kind takes people."""
    taking = (OfferRow.provider_id == provider_id, OfferRow.kind == kind, OfferRow.status == OfferStatus.OPEN)
    return work.scalar(sa.select(OfferRow.id).where(*taking).limit(1)) is not None


def service_point(work: Work, point_id: UUID) -> ServicePoint:
    found = work.find(ServicePoint, ServicePointRow, ServicePointRow.id == point_id)
    if found is None:
        raise ServicePointNotFound
    return found


def service_points(work: Work, provider_id: UUID, *, limit: int = PAGE) -> list[ServicePoint]:
    return work.find_all(
        ServicePoint,
        ServicePointRow,
        ServicePointRow.provider_id == provider_id,
        order_by=(ServicePointRow.id,),
        limit=min(limit, PAGE),
    )


def staff(work: Work, provider_id: UUID, *, on: date | None = None, limit: int = PAGE) -> list[Worker]:
    """Everybody ever, or those employed on the day."""
    return staff_of(work, provider_id, on=on, limit=min(limit, PAGE))


def staff_of(
    work: Work, provider_id: UUID, *, on: date | None = None, after: UUID | None = None, limit: int
) -> list[Worker]:
    """As :func:`staff`, a page at a time, or as many as the caller can take."""
    where = [StaffRow.provider_id == provider_id]
    if on is not None:
        where += [StaffRow.from_on <= on, sa.or_(StaffRow.until_on.is_(None), StaffRow.until_on > on)]
    if after is not None:
        where.append(StaffRow.id > after)
    return work.find_all(Worker, StaffRow, *where, order_by=(StaffRow.id,), limit=limit)


def worker(work: Work, worker_id: UUID) -> Worker | None:
    return work.find(Worker, StaffRow, StaffRow.id == worker_id)


def offer(work: Work, offer_id: UUID) -> Offer:
    found = work.find(Offer, OfferRow, OfferRow.id == offer_id)
    if found is None:
        raise OfferNotFound
    return found


def offers_of(work: Work, provider_id: UUID, *, limit: int = PAGE) -> list[Offer]:
    return work.find_all(
        Offer, OfferRow, OfferRow.provider_id == provider_id, order_by=(OfferRow.id,), limit=min(limit, PAGE)
    )


def _price_of(offer_id: Any, on: date) -> sa.ScalarSelect[int]:  # a UUID or the column of the statement around
    return (
        sa.select(OfferTariffRow.price_minor)
        .where(OfferTariffRow.offer_id == offer_id, OfferTariffRow.from_on <= on)
        .order_by(OfferTariffRow.from_on.desc())
        .limit(1)
        .scalar_subquery()
    )


def price_on(work: Work, offer_id: UUID, on: date) -> int:
    """Minor units a unit of service. Raises PriceNotSet before the first tariff row."""
    price = work.scalar(sa.select(_price_of(offer_id, on)))
    if price is None:
        raise PriceNotSet(f"The offer has no price on {on}", rule="dated-tariff")
    return int(price)


def prices_from(work: Work, limit: PriceLimit, on: date) -> int:
    """How many prices begin on that day or later, on a day and for a service that the limit judges."""
    judged = (
        OfferRow.territory.startswith(limit.territory, autoescape=True),
        OfferRow.kind == limit.kind,
        OfferRow.setting == limit.setting,
        OfferRow.unit == limit.unit,
        OfferTariffRow.from_on >= on,
        OfferTariffRow.from_on < limit.until_on,
    )
    count = sa.select(sa.func.count()).select_from(OfferTariffRow)
    return int(work.scalar(count.join(OfferRow, OfferRow.id == OfferTariffRow.offer_id).where(*judged)))


def admitted_offers(
    work: Work,
    *,
    kind: ServiceKind | None = None,
    setting: CareSetting | None = None,
    unit: Unit | None = None,
    on: date,
) -> list[AdmittedOffer]:
    """Open offers of admitted providers with a licence and a price on the day, full ones too, by id. One SELECT."""
    price = _price_of(OfferRow.id, on).label("price_minor")
    licensed = sa.exists().where(LicenceRow.provider_id == ProviderRow.id, _licence_holds(on))
    statement = (
        sa.select(
            OfferRow.id,
            OfferRow.number,
            OfferRow.provider_id,
            ProviderRow.name,
            ProviderRow.status,
            ProviderRow.sector,
            OfferRow.service_point_id,
            ServicePointRow.name,
            ServicePointRow.locality_id,
            ServicePointRow.latitude,
            ServicePointRow.longitude,
            OfferRow.territory,
            OfferRow.kind,
            OfferRow.setting,
            OfferRow.unit,
            OfferRow.capacity_unit,
            OfferRow.capacity,
            OfferRow.taken,
            OfferRow.categories,
            OfferRow.languages,
            OfferRow.radius_m,
            price,
        )
        .join(ProviderRow, ProviderRow.id == OfferRow.provider_id)
        .join(ServicePointRow, ServicePointRow.id == OfferRow.service_point_id)
        .where(
            OfferRow.status == OfferStatus.OPEN,
            ProviderRow.status == ProviderStatus.ADMITTED,
            licensed,
            price.is_not(None),
        )
        .order_by(OfferRow.id)
    )
    for column, value in ((OfferRow.kind, kind), (OfferRow.setting, setting), (OfferRow.unit, unit)):
        if value is not None:
            statement = statement.where(column == value)
    return [AdmittedOffer(*row) for row in work.rows(statement)]


def invariants() -> list[Invariant]:
    offers = sa.select(sa.func.count()).select_from(OfferRow)
    fitting = sa.exists().where(
        PriceLimitRow.kind == OfferRow.kind,
        PriceLimitRow.setting == OfferRow.setting,
        PriceLimitRow.unit == OfferRow.unit,
        OfferRow.territory.like(PriceLimitRow.territory.concat("%")),
        PriceLimitRow.from_on <= OfferTariffRow.from_on,
        PriceLimitRow.until_on > OfferTariffRow.from_on,
        OfferTariffRow.price_minor.between(PriceLimitRow.floor_minor, PriceLimitRow.ceiling_minor),
    )
    licensed = sa.exists().where(LicenceRow.provider_id == ProviderRow.id)
    return [
        Invariant(
            "an offer never has more taken than its capacity",
            offers,
            sa.select(OfferRow.id).where(sa.or_(OfferRow.taken < 0, OfferRow.taken > OfferRow.capacity)),
        ),
        Invariant(
            "every price lay within a price limit of the day it began",
            sa.select(sa.func.count()).select_from(OfferTariffRow),
            sa.select(OfferTariffRow.offer_id).join(OfferRow, OfferRow.id == OfferTariffRow.offer_id).where(~fitting),
        ),
        Invariant(
            "an admitted provider has a licence",
            sa.select(sa.func.count()).select_from(ProviderRow).where(ProviderRow.status == ProviderStatus.ADMITTED),
            sa.select(ProviderRow.id).where(ProviderRow.status == ProviderStatus.ADMITTED, ~licensed),
        ),
        Invariant(
            "an offer is made at a service point of its own provider",
            offers,
            sa.select(OfferRow.id)
            .join(ServicePointRow, ServicePointRow.id == OfferRow.service_point_id)
            .where(ServicePointRow.provider_id != OfferRow.provider_id),
        ),
    ]
