"""The plan for those who have to leave an offer: most of the most urgent first, then their wishes, then the way.

Only free places are given, so nobody else moves. Loads the solver: no part of a request.
"""

from uuid import UUID

import numpy as np

from contracts.kernel.errors import RuleBroken, WrongState
from contracts.kernel.work import Work
from market.placement import queries
from market.placement.rehousing import MOST_MOVES, Leaving, ProposedMove, check_closed
from market.placement.rehousing_queries import served_under
from market.placement.rules import MAX_WISHES, Candidate, RoundNotProven, check_candidate
from market.placement.waiting import need_of
from market.voucher import queries as vouchers
from matching import Instance
from matching.arrays import integers
from matching.solve import solve
from matching.verify import verify

# a step of rank outweighs any way on earth
_RANK_M = 25_000_000
_SECONDS = 20.0


def plan(work: Work, offer_id: UUID) -> list[ProposedMove]:
    """For up to MOST_MOVES people. Raises OfferStillOpen, RoundNotProven."""
    closed = check_closed(work, offer_id)
    people = served_under(work, offer_id, limit=MOST_MOVES)
    if not people:
        return []
    offers = [one for one in queries.candidates(work, closed.kind, closed.setting, closed.unit) if one.free > 0]
    ways = [_ways(work, one, offers) for one in people]
    instance = _instance(people, offers, ways)
    result = solve(instance, time_limit=_SECONDS)
    if (violation := verify(instance, result)) is not None:
        raise RoundNotProven(violation.detail)
    given = {name: int(at) for name, at in result.assignments.items()}
    return [
        _proposed(one, offers, way, given.get(str(one.placement.id))) for one, way in zip(people, ways, strict=True)
    ]


def _ways(work: Work, one: Leaving, offers: list[Candidate]) -> dict[int, int]:
    """The offers (by position) that may take a person, and how far each is."""
    need = need_of(work, vouchers.voucher(work, one.placement.voucher_id))
    top_up, found = queries.may_pay_more(work, work.today), {}
    for at, offer in enumerate(offers):
        try:
            found[at] = check_candidate(need, offer, top_up=top_up)[0]
        except (RuleBroken, WrongState):
            continue
    return found


def _instance(people: list[Leaving], offers: list[Candidate], ways: list[dict[int, int]]) -> Instance:
    first, slot, cost = [0], [], []
    for one, way in zip(people, ways, strict=True):
        rank = {offer_id: at for at, offer_id in enumerate(one.wishes)}
        slot += list(way)
        cost += [rank.get(offers[at].offer_id, MAX_WISHES) * _RANK_M + metres for at, metres in way.items()]
        first.append(len(slot))
    return Instance(
        slot_ids=tuple(str(at) for at in range(len(offers))),
        capacity=integers("capacity", [offer.free for offer in offers]),
        request_ids=tuple(str(one.placement.id) for one in people),
        tier=integers("tier", [one.tier for one in people]),
        size=integers("size", [one.placement.size for one in people]),
        first_arc=integers("first_arc", first),
        arc_slot=integers("slot", slot),
        arc_cost=integers("cost", cost),
        spend=np.zeros((0, len(slot)), dtype=np.int64),
    )


def _proposed(one: Leaving, offers: list[Candidate], way: dict[int, int], at: int | None) -> ProposedMove:
    now = one.placement.distance_m
    if at is None:
        return ProposedMove(one.placement.id, None, None, now)
    return ProposedMove(one.placement.id, offers[at].offer_id, way[at], now)
