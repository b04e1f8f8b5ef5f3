"""Classes: requests that are equal for the matcher (tier, candidates, costs) are one row with a count.

Half a million requests become some ten thousand rows, and ties, which slow every flow solver down, disappear.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.errors import MalformedInstance

Integers = NDArray[np.int64]

MAX_COST = 10**12
MAX_TIER = 15
MAX_COUNT = 10**12


@dataclass(frozen=True, eq=False)
class Classes:
    """`count[c]` equal requests of size 1 and tier `tier[c]` share the arcs `first_arc[c]` to `first_arc[c + 1]`.

    Arc `a` leads to slot `arc_slot[a]` (0 <= slot < len(capacity)) at `arc_cost[a]` a request. All arrays are int64
    and read-only.
    """

    capacity: Integers
    tier: Integers
    count: Integers
    first_arc: Integers
    arc_slot: Integers
    arc_cost: Integers

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
    ) -> Self:
        """Checked construction; int64 input is not copied. `first_arc` has one entry more than there are classes.

        Raises `MalformedInstance` whose pointer names the array and the position of the first fault.
        """
        given = {
            "capacity": capacity,
            "tier": tier,
            "count": count,
            "first_arc": first_arc,
            "arc_slot": arc_slot,
            "arc_cost": arc_cost,
        }
        classes = cls(**{name: integers(name, values) for name, values in given.items()})
        classes.check()
        return classes

    @property
    def tiers(self) -> int:
        """How many tiers there are, 0 to the largest."""
        return int(self.tier.max()) + 1 if len(self.tier) else 0

    def owners(self) -> Integers:
        """The class of every arc."""
        return np.repeat(np.arange(len(self.count), dtype=np.int64), np.diff(self.first_arc))

    def served(self, flow: Integers) -> Integers:
        """How many requests of each class a flow over the arcs serves."""
        total = np.concatenate([np.zeros(1, np.int64), np.cumsum(flow)])
        served: Integers = total[self.first_arc[1:]] - total[self.first_arc[:-1]]
        return served

    def taken(self, flow: Integers) -> Integers:
        """How many places of each slot a flow over the arcs takes."""
        taken = np.zeros(len(self.capacity), dtype=np.int64)
        np.add.at(taken, self.arc_slot, flow)
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


def exact_dot(left: Integers, right: Integers) -> int:
    """The sum of products without overflow: in 64 bits where they suffice, else in Python's integers."""
    if len(left) == 0:
        return 0
    largest = max(abs(int(left.max())), abs(int(left.min()))) * max(abs(int(right.max())), abs(int(right.min())))
    if largest * len(left) < np.iinfo(np.int64).max:
        return int(np.dot(left, right))
    return sum(a * b for a, b in zip(left.tolist(), right.tolist(), strict=True))


def integers(name: str, values: ArrayLike) -> Integers:
    """A contiguous, read-only int64 array; floats and booleans are refused rather than rounded."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise MalformedInstance(f"/{name}", "must be a flat list of integers")
    if array.dtype.kind not in "iu" and array.size:
        raise MalformedInstance(f"/{name}", f"must hold integers, not {array.dtype}")
    if array.dtype == np.uint64 and array.size and int(array.max()) > np.iinfo(np.int64).max:
        raise MalformedInstance(f"/{name}/{int(array.argmax())}", "is too large for a 64-bit integer")
    array = np.ascontiguousarray(array, dtype=np.int64).view()
    array.setflags(write=False)
    return array


def check_length(name: str, values: Integers, length: int) -> None:
    if len(values) != length:
        raise MalformedInstance(f"/{name}", f"has {len(values)} entries where {length} are needed")


def check_range(name: str, values: Integers, least: int, most: int) -> None:
    if len(values) == 0 or (int(values.min()) >= least and int(values.max()) <= most):
        return
    at = int(np.argmax((values < least) | (values > most)))
    raise MalformedInstance(f"/{name}/{at}", f"is {int(values[at])}, outside {least} to {most}")


def check_first_arc(name: str, first_arc: Integers, arcs: int) -> None:
    """`first_arc` starts at 0, never falls and ends at the number of arcs."""
    if int(first_arc[0]) != 0:
        raise MalformedInstance(f"/{name}/0", "must be 0")
    falls = np.flatnonzero(np.diff(first_arc) < 0)
    if len(falls):
        raise MalformedInstance(f"/{name}/{int(falls[0]) + 1}", "must not be smaller than the entry before it")
    if int(first_arc[-1]) != arcs:
        raise MalformedInstance(f"/{name}/{len(first_arc) - 1}", f"must be the number of arcs, {arcs}")
