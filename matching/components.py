"""Independent parts of an instance: what no chain of candidates connects never influences each other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar, overload

import numpy as np

from matching.arrays import Integers, row_blocks
from matching.caps import NOWHERE
from matching.classes import Classes

Task = TypeVar("Task")
_ARCS_OF_A_SLOT = 100


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
    while True:
        before = label.copy()
        for member, starts, lengths in _runs(classes):
            if not len(member):
                continue
            least = np.minimum.reduceat(label[member], starts)
            # a class hooks the *labels* of its slots, not only the slots: chains shrink by halves, not by steps
            np.minimum.at(label, before[member], np.repeat(least, lengths))
        label = settled(label)
        if np.array_equal(label, before):
            return label


def _joined(label: Integers, arcs: Integers, together: int) -> Integers:
    """The labels when components with arcs are joined, one after the other, and take the first one's. `arcs`: how many
    each label has. What is made slot by slot grows with their square: a slot weighs as much as some arcs."""
    names = np.flatnonzero(arcs)
    weight = arcs[names] + _ARCS_OF_A_SLOT * np.bincount(label, minlength=len(label))[names]
    group = ((np.cumsum(weight) - weight) // together).astype(np.int64)
    first = np.flatnonzero(np.diff(group, prepend=-1))
    name = np.arange(len(label), dtype=np.int64)
    name[names] = np.repeat(names[first], np.diff(first, append=len(names)))
    joined: Integers = name[label]
    return joined


def settled(label: Integers) -> Integers:
    """Follow labels of labels until every one names itself."""
    while not np.array_equal(further := label[label], label):
        label = further
    return label


def _runs(classes: Classes) -> Iterator[tuple[Integers, Integers, Integers]]:
    """Slots that belong together, run after run, and where the runs start (`reduceat` knows no empty one)."""
    for rows, arcs in row_blocks(classes.first_arc):
        yield _starting(classes.arc_slot[arcs], np.diff(classes.first_arc[rows.start : rows.stop + 1]))
    root = classes.limits.roots()
    capped = np.flatnonzero(root != NOWHERE)
    capped = capped[np.argsort(root[capped], kind="stable")]
    yield _starting(capped, np.unique(root[capped], return_counts=True)[1])


def _starting(member: Integers, lengths: Integers) -> tuple[Integers, Integers, Integers]:
    lengths = lengths[lengths > 0]
    return member, np.cumsum(lengths) - lengths, lengths


def parts(classes: Classes) -> Iterator[Part]:
    """The components that have a request and an arc, by their smallest slot; nothing else needs a solver."""
    outlines = Outlines(classes)
    return (outlines.part(at) for at in range(len(outlines)))


class Outlines:
    """Where the parts are. Each is cut out when it is asked for: all of them at once are as large as the whole.

    `together`: neighbouring components go into one part until they have so many arcs. They do not influence each other
    there either, and a part costs some hundred calls, however small it is.
    """

    def __init__(self, classes: Classes, together: int = 0) -> None:
        self.classes, self.lengths = classes, np.diff(classes.first_arc)
        live = np.flatnonzero((self.lengths > 0) & (classes.count > 0))
        self.slots: list[Integers] = []
        self.rows: list[Integers] = []
        self.place = np.empty(len(classes.capacity), dtype=np.int64)
        if len(live) == 0:
            return
        label = slot_labels(classes)
        row_label = label[classes.arc_slot[classes.first_arc[live]]]
        if together:
            label = _joined(label, np.bincount(row_label, self.lengths[live], len(label)), together)
            row_label = label[row_label]
        names, starts = np.unique(np.sort(row_label), return_index=True)
        self.rows = np.split(live[np.argsort(row_label, kind="stable")], starts[1:])
        by_label = np.argsort(label, kind="stable")
        ends = np.searchsorted(label[by_label], [names, names + 1])
        for start, end in ends.T.tolist():
            self.slots.append(by_label[start:end])
            self.place[by_label[start:end]] = np.arange(end - start)

    def __len__(self) -> int:
        return len(self.rows)

    def arcs(self, at: int) -> int:
        """How many arcs a part has."""
        return int(self.lengths[self.rows[at]].sum())

    def part(self, at: int) -> Part:
        return cut(self.classes, self.slots[at], self.rows[at], self.place)


class LargestFirst(Sequence[Task]):
    """A task a part, those with most arcs first (they take longest), each made when it is asked for."""

    def __init__(self, classes: Classes, task: Callable[[Part], Task], *, together: int = 0) -> None:
        self.outlines, self.task = Outlines(classes, together), task
        self.order = sorted(range(len(self.outlines)), key=lambda at: (-self.outlines.arcs(at), at))

    def __len__(self) -> int:
        return len(self.order)

    @overload
    def __getitem__(self, at: int) -> Task: ...
    @overload
    def __getitem__(self, at: slice) -> list[Task]: ...
    def __getitem__(self, at: int | slice) -> Task | list[Task]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        return self.task(self.part(at))

    def part(self, at: int) -> Part:
        return self.outlines.part(self.order[at])

    def arcs(self, at: int) -> int:
        return self.outlines.arcs(self.order[at])


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
        arc_slot=place[classes.arc_slot[arc]].astype(classes.arc_slot.dtype, copy=False),
        arc_cost=classes.arc_cost[arc],
        caps=caps if len(cap) else None,
    )
    return Part(classes=inner, slot=slot, row=row, arc=arc, cap=cap)
