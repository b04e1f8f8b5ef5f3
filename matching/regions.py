"""Sizes above 1: where prices say that something is lost, a few slots and all who sit or wait there are placed anew.

The relaxation's prices split what an answer costs above the bound into losses: places that stay free though they have a
price, and everybody who sits elsewhere (or waits) though it would be worth less by the prices. A region is drawn where
the losses are; whoever could only lose more there than the whole region loses now need not be looked at, so that
the rest is small enough to be solved exactly.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from matching.arrays import Integers
from matching.instance import Instance
from matching.refine import better
from matching.relax import Reals, Relaxation

# of the time, what serving more may take before the cost has its turn
_COUNTING = 0.6
# slots of a region at first, and the fewest and the most
_SLOTS, _FEWEST, _MOST = 4.0, 2.0, 30.0
# regions grow slowly while they are solved and shrink soon where they are not
_GROWTH, _SHRINKING = 0.05, 0.3
# columns and seconds of one region; beyond them nothing comes of it
_COLUMNS, _SECONDS = 600, 1.5
# a region is solved to this share of what it loses
_NEAR = 1e-3
# one more of the tier that is short outweighs so many of those after it
_OUTWEIGHS = 4.0
# even where nothing is lost something may be found; a share of what is lost on average
_ELSEWHERE = 0.3
_MILLISECONDS, _HALF = 1_000, 0.5
# regions solved for more people, and for less cost, even where time has no end
_STEPS = 100_000


@dataclass(frozen=True, eq=False)
class Worth:
    """By the prices of a relaxation solved for the costs: of a slot's unit, of each arc, and the best of each request
    (0 where waiting is)."""

    instance: Instance
    price: Reals
    tier: Reals
    value: Reals
    best: Reals

    @classmethod
    def of(cls, model: Relaxation) -> "Worth":
        instance = model.instance
        price, _, tier = model.duals()
        owner = instance.owners
        value = instance.arc_cost + instance.size[owner] * price[instance.arc_slot] - tier[instance.tier[owner]]
        value[~instance.fitting] = np.inf
        best = np.zeros(len(instance.size))
        np.minimum.at(best, owner, value)
        return cls(instance, price, tier, value, best)

    def lost(self, taken: Integers) -> Reals:
        """By slot; what those lose who wait counts where they would be best."""
        instance = self.instance
        seated, waiting = np.flatnonzero(taken >= 0), np.flatnonzero((taken < 0) & (self.best < 0))
        slot = instance.arc_slot[taken[seated]]
        used = np.bincount(slot, instance.size[seated], len(self.price))
        lost: Reals = self.price * (instance.capacity - used)
        np.add.at(lost, slot, self.value[taken[seated]] - self.best[seated])
        wish = np.flatnonzero(self.value == self.best[instance.owners])
        wish = wish[np.isin(instance.owners[wish], waiting)]
        wish = wish[np.flatnonzero(np.diff(instance.owners[wish], prepend=-1))]
        np.add.at(lost, instance.arc_slot[wish], -self.best[instance.owners[wish]])
        return np.maximum(lost, 0.0)


@dataclass(frozen=True, eq=False)
class Goal:
    """Cost less `weight` (by tier) for everybody served; of the tiers up to `kept` as many as now are served."""

    weight: Reals
    kept: int


class Regions:
    """Draws slots that share people, and those who sit or wait there."""

    def __init__(self, instance: Instance, seed: int) -> None:
        self.instance, self.rng = instance, np.random.default_rng(seed)
        self.order = np.argsort(instance.arc_slot, kind="stable")
        self.start = np.searchsorted(instance.arc_slot[self.order], np.arange(len(instance.capacity) + 1))

    def draw(self, share: Reals, slots: int) -> Integers:
        """Slots with a share in what is lost, as likely as it is large; each is linked to one before it."""
        chosen = [int(self.rng.choice(len(share), p=share / share.sum()))]
        linked = self._linked(chosen[0])
        while len(chosen) < slots:
            pull = linked * share
            pull[chosen] = 0.0
            if pull.sum() <= 0:
                break
            chosen.append(int(self.rng.choice(len(pull), p=pull / pull.sum())))
            linked = np.maximum(linked, self._linked(chosen[-1]))
        return np.array(chosen)

    def _linked(self, slot: int) -> Reals:
        """How many people each slot shares with this one."""
        instance, inside = self.instance, np.zeros(len(self.instance.size), dtype=np.bool_)
        inside[instance.owners[self.order[self.start[slot] : self.start[slot + 1]]]] = True
        shared = np.bincount(instance.arc_slot[inside[instance.owners]], minlength=len(instance.capacity))
        return shared.astype(np.float64)


@dataclass
class Search:
    """The best answer so far, and how large regions are by now; as many apart from each other as there are threads are
    solved at once (the solver lets go of the interpreter lock)."""

    worth: Worth
    regions: Regions
    taken: Integers
    crew: ThreadPoolExecutor
    workers: int
    slots: float = _SLOTS
    lost: Reals = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        self.lost = self.worth.lost(self.taken)

    def step(self, goal: Goal, seconds: float) -> None:
        drawn = self.drawn()
        answers = self.crew.map(lambda region: region.solved(goal, min(seconds, _SECONDS)), drawn)
        for region, (shares, solved) in zip(drawn, answers, strict=True):
            self.slots = min(self.slots + _GROWTH, _MOST) if solved else max(self.slots - _SHRINKING, _FEWEST)
            if shares is None:
                continue
            found = np.where(region.who, -1, self.taken)
            found[self.worth.instance.owners[region.arc[shares]]] = region.arc[shares]
            if better(self.worth.instance, found, self.taken):
                self.taken = found
        self.lost = self.worth.lost(self.taken)

    def drawn(self) -> list["Region"]:
        """No two of them share a slot or a person."""
        share, apart = self.lost + _ELSEWHERE * self.lost.mean(), np.ones(len(self.taken), dtype=np.bool_)
        regions: list[Region] = []
        while len(regions) < self.workers and share.sum() > 0:
            slots = self.regions.draw(share, round(self.slots))
            regions.append(Region.around(self.worth, self.taken, slots, apart))
            share[slots] = 0.0
            apart &= ~regions[-1].who
        return regions


def packed_by_regions(
    model: Relaxation,
    most: tuple[int, ...],
    taken: Integers,
    *,
    seed: int,
    deadline: float,
    workers: int = 1,
    steps: int = _STEPS,
) -> Integers:
    """A better answer than `taken`, as far as there is time (or `steps`): more served, up to `most`, then cheaper.

    `model` was solved for the costs with `most` served.
    """
    instance = model.instance
    with ThreadPoolExecutor(workers) as crew:
        search = Search(Worth.of(model), Regions(instance, seed), taken, crew, workers)
        now = time.monotonic()
        turn, left = now + _COUNTING * (deadline - now), steps
        while now < turn and left and (short := first_short(instance, search.taken, most)) < instance.tiers:
            search.step(_serving(search.worth, short), deadline - now)
            now, left = time.monotonic(), left - 1
        model.serve(tuple(served_by_tier(instance, search.taken).tolist()))
        if now >= deadline or not model.solve(instance.arc_cost.astype(np.float64)):
            return search.taken
        search = replace(search, worth=Worth.of(model))
        goal, left = Goal(np.zeros(instance.tiers), instance.tiers), steps
        while now < deadline and left and search.lost.sum() >= 1.0:
            search.step(goal, deadline - now)
            now, left = time.monotonic(), left - 1
    return search.taken


def served_by_tier(instance: Instance, taken: Integers) -> Integers:
    return np.bincount(instance.tier[taken >= 0], minlength=instance.tiers)


def first_short(instance: Instance, taken: Integers, most: tuple[int, ...]) -> int:
    """The first tier of which more might be served; the number of tiers where there is none."""
    served = served_by_tier(instance, taken).tolist()
    return next((tier for tier, pair in enumerate(zip(served, most, strict=True)) if pair[0] < pair[1]), len(most))


def _serving(worth: Worth, short: int) -> Goal:
    tier = np.arange(len(worth.tier))
    each = np.maximum(worth.tier, max(worth.tier[-1], float(worth.instance.arc_cost.max(initial=0)) + 1.0))
    last = short == len(tier) - 1
    return Goal(each * np.select([tier < short, tier == short], [0.0, 1.0 if last else _OUTWEIGHS], 1.0), short + 1)


@dataclass(frozen=True, eq=False)
class Region:
    """`who` (by request) sits in these slots or waits near them, the arcs that a better answer could take, which of
    them are taken `now`, and what is lost here now."""

    instance: Instance
    slots: Integers
    who: NDArray[np.bool_]
    arc: Integers
    now: NDArray[np.bool_]
    lost: float

    @classmethod
    def around(cls, worth: Worth, taken: Integers, slots: Integers, apart: NDArray[np.bool_]) -> "Region":
        """Only people who are `apart` from other regions."""
        instance, inside = worth.instance, np.zeros(len(worth.price), dtype=np.bool_)
        inside[slots] = True
        within = inside[instance.arc_slot] & instance.fitting
        near = np.zeros(len(taken), dtype=np.bool_)
        near[instance.owners[within]] = True
        who = near & apart & ((taken < 0) | inside[np.append(instance.arc_slot, 0)[taken]])
        arc = np.flatnonzero(who[instance.owners] & within)
        owner = instance.owners[arc]
        best, now = np.zeros(len(taken)), taken[owner] == arc
        np.minimum.at(best, owner, worth.value[arc])
        used = np.bincount(instance.arc_slot[arc[now]], instance.size[owner[now]], len(inside))
        lost = float((worth.price * (instance.capacity - used))[inside].sum())
        lost += float(worth.value[arc[now]].sum() - best[who].sum())
        # whoever would lose more than all lose now is in no better answer
        kept = now | (worth.value[arc] - best[owner] < lost)
        return cls(instance, slots, who, arc[kept], now[kept], lost)

    def solved(self, goal: Goal, seconds: float) -> tuple[NDArray[np.bool_] | None, bool]:
        """Which of the arcs are taken (None: nothing was found), and whether nothing can be better."""
        if not len(self.arc) or self.lost < 1.0:
            return None, True
        if len(self.arc) > _COLUMNS:
            return None, False
        instance, owner = self.instance, self.instance.owners[self.arc]
        value = instance.arc_cost[self.arc] - goal.weight[instance.tier[owner]]
        solver = pywraplp.Solver.CreateSolver("SCIP")
        shares = [solver.BoolVar("") for _ in range(len(self.arc))]
        self._limit(solver, shares, owner, goal)
        solver.Objective().SetMinimization()
        for share, coefficient in zip(shares, value.tolist(), strict=True):
            solver.Objective().SetCoefficient(share, float(coefficient))
        solver.SetHint(shares, self.now.astype(np.float64).tolist())
        solver.SetTimeLimit(max(1, int(seconds * _MILLISECONDS)))
        settings = pywraplp.MPSolverParameters()
        near = _NEAR * self.lost / max(1.0, abs(float(value[self.now].sum())))
        settings.SetDoubleParam(settings.RELATIVE_MIP_GAP, near)
        status = solver.Solve(settings)
        if status not in {solver.OPTIMAL, solver.FEASIBLE}:
            return None, False
        return np.array([share.solution_value() > _HALF for share in shares]), bool(status == solver.OPTIMAL)

    def _limit(self, solver: pywraplp.Solver, shares: list[pywraplp.Variable], owner: Integers, goal: Goal) -> None:
        """Everybody at most once, no slot too full, of the tiers kept as many as now."""
        instance, endless = self.instance, solver.infinity()
        room = {slot: solver.Constraint(-endless, float(instance.capacity[slot])) for slot in self.slots.tolist()}
        served = np.bincount(instance.tier[owner[self.now]], minlength=instance.tiers)[: goal.kept].tolist()
        tiers = [solver.Constraint(float(count), endless) for count in served]
        once = {who: solver.Constraint(-endless, 1.0) for who in np.unique(owner).tolist()}
        sizes, tier, slot = instance.size[owner], instance.tier[owner], instance.arc_slot[self.arc]
        for share, who, size, at, where in zip(
            shares, owner.tolist(), sizes.tolist(), tier.tolist(), slot.tolist(), strict=True
        ):
            once[who].SetCoefficient(share, 1.0)
            room[where].SetCoefficient(share, float(size))
            if at < goal.kept:
                tiers[at].SetCoefficient(share, 1.0)
