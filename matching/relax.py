"""Prices for slots and budgets from the linear relaxation: they bound the cost of the best packing from below.

The solver works in floating point; that is no harm, because any non-negative integers give a valid bound. Bad ones only
give a weak bound.
"""

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from matching.arrays import Integers
from matching.instance import Instance

_MILLISECONDS = 1_000
# the finest price unit is a millionth of a cost unit; coarser where 64 bits ask for it
_FINEST = 10**6
_LARGEST_VALUE = 2**60


def relaxed_prices(
    instance: Instance, served_by_tier: tuple[int, ...], seconds: float
) -> tuple[int, Integers, Integers] | None:
    """(scale, price a unit in each slot, of each budget), in 1/scale of a cost unit; None if out of time."""
    solver = pywraplp.Solver.CreateSolver("GLOP")
    if solver is None or seconds <= 0:
        return None
    solver.SetTimeLimit(max(1, int(seconds * _MILLISECONDS)))
    slots = [solver.Constraint(-solver.infinity(), float(capacity)) for capacity in instance.capacity.tolist()]
    budgets = [solver.Constraint(-solver.infinity(), float(limit)) for limit in instance.budget_limit.tolist()]
    tiers = [solver.Constraint(float(served), float(served)) for served in served_by_tier]
    once = [solver.Constraint(-solver.infinity(), 1.0) for _ in instance.request_ids]
    objective = solver.Objective()
    rows = zip(
        instance.owners.tolist(),
        instance.arc_slot.tolist(),
        instance.arc_cost.tolist(),
        instance.spend.T.tolist(),
        strict=True,
    )
    for request, slot, cost, spend in rows:
        # a request too large for the slot could still take a part of it in the relaxation
        if instance.size[request] > instance.capacity[slot]:
            continue
        share = solver.NumVar(0.0, solver.infinity(), "")
        objective.SetCoefficient(share, float(cost))
        slots[slot].SetCoefficient(share, float(instance.size[request]))
        tiers[instance.tier[request]].SetCoefficient(share, 1.0)
        once[request].SetCoefficient(share, 1.0)
        for budget, amount in zip(budgets, spend, strict=True):
            budget.SetCoefficient(share, float(amount))
    if solver.Solve() != solver.OPTIMAL:
        return None
    return _scaled(
        instance, np.array([-row.dual_value() for row in slots]), np.array([-row.dual_value() for row in budgets])
    )


def _scaled(
    instance: Instance, prices: NDArray[np.float64], budget_prices: NDArray[np.float64]
) -> tuple[int, Integers, Integers]:
    prices, budget_prices = np.maximum(prices, 0.0), np.maximum(budget_prices, 0.0)
    largest = float(instance.arc_cost.max(initial=0)) + float(instance.size.max(initial=0)) * float(
        prices.max(initial=0)
    )
    largest += float((instance.spend.max(axis=1, initial=0) * budget_prices).sum())
    scale = _FINEST
    while scale > 1 and largest * scale > _LARGEST_VALUE:
        scale //= 10
    return scale, np.rint(prices * scale).astype(np.int64), np.rint(budget_prices * scale).astype(np.int64)
