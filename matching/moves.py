"""Who goes where because of a change."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from matching.arrays import Integers
from matching.classes import Classes


@dataclass(frozen=True, slots=True)
class Move:
    """`count` members of class `row` go from slot `source` to slot `target`; None is the waiting list."""

    row: int
    source: int | None
    target: int | None
    count: int = 1


def summed(moves: Iterable[Move]) -> tuple[Move, ...]:
    """The same changes with as few moves as there can be: members of a class are alike, so a chain of them is one."""
    change: dict[int, dict[int | None, int]] = defaultdict(lambda: defaultdict(int))
    for move in moves:
        change[move.row][move.source] -= move.count
        change[move.row][move.target] += move.count
    return tuple(move for row in sorted(change) for move in paired(row, change[row]))


def between(classes: Classes, before: Integers, after: Integers) -> tuple[Move, ...]:
    """From one flow to another, both over the arcs of the same classes."""
    found: list[Move] = []
    owner, waiting = classes.owners(), classes.served(before) - classes.served(after)
    change: dict[int, dict[int | None, int]] = defaultdict(dict)
    for arc in np.flatnonzero(before != after).tolist():
        change[int(owner[arc])][int(classes.arc_slot[arc])] = int(after[arc] - before[arc])
    for row in sorted(change):
        change[row][None] = int(waiting[row])
        found += paired(row, change[row])
    return tuple(found)


def paired(row: int, change: dict[int | None, int]) -> list[Move]:
    """Those who leave (below 0) go to where more come (above 0), in the order of the slots, the waiting list last."""
    match [(slot, count) for slot, count in change.items() if count]:
        case [(one, left), (other, came)]:  # nearly always one leaves where the other comes
            return [Move(row, one, other, came) if came > 0 else Move(row, other, one, left)]
    order = sorted(change, key=lambda slot: (slot is None, slot))
    away = [(slot, -change[slot]) for slot in order if change[slot] < 0]
    moves = []
    for target in order:
        wanted = change[target]
        while wanted > 0:
            source, left = away.pop(0)
            count = min(wanted, left)
            moves.append(Move(row, source, target, count))
            wanted -= count
            if left > count:
                away.insert(0, (source, left - count))
    return moves
