"""Why somebody sits here, why somebody waits, and what would change it: facts read off the prices. Words are elsewhere.

Every statement can be checked from the published round: it compares costs, prices and penalties, nothing else.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers
from matching.classes import Classes
from matching.outcome import ClassResult


class Why(StrEnum):
    FIRST_WISH = "first-wish"
    FIRST_WISH_FULL = "first-wish-full"
    WAITING = "waiting"
    NO_CANDIDATE = "no-candidate"


@dataclass(frozen=True)
class Worth:
    """What one more place would do: serve one more of `tier` (None: nobody new) and lower the total cost by `saving`.

    A negative saving is what serving that person would add.
    """

    tier: int | None
    saving: int


@dataclass(frozen=True)
class Explanation:
    """`wanted` is the cheapest candidate; the facts about it say why it was not given.

    `last_tier`: the least urgent tier that holds a place there. `worth`: what one more place there would do.
    `opens`: the candidates where one more place would be enough for this request to sit there.
    """

    why: Why
    tier: int
    slot: int | None = None
    cost: int | None = None
    wanted: int | None = None
    wanted_cost: int | None = None
    last_tier: int | None = None
    worth: Worth | None = None
    opens: tuple[int, ...] = ()


class Explainer:
    """Answers for one proven result; building it looks once at all arcs, a question only at those of its class."""

    def __init__(self, classes: Classes, result: ClassResult) -> None:
        assert result.proven, "prices explain only what they prove"
        self.classes, self.result = classes, result
        self.last_tier = np.full(len(classes.capacity), -1, dtype=np.int64)
        used = np.flatnonzero(result.flow > 0)
        np.maximum.at(self.last_tier, classes.arc_slot[used], classes.tier[classes.owners()[used]])

    def placed(self, arc: int) -> Explanation:
        """For the requests of a class that take this arc."""
        classes, prices = self.classes, self.result.prices
        row = int(np.searchsorted(classes.first_arc, arc, side="right")) - 1
        slot, cost = int(classes.arc_slot[arc]), int(classes.arc_cost[arc])
        here, first = self._arcs(row), self._wanted(row)
        if cost == classes.arc_cost[first]:
            return Explanation(Why.FIRST_WISH, int(classes.tier[row]), slot, cost, slot, cost)
        better = here[classes.arc_cost[here] < cost]
        tight = classes.arc_cost[better] + prices[classes.arc_slot[better]] == cost + prices[slot]
        return self._about(Why.FIRST_WISH_FULL, row, first, better[tight], slot, cost)

    def waiting(self, row: int) -> Explanation:
        """For the requests of a class that wait."""
        classes, tier = self.classes, int(self.classes.tier[row])
        here = self._arcs(row)
        if len(here) == 0:
            return Explanation(Why.NO_CANDIDATE, tier)
        value = classes.arc_cost[here] + self.result.prices[classes.arc_slot[here]]
        tight = here[value == self.result.penalty_by_tier[tier]]
        return self._about(Why.WAITING, row, self._wanted(row), tight, None, None)

    def worth(self, slot: int) -> Worth:
        caps = self.classes.limits
        around = caps.above(self.result.cap_prices, caps.of_slot[slot : slot + 1])
        return worth(int(self.result.prices[slot] - around[0]), self.result.penalty_by_tier)

    def _arcs(self, row: int) -> Integers:
        return np.arange(self.classes.first_arc[row], self.classes.first_arc[row + 1])

    def _wanted(self, row: int) -> int:
        here = self._arcs(row)
        return int(here[np.argmin(self.classes.arc_cost[here])])

    def _about(
        self, why: Why, row: int, first: int, tight: Integers, slot: int | None, cost: int | None
    ) -> Explanation:
        wanted, last = int(self.classes.arc_slot[first]), int(self.last_tier[self.classes.arc_slot[first]])
        return Explanation(
            why=why,
            tier=int(self.classes.tier[row]),
            slot=slot,
            cost=cost,
            wanted=wanted,
            wanted_cost=int(self.classes.arc_cost[first]),
            last_tier=None if last < 0 else last,
            worth=self.worth(wanted),
            opens=tuple(self.classes.arc_slot[tight].tolist()),
        )


def worth(price: int, penalty_by_tier: tuple[int, ...]) -> Worth:
    """A price taken apart. Penalties lie twice as far apart as any exchange of costs, so the nearest is meant."""
    tier = min(range(len(penalty_by_tier)), key=lambda at: abs(price - penalty_by_tier[at]), default=None)
    if tier is None or price <= abs(price - penalty_by_tier[tier]):
        return Worth(None, price)
    return Worth(tier, price - penalty_by_tier[tier])


def at_first_wish(classes: Classes) -> NDArray[np.bool_]:
    """For every arc, whether it is as cheap as the cheapest of its class: the bulk form of `Why.FIRST_WISH`."""
    least = np.full(len(classes.count), np.iinfo(np.int64).max, dtype=np.int64)
    owner = classes.owners()
    np.minimum.at(least, owner, classes.arc_cost)
    cheapest: NDArray[np.bool_] = classes.arc_cost == least[owner]
    return cheapest
