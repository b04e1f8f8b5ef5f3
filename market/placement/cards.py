"""What a holder compares: one card an offer, in an order that can be walked page by page. Pure."""

import math
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from contracts.kernel.errors import DomainError, Malformed
from market.catalogue.rules import CapacityUnit, Language, Unit
from market.placement.rules import EARTH_M, Candidate
from market.provider.rules import Sector

MAX_CARDS = 200  # offers a page can compare
MAX_COMPARED = 3  # columns that fit side by side, and as many as somebody can weigh
_DEGREE_M = 2 * math.pi * EARTH_M / 360


@dataclass(frozen=True, slots=True)
class Card:
    """The few comparable facts a holder chooses by. ``places`` in the offer's own unit, ``room``: how many more people
    with a volume like this one; prices a unit of service. ``own_share_minor``: what the holder would pay of it."""

    offer_id: UUID
    offer_number: str
    provider_id: UUID
    provider_name: str
    sector: Sector
    point_name: str
    address: str
    latitude: float
    longitude: float
    unit: Unit
    capacity_unit: CapacityUnit
    distance_m: int
    places: int
    room: int
    price_minor: int
    ceiling_minor: int
    languages: tuple[Language, ...]

    @property
    def own_share_minor(self) -> int:
        return max(0, self.price_minor - self.ceiling_minor)

    @property
    def place_in_line(self) -> "Mark":
        return Mark(self.distance_m, self.price_minor, self.offer_id)


class Mark(NamedTuple):
    """Where a page of cards ended: nearest first, then cheapest, then by id. Written ``1200-90000-<offer id>``."""

    distance_m: int
    price_minor: int
    offer_id: UUID

    def __str__(self) -> str:
        return f"{self.distance_m}-{self.price_minor}-{self.offer_id}"

    @classmethod
    def parse(cls, text: str) -> "Mark":
        distance, _dash, rest = text[:80].partition("-")
        price, _dash, offer = rest.partition("-")
        try:
            if not (distance.isascii() and distance.isdigit() and price.isascii() and price.isdigit()):
                raise Malformed("This is not where a page ended", pointer="/after", rule="page-mark")
            return cls(int(distance), int(price), UUID(offer))
        except ValueError:
            raise Malformed("This is not where a page ended", pointer="/after", rule="page-mark") from None


@dataclass(frozen=True, slots=True)
class Sieve:
    """What a holder wants to see. ``within_m`` None: however far away."""

    within_m: int | None = None
    language: Language | None = None
    free_only: bool = False

    def passes(self, card: Card) -> bool:
        return (
            (self.within_m is None or card.distance_m <= self.within_m)
            and (self.language is None or self.language in card.languages)
            and (card.room > 0 or not self.free_only)
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """An offer somebody put side by side with others: its card, or why the holder cannot have it today."""

    offer_id: UUID
    card: Card | None
    refusal: DomainError | None = None


class Box(NamedTuple):
    """Degrees. Holds every point that is at most so far from its middle, and some that are further."""

    south: float
    north: float
    west: float
    east: float


def box_around(latitude: float, longitude: float, metres: int) -> Box:
    up = (metres + 1) / _DEGREE_M  # distances are rounded to the metre
    widest = min(89.0, abs(latitude) + up)  # a degree of longitude is shortest where the box is nearest to the pole
    aside = up / math.cos(math.radians(widest))
    return Box(latitude - up, latitude + up, longitude - aside, longitude + aside)


def card_of(offer: Candidate, *, size: int, ceiling_minor: int, distance_m: int, price_minor: int) -> Card:
    return Card(
        offer_id=offer.offer_id,
        offer_number=offer.number,
        provider_id=offer.provider_id,
        provider_name=offer.provider_name,
        sector=offer.sector,
        point_name=offer.point_name,
        address=offer.address,
        latitude=offer.latitude,
        longitude=offer.longitude,
        unit=offer.unit,
        capacity_unit=offer.capacity_unit,
        distance_m=distance_m,
        places=offer.free,
        room=max(0, offer.free // size),
        price_minor=price_minor,
        ceiling_minor=ceiling_minor,
        languages=tuple(Language(language) for language in offer.languages),
    )
