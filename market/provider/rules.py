"""Organisations, what makes them admitted, and what an offer may say."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.kernel.errors import Conflict, Malformed, NotAllowed, NotFound, RuleBroken
from contracts.kernel.lifecycle import Lifecycle
from market.catalogue.rules import (
    CapacityUnit,
    CareSetting,
    Category,
    Language,
    ServiceKind,
    Unit,
    counted_in,
)


class Sector(StrEnum):
    STATE = "state"
    NGO = "ngo"
    BUSINESS = "business"


class OrganisationType(StrEnum):
    """The network's types, with the branches counted in 2016."""

    GENERAL_HOME = "general-home"
    PSYCHONEUROLOGICAL_HOME = "psychoneurological-home"
    CHILDREN_LOCOMOTOR_HOME = "children-locomotor-home"
    CHILDREN_PSYCHONEUROLOGICAL_HOME = "children-psychoneurological-home"
    DAY_STAY = "day-stay"
    REHABILITATION_CENTRE = "rehabilitation-centre"
    ADAPTATION_CENTRE = "adaptation-centre"
    HOME_CARE_PSYCHONEUROLOGICAL = "home-care-psychoneurological"
    HOME_CARE_ELDERLY = "home-care-elderly"
    HOME_CARE_MIXED = "home-care-mixed"
    HOME_CARE_WITHOUT_BRANCHES = "home-care-without-branches"
    NGO = "ngo"


class ProviderStatus(StrEnum):
    REGISTERED = "registered"
    ADMITTED = "admitted"
    SUSPENDED = "suspended"


class OfferStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


ADMISSION = Lifecycle(
    "provider",
    {
        "admitted": (frozenset({ProviderStatus.REGISTERED}), ProviderStatus.ADMITTED),
        "suspended": (frozenset({ProviderStatus.ADMITTED}), ProviderStatus.SUSPENDED),
        "readmitted": (frozenset({ProviderStatus.SUSPENDED}), ProviderStatus.ADMITTED),
    },
)
OPENING = Lifecycle(
    "offer",
    {
        "closed": (frozenset({OfferStatus.OPEN}), OfferStatus.CLOSED),
        "reopened": (frozenset({OfferStatus.CLOSED}), OfferStatus.OPEN),
    },
)

MAX_NAME, MAX_ADDRESS, MAX_REASON = 300, 300, 500
MAX_SPECIALITY, MAX_LICENCE_NUMBER = 80, 60
MAX_RADIUS_M = 200_000  # farther than a district is wide, no worker goes and comes back in a day
MAX_CAPACITY = {
    CapacityUnit.PLACES: 10_000,  # ten times the largest home of the country
    CapacityUnit.MINUTES: 1_000_000,  # a week of some four hundred workers
}
UNITS: dict[CareSetting, frozenset[Unit]] = {
    CareSetting.IN_PATIENT: frozenset({Unit.PERSON_DAY}),
    CareSetting.SEMI_IN_PATIENT: frozenset({Unit.PERSON_DAY, Unit.HOUR, Unit.SESSION}),
    CareSetting.HOME: frozenset({Unit.VISIT, Unit.HOUR, Unit.SESSION}),
    CareSetting.TEMPORARY_STAY: frozenset({Unit.PERSON_DAY, Unit.NIGHT}),
}
SOUTH, NORTH, WEST, EAST = 40.5, 55.5, 46.4, 87.4  # the country's box, in degrees
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # controls, bidi marks, zero width, unassigned


class ProviderNotFound(NotFound):
    code = "provider-not-found"
    title = "There is no such provider"


class ServicePointNotFound(NotFound):
    code = "service-point-not-found"
    title = "There is no such service point"


class OfferNotFound(NotFound):
    code = "offer-not-found"
    title = "There is no such offer"


class PriceNotSet(NotFound):
    code = "price-not-set"
    title = "This offer has no price on that day"


class BinTaken(Conflict):
    code = "bin-already-registered"
    title = "An organisation with this BIN is registered already"


class LicenceTaken(Conflict):
    code = "licence-already-registered"
    title = "A licence with this number is registered already"


class TariffDayTaken(Conflict):
    code = "tariff-day-taken"
    title = "This offer has a price that begins on that day already"


class NoFreePlace(Conflict):
    """The counter said no: somebody else took what was left, or the offer is closed."""

    code = "no-free-place"
    title = "There is no free place left"

    def __init__(self, offer_id: UUID) -> None:
        super().__init__(offer=str(offer_id), rule="taken-within-capacity")


class CapacityBelowTaken(Conflict):
    code = "capacity-below-taken"
    title = "More is taken than this capacity would hold"


class OwnProvider(NotAllowed):
    code = "own-provider"
    title = "Nobody decides about an organisation they speak for"


class LicenceMissing(RuleBroken):
    code = "licence-missing"
    title = "The provider has no licence that is valid today"


class ServicePointMissing(RuleBroken):
    code = "service-point-missing"
    title = "The provider has no service point"


class WrongUnit(RuleBroken):
    code = "unit-does-not-fit-setting"
    title = "This care setting is not counted in this unit"


class WrongRadius(RuleBroken):
    code = "radius-only-for-home-care"
    title = "Only home care travels"


class TariffInThePast(RuleBroken):
    code = "tariff-in-the-past"
    title = "A price begins today or later"


@dataclass(frozen=True, slots=True)
class NewProvider:
    """As the organisation fills it in. With ``iban`` a payee is opened under ``legal_name`` (else ``name``)."""

    bin: str
    name: str
    sector: Sector
    organisation_type: OrganisationType
    territory: str
    iban: str | None = None
    legal_name: str | None = None


@dataclass(frozen=True, slots=True)
class NewOffer:
    """``price_minor`` a unit from ``from_on`` on (None: today). ``radius_m`` is how far home care travels (None: as far
    as the placement rules allow)."""

    provider_id: UUID
    service_point_id: UUID
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    capacity_unit: CapacityUnit
    capacity: int
    categories: Collection[Category]
    languages: Collection[Language]
    price_minor: int
    from_on: date | None = None
    radius_m: int | None = None


def clean_text(text: str, *, pointer: str, limit: int) -> str:
    """NFC, single spaces, no character that hides or turns the ones beside it."""
    cleaned = " ".join(unicodedata.normalize("NFC", text).split())
    if not 0 < len(cleaned) <= limit:
        raise Malformed(f"This text has 1 to {limit} characters", pointer=pointer, rule="text-length")
    if any(unicodedata.category(c) in _UNSEEN for c in cleaned):
        raise Malformed("This text holds a character that cannot be seen", pointer=pointer, rule="visible-text")
    return cleaned


def check_coordinates(latitude: float, longitude: float) -> None:
    """Inside the country's box. Not-a-number is outside of every box."""
    if not SOUTH <= latitude <= NORTH:
        raise Malformed("This latitude is outside the country", pointer="/latitude", rule="inside-the-country")
    if not WEST <= longitude <= EAST:
        raise Malformed("This longitude is outside the country", pointer="/longitude", rule="inside-the-country")


def check_capacity(capacity: int, unit: CapacityUnit) -> None:
    assert type(capacity) is int, "capacity is counted"
    if not 0 <= capacity <= MAX_CAPACITY[unit]:
        raise Malformed(f"A capacity is 0 to {MAX_CAPACITY[unit]} {unit}", pointer="/capacity", rule="capacity-range")


def check_offer(offer: NewOffer) -> None:
    """What can be told from the offer alone."""
    check_capacity(offer.capacity, offer.capacity_unit)
    if offer.unit not in UNITS[offer.setting]:
        raise WrongUnit(pointer="/unit", rule="unit-of-setting", allowed=sorted(UNITS[offer.setting]))
    counted = counted_in(offer.setting, offer.unit)
    if offer.capacity_unit is not counted:
        raise WrongUnit(pointer="/capacity_unit", rule="capacity-unit-of-unit", allowed=[counted])
    if offer.radius_m is not None:
        assert type(offer.radius_m) is int, "metres are counted"
        if offer.setting is not CareSetting.HOME:
            raise WrongRadius(pointer="/radius_m", rule="radius-of-setting")
        if not 0 < offer.radius_m <= MAX_RADIUS_M:
            raise Malformed(f"A radius is 1 to {MAX_RADIUS_M} metres", pointer="/radius_m", rule="radius-range")
    if not offer.categories:
        raise Malformed("Name at least one category", pointer="/categories", rule="categories-named")
    if not offer.languages:
        raise Malformed("Name at least one language", pointer="/languages", rule="languages-named")


def check_tariff_day(from_on: date, today: date) -> None:
    if from_on < today:
        raise TariffInThePast(pointer="/from_on", rule="tariff-from-today", today=today.isoformat())
