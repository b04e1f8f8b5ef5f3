"""What makes a visit look untrue. Pure.

A suspicion is a reason to ask: it hides nothing and holds nothing up, and a person decides what it was. What is
impossible never gets this far: the register refuses it.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from contracts.kernel.errors import NotFound, RuleBroken, WrongState
from contracts.kernel.lifecycle import Lifecycle

EARTH_M = 6_371_000
# A car on a country road with a free run; a bus or a walk is slower, and nobody flies between two visits of a day.
FASTEST_KM_H = 90
# Below this a place known to a thousandth of a degree says nothing, and the minutes of two clocks differ.
UNNOTICED_M = 1_500
# A month of two visits a week. Fewer that look alike are a habit.
REGULAR_VISITS = 8
# Nobody rings a bell eight times within the same minute of the day and leaves as exactly.
REGULAR_SECONDS = 60
LONGEST_NOTE = 500


class Suspicion(StrEnum):
    IMPOSSIBLE_TRAVEL = "impossible-travel"
    OVER_VOLUME = "over-volume"
    AFTER_DEATH = "after-death"
    AFTER_END = "after-end"  # moved to another provider, or the service ended
    AFTER_EXPIRY = "after-expiry"  # of the voucher
    OWN_RELATIVE = "own-relative"
    DURING_STAY = "during-stay"  # in a home or a hospital
    TOO_REGULAR = "too-regular"


class FlagStatus(StrEnum):
    OPEN = "open"
    EXPLAINED = "explained"
    CONFIRMED = "confirmed"


FLAG: Lifecycle[FlagStatus] = Lifecycle(
    "flag",
    {
        "explained": (frozenset({FlagStatus.OPEN, FlagStatus.CONFIRMED}), FlagStatus.EXPLAINED),
        "confirmed": (frozenset({FlagStatus.OPEN, FlagStatus.EXPLAINED}), FlagStatus.CONFIRMED),
    },
)


class FlagNotFound(NotFound):
    code = "flag-not-found"
    title = "There is no such flag"


class FlagDecided(WrongState):
    code = "flag-decided"
    title = "It was decided so already"


class NoteMissing(RuleBroken):
    code = "flag-note-missing"
    title = f"Say what was found, in 1 to {LONGEST_NOTE} characters"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A visit that looks untrue, and the facts that make it so."""

    entry_id: UUID
    suspicion: Suspicion
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Leg:
    """Somebody's way from one visit to the next."""

    entry_id: UUID
    before_id: UUID
    left_at: datetime
    arrived_at: datetime
    from_place: tuple[float, float]
    to_place: tuple[float, float]

    @property
    def seconds(self) -> int:
        return int((self.arrived_at - self.left_at).total_seconds())

    @property
    def metres(self) -> int:
        return metres_between(self.from_place, self.to_place)


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> int:
    """Along the sphere (haversine); degrees."""
    (lat1, lon1), (lat2, lon2) = ((math.radians(a), math.radians(b)) for a, b in (one, other))
    chord = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return round(2 * EARTH_M * math.asin(min(1.0, math.sqrt(chord))))


def is_impossible(leg: Leg) -> bool:
    """Farther than a car drives in the time between. In whole metres and seconds: no rounding decides."""
    metres = leg.metres
    return metres > UNNOTICED_M and metres * 3600 > FASTEST_KM_H * 1000 * max(leg.seconds, 0)


def check_note(note: str) -> str:
    said = note.strip()
    if not 0 < len(said) <= LONGEST_NOTE:
        raise NoteMissing(pointer="/note", rule="note-given")
    return said


@dataclass(frozen=True, slots=True)
class Flag:
    id: UUID
    entry_id: UUID
    suspicion: Suspicion
    territory: str
    provider_id: UUID
    recipient_id: UUID
    worker_id: UUID
    served_on: date
    facts: dict[str, Any]
    raised_at: datetime
    status: FlagStatus
    decided_by: UUID | None
    decided_at: datetime | None
    note: str | None
