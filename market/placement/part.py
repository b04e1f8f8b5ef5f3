"""A part of a stored round: the people of some services and all their offers, as a round of its own."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from market.placement.arcs import Arcs, rows
from market.placement.stored import StoredInstance
from matching import Integers


@dataclass(frozen=True, eq=False)
class Part:
    """``arcs``: as in the whole round, but nobody of other services counts. One value a request of these services:
    its place in the line, what it takes, since when it waits, its id, and ``whole``: its position in the whole round.
    """

    arcs: Arcs
    turn: Integers
    size: Integers
    since: Integers
    ids: list[str]
    whole: Integers

    @property
    def tier(self) -> Integers:
        return self.arcs.classes.tier[rows(self.arcs)]


def part_of(instance: StoredInstance, services: Iterable[int]) -> Part:
    """``services``: their numbers in the round's lists."""
    arcs, wanted = instance.arcs, sorted(set(services))
    chosen = np.isin(service_of(arcs), np.array(wanted, dtype=np.int64))
    whole = np.flatnonzero(chosen[rows(arcs)])
    count = np.where(chosen, arcs.groups.count, 0)
    kin = np.zeros_like(arcs.kin.count)
    np.add.at(kin, arcs.groups.kin, count)
    own = replace(
        arcs,
        groups=replace(arcs.groups, count=count),
        classes=replace(arcs.classes, count=count),
        kin=replace(arcs.kin, count=kin),
        mixed=[one for one in arcs.mixed if arcs.lists.services.index(one) in wanted],
    )
    ids = [instance.request[at] for at in whole.tolist()]
    return Part(own, instance.turn[whole], instance.sizes()[whole], instance.since[whole], ids, whole)


def services_of(arcs: Arcs, slot: int) -> set[int]:
    """The services whose people may go to the offer; none where nobody may."""
    at = np.flatnonzero(arcs.lists.slot == slot)
    lists = np.searchsorted(arcs.lists.first, at, side="right") - 1
    return set(arcs.lists.service[lists].tolist())


def service_of(arcs: Arcs) -> Integers:
    """Of each class the number of its service."""
    return arcs.lists.service[arcs.groups.kin_list[arcs.groups.kin]]


def with_more(arcs: Arcs, changes: dict[int, int]) -> Arcs:
    """So many more places (or fewer, below 0) at these offers; never fewer than none."""
    capacity = arcs.kin.capacity.copy()
    for slot, more in changes.items():
        capacity[slot] = max(0, int(capacity[slot]) + more)
    return replace(arcs, kin=replace(arcs.kin, capacity=capacity), classes=replace(arcs.classes, capacity=capacity))
