"""Welfare at class level: the parts of an instance solved exactly, side by side, with the prices that prove it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from matching.arrays import Integers, exact_dot
from matching.certify import penalty_by_tier, slot_prices
from matching.classes import Classes
from matching.components import LargestFirst, Part
from matching.distribute import Engine, run
from matching.flow import optimal_flow
from matching.outcome import ClassResult
from matching.urgency import urgent_first

Task = tuple[Classes, tuple[int, ...], Integers, bool]
Answer = tuple[Integers, Integers, Integers]

# below this many arcs (a nation in which everybody names wishes has 5 million) all flows together take a few seconds:
# no less than starting processes, sending them everything and hearing it back
_WORTH_A_PROCESS = 8_000_000
# below that asking takes longer than solving; what is made for every pair of slots stays small
_TOGETHER = 30_000
# a part of so many arcs takes a second or two: a limit in time that is looked at between parts is kept nearly
_AT_ONCE = 1_500_000
# who gives less time than that gets processes, which can be stopped
_A_MOMENT = 5.0


def solve_classes(
    classes: Classes,
    *,
    workers: int = 1,
    time_limit: float | None = None,
    engine: Engine | None = None,
    urgency: Integers | None = None,
    alike: bool = True,
) -> ClassResult:
    """Serve most of tier 0, then of tier 1, ..., then at least cost; among equals the more urgent sit better. The same
    flow however many workers there are.

    `urgency` ranks the classes among equals, as tiers do (without it the tiers). `alike`: many share a list but for a
    few wishes, so looking for such classes is worth it. `engine` takes the parts elsewhere than to `workers` processes
    of this machine, which are for more than a few million arcs. `time_limit` in seconds; parts unfinished by then are
    filled greedily and the result is not `proven`. Raises `CostsOutOfRange` where 64 bits cannot carry the proof.
    """
    deadline = None if time_limit is None else time.monotonic() + time_limit
    largest = int(classes.arc_cost.max()) if len(classes.arc_cost) else 0
    penalties = penalty_by_tier(len(classes.capacity), largest, classes.tiers)
    turn = classes.tier if urgency is None else urgency

    def task(part: Part) -> Task:
        inner = part.classes
        wide = inner.arc_slot.astype(np.int64, copy=False), inner.arc_cost.astype(np.int64, copy=False)
        return replace(inner, arc_slot=wide[0], arc_cost=wide[1]), penalties, turn[part.row], alike

    flow = np.zeros(len(classes.arc_slot), dtype=classes.flow_dtype)
    prices, cap_prices = np.zeros_like(classes.capacity), np.zeros_like(classes.limits.limit)
    proven = True
    for piece, answer in _answers(LargestFirst(classes, task, together=_TOGETHER), workers, engine, deadline):
        if answer is None:
            flow[piece.arc], proven = greedy_flow(piece.classes), False
        else:
            flow[piece.arc], prices[piece.slot], cap_prices[piece.cap] = answer
    classes.limits.lift(prices, cap_prices)
    served, used = classes.served(flow), np.flatnonzero(flow)
    return ClassResult(
        flow=flow,
        waiting=classes.count - served,
        prices=prices,
        penalty_by_tier=penalties,
        served_by_tier=classes.by_tier(served),
        cost=exact_dot(flow[used], classes.arc_cost[used]),
        proven=proven,
        cap_prices=cap_prices,
    )


def _answers(
    tasks: LargestFirst[Task], workers: int, engine: Engine | None, deadline: float | None
) -> Iterator[tuple[Part, Answer | None]]:
    """Every part with its answer, None where there was no time for it."""
    if engine is None and _at_once(tasks, workers, deadline):
        for at in range(len(tasks)):
            late = deadline is not None and time.monotonic() >= deadline
            piece = tasks.part(at)
            yield piece, None if late else solve_part(tasks.task(piece))
        return
    answers: Sequence[Answer | None]
    if engine is None:
        answers = run(solve_part, tasks, workers=workers, deadline=deadline)
    else:
        answers = engine.run(solve_part, tasks, deadline=deadline)
    yield from ((tasks.part(at), answer) for at, answer in enumerate(answers))


def _at_once(tasks: LargestFirst[Task], workers: int, deadline: float | None) -> bool:
    """Whether this process does it all, one part after the other."""
    arcs = [tasks.arcs(at) for at in range(len(tasks))]
    if deadline is not None and (deadline - time.monotonic() < _A_MOMENT or max(arcs, default=0) > _AT_ONCE):
        return False
    return workers == 1 or sum(arcs) < _WORTH_A_PROCESS


def solve_part(task: Task) -> Answer:
    """The optimal flow of one component, its prices of slots and of caps; what a worker process does."""
    classes, penalties, urgency, alike = task
    flow = optimal_flow(classes, alike=alike)
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
