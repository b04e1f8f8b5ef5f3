"""Welfare where slots are not independent: sizes above 1, budgets, groups that share a provider. CP-SAT, tier by tier.

Such a problem has no integral prices in general. The answer is the best found; how many tiers are proven is the
solver's word; the bound on the cost comes from prices of the linear relaxation and can be checked by anyone.
"""

import time
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from matching.arrays import Integers
from matching.cooling import cooled
from matching.core import whole
from matching.errors import CostsOutOfRange
from matching.instance import Instance
from matching.reasons import leftovers
from matching.refine import Neighbourhoods, better, pointed, portion
from matching.regions import Effort, packed_by_regions
from matching.relax import Relaxation, relaxation

# a run without a limit of its own does not search for ever
DEFAULT_LIMIT = 60.0
# beyond so many arcs a search over all of them at once finds little in the time of a round
SMALL_ARCS = 4_000
# requests placed anew together, and for how many seconds at most
PORTION, PORTION_SECONDS = 45, 0.5
# of the time that is left when the relaxation is solved, for the whole answer among the columns it leaves in question
_WHOLE_SHARE = 0.5
# of the time, for a first answer by chance
_COOLING_SHARE = 0.3
_LARGEST_SUM = 2**62


@dataclass(frozen=True, eq=False)
class Packing:
    """The arc of each request (-1: none), how many tiers are proven, and, if not all can be served, who shows it.

    `model`: the relaxation, where one was made on the way, and the `most` it serves by tier.
    """

    taken: Integers
    tiers_proven: int
    core: tuple[int, ...] = ()
    model: Relaxation | None = None
    most: tuple[int, ...] | None = None


def pack(instance: Instance, *, seed: int, deadline: float) -> Packing:
    """Small instances, and those in which everyone must be served, as a whole; large ones part after part."""
    if instance.serve_all or len(instance.arc_slot) <= SMALL_ARCS:
        return _Packer(instance, seed, deadline).packed()
    model = relaxation(instance, deadline)
    return packed_by_portions(instance, model, seed, deadline)


def placed_by_regions(instance: Instance) -> bool:
    """Only sizes tie requests together: what is lost has a place."""
    return instance.group is None and not instance.budget_ids


def packed_by_portions(instance: Instance, model: Relaxation | None, seed: int, deadline: float) -> Packing:
    """From where the relaxation points, one neighbourhood after the other is solved again as long as there is time.

    Ends early where nothing can be better than the relaxation.
    """
    alone = placed_by_regions(instance)
    start, most, least = _start(instance, model, deadline, by_parts=alone)
    taken = greedy(instance, start)
    if alone and model is not None and most is not None and start is not None:
        now = time.monotonic()
        first = cooled(instance, model.duals()[0], seed=seed, deadline=now + _COOLING_SHARE * (deadline - now))
        taken = max_by(instance, taken, greedy(instance, first))
        taken = packed_by_regions(model, most, taken, Effort(deadline, seed))
        return Packing(greedy(instance, taken), 0, model=model, most=most)
    around = Neighbourhoods(instance, seed, PORTION)
    while time.monotonic() < deadline and not _at_best(instance, taken, most, least):
        freed = around.draw(taken)
        limit = min(deadline, time.monotonic() + PORTION_SECONDS)
        taken = max_by(instance, taken, _solved_again(instance, taken, freed, seed, limit))
    taken = max_by(instance, greedy(instance, taken), greedy(instance))
    return Packing(taken, 0, model=model, most=most)


def _start(
    instance: Instance, model: Relaxation | None, deadline: float, *, by_parts: bool
) -> tuple[Integers | None, tuple[int, ...] | None, float]:
    """A first answer, the most that can be served by tier, and the least that costs; as far as there is time."""
    if model is None or (most := model.most_served()) is None or not model.solve(instance.arc_cost.astype(np.float64)):
        return None, None, 0.0
    least, first = model.solver.Objective().Value(), pointed(model)
    if by_parts or _at_best(instance, first, most, least):
        return first, most, least
    found = whole(model, most, time.monotonic() + _WHOLE_SHARE * (deadline - time.monotonic()))
    return (first if found is None else max_by(instance, greedy(instance, first), found)), most, least


def _at_best(instance: Instance, taken: Integers, most: tuple[int, ...] | None, least: float) -> bool:
    if most is None or tuple(np.bincount(instance.tier[taken >= 0], minlength=instance.tiers).tolist()) != most:
        return False
    return int(instance.arc_cost[taken[taken >= 0]].sum()) < least + 1


def max_by(instance: Instance, one: Integers, other: Integers) -> Integers:
    return other if better(instance, other, one) else one


def _solved_again(instance: Instance, taken: Integers, freed: Integers, seed: int, deadline: float) -> Integers:
    part = portion(instance, taken, freed)
    inner = _Packer(part.instance, seed, deadline, part.start(taken)).packed().taken
    return part.joined(taken, inner)


class _Packer:
    """The model, and the best answer so far. Every improvement starts from it, so the deadline only costs quality."""

    def __init__(self, instance: Instance, seed: int, deadline: float, start: Integers | None = None) -> None:
        if int(instance.arc_cost.sum(dtype=object)) > _LARGEST_SUM:
            raise CostsOutOfRange("the costs add up to more than 64-bit arithmetic carries")
        self.instance, self.seed, self.deadline = instance, seed, deadline
        self.model = cp_model.CpModel()
        self.chosen = [self.model.new_bool_var("") for _ in range(len(instance.arc_slot))]
        self.served = [self.model.new_bool_var("") for _ in range(len(instance.request_ids))]
        for request, served in enumerate(self.served):
            arcs = range(int(instance.first_arc[request]), int(instance.first_arc[request + 1]))
            self.model.add(sum(self.chosen[arc] for arc in arcs) == served)
        self.limit(instance.arc_slot, instance.size[instance.owners], instance.capacity)
        for spend, limit in zip(instance.spend, instance.budget_limit.tolist(), strict=True):
            self.limit(np.zeros_like(instance.arc_slot), spend, np.array([limit]))
        self.bind_groups()
        self.taken = greedy(instance, start)

    def limit(self, row: Integers, weight: Integers, most: Integers) -> None:
        """For every row, the weights of its chosen arcs add up to no more than `most`."""
        order = np.argsort(row, kind="stable")
        starts = np.searchsorted(row[order], np.arange(len(most) + 1))
        for at, limit in enumerate(most.tolist()):
            arcs = order[starts[at] : starts[at + 1]]
            weights = weight[arcs].tolist()
            if sum(weights) > limit:
                chosen = [self.chosen[arc] for arc in arcs.tolist()]
                self.model.add(cp_model.LinearExpr.weighted_sum(chosen, weights) <= limit)

    def bind_groups(self) -> None:
        group, provider = self.instance.group, self.instance.providers.tolist()
        if group is None:
            return
        allowed: dict[int, dict[int, cp_model.IntVar]] = {}
        for arc, request in enumerate(self.instance.owners.tolist()):
            if group[request] >= 0:
                of_group = allowed.setdefault(int(group[request]), {})
                name = provider[self.instance.arc_slot[arc]]
                if name not in of_group:
                    of_group[name] = self.model.new_bool_var("")
                self.model.add_implication(self.chosen[arc], of_group[name])
        for of_group in allowed.values():
            self.model.add_at_most_one(of_group.values())

    def packed(self) -> Packing:
        if self.instance.serve_all:
            return self.all_served()
        proven, so_far = 0, True
        for tier in range(self.instance.tiers):
            so_far = self.serve_most(np.flatnonzero(self.instance.tier == tier).tolist()) and so_far
            proven += so_far
        self.cheapen()
        self.taken = greedy(self.instance, self.taken)
        return Packing(self.taken, proven)

    def all_served(self) -> Packing:
        """Everyone or nobody: where it cannot be, the solver names requests that cannot be served together."""
        self.model.add_assumptions(self.served)
        status, solver = self.search(self.left())
        self.model.clear_assumptions()
        if status == cp_model.INFEASIBLE:
            numbers = {variable.index: at for at, variable in enumerate(self.served)}
            core = tuple(sorted(numbers[index] for index in solver.sufficient_assumptions_for_infeasibility()))
            return Packing(self.taken, 0, core or tuple(range(len(self.served))))
        if (self.taken < 0).any():
            return Packing(self.taken, 0)
        self.model.add_bool_and(self.served)
        self.cheapen()
        return Packing(self.taken, self.instance.tiers)

    def serve_most(self, members: list[int]) -> bool:
        """Serve as many of these as possible without serving fewer of those before; whether that is proven."""
        servable = [at for at in members if self.instance.first_arc[at] < self.instance.first_arc[at + 1]]
        count = cp_model.LinearExpr.sum([self.served[at] for at in servable])
        proven = bool((self.taken[servable] >= 0).all())
        if not proven:
            self.model.maximize(count)
            # half of what is left for each tier: the cost needs time too
            status, _ = self.search(self.left() / 2)
            proven = status == cp_model.OPTIMAL
            self.model.clear_objective()  # type: ignore[no-untyped-call]  # ortools left it untyped
        if servable:
            self.model.add(count >= int((self.taken[servable] >= 0).sum()))
        return proven

    def cheapen(self) -> None:
        self.model.minimize(cp_model.LinearExpr.weighted_sum(self.chosen, self.instance.arc_cost.tolist()))
        self.search(self.left())

    def left(self) -> float:
        return self.deadline - time.monotonic()

    def search(self, seconds: float) -> tuple[object, cp_model.CpSolver]:
        """Look for a better answer and keep it. One thread and a fixed seed: the same answer for the same work done."""
        solver = cp_model.CpSolver()
        if seconds <= 0:
            return cp_model.UNKNOWN, solver
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self.seed % 2**31
        solver.parameters.max_time_in_seconds = seconds
        self.hint()
        status = solver.solve(self.model)
        if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            values = np.array([solver.boolean_value(variable) for variable in self.chosen], dtype=np.bool_)
            arcs = np.flatnonzero(values)
            self.taken = np.full(len(self.served), -1, dtype=np.int64)
            self.taken[self.instance.owners[arcs]] = arcs
        return status, solver

    def hint(self) -> None:
        self.model.clear_hints()  # type: ignore[no-untyped-call]  # ortools left it untyped
        used = np.zeros(len(self.chosen), dtype=np.bool_)
        used[self.taken[self.taken >= 0]] = True
        for variable, value in zip(self.chosen, used.tolist(), strict=True):
            self.model.add_hint(variable, value)


def greedy(instance: Instance, taken: Integers | None = None) -> Integers:
    """Place whoever can still be placed: most urgent first, then smaller sizes, each at its cheapest candidate."""
    taken = np.full(len(instance.request_ids), -1, dtype=np.int64) if taken is None else taken.copy()
    free, money, bound = (part.copy() for part in leftovers(instance, taken))
    providers, group = instance.providers, instance.group
    for request in np.lexsort((instance.size, instance.tier)).tolist():
        if taken[request] >= 0:
            continue
        arcs = np.arange(instance.first_arc[request], instance.first_arc[request + 1])
        slots = instance.arc_slot[arcs]
        fits = (instance.size[request] <= free[slots]) & (instance.spend[:, arcs] <= money[:, None]).all(axis=0)
        fits &= (bound[request] < 0) | (bound[request] == providers[slots])
        if not fits.any():
            continue
        arc = int(arcs[fits][np.argmin(instance.arc_cost[arcs[fits]])])
        taken[request] = arc
        free[instance.arc_slot[arc]] -= instance.size[request]
        money = money - instance.spend[:, arc]
        if group is not None and group[request] >= 0:
            bound[group == group[request]] = providers[instance.arc_slot[arc]]
    return taken
