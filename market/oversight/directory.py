"""The public directory: who may serve today, where, in which language, with how many free places and at what price.

Read by name a page at a time along an index, so that a hundred thousand providers are as quick as ten. Nothing here is
about a person who is served.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.work import Work
from market.catalogue.models import LocalityRow
from market.catalogue.rules import CapacityUnit, CareSetting, Language, ServiceKind, Unit
from market.placement.queries import licensed_on, price_on
from market.provider.models import LicenceRow, OfferRow, ProviderRow, ServicePointRow
from market.provider.rules import OfferStatus, OrganisationType, ProviderNotFound, ProviderStatus, Sector

MAX_NAME = 60  # characters looked for: longer than most names
MAX_WORDS = 6  # looked for one by one
MAX_POINTS, MAX_OFFERS = 200, 500  # of one provider: five times the largest


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; empty or None: anything. What is said of an offer holds for one and the same offer."""

    name: str = ""
    territory: str = ""
    kind: ServiceKind | None = None
    setting: CareSetting | None = None
    language: Language | None = None
    free: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    id: UUID
    number: str
    name: str
    sector: Sector
    organisation_type: OrganisationType
    territory: str


@dataclass(frozen=True, slots=True)
class Found:
    """A provider with what it offers. ``places`` free today, ``minutes`` a week free today (None: offers none such)."""

    provider: Listed
    kinds: tuple[ServiceKind, ...]
    settings: tuple[CareSetting, ...]
    languages: tuple[Language, ...]
    places: int | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A provider that everybody may look at. ``licensed``: holds a licence today."""

    id: UUID
    number: str
    name: str
    bin: str
    sector: Sector
    organisation_type: OrganisationType
    territory: str
    status: ProviderStatus
    licensed: bool


@dataclass(frozen=True, slots=True)
class Licence:
    number: str
    from_on: date
    until_on: date | None

    @property
    def last_on(self) -> date | None:
        """The last day on which it holds."""
        return None if self.until_on is None else self.until_on - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Point:
    id: UUID
    name: str
    address: str
    locality_id: int
    locality: str
    territory: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class PublicOffer:
    """``price_minor`` a unit today (None: no price is in force yet); ``free`` in ``capacity_unit``."""

    id: UUID
    number: str
    provider_id: UUID
    service_point_id: UUID
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    capacity_unit: CapacityUnit
    free: int
    categories: list[str]
    languages: list[str]
    radius_m: int | None
    price_minor: int | None


def search(work: Work, wanted: Search, *, after: UUID | None, limit: int) -> list[Found]:
    """By name; those after the provider ``after``. One row more than ``limit`` says that there is a next page."""
    names = [ProviderRow.__table__.c[name] for name in Listed.__dataclass_fields__]
    statement = (
        sa.select(*names)
        .where(*_matching(work, wanted), *_after(work, after))
        .order_by(ProviderRow.name, ProviderRow.id)
        .limit(limit + 1)
    )
    listed = [Listed(*row) for row in work.rows(statement)]
    offers = _offers_of(work, [one.id for one in listed])
    return [_found(one, offers.get(one.id, [])) for one in listed]


def points_on_map(work: Work, wanted: Search) -> sa.Select[Any]:
    """Where the providers that match serve: for the map, which gathers them in the database."""
    here = [ServicePointRow.territory.startswith(wanted.territory)] if wanted.territory else []
    fits = _offer_filters(wanted)
    offered = sa.select(OfferRow.id).where(OfferRow.service_point_id == ServicePointRow.id, *_open(work), *fits)
    place: list[Any] = [ServicePointRow.longitude, ServicePointRow.latitude]
    return (
        sa.select(*place, ProviderRow.number.label("key"), ProviderRow.name.label("name"))
        .join(ProviderRow, ProviderRow.id == ServicePointRow.provider_id)
        .where(*_serving(work), *_named(wanted.name), *here, *([offered.exists()] if fits else []))
    )


def points_by_territory(work: Work, wanted: Search) -> dict[str, int]:
    """How many service points that match lie in each region."""
    points = points_on_map(work, wanted).with_only_columns(ServicePointRow.territory, sa.func.count())
    return {row[0]: row[1] for row in work.rows(points.group_by(ServicePointRow.territory))}


def profile(work: Work, number: str) -> Profile:
    """Of one that was ever admitted. Raises ProviderNotFound."""
    names = [ProviderRow.__table__.c[name] for name in Profile.__dataclass_fields__ if name != "licensed"]
    public = ProviderRow.status != ProviderStatus.REGISTERED
    rows = work.rows(sa.select(*names, licensed_on(work.today)).where(ProviderRow.number == number, public))
    if not rows:
        raise ProviderNotFound
    return Profile(*rows[0])


def licences(work: Work, provider_id: UUID) -> list[Licence]:
    """The youngest first."""
    own = LicenceRow.provider_id == provider_id
    return work.find_all(Licence, LicenceRow, own, order_by=(LicenceRow.from_on.desc(),), limit=MAX_POINTS)


def points(work: Work, provider_id: UUID) -> list[Point]:
    statement = (
        sa.select(
            ServicePointRow.id,
            ServicePointRow.name,
            ServicePointRow.address,
            LocalityRow.id,
            LocalityRow.name,
            ServicePointRow.territory,
            ServicePointRow.latitude,
            ServicePointRow.longitude,
        )
        .join(LocalityRow, LocalityRow.id == ServicePointRow.locality_id)
        .where(ServicePointRow.provider_id == provider_id)
        .order_by(ServicePointRow.id)
        .limit(MAX_POINTS)
    )
    return [Point(*row) for row in work.rows(statement)]


def offers(work: Work, provider_id: UUID) -> list[PublicOffer]:
    """The open ones, full ones too, by service."""
    return _offers_of(work, [provider_id]).get(provider_id, [])


def _offers_of(work: Work, provider_ids: Sequence[UUID]) -> dict[UUID, list[PublicOffer]]:
    if not provider_ids:
        return {}
    statement = (
        sa.select(*offer_columns(work))
        .where(OfferRow.provider_id.in_(provider_ids), OfferRow.status == OfferStatus.OPEN)
        .order_by(OfferRow.kind, OfferRow.setting, OfferRow.id)
        .limit(MAX_OFFERS * len(provider_ids))
    )
    found: dict[UUID, list[PublicOffer]] = {}
    for row in work.rows(statement):
        offer = PublicOffer(*row)
        found.setdefault(offer.provider_id, []).append(offer)
    return found


def offer_columns(work: Work) -> list[Any]:
    """What ``PublicOffer`` is made of, in its order."""
    plain = {name: OfferRow.__table__.c.get(name) for name in PublicOffer.__dataclass_fields__}
    reckoned = {"free": OfferRow.capacity - OfferRow.taken, "price_minor": price_on(work.today)}
    return [reckoned.get(name, column) for name, column in plain.items()]


def _found(listed: Listed, own: Sequence[PublicOffer]) -> Found:
    priced = [offer for offer in own if offer.price_minor is not None]
    free = {unit: [o.free for o in priced if o.capacity_unit is unit] for unit in CapacityUnit}
    return Found(
        listed,
        tuple(sorted({offer.kind for offer in priced}, key=list(ServiceKind).index)),
        tuple(sorted({offer.setting for offer in priced}, key=list(CareSetting).index)),
        tuple(language for language in Language if any(language in offer.languages for offer in priced)),
        sum(free[CapacityUnit.PLACES]) if free[CapacityUnit.PLACES] else None,
        sum(free[CapacityUnit.MINUTES]) if free[CapacityUnit.MINUTES] else None,
    )


# --- what is looked for --------------------------------------------------------------------------------------------
def _matching(work: Work, wanted: Search) -> list[sa.ColumnElement[bool]]:
    """A provider is in a region where it has a point there, wherever its office is."""
    offered, fits = [OfferRow.provider_id == ProviderRow.id, *_open(work)], _offer_filters(wanted)
    if wanted.territory:
        offered.append(OfferRow.territory.startswith(wanted.territory))
    where = [*_serving(work), *_named(wanted.name)]
    if fits:
        return [*where, sa.select(OfferRow.id).where(*offered, *fits).exists()]
    if wanted.territory:
        point = sa.select(ServicePointRow.id).where(
            ServicePointRow.provider_id == ProviderRow.id, ServicePointRow.territory.startswith(wanted.territory)
        )
        where.append(sa.or_(ProviderRow.territory.startswith(wanted.territory), point.exists()))
    return where


def _serving(work: Work) -> list[sa.ColumnElement[bool]]:
    return [ProviderRow.status == ProviderStatus.ADMITTED, licensed_on(work.today)]


def _open(work: Work) -> list[sa.ColumnElement[bool]]:
    return [OfferRow.status == OfferStatus.OPEN, price_on(work.today).is_not(None)]


def _offer_filters(wanted: Search) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.kind is not None:
        found.append(OfferRow.kind == wanted.kind)
    if wanted.setting is not None:
        found.append(OfferRow.setting == wanted.setting)
    if wanted.language is not None:  # the codes have two letters and stand in quotes, on both databases
        found.append(sa.cast(OfferRow.languages, sa.String).contains(f'"{wanted.language.value}"'))
    if wanted.free:
        found.append(OfferRow.taken < OfferRow.capacity)
    return found


def _named(name: str) -> list[sa.ColumnElement[bool]]:
    """Every word somewhere in the name. Not every database folds the case of Cyrillic, so a word is looked for as it
    was typed, in small letters, in capitals, and with a capital first."""
    found = []
    for word in name[:MAX_NAME].split()[:MAX_WORDS]:
        spellings = {word, word.lower(), word.upper(), word.lower().capitalize()}
        ways = [ProviderRow.name.contains(spelling, autoescape=True) for spelling in sorted(spellings)]
        found.append(sa.or_(*ways))
    return found


def _after(work: Work, after: UUID | None) -> list[sa.ColumnElement[bool]]:
    """The first comparison lets the index begin where the page before ended."""
    if after is None:
        return []
    name = work.scalar(sa.select(ProviderRow.name).where(ProviderRow.id == after))
    if name is None:
        raise ProviderNotFound
    return [ProviderRow.name >= name, sa.or_(ProviderRow.name > name, ProviderRow.id > after)]
