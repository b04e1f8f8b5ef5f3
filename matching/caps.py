"""Limits over several slots at once: a lot within a region within the nation. Such limits form a forest."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from matching.arrays import Integers, check_length, check_range, integers
from matching.errors import MalformedInstance

NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Caps:
    """All slots under cap `k` together give at most `limit[k]` places.

    `of_slot[s]` is the innermost cap of slot `s`, `parent[k]` the cap around cap `k`; -1: none. A parent stands after
    its children.
    """

    of_slot: Integers
    limit: Integers
    parent: Integers

    @classmethod
    def from_arrays(cls, *, of_slot: ArrayLike, limit: ArrayLike, parent: ArrayLike) -> Self:
        """Checked construction. Raises `MalformedInstance` whose pointer names array and position."""
        caps = cls(integers("caps/of_slot", of_slot), integers("caps/limit", limit), integers("caps/parent", parent))
        count = len(caps.limit)
        check_length("caps/parent", caps.parent, count)
        check_range("caps/limit", caps.limit, 0, np.iinfo(np.int64).max)
        check_range("caps/of_slot", caps.of_slot, NOWHERE, count - 1)
        check_range("caps/parent", caps.parent, NOWHERE, count - 1)
        early = np.flatnonzero((caps.parent != NOWHERE) & (caps.parent <= np.arange(count)))
        if len(early):
            raise MalformedInstance(f"/caps/parent/{int(early[0])}", "must stand after the cap it holds")
        return caps

    def loads(self, taken: Integers) -> Integers:
        """Places taken under each cap, from the places `taken` in each slot."""
        load = np.zeros(len(self.limit), dtype=np.int64)
        inside = self.of_slot != NOWHERE
        np.add.at(load, self.of_slot[inside], taken[inside])
        for cap, parent in enumerate(self.parent.tolist()):
            if parent != NOWHERE:
                load[parent] += load[cap]
        return load

    def chain(self, slot: int) -> list[int]:
        """The caps around a slot, from the inside."""
        found, cap = [], int(self.of_slot[slot])
        while cap != NOWHERE:
            found.append(cap)
            cap = int(self.parent[cap])
        return found

    def roots(self) -> Integers:
        """The outermost cap of every slot, -1 where there is none."""
        root = np.arange(len(self.limit))
        for cap in range(len(root) - 1, -1, -1):
            if self.parent[cap] != NOWHERE:
                root[cap] = root[self.parent[cap]]
        return np.where(self.of_slot == NOWHERE, NOWHERE, np.append(root, NOWHERE)[self.of_slot])

    def within(self, slot: Integers) -> tuple["Caps", Integers]:
        """The caps around these slots as caps of their own, and where they lie in the whole."""
        keep = np.zeros(len(self.limit) + 1, dtype=np.bool_)
        keep[self.of_slot[slot]] = True
        for cap, parent in enumerate(self.parent.tolist()):
            keep[parent] |= keep[cap]
        kept = np.flatnonzero(keep[:-1])
        number = np.full(len(keep), NOWHERE, dtype=np.int64)
        number[kept] = np.arange(len(kept))
        return Caps(number[self.of_slot[slot]], self.limit[kept], number[self.parent[kept]]), kept

    def without(self, taken: Integers) -> "Caps":
        """What the caps leave when so many places of each slot are taken; an overfull cap leaves nothing."""
        return Caps(self.of_slot, np.maximum(self.limit - self.loads(taken), 0), self.parent)

    def above(self, prices: Integers, of: Integers) -> Integers:
        """The price of the cap around, 0 where there is none; `of` is `of_slot` or `parent`."""
        return np.append(prices, 0)[of]

    def lift(self, prices: Integers, cap_prices: Integers) -> None:
        """In place: nothing is cheaper than the cap around it, not even a slot or a cap that nobody can reach."""
        for cap in range(len(cap_prices) - 1, -1, -1):
            if self.parent[cap] != NOWHERE:
                cap_prices[cap] = max(cap_prices[cap], cap_prices[self.parent[cap]])
        np.maximum(prices, self.above(cap_prices, self.of_slot), out=prices)


def no_caps(slots: int) -> Caps:
    none = np.zeros(0, dtype=np.int64)
    return Caps(np.full(slots, NOWHERE, dtype=np.int64), none, none)
