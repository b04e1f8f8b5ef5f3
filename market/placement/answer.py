"""The matcher's answer for a census: which arc each request takes, what a place is worth, and what proves it."""

import time
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from market.placement.arcs import Arcs
from market.placement.census import Census, Service
from market.placement.rules import RoundNotProven
from matching import Classes, ClassResult, Instance, Integers, Result, Status, solve_classes, verify_classes
from matching.solve import solve
from matching.verify import verify

VERIFIED = "verified"
MIXED_ARCS = 500_000  # beyond this the search over unequal sizes finds nothing good in the time of a round


@dataclass(frozen=True, eq=False)
class Answer:
    """``taken``: the arc of every request in the census's order, -1 for none. ``prices``: one an offer, in cost units;
    ``bound``: a proven lower bound of the cost for these served counts (None: the policy minimises nothing)."""

    taken: Integers
    prices: Integers
    served_by_tier: tuple[int, ...]
    cost: int
    bound: int | None
    status: str

    @property
    def gap(self) -> float | None:
        return None if self.bound is None else (self.cost - self.bound) / max(1, self.cost)


@dataclass(frozen=True, eq=False)
class Solved:
    """What the solver said, not yet verified: the flow of the services where a place is a place, and the others."""

    flat: Classes
    result: ClassResult
    mixed: list[tuple[Instance, Result, Integers, Integers]]


def solve_welfare(census: Census, arcs: Arcs, *, seed: int, workers: int, time_limit: float) -> Solved:
    deadline = time.monotonic() + time_limit
    odd = _rows_of(census, arcs.mixed)
    flat = replace(arcs.classes, count=np.where(odd, 0, arcs.classes.count))
    result = solve_classes(flat, workers=workers, time_limit=time_limit)
    mixed = []
    for service in arcs.mixed:
        instance, rows, arc = _expanded(census, arcs, service)
        left = max(1.0, deadline - time.monotonic())
        mixed.append((instance, solve(instance, seed=seed, time_limit=left), rows, arc))
    return Solved(flat, result, mixed)


def verified(arcs: Arcs, solved: Solved) -> Answer:
    """The answer, checked by code that knows no solver. Raises RoundNotProven."""
    result, classes = solved.result, arcs.classes
    if not result.proven:
        raise RoundNotProven("The time limit came before the proof", rule="time-limit")
    fault = verify_classes(
        solved.flat,
        flow=result.flow,
        waiting=result.waiting,
        prices=result.prices,
        penalty_by_tier=result.penalty_by_tier,
        served_by_tier=result.served_by_tier,
        cost=result.cost,
    )
    flow, prices, cost, bound, status = result.flow.copy(), result.prices.copy(), result.cost, result.cost, "optimal"
    for instance, found, rows, arc in solved.mixed:
        fault = fault or verify(instance, found)
        if found.status is not Status.OPTIMAL:
            status = "feasible"
        cost, bound = cost + (found.cost or 0), bound + (found.bound or 0)
        _add_mixed(flow, prices, instance, found, rows, arc)
    if fault is not None:
        raise RoundNotProven(f"{fault.code}: {fault.detail}", rule=fault.code)
    return Answer(seated(classes, flow), prices, classes.by_tier(classes.served(flow)), cost, bound, status)


def seated(classes: Classes, flow: Integers) -> Integers:
    """The arc of each member: who stands first in the class (the longest waiting) takes the cheapest place."""
    arc = np.repeat(np.arange(len(flow)), flow)  # by class, then by cost
    served = classes.served(flow)
    owner = np.repeat(np.arange(len(served)), served)
    nth = np.arange(len(arc)) - (np.cumsum(served) - served)[owner]
    taken = np.full(int(classes.count.sum()), -1, dtype=np.int64)
    taken[(np.cumsum(classes.count) - classes.count)[owner] + nth] = arc
    return taken


def _rows_of(census: Census, services: list[Service]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    wanted = set(services)
    return np.array([service in wanted for service in census.crowd.service], dtype=np.bool_)


def _expanded(census: Census, arcs: Arcs, service: Service) -> tuple[Instance, Integers, Integers]:
    """One service request by request, because sizes differ; the class of each request and the arc behind each arc."""
    classes, crowd = arcs.classes, census.crowd
    chosen = np.flatnonzero(_rows_of(census, [service]))
    rows = np.repeat(chosen, crowd.count[chosen])
    lengths = np.diff(classes.first_arc)[rows]
    first_arc = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    if first_arc[-1] > MIXED_ARCS:
        raise RoundNotProven(f"{'/'.join(service)} has too many requests of unequal sizes", rule="mixed-sizes")
    arc = np.arange(first_arc[-1]) + np.repeat(classes.first_arc[rows] - first_arc[:-1], lengths)
    instance = Instance(
        slot_ids=tuple(census.supply.id),
        capacity=classes.capacity,
        request_ids=tuple(str(at) for at in range(len(rows))),
        tier=crowd.tier[rows],
        size=crowd.size[rows],
        first_arc=first_arc,
        arc_slot=classes.arc_slot[arc],
        arc_cost=classes.arc_cost[arc],
        spend=np.zeros((0, len(arc)), dtype=np.int64),  # no budgets
    )
    return instance, rows, arc


def _add_mixed(
    flow: Integers, prices: Integers, instance: Instance, found: Result, rows: Integers, arc: Integers
) -> None:
    slot = {name: at for at, name in enumerate(instance.slot_ids)}
    where = Counter((int(rows[int(request)]), slot[name]) for request, name in found.assignments.items())
    owner = rows[instance.owners]
    for at, (row, to) in enumerate(zip(owner.tolist(), instance.arc_slot.tolist(), strict=True)):
        flow[arc[at]] = where.get((row, to), 0)
    if found.certificate is not None:
        for name, price in found.certificate.prices.items():
            prices[slot[name]] = price // found.certificate.scale
