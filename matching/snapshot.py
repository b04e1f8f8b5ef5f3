"""A live state as classes and a flow: what a cold solve, a proof or an explanation can work on."""

from dataclasses import dataclass

import numpy as np

from matching.arrays import Integers, exact_dot
from matching.classes import Classes
from matching.live import State
from matching.outcome import ClassResult, verify_outcome
from matching.proof import Violation
from matching.terms import frozen
from matching.welfare import solve_classes


@dataclass(frozen=True, eq=False)
class Snapshot:
    """`flow` and `held` per arc: all who are placed, and those of them who stay whatever comes.

    `open` is the instance that the state keeps optimal, `result` its answer with the proof: everything where the state
    rearranges, else only the waiting list and the free places.
    """

    classes: Classes
    flow: Integers
    held: Integers
    open: Classes
    result: ClassResult


def snapshot(state: State) -> Snapshot:
    seats, net = state.seats, state.seats.net
    every, first = seats.ordered(), net.first[: seats.rows]
    arc = every[net.holder[every] > 0]
    first_arc = np.append(0, np.cumsum(np.bincount(net.row[arc], minlength=seats.rows)))
    moving, held, waiting = net.seated[arc], net.held[arc], net.seated[first]
    flow = moving + held
    total = np.append(0, np.cumsum(flow))
    classes = Classes.from_arrays(
        capacity=state.capacity.copy(),
        tier=state.tier,
        count=waiting + total[first_arc[1:]] - total[first_arc[:-1]],
        first_arc=first_arc,
        arc_slot=net.holder[arc].astype(np.int64) - 1,
        arc_cost=net.cost[arc],
    )
    rest = frozen(classes, held)
    return Snapshot(classes, flow, held, rest, _result(state, rest, moving, waiting))


def _result(state: State, rest: Classes, moving: Integers, waiting: Integers) -> ClassResult:
    return ClassResult(
        flow=moving,
        waiting=waiting,
        prices=state.prices[1:].copy(),
        penalty_by_tier=state.penalties[: rest.tiers],
        served_by_tier=rest.by_tier(rest.served(moving)),
        cost=exact_dot(moving, rest.arc_cost),
        proven=True,
    )


def drifted(state: State, *, workers: int = 1) -> Violation | None:
    """The nightly proof that small steps have not led astray: the prices prove the state, and a cold solve agrees.

    None where both hold. Nobody is moved by it.
    """
    now = snapshot(state)
    if (violation := verify_outcome(now.open, now.result)) is not None:
        return violation
    cold = solve_classes(now.open, workers=workers)
    alive = (now.result.served_by_tier, now.result.cost)
    if (cold.served_by_tier, cold.cost) != alive:
        return Violation("drift", f"a cold solve gives {(cold.served_by_tier, cold.cost)}, the live state {alive}")
    return None
