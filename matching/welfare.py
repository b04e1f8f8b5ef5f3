"""Welfare at class level: the parts of an instance solved exactly, side by side, with the prices that prove it."""

import time

import numpy as np

from matching.arrays import Integers, exact_dot
from matching.certify import penalty_by_tier, slot_prices
from matching.classes import Classes
from matching.components import parts
from matching.distribute import Engine, run
from matching.flow import optimal_flow
from matching.outcome import ClassResult
from matching.urgency import urgent_first

# below this many arcs (a nation without wishes) all flows take less time than starting processes for them
_WORTH_A_PROCESS = 250_000


def solve_classes(
    classes: Classes,
    *,
    workers: int = 1,
    time_limit: float | None = None,
    engine: Engine | None = None,
    urgency: Integers | None = None,
) -> ClassResult:
    """Serve most of tier 0, then of tier 1, ..., then at least cost; among equals the more urgent sit better. The same
    flow however many workers there are.

    `urgency` ranks the classes among equals, as tiers do (without it the tiers). `engine` takes the parts elsewhere
    than to `workers` processes of this machine. `time_limit` in seconds; parts unfinished by then are filled greedily
    and the result is not `proven`. Raises `CostsOutOfRange` where 64 bits cannot carry the proof.
    """
    deadline = None if time_limit is None else time.monotonic() + time_limit
    largest = int(classes.arc_cost.max()) if len(classes.arc_cost) else 0
    penalties = penalty_by_tier(len(classes.capacity), largest, classes.tiers)
    pieces = sorted(parts(classes), key=lambda piece: -len(piece.arc))
    turn = classes.tier if urgency is None else urgency
    tasks = [(piece.classes, penalties, turn[piece.row]) for piece in pieces]
    answers = engine.run(solve_part, tasks, deadline=deadline) if engine else _answers(tasks, workers, deadline)
    flow = np.zeros(len(classes.arc_slot), dtype=np.int64)
    prices, cap_prices = np.zeros_like(classes.capacity), np.zeros_like(classes.limits.limit)
    for piece, answer in zip(pieces, answers, strict=True):
        if answer is None:
            flow[piece.arc] = greedy_flow(piece.classes)
        else:
            flow[piece.arc], prices[piece.slot], cap_prices[piece.cap] = answer
    classes.limits.lift(prices, cap_prices)
    served = classes.served(flow)
    return ClassResult(
        flow=flow,
        waiting=classes.count - served,
        prices=prices,
        penalty_by_tier=penalties,
        served_by_tier=classes.by_tier(served),
        cost=exact_dot(flow, classes.arc_cost),
        proven=None not in answers,
        cap_prices=cap_prices,
    )


def _answers(
    tasks: list[tuple[Classes, tuple[int, ...], Integers]], workers: int, deadline: float | None
) -> list[tuple[Integers, Integers, Integers] | None]:
    small = sum(len(classes.arc_slot) for classes, _, _ in tasks) < _WORTH_A_PROCESS
    if deadline is None and (workers == 1 or small):
        return [solve_part(task) for task in tasks]
    return run(solve_part, tasks, workers=workers, deadline=deadline)


def solve_part(task: tuple[Classes, tuple[int, ...], Integers]) -> tuple[Integers, Integers, Integers]:
    """The optimal flow of one component, its prices of slots and of caps; what a worker process does."""
    classes, penalties, urgency = task
    flow = optimal_flow(classes)
    prices, cap_prices = slot_prices(classes, flow, penalties)
    return urgent_first(classes, flow, prices, urgency), prices, cap_prices


def greedy_flow(classes: Classes) -> Integers:
    """A feasible flow without a solver: most urgent tier first, each class to its cheapest free candidates."""
    flow = np.zeros(len(classes.arc_slot), dtype=np.int64)
    free, under = classes.capacity.copy(), classes.limits.limit.copy()
    chains = [classes.limits.chain(slot) for slot in range(len(free))]
    for row in np.argsort(classes.tier, kind="stable").tolist():
        left = int(classes.count[row])
        arcs = np.arange(classes.first_arc[row], classes.first_arc[row + 1])
        for arc in arcs[np.argsort(classes.arc_cost[arcs], kind="stable")].tolist():
            slot = int(classes.arc_slot[arc])
            flow[arc] = min([left, int(free[slot]), *under[chains[slot]].tolist()])
            free[slot] -= flow[arc]
            under[chains[slot]] -= flow[arc]
            left -= int(flow[arc])
            if left == 0:
                break
    return flow
