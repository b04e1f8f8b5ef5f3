"""Where people wait, why no re-arrangement could help them, and where one more place would do most."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers, check_length
from matching.classes import Classes
from matching.components import slot_labels
from matching.errors import NotSupported
from matching.explain import Worth, worth
from matching.outcome import ClassResult


@dataclass(frozen=True, eq=False)
class Shortage:
    """The requests of the classes `rows` have no candidates but `slots`: `requests` people for `places` places.

    So whatever the matcher does at least `requests` - `places` = `short` wait, by tier `short_by_tier`. Anybody can
    count this again. Without slots these are people with no candidate at all.
    """

    rows: Integers
    slots: Integers
    requests: int
    places: int
    short_by_tier: tuple[int, ...]

    @property
    def short(self) -> int:
        return self.requests - self.places


def shortages(classes: Classes, result: ClassResult) -> tuple[Shortage, ...]:
    """One for every connected part in which somebody waits, the shortest first (Hall's condition, read off a flow).

    `result` must be proven. Caps are not looked at (`NotSupported`).
    """
    if classes.caps is not None:
        raise NotSupported("shortages under caps are not told apart; the prices of the caps say which of them bind")
    assert result.proven, "only a largest flow shows who cannot be served"
    inside = _inside(classes, result.flow, result.waiting)
    bare = np.diff(classes.first_arc) == 0
    found = [_shortage(classes, result, rows) for rows in _parts(classes, np.flatnonzero(inside & ~bare))]
    alone = np.flatnonzero(inside & bare)
    if len(alone):
        found.append(_shortage(classes, result, alone))
    return tuple(sorted(found, key=lambda shortage: (-shortage.short, shortage.rows[0])))


def _inside(classes: Classes, flow: Integers, waiting: Integers) -> NDArray[np.bool_]:
    """Who waits, who sits in a slot that someone inside could take, and so on: all those slots are full."""
    owner, inside = classes.owners(), waiting > 0
    slots = np.zeros(len(classes.capacity), dtype=np.bool_)
    while True:
        slots[classes.arc_slot[inside[owner]]] = True
        grown = inside.copy()
        grown[owner[slots[classes.arc_slot] & (flow > 0)]] = True
        if np.array_equal(grown, inside):
            return inside
        inside = grown


def _parts(classes: Classes, rows: Integers) -> Iterator[Integers]:
    """These classes, split where they share no slot."""
    chosen = np.zeros(len(classes.count), dtype=np.bool_)
    chosen[rows] = True
    arc = np.flatnonzero(chosen[classes.owners()])
    only = replace(classes, first_arc=np.searchsorted(arc, classes.first_arc), arc_slot=classes.arc_slot[arc])
    label = slot_labels(only)[only.arc_slot[only.first_arc[rows]]] if len(rows) else rows
    for name in np.unique(label):
        yield rows[label == name]


def _shortage(classes: Classes, result: ClassResult, rows: Integers) -> Shortage:
    chosen = np.zeros(len(classes.count), dtype=np.bool_)
    chosen[rows] = True
    slots = np.unique(classes.arc_slot[chosen[classes.owners()]])
    return Shortage(
        rows=rows,
        slots=slots,
        requests=sum(classes.count[rows].tolist()),
        places=sum(classes.capacity[slots].tolist()),
        short_by_tier=classes.by_tier(np.where(chosen, result.waiting, 0)),
    )


@dataclass(frozen=True)
class RegionWorth:
    """What one more place in a region is worth at its best slot, and at how many slots it would serve one more."""

    slot: int
    best: Worth
    serving: int


def worth_by_region(classes: Classes, result: ClassResult, region: Integers) -> dict[int, RegionWorth]:
    """`region` has an index a slot. Only regions where one more place is worth anything."""
    check_length("region", region, len(classes.capacity))
    own = result.prices - classes.limits.above(result.cap_prices, classes.limits.of_slot)
    found: dict[int, RegionWorth] = {}
    for slot in np.lexsort((np.arange(len(own)), -own)).tolist():
        here, value = int(region[slot]), worth(int(own[slot]), result.penalty_by_tier)
        if own[slot] == 0:
            break
        known = found.get(here, RegionWorth(slot, value, 0))
        found[here] = replace(known, serving=known.serving + (value.tier is not None))
    return found
