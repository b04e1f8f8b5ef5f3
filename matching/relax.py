"""The linear relaxation: where halves of people would go, what cannot be beaten, and the prices that say so.

The solver works in floating point; that is no harm, because any non-negative integers give a valid bound. Bad ones only
give a weak bound.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from matching.arrays import Integers
from matching.instance import Instance

_MILLISECONDS = 1_000
# the finest price unit is a millionth of a cost unit; coarser where 64 bits ask for it
_FINEST = 10**6
_LARGEST_VALUE = 2**60
# what making the model takes, and the share of the time it may take
_SECONDS_AN_ARC, _MAKING = 15e-6, 0.25
# what the solver may be wrong by when a count is rounded down
_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class RelaxedPrices:
    """In 1/`scale` of a cost unit: a unit of each slot, of each budget, and (with groups) one more served of a tier."""

    scale: int
    slots: Integers
    budgets: Integers
    tiers: tuple[int, ...] = ()


class Relaxation:
    """The model: shares of columns, capacities, budgets, every request (or group) at most once.

    A column is an arc or, for a group, what all its members (all but one, one alone) would take at one provider. Other
    parts of a group are left out: prices are prices whatever they were made from, only counts are not proven then.
    """

    def __init__(self, instance: Instance, deadline: float) -> None:
        self.instance, self.deadline = instance, deadline
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        endless = self.solver.infinity()
        self.slots = [self.solver.Constraint(-endless, float(limit)) for limit in instance.capacity.tolist()]
        self.budgets = [self.solver.Constraint(-endless, float(limit)) for limit in instance.budget_limit.tolist()]
        self.tiers = [self.solver.Constraint(-endless, endless) for _ in range(instance.tiers)]
        self.columns = list(columns(instance))
        self.share = [self.solver.NumVar(0.0, endless, "") for _ in self.columns]
        once: dict[int, pywraplp.Constraint] = {}
        owner, slot, tier = instance.owners.tolist(), instance.arc_slot.tolist(), instance.tier.tolist()
        size, spend, named = instance.size.tolist(), instance.spend.T.tolist(), _named(instance)
        for share, arcs in zip(self.share, self.columns, strict=True):
            name = named[owner[arcs[0]]]
            if name not in once:
                once[name] = self.solver.Constraint(-endless, 1.0)
            once[name].SetCoefficient(share, 1.0)
            for row, amount in _summed((self.slots[slot[arc]], size[owner[arc]]) for arc in arcs):
                row.SetCoefficient(share, float(amount))
            for row, amount in _summed((self.tiers[tier[owner[arc]]], 1) for arc in arcs):
                row.SetCoefficient(share, float(amount))
            for at, budget in enumerate(self.budgets):
                budget.SetCoefficient(share, float(sum(spend[arc][at] for arc in arcs)))

    def solve(self, value: NDArray[np.float64]) -> bool:
        """Minimise `value` (per arc); whether that was done in time."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            return False
        objective, each = self.solver.Objective(), value.tolist()
        for share, arcs in zip(self.share, self.columns, strict=True):
            objective.SetCoefficient(share, sum(each[arc] for arc in arcs))
        objective.SetMinimization()
        self.solver.SetTimeLimit(max(1, int(seconds * _MILLISECONDS)))
        return bool(self.solver.Solve() == self.solver.OPTIMAL)

    def shares(self) -> NDArray[np.float64]:
        """Of every arc, after `solve`."""
        shares = np.zeros(len(self.instance.arc_slot))
        for share, arcs in zip(self.share, self.columns, strict=True):
            shares[list(arcs)] += share.solution_value()
        return shares

    def serve(self, counts: tuple[int, ...]) -> None:
        """From now on at least so many of the first tiers."""
        for row, count in zip(self.tiers, counts, strict=False):
            row.SetLb(float(count))

    def tiers_proven(self, served: tuple[int, ...]) -> int:
        """How many tiers, from the first, nothing could serve better: not even if people could be split."""
        if self.instance.group is not None:
            return 0
        for row in self.tiers:
            row.SetLb(-self.solver.infinity())
        for tier, count in enumerate(served):
            most = -(self.instance.tier[self.instance.owners] == tier).astype(np.float64)
            if not self.solve(most) or int(-self.solver.Objective().Value() + _SLACK) > count:
                return tier
            self.serve(served[: tier + 1])
        return len(served)

    def prices(self) -> RelaxedPrices:
        """After `solve` of the costs, with `serve` of all tiers."""
        slots = np.maximum(np.array([-row.dual_value() for row in self.slots]), 0.0)
        budgets = np.maximum(np.array([-row.dual_value() for row in self.budgets]), 0.0)
        tiers = np.maximum(np.array([row.dual_value() for row in self.tiers]), 0.0)
        largest = float(self.instance.arc_cost.max(initial=0)) + float(tiers.max(initial=0.0))
        largest += float(self.instance.size.max(initial=0)) * float(slots.max(initial=0))
        largest += float((self.instance.spend.max(axis=1, initial=0) * budgets).sum())
        scale = _FINEST
        while scale > 1 and largest * scale > _LARGEST_VALUE:
            scale //= 10
        grouped = self.instance.group is not None
        return RelaxedPrices(
            scale,
            np.rint(slots * scale).astype(np.int64),
            np.rint(budgets * scale).astype(np.int64),
            tuple(np.rint(tiers * scale).astype(np.int64).tolist()) if grouped else (),
        )


def relaxation(instance: Instance, deadline: float) -> Relaxation | None:
    """The model, or None where making it alone would take too much of the time that is left."""
    left = deadline - time.monotonic()
    if len(instance.arc_slot) * _SECONDS_AN_ARC > _MAKING * left:
        return None
    return Relaxation(instance, deadline)


def columns(instance: Instance) -> Iterator[tuple[int, ...]]:
    """Arcs that would be taken together; those of requests too large for the slot are left out."""
    owner, cost = instance.owners.tolist(), instance.arc_cost.tolist()
    group = np.full(len(owner), -1) if instance.group is None else instance.group[instance.owners]
    provider = instance.providers[instance.arc_slot].tolist()
    bundles: dict[tuple[int, int], dict[int, int]] = {}
    for arc in np.flatnonzero(instance.fitting).tolist():
        if group[arc] < 0:
            yield (arc,)
            continue
        best = bundles.setdefault((int(group[arc]), provider[arc]), {})
        if owner[arc] not in best or cost[arc] < cost[best[owner[arc]]]:
            best[owner[arc]] = arc
    for best in bundles.values():
        arcs = tuple(best.values())
        yield arcs
        if len(arcs) > 1:
            yield from ((arc,) for arc in arcs)
        if len(arcs) > 2:  # noqa: PLR2004 - of two, all but one is one alone
            yield from (arcs[:at] + arcs[at + 1 :] for at in range(len(arcs)))


def _named(instance: Instance) -> list[int]:
    """What is taken at most once: a request, or a group as a whole (numbered after the requests)."""
    requests = len(instance.request_ids)
    alone = np.arange(requests)
    return (
        alone if instance.group is None else np.where(instance.group >= 0, instance.group + requests, alone)
    ).tolist()


def _summed(terms: Iterable[tuple[pywraplp.Constraint, int]]) -> Iterator[tuple[pywraplp.Constraint, int]]:
    total: dict[int, tuple[pywraplp.Constraint, int]] = {}
    for row, amount in terms:
        total[row.index()] = row, total.get(row.index(), (row, 0))[1] + amount
    yield from total.values()
