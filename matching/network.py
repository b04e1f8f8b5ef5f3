"""Who sits where and may move, and what the cheapest exchange between any two holders would cost: the live network.

Holder 0 is the waiting list (without end, at the penalty of the tier); holder s + 1 is slot s. Arcs lead from a class
to a holder it may take; the first arc of a class leads to the waiting list. Arcs never move, so links stay good.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers
from matching.classes import Classes

Links = NDArray[np.int32]

WAITING = 0
NONE = -1
# no exchange: far above any penalty, and still a sum of a few such numbers stays in 64 bits
FAR = 2**62
LARGEST_PENALTY = 2**59


class Network(NamedTuple):
    """Links name arcs, -1 none. Arrays of classes and arcs have room at the end.

    A class: `first` of its arcs, how many (`length`). An arc: its `row` (class), `holder` and `cost`; how many are
    `seated` there and may be moved, how many are `held` there and may not; the next arc of the class (`follow`), the
    next to the same holder (`below`), its neighbours (`after`, `before`) among the arcs of a holder with somebody
    seated. A holder: the first arc that leads there (`column`), how many do (`wide`), the newest with somebody seated
    (`sitting`), how many arcs the classes sitting there have (`crowd`). `table[a, b]`: the least change of cost when
    one of those seated at `a` goes to `b`, by arc `via[a, b]`.
    """

    first: Links
    length: Links
    row: Links
    holder: Links
    cost: Integers
    seated: Integers
    held: Integers
    follow: Links
    below: Links
    after: Links
    before: Links
    column: Links
    wide: Integers
    sitting: Links
    crowd: Integers
    table: Integers
    via: Links


def nobody_seated(classes: Classes, penalties: Integers) -> Network:
    """`penalties` has an entry a class."""
    rows, holders, arcs = len(classes.count), len(classes.capacity) + 1, len(classes.arc_slot) + len(classes.count)
    owner = classes.owners()
    first = classes.first_arc[:-1] + np.arange(rows)
    holder, cost = np.zeros(arcs, dtype=np.int32), np.zeros(arcs, dtype=np.int64)
    slots = np.arange(len(owner)) + owner + 1
    holder[slots], cost[slots], cost[first] = classes.arc_slot + 1, classes.arc_cost, penalties
    length = np.diff(classes.first_arc) + 1
    follow = np.arange(1, arcs + 1, dtype=np.int32)
    follow[first + length - 1] = NONE
    order = np.argsort(holder, kind="stable").astype(np.int32)
    below, column = links(arcs), links(holders)
    below[order[:-1]] = np.where(holder[order[1:]] == holder[order[:-1]], order[1:], NONE)
    starts = np.flatnonzero(np.diff(holder[order], prepend=-1))
    column[holder[order[starts]]] = order[starts]
    return Network(
        first=first.astype(np.int32),
        length=length.astype(np.int32),
        row=np.repeat(np.arange(rows, dtype=np.int32), length),
        holder=holder,
        cost=cost,
        seated=np.zeros(arcs, dtype=np.int64),
        held=np.zeros(arcs, dtype=np.int64),
        follow=follow,
        below=below,
        after=links(arcs),
        before=links(arcs),
        column=column,
        wide=np.bincount(holder, minlength=holders),
        sitting=links(holders),
        crowd=np.zeros(holders, dtype=np.int64),
        table=np.full((holders, holders), FAR, dtype=np.int64),
        via=np.full((holders, holders), NONE, dtype=np.int32),
    )


def copied(net: Network) -> Network:
    parts: dict[str, Any] = {name: part.copy() for name, part in net._asdict().items()}
    return Network(**parts)


def links(size: int) -> Links:
    return np.full(size, NONE, dtype=np.int32)
