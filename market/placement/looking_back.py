"""A stored round as an ended one: what its explanations, its report and its contests are counted from."""

from dataclasses import replace

import numpy as np

from market.placement.arcs import rows
from market.placement.draw import draw
from market.placement.ended import Ended
from market.placement.proof import Solved, flat_kin, flat_seats
from market.placement.rules import Policy, Round
from market.placement.stored import StoredInstance, StoredResult
from matching import Integers
from matching.certify import slot_prices


def ended_round(one: Round, instance: StoredInstance, result: StoredResult) -> Ended:
    arcs = instance.arcs
    row, solved = rows(arcs), result.solved
    plain = ~arcs.odd[row]
    has_prices = solved is not None and solved.who.proven and (solved.where is not None or arcs.alike)
    prices, cap_prices = _seat_prices(instance, result.taken, solved) if has_prices else _none(instance)
    return Ended(
        sha256=instance.sha256,
        policy=one.policy,
        seed=one.seed,
        offers=instance.offer,
        ids=instance.request,
        turn=instance.turn if one.policy is Policy.WELFARE else _drawn(instance, one.seed),
        tier=arcs.classes.tier[row],
        kin=arcs.groups.kin[row],
        peers=row,
        taken=result.taken,
        serving=flat_kin(arcs),
        seating=replace(arcs.classes, tier=np.zeros_like(arcs.classes.tier)),
        distance_m=arcs.distance_m,
        rank=arcs.rank,
        served=solved.who if solved is not None and has_prices else None,
        seat_prices=prices,
        seat_cap_prices=cap_prices,
        plain=plain,
    )


def _seat_prices(instance: StoredInstance, taken: Integers, solved: Solved | None) -> tuple[Integers, Integers]:
    """Where nobody's wishes differ, the first answer seats everybody and only its own prices were kept."""
    assert solved is not None
    if solved.where is not None:
        return solved.where.prices, solved.where.cap_prices
    arcs = instance.arcs
    seated = (taken >= 0) & ~arcs.odd[rows(arcs)]
    flow = np.bincount(taken[seated], minlength=len(arcs.classes.arc_slot)).astype(np.int64)
    return slot_prices(flat_seats(arcs, seated), flow, (0,))


def _none(instance: StoredInstance) -> tuple[Integers, Integers]:
    return np.zeros_like(instance.arcs.kin.capacity), np.zeros_like(instance.arcs.kin.limits.limit)


def _drawn(instance: StoredInstance, seed: int) -> Integers:
    """The place of each request in the line of those who wait, with the draw between equal waits."""
    keys = list(zip(instance.since.tolist(), (draw(seed, one) for one in instance.request), strict=True))
    turn = np.empty(len(keys), dtype=np.int64)
    turn[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return turn
