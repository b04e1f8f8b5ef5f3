"""What a round tells everyone, placed or not: the reason, and facts that can be checked from the published prices."""

from dataclasses import dataclass

import numpy as np

from market.placement.arcs import Arcs, rows
from market.placement.proof import Answer
from market.placement.rules import Reason
from matching import Integers


@dataclass(frozen=True, eq=False)
class Findings:
    """One value a request, in the census's order; -1 in ``offer`` for who waits, None where a fact does not apply."""

    offer: list[int]
    reason: list[Reason]
    distance_m: list[int | None]
    rank: list[int | None]
    nearer_full: list[int]
    price: list[int | None]


def explain(arcs: Arcs, answer: Answer) -> Findings:
    """A seat is told by its arc, a wait by its class; so each is worked out once and looked up for every member."""
    classes, taken = arcs.classes, answer.taken
    row = rows(arcs)
    ahead = _ahead(arcs)
    seats = _of_seats(arcs, ahead)
    waits = np.where(np.diff(classes.first_arc) > 0, Reason.CAPACITY, Reason.NO_ELIGIBLE_OFFER).tolist()
    choices = np.diff(classes.first_arc)
    waiting, seated = _price_of_best(arcs, answer.prices), _price_of_best(arcs, answer.seat_prices)
    arc, own = taken.tolist(), row.tolist()
    slot, distance, rank = classes.arc_slot.tolist(), arcs.distance_m.tolist(), arcs.rank.tolist()
    before, count = ahead.tolist(), choices.tolist()
    nearer = [before[a] if a >= 0 else count[r] for a, r in zip(arc, own, strict=True)]
    return Findings(
        offer=[slot[a] if a >= 0 else -1 for a in arc],
        reason=[seats[a] if a >= 0 else waits[r] for a, r in zip(arc, own, strict=True)],
        distance_m=[distance[a] if a >= 0 else None for a in arc],
        rank=[rank[a] or None if a >= 0 else None for a in arc],
        nearer_full=nearer,
        price=[(seated if a >= 0 else waiting)[r] if n else None for a, r, n in zip(arc, own, nearer, strict=True)],
    )


def _ahead(arcs: Arcs) -> Integers:
    """For every arc, how many of its class are strictly better: the arcs of a class stand by cost."""
    classes = arcs.classes
    owner, at = classes.owners(), np.arange(len(classes.arc_slot))
    fresh = np.ones(len(at), dtype=np.bool_)
    fresh[1:] = (owner[1:] != owner[:-1]) | (classes.arc_cost[1:] != classes.arc_cost[:-1])
    ahead: Integers = np.maximum.accumulate(np.where(fresh, at, 0)) - classes.first_arc[owner]
    return ahead


def _of_seats(arcs: Arcs, ahead: Integers) -> list[Reason]:
    where = [arcs.rank == 1, arcs.rank > 1, ahead == 0]
    reasons = (Reason.FIRST_WISH, Reason.LATER_WISH, Reason.NEAREST, Reason.NEARER_FULL)
    code = np.select(where, [0, 1, 2], default=3)
    return [reasons[c] for c in code.tolist()]


def _price_of_best(arcs: Arcs, prices: Integers) -> list[int | None]:
    """What one more place would be worth at the offer each class would like best."""
    classes = arcs.classes
    some = np.diff(classes.first_arc) > 0
    best = np.zeros(len(some), dtype=np.int64)
    best[some] = prices[classes.arc_slot[classes.first_arc[:-1][some]]]
    return [price if has else None for price, has in zip(best.tolist(), some.tolist(), strict=True)]
