"""What a round is held to beside its policy: dated decisions of the offices, read when it begins and kept with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from contracts.kernel.errors import RuleBroken
from matching.caps import Caps


class Homes(StrEnum):
    """From where distances are counted."""

    LOCALITY = "locality"  # the middle of the town or village
    ADDRESS = "address"  # as homes are kept: to about 100 m


GRID, EAST = 1_000, 1_000_000  # points a degree on which addresses are kept; a point is north * EAST + east
COST_UNIT_M = 100
FARTHEST_M = 20_015_200  # half the circumference of the Earth
RANK_STEP = 400_400  # more than the longest way and the largest worth of continuity together, in units of 100 m


@dataclass(frozen=True, slots=True)
class PlaceCap:
    """At most ``limit`` people at once with all these offers together; ``room``: how many more that are today.
    ``offers``: positions in the census, rising; ``name`` is for people."""

    name: str
    limit: int
    room: int
    offers: tuple[int, ...]


class CapsCross(RuleBroken):
    code = "caps-cross"
    title = "Two limits on places overlap without one lying inside the other"


@dataclass(frozen=True, slots=True)
class RoundTerms:
    """``worst``: nobody whose home is under the territory prefix is placed further away than so many metres; of several
    prefixes the longest decides, where none fits the offers' own reach does. Who lives where the service is travels
    once, so it does not bind there. ``homes``: from where distances are counted.

    ``continuity_m``: staying with the provider who served this person last is worth so many metres of the way. It never
    outweighs a wish. Whoever has a place is never moved: a round places only those who wait.
    """

    worst: tuple[tuple[str, int], ...] = ()
    continuity_m: int = 0
    homes: Homes = Homes.LOCALITY
    caps: tuple[PlaceCap, ...] = ()

    def to_json(self) -> dict[str, Any]:
        caps = [
            {"name": cap.name, "limit": cap.limit, "room": cap.room, "offers": list(cap.offers)} for cap in self.caps
        ]
        worst = [list(one) for one in self.worst]
        return {"worst": worst, "continuity_m": self.continuity_m, "homes": str(self.homes), "caps": caps}

    def worst_at(self, territory: str) -> int | None:
        """None: no limit but the offers' own reach."""
        fitting = [(len(prefix), metres) for prefix, metres in self.worst if territory.startswith(prefix)]
        return max(fitting)[1] if fitting else None

    def forest(self, offers: int) -> Caps | None:
        """The caps as the matcher knows them, the innermost first. Raises CapsCross where they are no forest."""
        if not self.caps:
            return None
        inner = sorted(self.caps, key=lambda cap: (len(cap.offers), cap.offers, cap.room, cap.name))
        of_offer, parent = np.full(offers, -1, dtype=np.int64), np.full(len(inner), -1, dtype=np.int64)
        for number, cap in enumerate(inner):
            around = next((n for n in range(number + 1, len(inner)) if _lies_in(cap, inner[n])), -1)
            parent[number] = around
            free = np.array([at for at in cap.offers if of_offer[at] < 0], dtype=np.int64)
            of_offer[free] = number
        return Caps.from_arrays(of_slot=of_offer, limit=[cap.room for cap in inner], parent=parent)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "RoundTerms":
        caps = tuple(
            PlaceCap(cap["name"], cap["limit"], cap["room"], tuple(cap["offers"])) for cap in kept.get("caps", ())
        )
        worst = tuple((prefix, metres) for prefix, metres in kept.get("worst", ()))
        return cls(worst, kept.get("continuity_m", 0), Homes(kept.get("homes", Homes.LOCALITY)), caps)


def _lies_in(cap: PlaceCap, other: PlaceCap) -> bool:
    """Whether the other, which is no smaller, holds all of its offers. Raises CapsCross where it holds only some."""
    shared = len(set(cap.offers) & set(other.offers))
    if shared not in {0, len(cap.offers)}:
        raise CapsCross(f"{cap.name} and {other.name} overlap", rule="caps-nest")
    return shared > 0


NO_TERMS = RoundTerms()
