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
from matching.compiled import compiled
from matching.merging import paired

# a hub has to save more than its own arcs cost: at least half of what its members have
_WORTH_A_HUB = 2
# where one hub for all could not save three quarters, looking for hubs takes longer than the arcs
_WORTH_LOOKING = 4
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
        member, slot, amount = paired(entering, leaving)
        return self.arc[member, slot], amount


def find_hubs(classes: Classes) -> tuple[list[Hub], NDArray[np.bool_]]:
    """The hubs worth having, and for every arc whether it stays."""
    own = np.ones(len(classes.arc_slot), dtype=np.bool_)
    hubs: list[Hub] = []
    for rows, arc in _equal_lists(classes):
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
    """Rows that differ by a constant in more than half of their entries, and those constants (the least is 0); only
    where there are rows enough for a hub to be worth having."""
    place, shift = alike(cost, _PLACES, _WORTH_A_HUB)
    size = np.bincount(place + 1)[1:]
    for at in np.flatnonzero(_worth(_WORTH_A_HUB, size, cost.shape[1])).tolist():
        members = np.flatnonzero(place == at)
        yield members, shift[members] - shift[members].min()


@compiled
def most_of_all(cost: Integers, one: int, other: int) -> tuple[int, int]:
    """The difference of two rows that more than half of their entries have, if there is one, and how many have it: it
    is left over where unlike votes cancel each other."""
    found, ahead, votes = 0, 0, 0
    for at in range(cost.shape[1]):
        difference = cost[one, at] - cost[other, at]
        if ahead == 0:
            found, ahead = difference, 1
        elif difference == found:
            ahead += 1
        else:
            ahead -= 1
    if ahead == 0:
        return 0, 0
    for at in range(cost.shape[1]):
        if cost[one, at] - cost[other, at] == found:
            votes += 1
    return found, votes


@compiled
def alike(cost: Integers, places: int, fewest: int) -> tuple[Integers, Integers]:
    """For every row its place (-1: none of the first so many) and what it costs more than the first row of that place:
    the one difference that more than half of its entries have. A last place of `fewest` rows is none."""
    rows, width = cost.shape
    place, shift = np.full(rows, -1), np.zeros(rows, dtype=np.int64)
    left, first = rows, 0
    for at in range(places):
        if left <= fewest:
            break
        while place[first] >= 0:
            first += 1
        for row in range(first, rows):
            if place[row] < 0:
                more, votes = most_of_all(cost, row, first)
                if 2 * votes > width:
                    place[row], shift[row] = at, more
                    left -= 1
    return place, shift


def _equal_lists(classes: Classes) -> Iterator[tuple[Integers, Integers]]:
    """Classes with the same slots, and their arcs by slot (one row a class), where there are enough of them."""
    first, count, together = _by_slots(classes)
    ends, place = np.cumsum(count), np.full(len(classes.capacity), -1)
    width = classes.first_arc[first + 1] - classes.first_arc[first]
    enough = np.flatnonzero(_worth(_WORTH_LOOKING, count, width))
    for name in enough[np.argsort(first[enough])].tolist():
        rows = together[ends[name] - count[name] : ends[name]]
        arcs, same = by_slot(classes.first_arc, classes.arc_slot, rows, place)
        if same:
            yield rows, arcs


def _worth(times: int, rows: Integers, slots: Integers | int) -> NDArray[np.bool_]:
    """Whether a hub of so many rows, all with these slots, has so many times fewer arcs than they."""
    enough: NDArray[np.bool_] = times * (rows + slots) <= rows * slots
    return enough


def _by_slots(classes: Classes) -> tuple[Integers, Integers, Integers]:
    """Classes whose slots are likely the same: of each such set its first class, how many they are, and all of them,
    set by set. Told by the sum of a random number a slot: whoever relies on it looks at the slots themselves."""
    mark = np.random.default_rng(1).integers(-(2**63), 2**63 - 1, len(classes.capacity), dtype=np.int64)
    sums, some = np.zeros(len(classes.count), dtype=np.int64), np.diff(classes.first_arc) > 0
    if some.any():
        sums[some] = np.add.reduceat(mark[classes.arc_slot], classes.first_arc[:-1][some])
    _, first, number, count = np.unique(sums, return_index=True, return_inverse=True, return_counts=True)
    return first, count, np.argsort(number, kind="stable")


@compiled
def by_slot(first_arc: Integers, arc_slot: Integers, rows: Integers, place: Integers) -> tuple[Integers, bool]:
    """The arcs of every row in the order of their slots, and whether all rows have the slots of the first, each once.
    `place`: -1 for every slot, before and after."""
    own = np.sort(arc_slot[first_arc[rows[0]] : first_arc[rows[0] + 1]])
    for at in range(len(own)):
        place[own[at]] = at
    arcs, same = np.full((len(rows), len(own)), -1), True
    for row in range(len(rows)):
        start, end = first_arc[rows[row]], first_arc[rows[row] + 1]
        same = same and end - start == len(own)
        for arc in range(start, end):
            at = place[arc_slot[arc]]
            if at < 0 or arcs[row, at] >= 0:
                same = False
            else:
                arcs[row, at] = arc
    for at in range(len(own)):
        place[own[at]] = -1
    return arcs, same
