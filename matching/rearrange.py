"""Who is placed moves only for a reason: swaps among those who want to change, and a closure with the least change."""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from matching.arrays import Integers, check_length, check_range
from matching.classes import Classes
from matching.errors import MalformedInstance
from matching.moves import Move, between
from matching.outcome import ClassResult
from matching.welfare import solve_classes


@dataclass(frozen=True, eq=False)
class Rearrangement:
    """`flow` per arc after it, `moves` between. `asked` and `result` are the problem solved and its proven answer."""

    flow: Integers
    moves: tuple[Move, ...]
    asked: Classes
    result: ClassResult


@dataclass(frozen=True)
class Ring:
    """Each move goes where the next one leaves; `closed`: the last goes where the first left, else to a free place.

    Rings do not need each other: one whose people do not all consent is left out and the others stand.
    """

    moves: tuple[Move, ...]
    closed: bool


def swapped(classes: Classes, flow: Integers, willing: Integers, *, workers: int = 1) -> Rearrangement:
    """`willing[a]` of the `flow[a]` at arc `a` want to change: all of them sit as well as before or better.

    They share their own places and the free ones so that the costs are least. Nobody else moves.
    """
    check_length("willing", willing, len(flow))
    check_range("willing", willing, 0, int(flow.max(initial=0)))
    if (willing > flow).any():
        raise MalformedInstance(f"/willing/{int(np.argmax(willing > flow))}", "is more than are there")
    seat = np.flatnonzero(willing)
    rows, own, arc = _seated(classes, seat)
    better = own | (classes.arc_cost[arc] < classes.arc_cost[seat][rows])
    rows, arc = rows[better], arc[better]
    asked = Classes(
        capacity=classes.capacity - classes.taken(flow) + classes.taken(willing),
        tier=np.zeros_like(seat),
        count=willing[seat],
        first_arc=np.searchsorted(rows, np.arange(len(seat) + 1)),
        arc_slot=classes.arc_slot[arc],
        arc_cost=classes.arc_cost[arc],
    )
    return _moved(classes, flow, seat, arc, asked, workers)


def cleared(classes: Classes, flow: Integers, slot: int, *, workers: int = 1) -> Rearrangement:
    """A slot closes. Everybody who sits elsewhere keeps a place; of the others as many as can be are placed again.

    Lexicographic: those others by tier, then as few people moved as can be, then least cost. Whoever waits already
    goes on waiting: their turn comes after, with the places that are free then.
    """
    seat = np.flatnonzero(flow)
    rows, own, arc = _seated(classes, seat)
    displaced = classes.arc_slot[seat] == slot
    tiers = np.unique(classes.tier[classes.owners()[seat[displaced]]])
    tier = np.where(displaced, np.searchsorted(tiers, classes.tier[classes.owners()[seat]]) + 1, 0)
    # an exchange visits each slot at most once: a move outweighs all it can save
    move = (len(classes.capacity) + 1) * int(classes.arc_cost.max(initial=0)) + 1
    asked = Classes(
        capacity=np.where(np.arange(len(classes.capacity)) == slot, 0, classes.capacity),
        tier=tier,
        count=flow[seat],
        first_arc=np.searchsorted(rows, np.arange(len(seat) + 1)),
        arc_slot=classes.arc_slot[arc],
        arc_cost=classes.arc_cost[arc] + np.where(own, 0, move),
        caps=classes.caps,
    )
    return _moved(classes, flow, seat, arc, asked, workers)


def _seated(classes: Classes, seat: Integers) -> tuple[Integers, Integers, Integers]:
    """For each seat (an arc in use) all arcs of its class: the seat's number, whether it is the seat, the arc."""
    row = classes.owners()[seat]
    lengths = np.diff(classes.first_arc)[row]
    starts = np.cumsum(lengths) - lengths
    arc = np.arange(int(lengths.sum())) + np.repeat(classes.first_arc[row] - starts, lengths)
    rows = np.repeat(np.arange(len(seat)), lengths)
    return rows, arc == seat[rows], arc


def _moved(
    classes: Classes, flow: Integers, seat: Integers, arc: Integers, asked: Classes, workers: int
) -> Rearrangement:
    result = solve_classes(asked, workers=workers)
    after = flow.copy()
    after[seat] -= asked.count
    np.add.at(after, arc, result.flow)
    return Rearrangement(after, between(classes, flow, after), replace(asked), result)


def rings(moves: tuple[Move, ...]) -> tuple[Ring, ...]:
    """Moves between slots taken apart into rings of single people, those that end in a free place first."""
    out: dict[int, list[Move]] = defaultdict(list)
    balance: dict[int, int] = defaultdict(int)
    for move in moves:
        if move.source is not None and move.target is not None:
            out[move.source] += [replace(move, count=1)] * move.count
            balance[move.source] += move.count
            balance[move.target] -= move.count
    starts = [slot for slot in sorted(balance) for _ in range(balance[slot])]
    found = [ring for start in starts for ring in _walk(out, start)]
    for start in sorted(out):
        while out[start]:
            found += _walk(out, start)
    return tuple(found)


def _walk(out: dict[int, list[Move]], start: int) -> list[Ring]:
    """From one slot on until nobody leaves; whenever a slot is met again, what lies between is a closed ring."""
    found, path, met = [], [], {start: 0}
    here = start
    while out[here]:
        move = out[here].pop()
        path.append(move)
        assert move.target is not None
        here = move.target
        if here in met:
            found.append(Ring(tuple(path[met[here] :]), closed=True))
            path = path[: met[here]]
            met = {slot: at for slot, at in met.items() if at <= len(path)}
        met[here] = len(path)
    if path:
        found.append(Ring(tuple(path), closed=False))
    return found
