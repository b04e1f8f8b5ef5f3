"""Exact over every candidate of every address, without showing the solver more than a few candidates of each.

Neighbours stand for each other first: one member of each cell, with all its candidates, gives prices. With them every
request keeps the candidates whose cost + price is near its best. The flow over these lists has prices too, and a look
at *every* candidate tells whether one that is not listed would have been better. Then it is listed and the flow solved
anew; else the answer is optimal over all of them, which the same prices prove.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers, check_length, check_range, exact_dot
from matching.certify import penalty_by_tier, slot_prices
from matching.classes import Classes
from matching.components import Part, parts
from matching.errors import SolverFailed
from matching.flow import optimal_flow
from matching.outcome import ClassResult
from matching.proof import least_values

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


def solve_by_lists(classes: Classes, cells: Sequence[Integers], *, length: int = LIST_LENGTH) -> Listed:
    """As `solve_classes`, for many rows that are nearly alike.

    `cells`: neighbourhoods from the widest to the closest, each an index (>= 0) a row; 8 km and then 2 km do well.
    Any cells, even none, and any length give one optimum; good ones give it soon.
    """
    for level, cell in enumerate(cells):
        check_length(f"cells/{level}", cell, len(classes.count))
        check_range(f"cells/{level}", cell, 0, _MOST_CELLS)
    largest = int(classes.arc_cost.max(initial=0))
    penalties = penalty_by_tier(len(classes.capacity), largest, classes.tiers)
    flow = np.zeros(len(classes.arc_slot), dtype=np.int64)
    prices, cap_prices = np.zeros_like(classes.capacity), np.zeros_like(classes.limits.limit)
    rounds = listed = 0
    for piece in parts(classes):
        search = _Search(piece, penalties, [cell[piece.row] for cell in cells], length)
        flow[piece.arc], prices[piece.slot], cap_prices[piece.cap] = search.optimum()
        rounds, listed = max(rounds, search.rounds), listed + int(search.listed.sum())
    classes.limits.lift(prices, cap_prices)
    served = classes.served(flow)
    result = ClassResult(
        flow=flow,
        waiting=classes.count - served,
        prices=prices,
        penalty_by_tier=penalties,
        served_by_tier=classes.by_tier(served),
        cost=exact_dot(flow, classes.arc_cost),
        proven=True,
        cap_prices=cap_prices,
    )
    return Listed(result, rounds, listed)


class _Search:
    def __init__(self, piece: Part, penalties: tuple[int, ...], cells: list[Integers], length: int) -> None:
        self.classes, self.penalties, self.length = piece.classes, penalties, length
        self.penalty = np.asarray(penalties, dtype=np.int64)[self.classes.tier]
        self.rounds = 0
        self.listed = near(self.classes, self.neighbours(cells), length)

    def neighbours(self, cells: list[Integers]) -> Integers:
        """Prices from one member of each cell and tier standing for all of them; each level guides the next."""
        classes, prices = self.classes, None
        for cell in cells:
            place = cell * len(self.penalties) + classes.tier
            _, first, number = np.unique(place, return_index=True, return_inverse=True)
            coarse = chosen_rows(classes, first, np.bincount(number, classes.count).astype(np.int64))
            if prices is not None:
                coarse = only_arcs(coarse, np.flatnonzero(near(coarse, prices, _WIDER * self.length)))
            prices = slot_prices(coarse, optimal_flow(coarse, alike=False), self.penalties)[0]
        return np.zeros_like(classes.capacity) if prices is None else prices

    def optimum(self) -> tuple[Integers, Integers, Integers]:
        for self.rounds in range(1, _ROUNDS):
            arc = np.flatnonzero(self.listed)
            short = only_arcs(self.classes, arc)
            flow = optimal_flow(short, alike=False)
            prices, cap_prices = slot_prices(short, flow, self.penalties)
            missing = self.missing(short, prices)
            if not len(missing):
                every = np.zeros(len(self.listed), dtype=np.int64)
                every[arc] = flow
                return every, prices, cap_prices
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
    """The candidates whose cost + price exceeds the best of their row by least: about `length` a row, and all best."""
    value = classes.arc_cost + prices[classes.arc_slot]
    best = least_values(classes.first_arc, value, np.full(len(classes.count), np.iinfo(np.int64).max))
    value -= np.repeat(best, np.diff(classes.first_arc))
    wanted = min(length * len(classes.count), len(value)) - 1
    close: NDArray[np.bool_] = value <= np.partition(value, wanted)[wanted]
    return close


def only_arcs(classes: Classes, arc: Integers) -> Classes:
    return replace(
        classes,
        first_arc=np.searchsorted(arc, classes.first_arc),
        arc_slot=classes.arc_slot[arc],
        arc_cost=classes.arc_cost[arc],
    )


def chosen_rows(classes: Classes, row: Integers, count: Integers) -> Classes:
    """Some rows with all their arcs, counting otherwise."""
    lengths = np.diff(classes.first_arc)[row]
    first_arc = np.append(0, np.cumsum(lengths))
    arc = np.arange(first_arc[-1]) + np.repeat(classes.first_arc[row] - first_arc[:-1], lengths)
    return replace(
        classes,
        tier=classes.tier[row],
        count=count,
        first_arc=first_arc,
        arc_slot=classes.arc_slot[arc],
        arc_cost=classes.arc_cost[arc],
    )
