"""Nobody goes too far: the least worst distance at which as many of every tier are served as without a limit.

Lexicographic: the served counts by tier first, then the worst distance, then the welfare objective. Proven from both
sides: the answer within the limit has its prices, and prices for the next shorter limit show that it serves fewer.
"""

from dataclasses import dataclass, replace

import numpy as np

from matching.arrays import Integers
from matching.classes import Classes
from matching.outcome import ClassResult, verify_outcome
from matching.proof import Violation
from matching.terms import within


@dataclass(frozen=True, eq=False)
class Bottleneck:
    """`arc` are the arcs within `limit`; `result` speaks of them, and `unlimited` of all arcs at no cost.

    `shorter`: the best answer at no cost within the next shorter distance, None where there is none to try or the time
    limit came first; then `proven` is false.
    """

    limit: int
    arc: Integers
    result: ClassResult
    unlimited: ClassResult
    shorter: ClassResult | None
    proven: bool


def verify_least_worst(classes: Classes, distance: Integers, claimed: Bottleneck) -> Violation | None:
    """None where the claimed limit is proven to be the least, and the answer within it the best; no solver is used."""
    costless = replace(classes, arc_cost=np.zeros_like(classes.arc_cost))
    near, arc = within(classes, distance, claimed.limit)
    if not np.array_equal(arc, claimed.arc):
        return Violation("limit", "the arcs of the answer are not those within its limit")
    violation = verify_outcome(costless, claimed.unlimited) or verify_outcome(near, claimed.result)
    if violation is not None:
        return violation
    if claimed.result.served_by_tier != claimed.unlimited.served_by_tier:
        return Violation("limit", "within the limit fewer are served than without it")
    return _shorter_violation(costless, distance, claimed)


def _shorter_violation(costless: Classes, distance: Integers, claimed: Bottleneck) -> Violation | None:
    below = distance[distance < claimed.limit]
    if not len(below) or claimed.limit < 0:
        return None
    if claimed.shorter is None:
        return Violation("limit", "nothing shows that a shorter limit serves fewer")
    violation = verify_outcome(within(costless, distance, int(below.max()))[0], claimed.shorter)
    if violation is None and claimed.shorter.served_by_tier == claimed.unlimited.served_by_tier:
        return Violation("limit", "a shorter limit serves as many")
    return violation
