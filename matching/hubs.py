"""Shared candidate lists: classes that differ only in a few wishes go through one hub instead of each having all arcs.

People of one place see the same slots at the same distances; a named wish changes some costs and moves the rest by a
constant. So cost[class, slot] = shift[class] + hub[slot] except where a wish makes it cheaper, and only those arcs stay
the class's own. The network has a fraction of the arcs and exactly the same optimum, because the hub is never cheaper
than an arc it replaces.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers
from matching.classes import Classes

# a hub has to save more than its own arcs cost: at least half of what its members have
_WORTH_A_HUB = 2
# so many places are told apart among classes with the same slots; the rest keep their arcs
_PLACES = 32


@dataclass(frozen=True, eq=False)
class Hub:
    """The members `row` reach each `slot` for `shift` + `cost`; `arc[m, s]` is the arc of member m to slot s."""

    row: Integers
    shift: Integers
    slot: Integers
    cost: Integers
    arc: Integers

    def spread(self, entering: Integers, leaving: Integers) -> tuple[Integers, Integers]:
        """(arc, amount): the flow through the hub as flow of its members, the first members to the first slots.

        Any way to pair them costs the same in an optimal flow.
        """
        given, taken = np.cumsum(entering), np.cumsum(leaving)
        until = np.unique(np.concatenate([given, taken]))
        until = until[until > 0]
        amount = np.diff(until, prepend=0)
        member, slot = np.searchsorted(given, until), np.searchsorted(taken, until)
        return self.arc[member, slot], amount


def find_hubs(classes: Classes) -> tuple[list[Hub], NDArray[np.bool_]]:
    """The hubs worth having, and for every arc whether it stays."""
    own = np.ones(len(classes.arc_slot), dtype=np.bool_)
    hubs: list[Hub] = []
    order = np.lexsort((classes.arc_slot, classes.owners()))
    for rows, arc in _equal_lists(classes, order):
        for members, shift in _alike(classes.arc_cost[arc]):
            cost = classes.arc_cost[arc[members]]
            beyond = cost - shift[:, None]
            shared = beyond.max(axis=0)
            cheaper = beyond < shared
            if _WORTH_A_HUB * (int(cheaper.sum()) + sum(cost.shape)) <= cost.size:
                own[arc[members][~cheaper]] = False
                hubs.append(Hub(rows[members], shift, classes.arc_slot[arc[0]], shared, arc[members]))
    return hubs, own


def _alike(cost: Integers) -> Iterator[tuple[Integers, Integers]]:
    """Rows that differ by a constant in more than half of their entries, and those constants (the least is 0).

    The constant of a row against the first is the median of the differences: wishes are few.
    """
    left = np.arange(len(cost))
    for _ in range(_PLACES):
        if len(left) <= _WORTH_A_HUB:
            return
        difference = cost[left] - cost[left[0]]
        middle = difference.shape[1] // 2
        shift = np.partition(difference, middle, axis=1)[:, middle]
        alike = 2 * (difference == shift[:, None]).sum(axis=1) > difference.shape[1]
        yield left[alike], shift[alike] - shift[alike].min()
        left = left[~alike]


def _equal_lists(classes: Classes, order: Integers) -> Iterator[tuple[Integers, Integers]]:
    """Classes with the same slots, and their arcs by slot (one row a class)."""
    slots, first = classes.arc_slot[order], classes.first_arc.tolist()
    groups: dict[bytes, list[int]] = {}
    for row in range(len(classes.count)):
        groups.setdefault(slots[first[row] : first[row + 1]].tobytes(), []).append(row)
    for name, members in groups.items():
        if name and len(members) > _WORTH_A_HUB:
            rows = np.array(members, dtype=np.int64)
            length = first[members[0] + 1] - first[members[0]]
            yield rows, order[classes.first_arc[rows][:, None] + np.arange(length)]
