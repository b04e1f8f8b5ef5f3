"""Better packings of large instances: start where the relaxation points, then solve small parts again exactly."""

from dataclasses import dataclass, replace

import numpy as np

from matching.arrays import Integers
from matching.instance import Instance
from matching.reasons import leftovers
from matching.relax import Relaxation
from matching.terms import with_arcs, with_requests

# a share this near to 1 is a whole
_WHOLE = 1 - 1e-6


def pointed(model: Relaxation) -> Integers:
    """The arcs of the columns that the relaxation takes whole, -1 for the rest."""
    instance = model.instance
    arcs = [arc for column in np.flatnonzero(model.shares() >= _WHOLE).tolist() for arc in model.columns[column]]
    taken = np.full(len(instance.request_ids), -1, dtype=np.int64)
    taken[instance.owners[arcs]] = arcs
    return taken


def better(instance: Instance, one: Integers, other: Integers) -> bool:
    """Whether `one` serves the tiers better than `other` or as well at a lower cost."""
    return _key(instance, one) < _key(instance, other)


def _key(instance: Instance, taken: Integers) -> tuple[list[int], int]:
    served = np.bincount(instance.tier[taken >= 0], minlength=instance.tiers)
    return (-served).tolist(), sum(instance.arc_cost[taken[taken >= 0]].tolist())


class Neighbourhoods:
    """Sets of requests that may gain from being placed anew together: those around a few slots, and who waits there."""

    def __init__(self, instance: Instance, seed: int, most: int) -> None:
        self.instance, self.most = instance, most
        self.rng = np.random.default_rng(seed)
        self.turn = False

    def draw(self, taken: Integers) -> Integers:
        """Around one slot: who sits there, who waits for it, and so on from slot to slot until there are enough."""
        instance = self.instance
        inside = np.zeros(len(taken), dtype=np.bool_)
        seat = np.where(taken >= 0, np.append(instance.arc_slot, -1)[taken], -1)
        todo, seen = [self._start(taken)], set[int]()
        while todo and inside.sum() < self.most:
            slot = todo.pop(0)
            if slot in seen:
                continue
            seen.add(slot)
            near = np.unique(instance.owners[instance.arc_slot == slot])
            waiting = near[seat[near] == -1]
            fresh = np.concatenate([np.flatnonzero(seat == slot), self.rng.permutation(waiting)[: self.most // 4]])
            inside[fresh] = True
            self._with_groups(inside)
            if len(near):
                one = int(near[self.rng.integers(0, len(near))])
                arcs = np.arange(instance.first_arc[one], instance.first_arc[one + 1])
                todo += self.rng.permutation(instance.arc_slot[arcs])[:4].tolist()
        return np.flatnonzero(inside)

    def _start(self, taken: Integers) -> int:
        """Every other time a slot that somebody of the most urgent tier of those who wait would take."""
        instance, self.turn = self.instance, not self.turn
        waiting = np.flatnonzero((taken < 0) & instance.servable)
        if self.turn or not len(waiting):
            return int(self.rng.integers(0, len(instance.capacity)))
        urgent = waiting[instance.tier[waiting] == instance.tier[waiting].min()]
        one = int(self.rng.choice(urgent))
        return int(self.rng.choice(instance.arc_slot[instance.first_arc[one] : instance.first_arc[one + 1]]))

    def _with_groups(self, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
        group = self.instance.group
        if group is not None:
            chosen = np.unique(group[inside])
            inside |= np.isin(group, chosen[chosen >= 0])


@dataclass(frozen=True, eq=False)
class Portion:
    """Some requests with what all others leave to them. `arc[a]` is arc `a` of `instance` in the whole."""

    instance: Instance
    request: Integers
    arc: Integers

    def start(self, taken: Integers) -> Integers:
        """Where they sit now, in arcs of the portion."""
        at = np.searchsorted(self.arc, taken[self.request])
        return np.where(taken[self.request] >= 0, at, -1)

    def joined(self, taken: Integers, inner: Integers) -> Integers:
        after = taken.copy()
        after[self.request] = np.where(inner >= 0, np.append(self.arc, -1)[inner], -1)
        return after


def portion(instance: Instance, taken: Integers, request: Integers) -> Portion:
    inside = np.zeros(len(taken), dtype=np.bool_)
    inside[request] = True
    free, money, bound = leftovers(instance, np.where(inside, -1, taken))
    owner, slot = instance.owners, instance.arc_slot
    fits = inside[owner] & (instance.size[owner] <= free[slot]) & (instance.spend <= money[:, None]).all(axis=0)
    arc = np.flatnonzero(fits & ((bound[owner] < 0) | (bound[owner] == instance.providers[slot])))
    left = replace(with_arcs(instance, arc), capacity=np.maximum(free, 0), budget_limit=np.maximum(money, 0))
    return Portion(replace(with_requests(left, np.flatnonzero(inside)), serve_all=False), np.flatnonzero(inside), arc)
