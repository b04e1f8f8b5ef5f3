"""Classes: requests that are equal for the matcher (tier, candidates, costs) are one row with a count.

Half a million requests become some ten thousand rows, and ties, which slow every flow solver down, disappear.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from matching.arrays import Integers, check_first_arc, check_length, check_range, integers
from matching.caps import Caps, no_caps

MAX_COST = 10**12
MAX_TIER = 15
MAX_COUNT = 10**12


@dataclass(frozen=True, eq=False)
class Classes:
    """`count[c]` equal requests of size 1 and tier `tier[c]` share the arcs `first_arc[c]` to `first_arc[c + 1]`.

    Arc `a` leads to slot `arc_slot[a]` (0 <= slot < len(capacity)) at `arc_cost[a]` a request. All arrays are int64
    and read-only; where the classes are narrow, those of the arcs are int32. `caps` limit several slots together.
    """

    capacity: Integers
    tier: Integers
    count: Integers
    first_arc: Integers
    arc_slot: Integers
    arc_cost: Integers
    caps: Caps | None = None

    @classmethod
    def from_arrays(
        cls,
        *,
        capacity: ArrayLike,
        tier: ArrayLike,
        count: ArrayLike,
        first_arc: ArrayLike,
        arc_slot: ArrayLike,
        arc_cost: ArrayLike,
        caps: Caps | None = None,
        narrow: bool = False,
    ) -> Self:
        """Checked construction; int64 input is not copied. `first_arc` has one entry more than there are classes.

        `narrow`: arcs in int32 stay so, which halves what many of them take; only `solve_by_lists`, `solve_classes`
        and the proof know how to add up such numbers. Raises `MalformedInstance` whose pointer names the array and the
        position of the first fault.
        """
        given = {"capacity": capacity, "tier": tier, "count": count, "first_arc": first_arc}
        arcs = {"arc_slot": arc_slot, "arc_cost": arc_cost}
        kept = {name: integers(name, values, narrow=narrow) for name, values in arcs.items()}
        classes = cls(**{name: integers(name, values) for name, values in given.items()}, **kept, caps=caps)
        classes.check()
        return classes

    @property
    def tiers(self) -> int:
        """How many tiers there are, 0 to the largest."""
        return int(self.tier.max()) + 1 if len(self.tier) else 0

    @property
    def flow_dtype(self) -> np.dtype[np.signedinteger[Any]]:
        """Counts within 32 bits need no wider flow than the arcs are."""
        large = int(self.count.max(initial=0)) > np.iinfo(self.arc_slot.dtype).max
        return np.dtype(np.int64) if large else self.arc_slot.dtype

    def owners(self) -> Integers:
        """The class of every arc."""
        return np.repeat(np.arange(len(self.count), dtype=np.int64), np.diff(self.first_arc))

    def served(self, flow: Integers) -> Integers:
        """How many requests of each class a flow over the arcs serves."""
        served = np.zeros(len(self.count), dtype=np.int64)
        some = np.diff(self.first_arc) > 0
        if some.any():
            served[some] = np.add.reduceat(flow, self.first_arc[:-1][some], dtype=np.int64)
        return served

    def taken(self, flow: Integers) -> Integers:
        """How many places of each slot a flow over the arcs takes."""
        taken, used = np.zeros(len(self.capacity), dtype=np.int64), np.flatnonzero(flow)
        np.add.at(taken, self.arc_slot[used], flow[used])
        return taken

    def by_tier(self, per_class: Integers) -> tuple[int, ...]:
        """Sums over the classes of each tier."""
        return tuple(int(per_class[self.tier == tier].sum()) for tier in range(self.tiers))

    def check(self) -> None:
        classes, arcs = len(self.count), len(self.arc_slot)
        check_length("tier", self.tier, classes)
        check_length("first_arc", self.first_arc, classes + 1)
        check_length("arc_cost", self.arc_cost, arcs)
        check_range("capacity", self.capacity, 0, np.iinfo(np.int64).max)
        check_range("tier", self.tier, 0, MAX_TIER)
        check_range("count", self.count, 0, MAX_COUNT)
        check_first_arc("first_arc", self.first_arc, arcs)
        check_range("arc_slot", self.arc_slot, 0, len(self.capacity) - 1)
        check_range("arc_cost", self.arc_cost, 0, MAX_COST)
        if self.caps is not None:
            check_length("caps/of_slot", self.caps.of_slot, len(self.capacity))

    @property
    def limits(self) -> Caps:
        """The caps; none at all where none are given."""
        return no_caps(len(self.capacity)) if self.caps is None else self.caps
