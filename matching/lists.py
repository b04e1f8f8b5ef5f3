"""Exact over every candidate of every address, without showing the solver more than a few candidates of each.

Neighbours stand for each other first: one member of each wide cell, with all its candidates, gives prices, from which
the next, closer cells start. With the prices of the closest every request keeps the candidates whose cost + price is
near its best. The flow over these lists has prices too, and a look at *every* candidate tells whether one that is not
listed would have been better. Then it is listed and the flow solved anew; else the answer is optimal over all of them,
which the same prices prove.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers, check_length, check_range, exact_dot
from matching.certify import penalty_by_tier, slot_prices
from matching.classes import Classes
from matching.compiled import compiled
from matching.components import LargestFirst, Part
from matching.distribute import Engine, Processes
from matching.errors import SolverFailed
from matching.flow import optimal_flow
from matching.merging import chosen_rows
from matching.outcome import ClassResult
from matching.proof import least_values
from matching.urgency import urgent_first
from matching.warm import balanced, can_balance

# so many candidates of a request are listed at first, on average
LIST_LENGTH = 4
# neighbourhoods are few: their lists may be twice as long, for better prices
_WIDER = 2
# every round lists at least one more candidate, so this many rounds mean that something is wrong
_ROUNDS = 200
# cell and tier make one number
_MOST_CELLS = 2**58


@dataclass(frozen=True, eq=False)
class Listed:
    """The result over all candidates, how many rounds it took and how many candidates were listed in the end."""

    result: ClassResult
    rounds: int
    listed: int


def solve_by_lists(
    classes: Classes,
    cells: Sequence[Integers],
    *,
    length: int = LIST_LENGTH,
    workers: int = 1,
    engine: Engine | None = None,
    urgency: Integers | None = None,
) -> Listed:
    """As `solve_classes`, for many rows that are nearly alike.

    `cells`: neighbourhoods from the widest to the closest, each an index (>= 0) a row; 32 km, 8 km and then 2 km do
    well: only the widest is solved from nothing.
    Any cells, even none, and any length give one optimum; good ones give it soon. `workers`, `engine` and
    `urgency` as there; among equals only listed candidates count.
    """
    for level, cell in enumerate(cells):
        check_length(f"cells/{level}", cell, len(classes.count))
        check_range(f"cells/{level}", cell, 0, _MOST_CELLS)
    largest = int(classes.arc_cost.max(initial=0))
    penalties = penalty_by_tier(len(classes.capacity), largest, classes.tiers)
    turn = classes.tier if urgency is None else urgency

    def task(part: Part) -> _Task:
        return _Task(part.classes, penalties, [cell[part.row] for cell in cells], length, turn[part.row])

    tasks = LargestFirst(classes, task)
    if engine is None and workers > 1 and len(tasks) > 1:
        engine = Processes(workers)
    answers = [searched(task) for task in tasks] if engine is None else engine.run(searched, tasks)
    return _whole(classes, penalties, tasks, answers)


def _whole(
    classes: Classes, penalties: tuple[int, ...], tasks: "LargestFirst[_Task]", answers: Sequence["_Answer | None"]
) -> Listed:
    """The answer over all candidates, from those of the parts."""
    flow = np.zeros(len(classes.arc_slot), dtype=classes.flow_dtype)
    prices, cap_prices = np.zeros_like(classes.capacity), np.zeros_like(classes.limits.limit)
    rounds = listed = 0
    for task, answer in enumerate(answers):
        assert answer is not None, "without a deadline every part is finished"
        part = tasks.part(task)
        flow[part.arc[answer.arc]] = answer.flow
        prices[part.slot], cap_prices[part.cap] = answer.prices, answer.cap_prices
        rounds, listed = max(rounds, answer.rounds), listed + answer.listed
    classes.limits.lift(prices, cap_prices)
    served, used = classes.served(flow), np.flatnonzero(flow)
    result = ClassResult(
        flow=flow,
        waiting=classes.count - served,
        prices=prices,
        penalty_by_tier=penalties,
        served_by_tier=classes.by_tier(served),
        cost=exact_dot(flow[used], classes.arc_cost[used]),
        proven=True,
        cap_prices=cap_prices,
    )
    return Listed(result, rounds, listed)


@dataclass(frozen=True, eq=False)
class _Task:
    classes: Classes
    penalties: tuple[int, ...]
    cells: list[Integers]
    length: int
    urgency: Integers


@dataclass(frozen=True, eq=False)
class _Answer:
    """`flow` of the arcs that are taken; all others carry nothing."""

    arc: Integers
    flow: Integers
    prices: Integers
    cap_prices: Integers
    rounds: int
    listed: int


def searched(task: _Task) -> _Answer:
    """The optimum of one part; what a worker process does."""
    search = _Search(task)
    arc, flow, prices, cap_prices = search.optimum()
    used = flow > 0
    return _Answer(arc[used], flow[used], prices, cap_prices, search.rounds, int(search.listed.sum()))


class _Search:
    def __init__(self, task: _Task) -> None:
        self.classes, self.penalties, self.length = task.classes, task.penalties, task.length
        self.urgency = task.urgency
        self.penalty = np.asarray(task.penalties, dtype=np.int64)[self.classes.tier]
        self.rounds = 0
        self.guide = self.neighbours(task.cells)
        self.listed = near(self.classes, self.guide, task.length)

    def neighbours(self, cells: list[Integers]) -> Integers:
        """Prices from one member of each cell and tier standing for all of them; each level guides the next."""
        classes, prices = self.classes, None
        for cell in cells:
            place = cell * len(self.penalties) + classes.tier
            _, first, number = np.unique(place, return_index=True, return_inverse=True)
            coarse = chosen_rows(classes, first, np.bincount(number, classes.count).astype(np.int64))
            if prices is not None:
                coarse = only_arcs(coarse, np.flatnonzero(near(coarse, prices, _WIDER * self.length)))
            prices = slot_prices(coarse, self.flow(coarse, prices), self.penalties)[0]
        return np.zeros_like(classes.capacity) if prices is None else prices

    def flow(self, classes: Classes, prices: Integers | None) -> Integers:
        """Optimal; from prices that are nearly right in a fraction of the time."""
        if prices is None or not can_balance(classes, self.penalties):
            return optimal_flow(classes, alike=False)
        return balanced(classes, self.penalties, prices)

    def optimum(self) -> tuple[Integers, Integers, Integers, Integers]:
        """The arcs listed in the end, the flow over them, the prices of slots and of caps."""
        prices = self.guide
        for self.rounds in range(1, _ROUNDS):
            arc = np.flatnonzero(self.listed)
            short = only_arcs(self.classes, arc)
            flow = self.flow(short, prices)
            prices, cap_prices = slot_prices(short, flow, self.penalties)
            missing = self.missing(short, prices)
            if not len(missing):
                return arc, urgent_first(short, flow, prices, self.urgency), prices, cap_prices
            self.listed[missing] = True
        raise SolverFailed("the lists of candidates grew without end")

    def missing(self, short: Classes, prices: Integers) -> Integers:
        """Of every row the candidate that is better than any listed (or than waiting), the best one where several are.

        One at a time: where a whole region is priced too low, all its slots look better at once to everybody around.
        """
        best = least_values(short.first_arc, short.arc_cost + prices[short.arc_slot], self.penalty)
        value = self.classes.arc_cost + prices[self.classes.arc_slot]
        owner = self.classes.owners()
        better = np.flatnonzero(value < best[owner])
        order = better[np.lexsort((better, value[better], owner[better]))]
        return order[np.flatnonzero(np.diff(owner[order], prepend=-1))]


def near(classes: Classes, prices: Integers, length: int) -> NDArray[np.bool_]:
    """The candidates whose cost + price exceeds the best of their row by least, about `length` a row on average; and of
    every row at least its `LIST_LENGTH` best: where prices are wrong, whoever has one candidate cannot give way."""
    value = classes.arc_cost + prices[classes.arc_slot]
    close = np.zeros(len(value), dtype=np.bool_)
    best = keep_best(classes.first_arc, value, min(length, LIST_LENGTH), close)
    value -= np.repeat(best, np.diff(classes.first_arc))
    wanted = min(length * len(classes.count), len(value)) - 1
    close |= value <= np.partition(value, wanted)[wanted]
    return close


@compiled
def keep_best(first_arc: Integers, value: Integers, number: int, close: NDArray[np.bool_]) -> Integers:
    """Marks so many of the least values of every row (all of equals), and says what the least is."""
    best, least = np.zeros(len(first_arc) - 1, dtype=np.int64), np.empty(number, dtype=np.int64)
    for row in range(len(best)):
        found = 0
        for arc in range(first_arc[row], first_arc[row + 1]):
            if found < number:
                at, found = found, found + 1
            elif value[arc] < least[number - 1]:
                at = number - 1
            else:
                continue
            while at > 0 and least[at - 1] > value[arc]:
                least[at] = least[at - 1]
                at -= 1
            least[at] = value[arc]
        if found == 0:
            continue
        best[row] = least[0]
        for arc in range(first_arc[row], first_arc[row + 1]):
            if value[arc] <= least[found - 1]:
                close[arc] = True
    return best


def only_arcs(classes: Classes, arc: Integers) -> Classes:
    """The lists are short: their arcs are wide, whatever those of the classes are."""
    return replace(
        classes,
        first_arc=np.searchsorted(arc, classes.first_arc),
        arc_slot=classes.arc_slot[arc].astype(np.int64, copy=False),
        arc_cost=classes.arc_cost[arc].astype(np.int64, copy=False),
    )
