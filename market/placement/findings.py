"""What a round tells everyone, placed or not: the reason, and facts that can be checked from the published prices."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from market.placement.arcs import Arcs, rows
from market.placement.proof import Answer
from market.placement.rules import Reason
from matching import Classes, Integers

REASONS = tuple(Reason)
_CODE = {reason: code for code, reason in enumerate(REASONS)}
_FIRST, _LATER, _NEAREST, _FULL, _NOWHERE, _CAPACITY = (
    _CODE[reason]
    for reason in (
        Reason.FIRST_WISH,
        Reason.LATER_WISH,
        Reason.NEAREST,
        Reason.NEARER_FULL,
        Reason.NO_ELIGIBLE_OFFER,
        Reason.CAPACITY,
    )
)


@dataclass(frozen=True, eq=False)
class Findings:
    """One value a request, in the census's order; -1 where a fact does not apply, and in ``offer`` for who waits.
    ``reason``: its place in REASONS; ``rank`` 0: not named."""

    offer: Integers
    reason: Integers
    distance_m: Integers
    rank: Integers
    nearer_full: Integers
    price: Integers

    def at(self, positions: Integers) -> "Findings":
        return Findings(*(column[positions] for column in self.columns()))

    def columns(self) -> Iterator[Integers]:
        return (getattr(self, one.name) for one in fields(self))


def explain(arcs: Arcs, answer: Answer) -> Findings:
    """A seat is told by its arc, a wait by its class; so each is worked out once and looked up for every member."""
    classes, taken, row = arcs.classes, answer.taken, rows(arcs)
    choices = np.diff(classes.first_arc)
    seat = taken >= 0
    arc = taken[seat]
    ahead = ahead_of(classes, arc, row[seat])
    offer, distance, rank = np.full(len(row), -1), np.full(len(row), -1), np.zeros(len(row), dtype=np.int64)
    offer[seat], distance[seat], rank[seat] = classes.arc_slot[arc], arcs.distance_m[arc], arcs.rank[arc]
    reason, nearer = np.where(choices > 0, _CAPACITY, _NOWHERE)[row], choices[row]
    reason[seat], nearer[seat] = _of_seats(rank[seat], ahead), ahead
    price = _price_of_best(arcs, answer.prices)[row]
    price[seat] = _price_of_best(arcs, answer.seat_prices)[row[seat]]
    price[nearer == 0] = -1
    return Findings(offer, reason, distance, rank, nearer, price)


def ahead_of(classes: Classes, arc: Integers, row: Integers) -> Integers:
    """For each of these arcs, how many of its class (``row``) are strictly better: the arcs of a class stand by cost,
    and before an arc there are few that cost the same."""
    first, cost = classes.first_arc[row], classes.arc_cost
    at, alike = arc.copy(), np.arange(len(arc))
    while len(alike):
        alike = alike[at[alike] > first[alike]]
        alike = alike[cost[at[alike] - 1] == cost[arc[alike]]]
        at[alike] -= 1
    return at - first


def _of_seats(rank: Integers, ahead: Integers) -> Integers:
    return np.select([rank == 1, rank > 1, ahead == 0], [_FIRST, _LATER, _NEAREST], default=_FULL).astype(np.int64)


def _price_of_best(arcs: Arcs, prices: Integers) -> Integers:
    """What one more place would be worth at the offer each class would like best; 0 where there is none."""
    classes = arcs.classes
    some = np.diff(classes.first_arc) > 0
    best = np.zeros(len(some), dtype=np.int64)
    best[some] = prices[classes.arc_slot[classes.first_arc[:-1][some]]]
    return best
