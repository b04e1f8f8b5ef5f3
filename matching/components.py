"""Independent parts of an instance: what no chain of candidates connects never influences each other."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matching.arrays import Integers
from matching.caps import NOWHERE
from matching.classes import Classes


@dataclass(frozen=True, eq=False)
class Part:
    """One component as an instance of its own, and where its slots, classes, arcs and caps lie in the whole."""

    classes: Classes
    slot: Integers
    row: Integers
    arc: Integers
    cap: Integers


def slot_labels(classes: Classes) -> Integers:
    """For every slot the smallest slot index of its component; slots under one cap belong together."""
    label = np.arange(len(classes.capacity), dtype=np.int64)
    member, starts, lengths = _runs(classes)
    if len(member) == 0:
        return label
    while True:
        least = np.minimum.reduceat(label[member], starts)
        before = label.copy()
        # a class hooks the *labels* of its slots, not only the slots: chains shrink by halves, not by steps
        np.minimum.at(label, before[member], np.repeat(least, lengths))
        label = settled(label)
        if np.array_equal(label, before):
            return label


def settled(label: Integers) -> Integers:
    """Follow labels of labels until every one names itself."""
    while not np.array_equal(further := label[label], label):
        label = further
    return label


def _runs(classes: Classes) -> tuple[Integers, Integers, Integers]:
    """Slots that belong together, run after run, and where the runs start (`reduceat` knows no empty one)."""
    lengths, root = np.diff(classes.first_arc), classes.limits.roots()
    capped = np.flatnonzero(root != NOWHERE)
    capped = capped[np.argsort(root[capped], kind="stable")]
    lengths = np.concatenate([lengths[lengths > 0], np.unique(root[capped], return_counts=True)[1]])
    return np.concatenate([classes.arc_slot, capped]), np.cumsum(lengths) - lengths, lengths


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
    caps, cap = classes.limits.within(slot)
    inner = Classes(
        capacity=classes.capacity[slot],
        tier=classes.tier[row],
        count=classes.count[row],
        first_arc=first_arc,
        arc_slot=place[classes.arc_slot[arc]],
        arc_cost=classes.arc_cost[arc],
        caps=caps if len(cap) else None,
    )
    return Part(classes=inner, slot=slot, row=row, arc=arc, cap=cap)
