"""Ended rounds for the tests: of any classes the matcher takes, answered here in the plainest way."""

from dataclasses import replace
from uuid import UUID

import numpy as np

from market.placement.ended import Ended
from market.placement.rules import Outcome, Policy, Reason
from market.placement.terms import RANK_STEP
from matching import Classes, Integers, solve_classes

SEED = 7
UNNAMED = 10  # steps: as if it were wish eleven


def ended_round(classes: Classes, policy: Policy, *, wishes: list[int] | None = None) -> Ended:
    """Costs are ways in 100 m. ``wishes``: the rank of each arc, 0 where it was not named. The smaller number of a
    request is the longer wait."""
    rank = np.zeros_like(classes.arc_slot) if wishes is None else np.array(wishes, dtype=np.int64)
    cost = classes.arc_cost + RANK_STEP * np.where(rank > 0, rank - 1, UNNAMED)
    order = np.lexsort((classes.arc_slot, cost, classes.owners()))
    seating = replace(classes, tier=np.zeros_like(classes.tier), arc_slot=classes.arc_slot[order], arc_cost=cost[order])
    row = np.repeat(np.arange(len(classes.count)), classes.count)
    people = len(row)
    nobody = np.zeros(0, dtype=np.int64)
    ended = Ended(
        sha256="0" * 64, policy=policy, seed=SEED, offers=[f"{at + 1:032x}" for at in range(len(classes.capacity))],
        ids=[f"{at + 1:032x}" for at in range(people)], turn=np.arange(people), tier=classes.tier[row], kin=row,
        peers=row, taken=np.full(people, -1, dtype=np.int64), serving=classes, seating=seating,
        distance_m=classes.arc_cost[order] * 100, rank=rank[order], served=None,
        seat_prices=np.zeros_like(classes.capacity), seat_cap_prices=nobody, plain=np.ones(people, dtype=np.bool_),
    )  # fmt: skip
    return _served_best(ended) if policy is Policy.WELFARE else replace(ended, taken=_in_line(ended))


def _served_best(ended: Ended) -> Ended:
    served = solve_classes(ended.serving)
    number = ended.serving.served(served.flow)
    seated = solve_classes(replace(ended.seating, count=number))
    assert seated.served_by_tier in {(int(number.sum()),), ()}, "whoever is served has a seat"
    taken = np.full(len(ended.ids), -1, dtype=np.int64)
    for row in range(len(number)):
        first = np.flatnonzero(ended.peers == row)[: number[row]]
        arcs = np.arange(ended.seating.first_arc[row], ended.seating.first_arc[row + 1])
        taken[first] = np.repeat(arcs, seated.flow[arcs])
    return replace(ended, served=served, taken=taken, seat_prices=seated.prices, seat_cap_prices=seated.cap_prices)


def _in_line(ended: Ended) -> Integers:
    free, taken = ended.seating.capacity.copy(), np.full(len(ended.ids), -1, dtype=np.int64)
    for position in np.lexsort((ended.turn, ended.tier)).tolist():
        row = ended.peers[position]
        for arc in range(int(ended.seating.first_arc[row]), int(ended.seating.first_arc[row + 1])):
            if free[ended.seating.arc_slot[arc]]:
                free[ended.seating.arc_slot[arc]] -= 1
                taken[position] = arc
                break
    return taken


def outcome_of(ended: Ended, position: int) -> Outcome:
    """What the round writes for a request, counted once more in plain Python."""
    seating, row, seat = ended.seating, int(ended.peers[position]), int(ended.taken[position])
    arcs = range(int(seating.first_arc[row]), int(seating.first_arc[row + 1]))
    request = UUID(hex=ended.ids[position])
    if seat < 0:
        reason = Reason.CAPACITY if arcs else Reason.NO_ELIGIBLE_OFFER
        return Outcome(UUID(int=1), request, None, reason, None, None, len(arcs), None)
    ahead = sum(bool(seating.arc_cost[arc] < seating.arc_cost[seat]) for arc in arcs)
    rank = int(ended.rank[seat])
    reason = {0: Reason.NEARER_FULL if ahead else Reason.NEAREST, 1: Reason.FIRST_WISH}.get(rank, Reason.LATER_WISH)
    offer = UUID(hex=ended.offers[int(seating.arc_slot[seat])])
    return Outcome(UUID(int=1), request, offer, reason, int(ended.distance_m[seat]), rank or None, ahead, None)
