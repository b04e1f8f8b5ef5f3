"""The proof that a flow over classes is optimal, checked without any solver and without the code that made it.

The proof is weak duality in integers: for any prices >= 0, every way to place the requests costs at least the sum of
the requests' best values minus capacity x prices. Where a claimed answer costs exactly that much, nothing beats it.
"""

from dataclasses import dataclass

import numpy as np

from matching.arrays import Integers, exact_dot, row_blocks
from matching.classes import Classes

# prices and penalties beyond this cannot be added to costs in 64 bits
_LARGEST_PRICE = 2**62


@dataclass(frozen=True)
class Violation:
    """The first thing that does not hold: a code for machines, a sentence for people."""

    code: str
    detail: str


def verify_classes(
    classes: Classes,
    *,
    flow: Integers,
    waiting: Integers,
    prices: Integers,
    penalty_by_tier: tuple[int, ...],
    served_by_tier: tuple[int, ...],
    cost: int,
    cap_prices: Integers | None = None,
) -> Violation | None:
    """None where the flow is feasible, its figures are right and the prices prove it optimal; else what fails first."""
    held = np.zeros(len(classes.limits.limit), dtype=np.int64) if cap_prices is None else cap_prices
    return (
        _flow_violation(classes, flow, waiting)
        or _figures_violation(classes, flow, served_by_tier, cost)
        or _penalty_violation(classes, penalty_by_tier)
        or _price_violation(classes, flow, prices, held)
        or _duality_violation(classes, waiting, prices, held, penalty_by_tier, cost)
    )


def _flow_violation(classes: Classes, flow: Integers, waiting: Integers) -> Violation | None:
    if flow.shape != classes.arc_slot.shape or waiting.shape != classes.count.shape:
        return Violation("wrong-shape", "the flow does not belong to this instance")
    for name, values in (("flow", flow), ("waiting", waiting)):
        if len(values) and int(values.min()) < 0:
            return Violation("negative", f"{name} {int(values.argmin())} is negative")
    if len(flow) and int(flow.max()) > int(classes.count.max()):
        return Violation("class-count", f"arc {int(flow.argmax())} carries more requests than any class has")
    differing = np.flatnonzero(classes.served(flow) + waiting != classes.count)
    if len(differing):
        return Violation("class-count", f"class {int(differing[0])} is not placed and waiting as often as it counts")
    return _room_violation(classes, classes.taken(flow))


def _room_violation(classes: Classes, taken: Integers) -> Violation | None:
    over = np.flatnonzero(taken > classes.capacity)
    if len(over):
        return Violation("capacity", f"slot {int(over[0])} holds more than its capacity")
    over = np.flatnonzero(classes.limits.loads(taken) > classes.limits.limit)
    if len(over):
        return Violation("cap", f"under cap {int(over[0])} more places are taken than its limit")
    return None


def _figures_violation(
    classes: Classes, flow: Integers, served_by_tier: tuple[int, ...], cost: int
) -> Violation | None:
    served = classes.by_tier(classes.served(flow))
    if served != tuple(served_by_tier):
        return Violation("served-by-tier", f"served by tier is {served}, claimed {tuple(served_by_tier)}")
    used = np.flatnonzero(flow)
    actual = exact_dot(flow[used], classes.arc_cost[used])
    if actual != cost:
        return Violation("cost", f"the cost is {actual}, claimed {cost}")
    return None


def _penalty_violation(classes: Classes, penalty_by_tier: tuple[int, ...]) -> Violation | None:
    """An exchange visits each slot at most once: a step above slots x largest cost makes the tiers lexicographic."""
    if len(penalty_by_tier) != classes.tiers:
        return Violation("penalty", f"{len(penalty_by_tier)} penalties for {classes.tiers} tiers")
    largest = int(classes.arc_cost.max()) if len(classes.arc_cost) else 0
    step = len(classes.capacity) * largest + 1
    for tier, (penalty, lower) in enumerate(zip(penalty_by_tier, (*penalty_by_tier, 0)[1:], strict=True)):
        if not lower + step <= penalty <= _LARGEST_PRICE:
            return Violation("penalty", f"the penalty of tier {tier} does not put it before the next")
    return None


def _price_violation(classes: Classes, flow: Integers, prices: Integers, cap_prices: Integers) -> Violation | None:
    """A price is never below that of the cap around, and above it only where nothing is free."""
    caps, taken = classes.limits, classes.taken(flow)
    for name, price, around, free in (
        ("slot", prices, caps.of_slot, classes.capacity - taken),
        ("cap", cap_prices, caps.parent, caps.limit - caps.loads(taken)),
    ):
        if price.shape != free.shape:
            return Violation("price", f"there is not one price a {name}")
        wrong = np.flatnonzero((price < 0) | (price > _LARGEST_PRICE))
        if len(wrong):
            return Violation("price", f"the price of {name} {int(wrong[0])} is out of range")
        outer = np.append(cap_prices, 0)[around]
        low = np.flatnonzero(price < outer)
        if len(low):
            return Violation("price", f"the price of {name} {int(low[0])} is below that of the cap around it")
        idle = np.flatnonzero((price > outer) & (free > 0))
        if len(idle):
            return Violation("price", f"{name} {int(idle[0])} has free places, yet its price is not 0")
    return None


def _duality_violation(
    classes: Classes,
    waiting: Integers,
    prices: Integers,
    cap_prices: Integers,
    penalty_by_tier: tuple[int, ...],
    cost: int,
) -> Violation | None:
    penalty, caps = np.asarray(penalty_by_tier, dtype=np.int64)[classes.tier], classes.limits
    primal = cost + exact_dot(waiting, penalty)
    dual = sum(
        exact_dot(
            classes.count[rows],
            least_values(
                classes.first_arc[rows.start : rows.stop + 1] - arcs.start,
                classes.arc_cost[arcs] + prices[classes.arc_slot[arcs]],
                penalty[rows],
            ),
        )
        for rows, arcs in row_blocks(classes.first_arc)
    )
    dual -= exact_dot(classes.capacity, prices - caps.above(cap_prices, caps.of_slot))
    dual -= exact_dot(caps.limit, cap_prices - caps.above(cap_prices, caps.parent))
    if primal != dual:
        return Violation("not-optimal", f"primal {primal} differs from dual {dual}: the prices prove no optimum")
    return None


def least_values(first_arc: Integers, arc_value: Integers, otherwise: Integers) -> Integers:
    """For every row the least value of its arcs, or `otherwise` where that is less or there are no arcs."""
    least = otherwise.copy()
    some = np.diff(first_arc) > 0
    if some.any():
        least[some] = np.minimum(least[some], np.minimum.reduceat(arc_value, first_arc[:-1][some]))
    return least
