"""The answer for classes, with its proof; nothing here knows a solver."""

from dataclasses import dataclass, field

import numpy as np

from matching.arrays import Integers
from matching.classes import Classes
from matching.proof import Violation, verify_classes


@dataclass(frozen=True, eq=False)
class ClassResult:
    """Who sits where, counted: `flow[a]` requests take arc `a`, `waiting[c]` requests of class `c` take none.

    `proven`: `prices` (one a slot, in cost units) and `penalty_by_tier` prove in integers that no flow serves the tiers
    better or, serving them so, costs less. The price of a slot is what one more place there is worth, in penalties and
    costs, less the price of the cap around it. Not proven (the time limit came first): feasible, and prices hold only
    where the solver finished.
    """

    flow: Integers
    waiting: Integers
    prices: Integers
    penalty_by_tier: tuple[int, ...]
    served_by_tier: tuple[int, ...]
    cost: int
    proven: bool
    cap_prices: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def verify_outcome(classes: Classes, result: ClassResult) -> Violation | None:
    """`verify_classes` on all that the result claims."""
    return verify_classes(
        classes,
        flow=result.flow,
        waiting=result.waiting,
        prices=result.prices,
        penalty_by_tier=result.penalty_by_tier,
        served_by_tier=result.served_by_tier,
        cost=result.cost,
        cap_prices=result.cap_prices,
    )
