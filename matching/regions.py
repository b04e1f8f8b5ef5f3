"""Sizes above 1: where prices say that something is lost, a few slots and all who sit or wait there are placed anew.

The relaxation's prices split what an answer costs above the bound into losses: places that stay free though they have a
price, and everybody who sits elsewhere (or waits) though it would be worth less by the prices. A region is drawn where
the losses are, and filled anew as well as can be. At first chance is added to the regrets, ever less of it: what is as
good or nearly is taken too, and leads further. Steps are counted, so the same answer comes unless time ends.
"""

import time
from dataclasses import dataclass

import numpy as np

from matching.anew import REACHES, Land, State, place_anew, settle
from matching.arrays import Integers
from matching.cooling import dice
from matching.instance import Instance
from matching.refine import better
from matching.relax import Relaxation

# regions of one round, and between two looks at the clock
ROUND, _STRIDE = 6_000, 100
# rounds in all, and those without a better answer after which there is an end
_ROUNDS, _PATIENCE = 12, 3
# ways that go on at most from one person to the next
_WIDTH = 1_000
# regrets worth a look, and the chance added to them at first, as a share of what is paid for one
_UNIT = 0.2
# slots of a region at first
_SLOTS = 3.0
# an answer so near to the bound is good enough
_NEAR = 1e-4


@dataclass(frozen=True)
class Effort:
    """The deadline, the seed of chance, and how many rounds of how many regions there are at most."""

    deadline: float
    seed: int
    rounds: int = _ROUNDS
    steps: int = ROUND


def packed_by_regions(model: Relaxation, most: tuple[int, ...], taken: Integers, effort: Effort) -> Integers:
    """A better answer than `taken`, as far as there is time: more served, up to `most`, then cheaper."""
    instance, best, idle, rising = model.instance, taken, 0, True
    for turn in range(effort.rounds):
        served = served_by_tier(instance, best)
        # prices ask for one more than is served as long as that helps
        aim = np.minimum(served + 1, most) if rising else served
        model.serve(tuple(aim.tolist()))
        if time.monotonic() >= effort.deadline or not model.solve(instance.arc_cost.astype(np.float64)):
            break
        if (aim == served).all() and _cost(instance, best) <= (1 + _NEAR) * model.solver.Objective().Value():
            break
        found = _round(model, best, effort, turn)
        rising = bool((served_by_tier(instance, found) != served).any())
        idle = 0 if better(instance, found, best) else idle + 1
        best = found if idle == 0 else best
        if idle == _PATIENCE:
            break
    return best


def _round(model: Relaxation, taken: Integers, effort: Effort, turn: int) -> Integers:
    instance, best = model.instance, taken.copy()
    land = prices_of(model)
    state = State(
        taken=taken.copy(),
        room=instance.capacity.copy(),
        lost=np.zeros(len(instance.capacity)),
        figures=np.zeros(2, dtype=np.int64),
        place=np.full(len(instance.capacity), -1, dtype=np.int64),
        seen=np.zeros(len(taken), dtype=np.bool_),
        slots=np.full(len(REACHES), _SLOTS),
        chance=dice(effort.seed + turn),
    )
    settle(land, state)
    unit = _UNIT * (_cost(instance, taken) + 1) / max(1, int((taken >= 0).sum()))
    for step in range(0, effort.steps, _STRIDE):
        if time.monotonic() >= effort.deadline:
            break
        noise = unit * (1 - step / effort.steps)
        place_anew(land, state, best, noise, unit, _WIDTH, min(_STRIDE, effort.steps))
    return best


def prices_of(model: Relaxation) -> Land:
    """After the relaxation was solved for the costs."""
    instance = model.instance
    price, _, tier = model.duals()
    owner = instance.owners
    value = instance.arc_cost + instance.size[owner] * price[instance.arc_slot] - tier[instance.tier[owner]]
    value[~instance.fitting] = np.inf
    order = np.lexsort((value, owner))
    first = order[np.minimum(instance.first_arc[:-1], max(len(order) - 1, 0))] if len(order) else instance.first_arc[:0]
    some = np.diff(instance.first_arc) > 0
    wish = np.full(len(some), -1, dtype=np.int64)
    wish[some] = first[some]
    wish[some] = np.where(value[wish[some]] < 0, wish[some], -1)
    arcs = np.argsort(instance.arc_slot, kind="stable")
    return Land(
        first=instance.first_arc,
        owner=owner,
        slot=instance.arc_slot,
        cost=instance.arc_cost,
        value=value,
        size=instance.size,
        tier=instance.tier,
        wish=wish,
        price=price,
        start=np.searchsorted(instance.arc_slot[arcs], np.arange(len(instance.capacity) + 1)),
        arcs=arcs,
    )


def _cost(instance: Instance, taken: Integers) -> int:
    return sum(instance.arc_cost[taken[taken >= 0]].tolist())


def served_by_tier(instance: Instance, taken: Integers) -> Integers:
    return np.bincount(instance.tier[taken >= 0], minlength=instance.tiers)
