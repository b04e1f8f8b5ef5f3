"""A live state as classes and a flow: what a cold solve, a proof or an explanation can work on."""

from dataclasses import dataclass

import numpy as np

from matching.arrays import Integers, exact_dot
from matching.classes import Classes
from matching.live import State
from matching.outcome import ClassResult
from matching.seats import WAITING
from matching.terms import frozen


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
    seats = state.seats
    lengths = [len(holders) - 1 for holders in seats.holders]
    owner = np.repeat(np.arange(len(lengths)), lengths)
    slot = np.concatenate([np.zeros(0, np.int64), *(holders[1:] - 1 for holders in seats.holders)])
    moving, held = np.zeros_like(slot), np.zeros_like(slot)
    arc = {place: at for at, place in enumerate(zip(owner.tolist(), slot.tolist(), strict=True))}
    for holder, there in enumerate(seats.seated):
        for row, count in there.items():
            if holder != WAITING:
                moving[arc[row, holder - 1]] = count
    for row, fixed in enumerate(state.fixed):
        for at, count in fixed.items():
            held[arc[row, at]] = count
    waiting = np.array([seats.seated[WAITING].get(row, 0) for row in range(len(lengths))], dtype=np.int64)
    flow = moving + held
    classes = Classes.from_arrays(
        capacity=state.capacity.copy(),
        tier=state.tier,
        count=waiting + np.bincount(owner, flow, len(lengths)).astype(np.int64),
        first_arc=np.cumsum([0, *lengths]),
        arc_slot=slot,
        arc_cost=np.concatenate([np.zeros(0, np.int64), *(costs[1:] for costs in seats.costs)]),
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
