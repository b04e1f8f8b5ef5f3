"""The best whole answer among the few columns that the prices of the relaxation leave in question."""

import time

import numpy as np
from ortools.linear_solver import pywraplp

from matching.arrays import Integers
from matching.relax import Relaxation

_MILLISECONDS = 1_000
# so many columns a request (or group) are looked at, those of least regret
_COLUMNS = 2
# the search ends where the answer is proven to be this near to the best of these columns
_NEAR = 1e-6
# one person fewer outweighs any cost of an exchange that the prices foresee, so many times
_OUTWEIGHS = 10.0
_HALF = 0.5


def whole(model: Relaxation, counts: tuple[int, ...], deadline: float) -> Integers | None:
    """The arc of every request (-1: none): the `counts` served at least cost, or nearly; None where there is no time.

    `model` was solved for the costs with these counts. What is not among the columns looked at is not considered.
    """
    instance, regrets = model.instance, model.regrets()
    most = min(_COLUMNS * len(model.once), len(regrets))
    chosen = np.argsort(regrets, kind="stable")[:most]
    solver = pywraplp.Solver.CreateSolver("SCIP")
    endless, value = solver.infinity(), instance.arc_cost.tolist()
    limits = {row.index(): solver.Constraint(-endless, row.ub()) for row in (*model.slots, *model.budgets)}
    limits |= {row.index(): solver.Constraint(-endless, 1.0) for row in model.once.values()}
    step = _OUTWEIGHS * (max((row.dual_value() for row in model.tiers), default=0.0) + max(value, default=0) + 1.0)
    for tier, (row, count) in enumerate(zip(model.tiers, counts, strict=True)):
        limits[row.index()] = solver.Constraint(float(count), endless)
        fewer = solver.NumVar(0.0, float(count), "")
        limits[row.index()].SetCoefficient(fewer, 1.0)
        solver.Objective().SetCoefficient(fewer, step * (len(counts) - tier))
    taken = [_copied(model, solver, limits, column, value) for column in chosen.tolist()]
    solver.Objective().SetMinimization()
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        return None
    solver.SetTimeLimit(max(1, int(seconds * _MILLISECONDS)))
    settings = pywraplp.MPSolverParameters()
    settings.SetDoubleParam(settings.RELATIVE_MIP_GAP, _NEAR)
    if solver.Solve(settings) not in {solver.OPTIMAL, solver.FEASIBLE}:
        return None
    arcs = [arc for column, here in zip(chosen.tolist(), taken, strict=True) if here.solution_value() > _HALF
            for arc in model.columns[column]]  # fmt: skip
    answer = np.full(len(instance.request_ids), -1, dtype=np.int64)
    answer[instance.owners[arcs]] = arcs
    return answer


def _copied(
    model: Relaxation,
    solver: pywraplp.Solver,
    limits: dict[int, pywraplp.Constraint],
    column: int,
    value: list[int],
) -> pywraplp.Variable:
    here = solver.BoolVar("")
    for row, amount in model.entries(model.columns[column]):
        limits[row.index()].SetCoefficient(here, amount)
    solver.Objective().SetCoefficient(here, float(sum(value[arc] for arc in model.columns[column])))
    return here
