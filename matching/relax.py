"""The linear relaxation: where halves of people would go, what cannot be beaten, and the prices that say so.

The solver works in floating point; that is no harm, because any non-negative integers give a valid bound. Bad ones only
give a weak bound.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from matching.arrays import Integers
from matching.instance import Instance

Reals = NDArray[np.float64]

_MILLISECONDS, _DAY = 1_000, 86_400.0
# the finest price unit is a millionth of a cost unit; coarser where 64 bits ask for it
_FINEST = 10**6
# of a person a billionth: rounded prices of a million places must not add up to somebody
_FINEST_COUNT = 10**9
_LARGEST_VALUE = 2**60
# what making the model takes, and the share of the time it may take
_SECONDS_AN_ARC, _MAKING = 15e-6, 0.25
# what the solver may be wrong by when a count is rounded down, or a column looked for
_SLACK = 1e-6
# every round of pricing adds columns that were not there; so many rounds mean that rounding leads in circles
_ROUNDS = 200
# columns of each request or group at first, and how many may come in a round
_COLUMNS, _PRICED_IN = 4, 2


@dataclass(frozen=True, eq=False)
class RelaxedPrices:
    """In 1/`scale` of a cost unit: a unit of each slot, of each budget, and (with groups) one more served of a tier."""

    scale: int
    slots: Integers
    budgets: Integers
    tiers: tuple[int, ...] = ()


class Relaxation:
    """The model: shares of columns, capacities, budgets, every request (or group) at most once.

    A column is an arc or what some members of a group would take together at one provider. A few of each request or
    group stand there at first; the others are found by their prices when they would help.
    """

    def __init__(self, instance: Instance, deadline: float) -> None:
        self.instance, self.deadline = instance, deadline
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self._endless = self.solver.infinity()
        self.slots = [self._row(float(limit)) for limit in instance.capacity.tolist()]
        self.budgets = [self._row(float(limit)) for limit in instance.budget_limit.tolist()]
        self.tiers = [self._row(self._endless) for _ in range(instance.tiers)]
        self.once: dict[int, pywraplp.Constraint] = {}
        self.columns: list[tuple[int, ...]] = []
        self.share: list[pywraplp.Variable] = []
        # of each tier, once the most that can be served of it is known
        self.counts: list[RelaxedPrices] = []
        self._known: set[tuple[int, ...]] = set()
        self._name = _named(instance)
        self._slot, self._tier = instance.arc_slot.tolist(), instance.tier[instance.owners].tolist()
        self._size = instance.size[instance.owners].tolist()
        self._fitting = np.flatnonzero(instance.fitting)
        # the more are served the better, and the cheaper
        for arcs in self._best_bundles(instance.arc_cost - instance.arc_cost.max(initial=0) - 1.0, _COLUMNS):
            self._add(arcs)

    def solve(self, value: Reals) -> bool:
        """Minimise `value` (per arc); whether that was done in time."""
        objective, each = self.solver.Objective(), value.tolist()
        objective.Clear()
        objective.SetMinimization()
        valued = 0
        for _ in range(_ROUNDS):
            for share, arcs in zip(self.share[valued:], self.columns[valued:], strict=True):
                objective.SetCoefficient(share, sum(each[arc] for arc in arcs))
            valued = len(self.share)
            seconds = self.deadline - time.monotonic()
            if seconds <= 0:
                return False
            self.solver.SetTimeLimit(max(1, int(min(seconds, _DAY) * _MILLISECONDS)))
            if self.solver.Solve() != self.solver.OPTIMAL:
                return False
            if not self._priced_in(value):
                return True
        return False

    def most_served(self) -> tuple[int, ...] | None:
        """By tier, the most that could be served if people could be split, and from now on are; None: no time."""
        counts: list[int] = []
        self.counts.clear()
        for row in self.tiers:
            row.SetLb(-self._endless)
        for tier in range(self.instance.tiers):
            if not self.solve(-(self.instance.tier[self.instance.owners] == tier).astype(np.float64)):
                return None
            rounded = self._rounded(1.0, _FINEST_COUNT)
            self.counts.append(replace(rounded, tiers=rounded.tiers[:tier] + (0,) * (self.instance.tiers - tier)))
            counts.append(int(-self.solver.Objective().Value() + _SLACK))
            self.serve(tuple(counts))
        return tuple(counts)

    def serve(self, counts: tuple[int, ...]) -> None:
        """From now on at least so many of the first tiers."""
        for row, count in zip(self.tiers, counts, strict=False):
            row.SetLb(float(count))

    def shares(self) -> Reals:
        """Of every column, after `solve`."""
        return np.array([share.solution_value() for share in self.share])

    def regrets(self) -> Reals:
        """What taking each column costs more than what is best, by the prices, after `solve`."""
        return np.array([share.reduced_cost() for share in self.share])

    def prices(self) -> RelaxedPrices:
        """After `solve` of the costs, with `serve` of all tiers."""
        prices = self._rounded(float(self.instance.arc_cost.max(initial=0)), _FINEST)
        return prices if self.instance.group is not None else replace(prices, tiers=())

    def _rounded(self, largest: float, scale: int) -> RelaxedPrices:
        """In integers as fine as 64 bits allow where no arc is worth more than `largest`."""
        slots, budgets, tiers = self.duals()
        largest += float(tiers.max(initial=0.0))
        largest += float(self.instance.size.max(initial=0)) * float(slots.max(initial=0))
        largest += float((self.instance.spend.max(axis=1, initial=0) * budgets).sum())
        while scale > 1 and largest * scale > _LARGEST_VALUE:
            scale //= 10
        return RelaxedPrices(
            scale,
            np.rint(slots * scale).astype(np.int64),
            np.rint(budgets * scale).astype(np.int64),
            tuple(np.rint(tiers * scale).astype(np.int64).tolist()),
        )

    # -- rows and columns ------------------------------------------------------------------------------------------

    def _row(self, most: float) -> pywraplp.Constraint:
        return self.solver.Constraint(-self._endless, most)

    def _add(self, arcs: tuple[int, ...]) -> None:
        self._known.add(arcs)
        share, name = self.solver.NumVar(0.0, self._endless, ""), int(self._name[arcs[0]])
        self.columns.append(arcs)
        self.share.append(share)
        if name not in self.once:
            self.once[name] = self._row(1.0)
        for row, amount in self.entries(arcs):
            row.SetCoefficient(share, amount)

    def entries(self, arcs: tuple[int, ...]) -> Iterator[tuple[pywraplp.Constraint, float]]:
        """The rows of a column, and what it takes from each."""
        yield self.once[int(self._name[arcs[0]])], 1.0
        for rows, amounts in (
            (self.slots, _summed((self._slot[arc], self._size[arc]) for arc in arcs)),
            (self.tiers, _summed((self._tier[arc], 1) for arc in arcs)),
        ):
            for at, amount in amounts:
                yield rows[at], float(amount)
        for at, budget in enumerate(self.budgets):
            yield budget, float(self.instance.spend[at, list(arcs)].sum())

    def duals(self) -> tuple[Reals, Reals, Reals]:
        """Of the slots, the budgets and the tiers, as prices (>= 0)."""
        slots = np.array([-row.dual_value() for row in self.slots])
        budgets = np.array([-row.dual_value() for row in self.budgets])
        tiers = np.array([row.dual_value() for row in self.tiers])
        return np.maximum(slots, 0.0), np.maximum(budgets, 0.0), np.maximum(tiers, 0.0)

    def _priced_in(self, value: Reals) -> bool:
        """Add the columns that would pay at the prices of the last solve, the best few each; whether any were."""
        slots, budgets, tiers = self.duals()
        instance, worth = self.instance, value + budgets @ self.instance.spend
        worth += np.array(self._size, dtype=np.int64) * slots[instance.arc_slot]
        worth -= tiers[np.array(self._tier, dtype=np.int64)]
        spare = np.zeros(len(instance.request_ids) + len(instance.group_ids))
        for name, row in self.once.items():
            spare[name] = row.dual_value()
        new = [arcs for arcs in self._best_bundles(worth, _PRICED_IN, spare) if arcs not in self._known]
        for arcs in new:
            self._add(arcs)
        return bool(new)

    def _best_bundles(self, worth: Reals, most: int, spare: Reals | None = None) -> Iterator[tuple[int, ...]]:
        """The best columns of each name, `most` of them: of each member the best arc, if it is worth less than 0.

        Only those that are worth less than `spare` of the name.
        """
        instance, arc = self.instance, self._fitting[worth[self._fitting] < 0]
        if not len(arc):
            return
        name, owner = self._name[arc], instance.owners[arc]
        # who stands alone takes one arc; who belongs together meets at a provider
        provider = np.where(name < len(instance.request_ids), arc, instance.providers[instance.arc_slot[arc]])
        order = np.lexsort((arc, instance.arc_cost[arc], worth[arc], owner, provider, name))
        first = np.append(True, _differ(name[order], provider[order], owner[order]))
        order = order[first]
        starts = np.flatnonzero(np.append(True, _differ(name[order], provider[order])))
        total, names = np.add.reduceat(worth[arc[order]], starts), name[order[starts]]
        parts = np.split(arc[order], starts[1:])
        best = np.lexsort((total, names))
        nth = np.arange(len(best)) - np.searchsorted(names[best], names[best])
        least = np.zeros(len(total)) if spare is None else spare[names]
        for at in best[(nth < most) & (total[best] < least[best] - _SLACK)].tolist():
            yield tuple(parts[at].tolist())


def _differ(*keys: Integers) -> NDArray[np.bool_]:
    """Where an entry is not the one before it in all keys."""
    changes: NDArray[np.bool_] = np.any([np.diff(key) != 0 for key in keys], axis=0)
    return changes


def relaxation(instance: Instance, deadline: float) -> Relaxation | None:
    """The model, or None where making it alone would take too much of the time that is left."""
    left = deadline - time.monotonic()
    if len(instance.arc_slot) * _SECONDS_AN_ARC > _MAKING * left:
        return None
    return Relaxation(instance, deadline)


def _named(instance: Instance) -> Integers:
    """By arc, what is taken at most once: a request, or a group as a whole (numbered after the requests)."""
    requests = len(instance.request_ids)
    alone = np.arange(requests)
    name = alone if instance.group is None else np.where(instance.group >= 0, instance.group + requests, alone)
    named: Integers = name[instance.owners]
    return named


def _summed(terms: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    total: dict[int, int] = {}
    for row, amount in terms:
        total[row] = total.get(row, 0) + amount
    return total.items()
