"""The grounds of what a round decided for one request: the offers that mattered, with the figures they are known by.

Everything is read off an ended round. A way counts in units of 100 m; a step of wishes is longer than any way. The
price of a place, in the same unit, is what one more would be worth: to serving people (``serving_price``) and, where
that is nothing, to seating them (``seating_price``).
"""

from dataclasses import dataclass
from uuid import UUID

import numpy as np

from market.placement.ended import Ended
from market.placement.rules import Policy
from matching import Integers

MOST_NAMED = 3  # offers that one more place at would be enough: more are no help to a reader


@dataclass(frozen=True, slots=True)
class Seen:
    """An offer as the round saw it for one request. ``places``: free when the round began, ``used``: given away by it;
    ``last_tier``: of the least urgent person who got one there, None where nobody did."""

    offer_id: UUID
    distance_m: int
    places: int
    used: int
    last_tier: int | None
    serving_price: int
    seating_price: int


@dataclass(frozen=True, slots=True)
class Grounds:
    """``seated`` False: the request waits. ``wanted``: the best of the offers that were preferred and full (of
    ``ahead``); ``opens``: where one more place would have been enough for this request or one just like it.

    ``penalty_by_tier`` is empty where no prices prove the answer: then nothing is said of what a place is worth.
    """

    sha256: str
    policy: Policy
    tier: int
    seated: bool
    ahead: int
    wanted: Seen | None
    opens: tuple[Seen, ...]
    penalty_by_tier: tuple[int, ...]


def grounds_of(ended: Ended, position: int) -> Grounds | None:
    """For the request at this position of the round; None where requests of its service are of different sizes."""
    if not ended.plain[position]:
        return None
    seating, row, seat = ended.seating, int(ended.peers[position]), int(ended.taken[position])
    arcs = np.arange(seating.first_arc[row], seating.first_arc[row + 1])
    better = arcs if seat < 0 else arcs[seating.arc_cost[arcs] < seating.arc_cost[seat]]
    full = better[ended.full[seating.arc_slot[better]]]
    opens = (_would_serve if seat < 0 else _would_seat)(ended, position, full)
    return Grounds(
        sha256=ended.sha256,
        policy=ended.policy,
        tier=int(ended.tier[position]),
        seated=seat >= 0,
        ahead=len(full),
        wanted=_seen(ended, int(full[0])) if len(full) else None,
        opens=tuple(_seen(ended, arc) for arc in opens[:MOST_NAMED].tolist()),
        penalty_by_tier=ended.served.penalty_by_tier if ended.served is not None else (),
    )


def _would_serve(ended: Ended, position: int, full: Integers) -> Integers:
    """Of these arcs, those to offers where one more place would serve one more of this request's kin."""
    if ended.served is None:
        return full[:0]
    serving, row = ended.serving, int(ended.kin[position])
    arcs = np.arange(serving.first_arc[row], serving.first_arc[row + 1])
    value = serving.arc_cost[arcs] + ended.served.prices[serving.arc_slot[arcs]]
    tight = serving.arc_slot[arcs[value == ended.served.penalty_by_tier[int(ended.tier[position])]]]
    slots = ended.seating.arc_slot[full]
    chosen: Integers = full[np.isin(slots, tight) & (_around(ended, ended.served.cap_prices, slots) == 0)]
    return chosen


def _would_seat(ended: Ended, position: int, full: Integers) -> Integers:
    """Of these arcs, those to offers where one more place would seat one more of this request's peers, and that would
    change nothing of who is served."""
    if ended.served is None:
        return full[:0]
    seating, seat = ended.seating, int(ended.taken[position])
    now = seating.arc_cost[seat] + ended.seat_prices[seating.arc_slot[seat]]
    slots = seating.arc_slot[full]
    free = (ended.served.prices[slots] == 0) & (_around(ended, ended.seat_cap_prices, slots) == 0)
    chosen: Integers = full[free & (seating.arc_cost[full] + ended.seat_prices[slots] == now)]
    return chosen


def _around(ended: Ended, cap_prices: Integers, slots: Integers) -> Integers:
    """For each of these offers the price of the limit around it."""
    return ended.seating.limits.above(cap_prices, ended.seating.limits.of_slot[slots])


def _seen(ended: Ended, arc: int) -> Seen:
    return seen(ended, int(ended.seating.arc_slot[arc]), int(ended.distance_m[arc]))


def seen(ended: Ended, slot: int, distance_m: int) -> Seen:
    last = int(ended.last_tier[slot])
    return Seen(
        offer_id=UUID(hex=ended.offers[slot]),
        distance_m=distance_m,
        places=int(ended.seating.capacity[slot]),
        used=int(ended.used[slot]),
        last_tier=None if last < 0 else last,
        serving_price=int(ended.serving_worth[slot]),
        seating_price=int(ended.seating_worth[slot]),
    )
