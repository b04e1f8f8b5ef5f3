"""How a round treated people, in figures that can be argued about: pure counting, no solver, integers only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers, check_length, check_range
from matching.classes import Classes
from matching.errors import MalformedInstance

QUANTILES = (50, 90, 95, 99, 100)
TIER = "tier"


@dataclass(frozen=True)
class Share:
    served: int
    of: int


@dataclass(frozen=True, eq=False, kw_only=True)
class People:
    """Person `p` belongs to class `row[p]`; `distance` and `rank` have an entry an arc of the classes.

    `rank`: the holder's order, 1 best, 0 where they did not name it. `attributes`: by name, one value a person
    (territory, category, language, disability); the tier is always counted.
    """

    classes: Classes
    row: Integers
    distance: Integers
    rank: Integers | None = None
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_range("row", self.row, 0, len(self.classes.count) - 1)
        check_length("distance", self.distance, len(self.classes.arc_slot))
        if self.rank is not None:
            check_length("rank", self.rank, len(self.classes.arc_slot))
        for name, values in self.attributes.items():
            if len(values) != len(self.row):
                raise MalformedInstance(f"/attributes/{name}", f"has {len(values)} values for {len(self.row)} people")


@dataclass(frozen=True)
class Figures:
    """What one policy did. `distance`: percent to the distance that so many of the served do not exceed.

    `ranks`: how many got their first wish (1), second, ..., and (0) a place they had not named. `envy`: how many see a
    place they would rather have (cheaper for them) held by somebody of a less urgent tier; `idle`: or held by nobody.
    """

    served: Share
    by: Mapping[str, Mapping[str, Share]]
    distance: Mapping[int, int]
    distance_by_tier: Mapping[int, Mapping[int, int]]
    ranks: Mapping[int, int]
    envy: int
    idle: int
    cost: int


@dataclass(frozen=True)
class Comparison:
    """Two policies side by side: how many are better off under the first, under the second, and the same.

    A place is better than none, and a cheaper one (wishes, then distance) better than another.
    """

    first: Figures
    second: Figures
    better_under_first: int
    better_under_second: int
    same: int


def figures(people: People, taken: Integers) -> Figures:
    """`taken` is the arc of each person, -1 for none."""
    check_taken(people, taken)
    classes, arcs = people.classes, taken[taken >= 0]
    tier = classes.tier[people.row]
    distance = people.distance[arcs]
    values = {TIER: [str(value) for value in tier.tolist()]} | dict(people.attributes)
    envy, idle = _unhappy(people, taken)
    return Figures(
        served=Share(len(arcs), len(taken)),
        by={name: shares(column, taken >= 0) for name, column in values.items()},
        distance=quantiles(distance),
        distance_by_tier={
            int(at): quantiles(people.distance[taken[(taken >= 0) & (tier == at)]]) for at in np.unique(tier)
        },
        ranks={} if people.rank is None else _counted(people.rank[arcs]),
        envy=envy,
        idle=idle,
        cost=sum(classes.arc_cost[arcs].tolist()),
    )


def compared(people: People, first: Integers, second: Integers) -> Comparison:
    one, other = figures(people, first), figures(people, second)
    costs = [_cost(people, taken) for taken in (first, second)]
    return Comparison(
        first=one,
        second=other,
        better_under_first=int((costs[0] < costs[1]).sum()),
        better_under_second=int((costs[1] < costs[0]).sum()),
        same=int((costs[0] == costs[1]).sum()),
    )


def shares(values: Sequence[str], served: NDArray[np.bool_]) -> dict[str, Share]:
    """By value, in alphabetical order: how many there are and how many of them are served."""
    if not len(values):
        return {}
    names, number = np.unique(np.asarray(values, dtype=np.str_), return_inverse=True)
    every, some = np.bincount(number), np.bincount(number[served], minlength=len(names))
    return {str(name): Share(int(s), int(e)) for name, s, e in zip(names, some, every, strict=True)}


def quantiles(values: Integers, percents: Sequence[int] = QUANTILES) -> dict[int, int]:
    """The smallest value that at least so many percent do not exceed; nothing where there are no values."""
    if not len(values):
        return {}
    order = np.sort(values)
    return {percent: int(order[max(0, -(-percent * len(order) // 100) - 1)]) for percent in percents}


def check_taken(people: People, taken: Integers) -> None:
    check_length("taken", taken, len(people.row))
    check_range("taken", taken, -1, len(people.classes.arc_slot) - 1)
    placed = np.flatnonzero(taken >= 0)
    wrong = placed[people.classes.owners()[taken[placed]] != people.row[placed]]
    if len(wrong):
        raise MalformedInstance(f"/taken/{int(wrong[0])}", "is an arc of another class")


def _unhappy(people: People, taken: Integers) -> tuple[int, int]:
    """How many would rather have what a less urgent tier holds, and how many what nobody holds."""
    classes, arcs = people.classes, taken[taken >= 0]
    slot, owner = classes.arc_slot, classes.owners()
    last = np.full(len(classes.capacity), -1, dtype=np.int64)
    np.maximum.at(last, slot[arcs], classes.tier[people.row[taken >= 0]])
    held = np.bincount(slot[arcs], minlength=len(last))
    own = _cost(people, taken)
    found = []
    for wanted in (last[slot] > classes.tier[owner], (held < classes.capacity)[slot]):
        least = np.full(len(classes.count), np.iinfo(np.int64).max)
        np.minimum.at(least, owner[wanted], classes.arc_cost[wanted])
        found.append(int((least[people.row] < own).sum()))
    return found[0], found[1]


def _cost(people: People, taken: Integers) -> Integers:
    """What each person's place costs; no place is above every cost."""
    nothing = np.iinfo(np.int64).max
    return np.where(taken >= 0, np.append(people.classes.arc_cost, nothing)[taken], nothing)


def _counted(values: Integers) -> dict[int, int]:
    which, count = np.unique(values, return_counts=True)
    return dict(zip(which.tolist(), count.tolist(), strict=True))
