"""Who can be registered: a person, where they live, how urgent they are. Pure."""

import math
from dataclasses import dataclass
from datetime import date

from contracts.kernel.errors import Conflict, Malformed, NotFound, RuleBroken, StaleVersion, WrongState
from contracts.kernel.ids import birth_date, parse_iin
from market.catalogue.rules import Category, Language

MOST_URGENT, LEAST_URGENT = 0, 15
MAX_NAME = 200
MAX_ADDRESS = 300
COORDINATE_DECIMALS = 3  # about 100 m: enough for distances, too coarse to name a door
COUNTRY_LATITUDES = (40.0, 56.0)  # degrees; whoever swaps the two coordinates lands outside
COUNTRY_LONGITUDES = (46.0, 88.0)


class RecipientNotFound(NotFound):
    code = "recipient-not-found"
    title = "There is no such recipient"


class RecipientExists(Conflict):
    """Says nothing about the person who stands already."""

    code = "recipient-exists"
    title = "A recipient with this IIN is registered already"


class LocalityElsewhere(RuleBroken):
    code = "locality-elsewhere"
    title = "This locality lies in another territory"


class DeathAlreadyRecorded(WrongState):
    code = "death-already-recorded"
    title = "The death of this recipient is recorded already"


class DeathInTheFuture(RuleBroken):
    code = "death-in-the-future"
    title = "A death is recorded on its day or later"


class DeathBeforeBirth(RuleBroken):
    code = "death-before-birth"
    title = "Nobody dies before the day of birth"


class RecipientChanged(StaleVersion):
    """The row moved between reading and writing."""


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """What an operator writes down. Coordinates in degrees; ``tier`` 0 is the most urgent of 16."""

    iin: str
    name: str
    address: str
    territory: str
    locality_id: int
    latitude: float
    longitude: float
    category: Category
    tier: int
    language: Language
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class PersonalView:
    """A person's own words and numbers, in the clear: for the few who may see them, never stored, never logged."""

    iin: str
    name: str
    address: str
    born_on: date
    latitude: float
    longitude: float
    category: Category

    def __repr__(self) -> str:
        return "PersonalView(...)"


def check_new(new: NewRecipient, *, today: date) -> None:
    """Raises Malformed, naming the field, for what no person can have."""
    parse_iin(new.iin)
    if birth_date(new.iin) > today:
        raise Malformed("This IIN is of somebody not born yet", pointer="/iin", rule="iin-birth-date")
    _check_text(new.name, MAX_NAME, "/name")
    _check_text(new.address, MAX_ADDRESS, "/address")
    check_coordinate(new.latitude, COUNTRY_LATITUDES, pointer="/latitude")
    check_coordinate(new.longitude, COUNTRY_LONGITUDES, pointer="/longitude")
    check_tier(new.tier)


def check_tier(tier: int) -> None:
    if type(tier) is not int or not MOST_URGENT <= tier <= LEAST_URGENT:
        raise Malformed(
            f"A tier is a whole number from {MOST_URGENT} to {LEAST_URGENT}", pointer="/tier", rule="tier-range"
        )


def check_coordinate(degrees: float, bounds: tuple[float, float], *, pointer: str) -> None:
    low, high = bounds
    if not math.isfinite(degrees) or not low <= degrees <= high:
        raise Malformed("This point is not in the country", pointer=pointer, rule="point-in-country")


def rounded(degrees: float) -> float:
    return round(degrees, COORDINATE_DECIMALS)


def check_death(died_on: date, recorded: date | None, *, born_on: date | None, today: date) -> None:
    """``born_on`` is None for a person who was erased: nobody knows any more."""
    if recorded is not None:
        raise DeathAlreadyRecorded(died_on=recorded.isoformat())
    if died_on > today:
        raise DeathInTheFuture(pointer="/died_on", rule="death-not-in-the-future")
    if born_on is not None and died_on < born_on:
        raise DeathBeforeBirth(pointer="/died_on", rule="death-not-before-birth")


def _check_text(text: str, longest: int, pointer: str) -> None:
    if not text.strip() or len(text) > longest or not text.isprintable():
        raise Malformed(f"Write 1 to {longest} printable characters", pointer=pointer, rule="text-form")
