"""Classes that stand one after the other and see the same candidates at the same costs (people of one place and of
several tiers): to a solver they are one node, which each of them enters with its own count."""

from dataclasses import replace

import numpy as np

from matching.arrays import Integers
from matching.classes import Classes


def merged(classes: Classes) -> tuple[Classes, Integers]:
    """One row for all that are alike, counting as many as they; and of each class its row. The tiers of the rows say
    nothing."""
    lengths, owner = np.diff(classes.first_arc), classes.owners()
    same = np.diff(lengths, prepend=-1) == 0
    arc = np.flatnonzero(same[owner])
    before = arc - lengths[owner[arc]]
    unlike = (classes.arc_slot[arc] != classes.arc_slot[before]) | (classes.arc_cost[arc] != classes.arc_cost[before])
    same[owner[arc[unlike]]] = False
    row = np.cumsum(~same) - 1
    if not same.any():
        return classes, row
    count = np.zeros(int(row[-1]) + 1, dtype=np.int64)
    np.add.at(count, row, classes.count)
    return chosen_rows(classes, np.flatnonzero(~same), count), row


def dealt(classes: Classes, rows: Classes, row: Integers, entered: Integers, flow: Integers) -> Integers:
    """A flow over the arcs of the merged rows as one over those of their classes, of which each sends what it `entered`
    with: the first classes to the first candidates. Any way to pair them costs the same."""
    whose, arc, amount = paired(entered, flow)
    dealt = np.zeros(len(classes.arc_slot), dtype=np.int64)
    dealt[classes.first_arc[whose] + arc - rows.first_arc[row[whose]]] = amount
    return dealt


def paired(given: Integers, taken: Integers) -> tuple[Integers, Integers, Integers]:
    """Who gives, who takes, and how much, the first to the first; both come to the same."""
    gives, takes = np.cumsum(given), np.cumsum(taken)
    until = np.unique(np.concatenate([gives, takes]))
    until = until[until > 0]
    return np.searchsorted(gives, until), np.searchsorted(takes, until), np.diff(until, prepend=0)


def chosen_rows(classes: Classes, row: Integers, count: Integers) -> Classes:
    """Some rows with all their arcs, these wide, counting otherwise."""
    lengths = np.diff(classes.first_arc)[row]
    first_arc = np.append(0, np.cumsum(lengths))
    arc = np.arange(first_arc[-1]) + np.repeat(classes.first_arc[row] - first_arc[:-1], lengths)
    return replace(
        classes,
        tier=classes.tier[row],
        count=count,
        first_arc=first_arc,
        arc_slot=classes.arc_slot[arc].astype(np.int64, copy=False),
        arc_cost=classes.arc_cost[arc].astype(np.int64, copy=False),
    )
