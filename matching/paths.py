"""Shortest exchanges between holders under prices: how one more, or one fewer, is taken in at the least cost.

Prices make every exchange cost at least 0 (cost + price is least where everyone sits), so a search stops at the first
place that is free. Each search leaves new prices under which the changed state is optimal again.
"""

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers
from matching.seats import FAR


def taken_in(
    table: Integers, prices: Integers, start: Integers, free: NDArray[np.bool_], peopled: NDArray[np.bool_]
) -> tuple[int, ...]:
    """Where somebody ends who may start at each holder for `start` (cost + price; FAR: not there): on a free place.

    The holders passed, from the first on; each in between (only the `peopled` have anyone) passes one of theirs on.
    `prices` are raised in place.
    """
    reach, before, every = start.copy(), np.full(len(start), -1), np.arange(len(start))
    best = int(reach[free].min())
    left = peopled & (reach < best)
    while len(nearest := _nearest(left, reach)):
        left[nearest] = False
        through = table[nearest] + (reach[nearest[0]] - prices[nearest])[:, None]
        via = through.argmin(axis=0)
        least = through[via, every] + prices
        better = (least < reach) & (least < best)
        reach[better], before[better] = least[better], nearest[via[better]]
        best = min(best, int(reach[free].min()))
        left = (left | (better & peopled)) & (reach < best)
    near = reach < best
    prices[near] += best - reach[near]
    return _followed(before, int(np.flatnonzero(free & (reach == best))[0]))


def _nearest(left: NDArray[np.bool_], reach: Integers) -> Integers:
    """Of those left the ones at the least distance: exchanges that cost nothing are many, and go in one step."""
    among = np.flatnonzero(left)
    return among[reach[among] == reach[among].min()] if len(among) else among


def filled_up(table: Integers, prices: Integers, hole: int) -> tuple[int, ...]:
    """Who moves into a place that became free at `hole`, who into theirs, and so on, until nobody gains any more.

    The path runs from the last holder, where a place stays free, to the hole; alone, the hole stays. `prices` are
    lowered in place.
    """
    reach, after, every = np.full(len(prices), FAR, dtype=np.int64), np.full(len(prices), -1), np.arange(len(prices))
    reach[hole] = 0
    best = int(prices[hole])
    left = reach < best
    while len(nearest := _nearest(left, reach)):
        left[nearest] = False
        through = table[:, nearest] + (reach[nearest[0]] + prices[nearest])
        via = through.argmin(axis=1)
        least = through[every, via] - prices
        better = (least < reach) & (least < best)
        reach[better], after[better] = least[better], nearest[via[better]]
        best = min(best, int((reach + prices)[better].min(initial=best)))
        left = (left | better) & (reach < best)
    last = hole if best == prices[hole] else int(np.flatnonzero(reach + prices == best)[0])
    near = reach < best
    prices[near] -= best - reach[near]
    return _followed(after, last)[::-1]


def _followed(before: Integers, last: int) -> tuple[int, ...]:
    path = [last]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return tuple(path[::-1])
