"""Independent parts of an instance: what no chain of candidates connects never influences each other."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matching.classes import Classes, Integers


@dataclass(frozen=True, eq=False)
class Part:
    """One component as an instance of its own, and where its slots, classes and arcs lie in the whole."""

    classes: Classes
    slot: Integers
    row: Integers
    arc: Integers


def slot_labels(classes: Classes) -> Integers:
    """For every slot the smallest slot index of its component."""
    label = np.arange(len(classes.capacity), dtype=np.int64)
    if len(classes.arc_slot) == 0:
        return label
    starts, lengths = arc_runs(classes)
    while True:
        least = np.minimum.reduceat(label[classes.arc_slot], starts)
        before = label.copy()
        # a class hooks the *labels* of its slots, not only the slots: chains shrink by halves, not by steps
        np.minimum.at(label, before[classes.arc_slot], np.repeat(least, lengths))
        label = settled(label)
        if np.array_equal(label, before):
            return label


def settled(label: Integers) -> Integers:
    """Follow labels of labels until every one names itself."""
    while not np.array_equal(further := label[label], label):
        label = further
    return label


def arc_runs(classes: Classes) -> tuple[Integers, Integers]:
    """Starts and lengths of the classes that have arcs (`reduceat` knows no empty run)."""
    lengths = np.diff(classes.first_arc)
    return classes.first_arc[:-1][lengths > 0], lengths[lengths > 0]


def parts(classes: Classes) -> Iterator[Part]:
    """The components that have a request and an arc, by their smallest slot; nothing else needs a solver."""
    lengths = np.diff(classes.first_arc)
    live = np.flatnonzero((lengths > 0) & (classes.count > 0))
    if len(live) == 0:
        return
    label = slot_labels(classes)
    row_label = label[classes.arc_slot[classes.first_arc[live]]]
    rows = live[np.argsort(row_label, kind="stable")]
    names, starts = np.unique(np.sort(row_label), return_index=True)
    slots_by_label = np.argsort(label, kind="stable")
    label_sorted = label[slots_by_label]
    place = np.empty(len(label), dtype=np.int64)
    for name, row in zip(names, np.split(rows, starts[1:]), strict=True):
        at = np.searchsorted(label_sorted, [name, name + 1])
        slot = slots_by_label[at[0] : at[1]]
        place[slot] = np.arange(len(slot))
        yield cut(classes, slot, row, place)


def cut(classes: Classes, slot: Integers, row: Integers, place: Integers) -> Part:
    lengths = np.diff(classes.first_arc)[row]
    first_arc = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    arc = np.arange(first_arc[-1]) + np.repeat(classes.first_arc[row] - first_arc[:-1], lengths)
    inner = Classes(
        capacity=classes.capacity[slot],
        tier=classes.tier[row],
        count=classes.count[row],
        first_arc=first_arc,
        arc_slot=place[classes.arc_slot[arc]],
        arc_cost=classes.arc_cost[arc],
    )
    return Part(classes=inner, slot=slot, row=row, arc=arc)
