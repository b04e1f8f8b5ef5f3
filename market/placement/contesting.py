"""Whether a round's explanations are true, counted again from the round itself: for whoever contests one.

Written apart from what makes the statements. It walks over everybody one by one and is slow on purpose: nothing is
looked up that could be counted. What a place is worth is held against the whole round's proof.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from market.placement.ended import Ended
from market.placement.explaining import Saying, Statement
from market.placement.rules import Policy
from market.placement.terms import COST_UNIT_M, RANK_STEP
from matching import ClassResult
from matching.certify import slot_prices

_ALWAYS_TRUE = frozenset(
    {
        Saying.STAYS_IN_EVERY_ROUND,
        Saying.BOOK_WHAT_IS_FREE,
        Saying.DECLINING_KEEPS_THE_WAIT,
        Saying.SILENCE_KEEPS_THE_WAIT,
    }
)  # rules of the house, not claims about a round


@dataclass(frozen=True, eq=False)
class Case:
    """One request of an ended round, as somebody with a pencil sees it."""

    ended: Ended
    position: int

    @property
    def tier(self) -> int:
        return int(self.ended.tier[self.position])

    @property
    def seat(self) -> int:
        """The arc it takes, -1 for none."""
        return int(self.ended.taken[self.position])

    @property
    def arcs(self) -> range:
        first, row = self.ended.seating.first_arc, int(self.ended.peers[self.position])
        return range(int(first[row]), int(first[row + 1]))

    def cost(self, arc: int) -> int:
        return int(self.ended.seating.arc_cost[arc])

    def slot(self, arc: int) -> int:
        return int(self.ended.seating.arc_slot[arc])

    @cached_property
    def better(self) -> list[int]:
        return [arc for arc in self.arcs if self.seat < 0 or self.cost(arc) < self.cost(self.seat)]

    def people_at(self, *slots: int) -> list[int]:
        """The positions of everybody who got a place there."""
        return [at for at, arc in enumerate(self.ended.taken.tolist()) if arc >= 0 and self.slot(arc) in slots]

    def used(self, slot: int) -> int:
        return len(self.people_at(slot))

    def places(self, slot: int) -> int:
        return int(self.ended.seating.capacity[slot])

    def is_full(self, slot: int) -> bool:
        """By itself, or by a limit over it and others together."""
        caps = self.ended.seating.limits
        inside = {cap: [s for s in range(len(self.ended.offers)) if cap in caps.chain(s)] for cap in caps.chain(slot)}
        tight = any(len(self.people_at(*slots)) >= int(caps.limit[cap]) for cap, slots in inside.items())
        return tight or self.used(slot) >= self.places(slot)

    def last_tier(self, slot: int) -> int | None:
        return max((int(self.ended.tier[other]) for other in self.people_at(slot)), default=None)

    def place_in_line(self, position: int) -> tuple[int, int]:
        return int(self.ended.tier[position]), int(self.ended.turn[position])


def contradicted(ended: Ended, position: int, statements: Sequence[Statement]) -> list[Statement]:
    """Those of the statements that do not hold for the request at this position; none where all are true. For services
    in which a place is a place for everybody."""
    case = Case(ended, position)
    return [one for one in statements if not holds(case, one)]


def holds(case: Case, said: Statement) -> bool:
    if said.saying in _ALWAYS_TRUE:
        return True
    return _CHECKS[said.saying](case, said)


# --- why here ---------------------------------------------------------------------------------------------------------
def _sits(case: Case, said: Statement) -> bool:
    return case.seat >= 0 and said.offer_id is not None and _offer_at(case, case.seat) == said.offer_id.hex


def _first_wish(case: Case, said: Statement) -> bool:
    return _sits(case, said) and int(case.ended.rank[case.seat]) == 1


def _later_wish(case: Case, said: Statement) -> bool:
    return _sits(case, said) and int(case.ended.rank[case.seat]) == said.values["rank"] > 1 and _all_full(case)


def _nearest(case: Case, said: Statement) -> bool:
    return _sits(case, said) and not case.better


def _nearer_full(case: Case, said: Statement) -> bool:
    return _sits(case, said) and bool(case.better) and _all_full(case)


def _distance(case: Case, said: Statement) -> bool:
    return _sits(case, said) and int(case.ended.distance_m[case.seat]) == said.values["metres"]


def _all_full(case: Case) -> bool:
    return all(case.is_full(case.slot(arc)) for arc in case.better)


def _count(case: Case, said: Statement) -> bool:
    return len(case.better) == said.values["count"] and _all_full(case)


# --- why not there, why the wait ------------------------------------------------------------------------------------
def _nobody(case: Case, said: Statement) -> bool:
    return not said.values and case.seat < 0 and not case.arcs


def _wanted(case: Case, said: Statement) -> int | None:
    """The preferred offer that the statement names, if it is full, none is better, and the figures are its own."""
    arc = _full_and_better(case, said)
    if arc is None or any(case.cost(other) < case.cost(arc) for other in case.better):
        return None
    return case.slot(arc)


def _full_and_better(case: Case, said: Statement) -> int | None:
    arc = _arc_to(case, said)
    if arc is None or arc not in case.better or not case.is_full(case.slot(arc)):
        return None
    return arc if _figures(case, case.slot(arc)) == {k: v for k, v in said.values.items() if k != "metres"} else None


def _figures(case: Case, slot: int) -> dict[str, int]:
    last = case.last_tier(slot)
    told = {
        "places": case.places(slot),
        "used": case.used(slot),
        "tier": case.tier,
        "serving_price": _serving_price(case.ended, slot),
        "seating_price": _seating_price(case.ended, slot),
    }
    return told if last is None else told | {"last_tier": last}


def _of_tier(right: Callable[[int, int], bool]) -> Callable[[Case, Statement], bool]:
    def check(case: Case, said: Statement) -> bool:
        slot = _wanted(case, said)
        if slot is None or case.seat >= 0:
            return False
        return right(said.values["last_tier"], case.tier) and _is_used_up(case, slot)

    return check


def _is_used_up(case: Case, slot: int) -> bool:
    return case.used(slot) == case.places(slot)


def _best_for_all(case: Case, said: Statement) -> bool:
    """This person sits elsewhere, and no other way to seat the same people is better."""
    slot = _wanted(case, said)
    return slot is not None and case.seat >= 0 and _is_used_up(case, slot) and _prices_hold(case.ended)


def _no_places(case: Case, said: Statement) -> bool:
    slot = _wanted(case, said)
    return slot is not None and case.places(slot) == 0


def _limit(case: Case, said: Statement) -> bool:
    slot = _wanted(case, said)
    return slot is not None and not _is_used_up(case, slot)


def _came_first(case: Case, said: Statement) -> bool:
    """Everybody there stands before this person in the line: by tier, then the longer wait, then the draw."""
    slot = _wanted(case, said)
    if slot is None or case.ended.policy is not Policy.STABLE:
        return False
    own = case.place_in_line(case.position)
    return _is_used_up(case, slot) and all(case.place_in_line(other) < own for other in case.people_at(slot))


def _beyond(case: Case, said: Statement) -> bool:
    """How far it is stands in no round: that is for a map. Nothing was within reach, and the offer was there."""
    named = said.offer_id is not None and said.offer_id.hex in case.ended.offers
    return named and case.seat < 0 and not case.arcs


# --- what would change it -------------------------------------------------------------------------------------------
def _opens(case: Case, said: Statement) -> bool:
    """With its price the offer costs what the request has now: then a best answer with one more place there puts this
    very request, or one just like it, into it."""
    arc = _full_and_better(case, said)
    if arc is None or int(case.ended.distance_m[arc]) != said.values["metres"] or not _prices_hold(case.ended):
        return False
    return _opens_to_who_waits(case, arc) if case.seat < 0 else _opens_to_who_sits(case, arc)


def _opens_to_who_waits(case: Case, arc: int) -> bool:
    served, serving, kin = _served(case.ended), case.ended.serving, int(case.ended.kin[case.position])
    for own in range(int(serving.first_arc[kin]), int(serving.first_arc[kin + 1])):
        if int(serving.arc_slot[own]) == case.slot(arc):
            value = int(serving.arc_cost[own] + served.prices[case.slot(arc)])
            return value == served.penalty_by_tier[case.tier] and _serving_limit(case.ended, case.slot(arc)) == 0
    return False


def _opens_to_who_sits(case: Case, arc: int) -> bool:
    prices = case.ended.seat_prices
    here, there = (case.cost(one) + int(prices[case.slot(one)]) for one in (case.seat, arc))
    free = int(_served(case.ended).prices[case.slot(arc)]) == 0 and _seating_limit(case.ended, case.slot(arc)) == 0
    return here == there and free


def _serves(case: Case, said: Statement) -> bool:
    """The price lies within any exchange of ways of what one more of that tier outweighs."""
    slot, tier = _priced(case, said), said.values["serves"]
    if slot is None or not 0 <= tier < len(_served(case.ended).penalty_by_tier):
        return False
    price, penalties = _serving_price(case.ended, slot), _served(case.ended).penalty_by_tier
    near = all(abs(price - penalties[tier]) <= abs(price - other) for other in (*penalties, 0))
    return price == said.values["serving_price"] and near


def _saves_wishes(case: Case, said: Statement) -> bool:
    slot, wishes = _priced(case, said), said.values["wishes"]
    if slot is None or _serving_price(case.ended, slot) != 0:
        return False
    price = _seating_price(case.ended, slot)
    return price == said.values["seating_price"] and -RANK_STEP <= 2 * (price - wishes * RANK_STEP) < RANK_STEP


def _saves_way(case: Case, said: Statement) -> bool:
    slot = _priced(case, said)
    if slot is None or _serving_price(case.ended, slot) != 0:
        return False
    price = _seating_price(case.ended, slot)
    return price == said.values["seating_price"] and 0 < price * COST_UNIT_M == said.values["metres"]


def _priced(case: Case, said: Statement) -> int | None:
    arc = _arc_to(case, said)
    return None if arc is None or not _prices_hold(case.ended) else case.slot(arc)


def _served(ended: Ended) -> ClassResult:
    assert ended.served is not None, "only a round with prices is told of prices"
    return ended.served


def _serving_price(ended: Ended, slot: int) -> int:
    return int(_served(ended).prices[slot]) - _serving_limit(ended, slot) if ended.served is not None else 0


def _seating_price(ended: Ended, slot: int) -> int:
    return int(ended.seat_prices[slot]) - _seating_limit(ended, slot) if ended.served is not None else 0


def _serving_limit(ended: Ended, slot: int) -> int:
    """The price of the limit around an offer."""
    cap = int(ended.serving.limits.of_slot[slot])
    return int(_served(ended).cap_prices[cap]) if cap >= 0 else 0


def _seating_limit(ended: Ended, slot: int) -> int:
    cap = int(ended.seating.limits.of_slot[slot])
    return int(ended.seat_cap_prices[cap]) if cap >= 0 else 0


def _prices_hold(ended: Ended) -> bool:
    """Whether they are the least of all prices that prove both answers: only those say what one more place is worth.
    Made again from who is served and who sits where; an answer that is not the best has none."""
    if ended.served is None:
        return False
    served = _served(ended)
    seated = replace(ended.seating, count=ended.seating.served(ended.flow))
    first, first_caps = slot_prices(ended.serving, served.flow, served.penalty_by_tier)
    second, second_caps = slot_prices(seated, ended.flow, (0,))
    pairs = (
        (first, served.prices), (first_caps, served.cap_prices),
        (second, ended.seat_prices), (second_caps, ended.seat_cap_prices),
    )  # fmt: skip
    return all(np.array_equal(again, told) for again, told in pairs)


def _arc_to(case: Case, said: Statement) -> int | None:
    if said.offer_id is None:
        return None
    return next((arc for arc in case.arcs if _offer_at(case, arc) == said.offer_id.hex), None)


def _offer_at(case: Case, arc: int) -> str:
    return case.ended.offers[case.slot(arc)]


_CHECKS: Mapping[Saying, Callable[[Case, Statement], bool]] = {
    Saying.FIRST_WISH: _first_wish,
    Saying.LATER_WISH: _later_wish,
    Saying.NEAREST: _nearest,
    Saying.NEARER_FULL: _nearer_full,
    Saying.DISTANCE: _distance,
    Saying.FULL_MORE_GOOD: _count,
    Saying.FULL_CAME_FIRST: _count,
    Saying.ALL_FULL_MORE_GOOD: _count,
    Saying.ALL_FULL_CAME_FIRST: _count,
    Saying.NOBODY_SUITS: _nobody,
    Saying.BEYOND_REACH: _beyond,
    Saying.NO_PLACES_THERE: _no_places,
    Saying.LIMIT_REACHED_THERE: _limit,
    Saying.MORE_URGENT_THERE: _of_tier(lambda last, own: last < own),
    Saying.AS_URGENT_THERE: _of_tier(lambda last, own: last == own),
    Saying.BEST_FOR_ALL_THERE: _best_for_all,
    Saying.CAME_FIRST_THERE: _came_first,
    Saying.ONE_MORE_SERVES: _serves,
    Saying.ONE_MORE_SAVES_WISHES: _saves_wishes,
    Saying.ONE_MORE_SAVES_WAY: _saves_way,
    Saying.PLACE_OPENS: _opens,
}
