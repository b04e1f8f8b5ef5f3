"""Nobody goes too far: the search for the least worst distance, by maximum flows."""

import time
from dataclasses import replace

import numpy as np

from matching.arrays import Integers
from matching.classes import Classes
from matching.farthest import Bottleneck
from matching.flow import most_served
from matching.terms import within
from matching.welfare import solve_classes


def least_worst(
    classes: Classes, distance: Integers, *, workers: int = 1, time_limit: float | None = None
) -> Bottleneck:
    """`distance` has an entry an arc, in any unit. At the time limit the shortest limit found so far is kept."""
    deadline = None if time_limit is None else time.monotonic() + time_limit
    costless = replace(classes, arc_cost=np.zeros_like(classes.arc_cost))
    unlimited = solve_classes(costless, workers=workers, time_limit=time_limit)
    steps = np.unique(distance)
    low, high = _narrowed(costless, distance, steps, unlimited.served_by_tier, deadline)
    limit = int(steps[high]) if high >= 0 else -1
    near, arc = within(classes, distance, limit)
    result = solve_classes(near, workers=workers, time_limit=_left(deadline))
    shorter = None
    if high > 0 and high - low == 1:
        shorter = solve_classes(within(costless, distance, int(steps[low]))[0], workers=workers)
    proven = high - low <= 1 and result.proven and unlimited.proven
    return Bottleneck(limit, arc, result, unlimited, shorter, proven)


def _narrowed(
    costless: Classes, distance: Integers, steps: Integers, wanted: tuple[int, ...], deadline: float | None
) -> tuple[int, int]:
    """The last step known to serve fewer and the first known to serve `wanted`; -1: before all steps."""
    low, high = -1, len(steps) - 1
    if sum(wanted) == 0:
        return low, low
    while high - low > 1 and not _late(deadline):
        middle = (low + high) // 2
        if most_served(within(costless, distance, int(steps[middle]))[0]) == wanted:
            high = middle
        else:
            low = middle
    return low, high


def _late(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() >= deadline


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())
