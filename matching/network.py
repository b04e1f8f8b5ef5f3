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
NONE, STALE = -1, -2
# no exchange: far above any penalty, and still a sum of a few such numbers stays in 64 bits
FAR = 2**62
LARGEST_PENALTY = 2**59


class Network(NamedTuple):
    """Links name arcs, -1 none. Arrays of classes and arcs have room at the end.

    A class: its `first` arc, how many arcs follow each other by holder from there (`block`), whether anybody of it
    waits (`waits`). An arc: its `row` (class), `holder` and `cost`; how many are `seated` there and may be moved, how
    many are `held` there and may not; the next arc of the class (`follow`), the next that came later to the same holder
    (`below`), its neighbours (`after`, `before`) among the arcs of a holder with somebody seated. A holder: the arcs
    that led there at the beginning, `bidders[bids_from[h]:bids_from[h + 1]]` with their classes (`bidder_rows`), the
    latest of the others (`column`), the newest arc with somebody seated (`sitting`).

    `table[a, b]`: the least change of cost when one of those seated at `a` goes to `b`, by arc `via[a, b]`. Where that
    is STALE the table says only that it is no less.
    """

    first: Links
    block: Links
    waits: NDArray[np.bool_]
    row: Links
    holder: Links
    cost: Integers
    seated: Integers
    held: Integers
    follow: Links
    below: Links
    after: Links
    before: Links
    bids_from: Integers
    bidders: Links
    bidder_rows: Links
    column: Links
    sitting: Links
    table: Integers
    via: Links


def nobody_seated(classes: Classes, arc_order: Integers, penalties: Integers) -> Network:
    """`penalties` has an entry a class; `arc_order` puts the arcs of each class in the order of their slots."""
    rows, holders, arcs = len(classes.count), len(classes.capacity) + 1, len(classes.arc_slot) + len(classes.count)
    owner = classes.owners()
    first = classes.first_arc[:-1] + np.arange(rows)
    holder, cost = np.zeros(arcs, dtype=np.int32), np.zeros(arcs, dtype=np.int64)
    slots = np.arange(len(owner)) + owner + 1
    holder[slots], cost[slots] = classes.arc_slot[arc_order] + 1, classes.arc_cost[arc_order]
    cost[first] = penalties
    length = np.diff(classes.first_arc) + 1
    follow = np.arange(1, arcs + 1, dtype=np.int32)
    follow[first + length - 1] = NONE
    row = np.repeat(np.arange(rows, dtype=np.int32), length)
    bidders = np.argsort(holder, kind="stable").astype(np.int32)
    return Network(
        first=first.astype(np.int32),
        block=length.astype(np.int32),
        waits=np.zeros(rows, dtype=np.bool_),
        row=row,
        holder=holder,
        cost=cost,
        seated=np.zeros(arcs, dtype=np.int64),
        held=np.zeros(arcs, dtype=np.int64),
        follow=follow,
        below=links(arcs),
        after=links(arcs),
        before=links(arcs),
        bids_from=np.append(0, np.cumsum(np.bincount(holder, minlength=holders))),
        bidders=bidders,
        bidder_rows=row[bidders],
        column=links(holders),
        sitting=links(holders),
        table=np.full((holders, holders), FAR, dtype=np.int64),
        via=np.full((holders, holders), NONE, dtype=np.int32),
    )


def copied(net: Network) -> Network:
    parts: dict[str, Any] = {name: part.copy() for name, part in net._asdict().items()}
    return Network(**parts)


def links(size: int) -> Links:
    return np.full(size, NONE, dtype=np.int32)
