"""How a round treated people: under its own policy, and beside it what the other one would have done for the same
people. Counted once when the round has ended; ``report`` reads it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from market.catalogue.rules import Category
from market.placement.ended import Ended
from market.placement.report import Kept
from market.placement.rules import Policy
from matching import Integers
from matching.fairness import quantiles, shares

WITH_DISABILITY = frozenset(
    {
        Category.CHILD_PSYCHONEUROLOGICAL,
        Category.CHILD_LOCOMOTOR,
        Category.ADULT_PSYCHONEUROLOGICAL,
        Category.DISABILITY_1_2,
    }
)
_NO_PLACE = np.iinfo(np.int64).max  # costs more than any place


def has_disability(category: str) -> bool:
    return category in WITH_DISABILITY


def fairness_of(
    ended: Ended, attributes: Mapping[str, Sequence[str]], other: tuple[Policy, Integers] | None = None
) -> Kept:
    """``attributes``: by name one value a request, in the round's order; the tier is always counted. ``other``: the
    arc of each request under the other policy."""
    values = {"tier": [str(tier) for tier in ended.tier.tolist()]} | dict(attributes)
    own = {"own": _treated(ended, values, ended.policy, ended.taken)}
    if other is None:
        return own
    policy, taken = other
    here, there = _cost(ended, ended.taken), _cost(ended, taken)
    return own | {
        "other": _treated(ended, values, policy, taken),
        "better_here": int((here < there).sum()),
        "better_there": int((there < here).sum()),
        "same": int((here == there).sum()),
    }


def _treated(ended: Ended, values: Mapping[str, Sequence[str]], policy: Policy, taken: Integers) -> Kept:
    seated = taken >= 0
    arcs, tiers = taken[seated], np.unique(ended.tier)
    envy, idle = _unhappy(ended, taken)
    ranks, number = np.unique(ended.rank[arcs], return_counts=True)
    by = {name: shares(column, seated) for name, column in values.items()}
    return {
        "policy": policy.value,
        "served": [int(seated.sum()), len(taken)],
        "by": {name: {key: [one.served, one.of] for key, one in found.items()} for name, found in by.items()},
        "distance": _quantiles(ended.distance_m[arcs]),
        "distance_by_tier": {
            str(tier): _quantiles(ended.distance_m[taken[seated & (ended.tier == tier)]]) for tier in tiers.tolist()
        },
        "ranks": {str(rank): count for rank, count in zip(ranks.tolist(), number.tolist(), strict=True)},
        "envy": envy,
        "idle": idle,
        "cost": sum(ended.seating.arc_cost[arcs].tolist()),
    }


def _quantiles(metres: Integers) -> dict[str, int]:
    return {str(percent): value for percent, value in quantiles(metres).items()}


def _cost(ended: Ended, taken: Integers) -> Integers:
    """What each request's place costs it: wishes, then the way."""
    return np.where(taken >= 0, np.append(ended.seating.arc_cost, _NO_PLACE)[taken], _NO_PLACE)


def _unhappy(ended: Ended, taken: Integers) -> tuple[int, int]:
    """How many would rather have a place that somebody less urgent holds, and how many one that nobody holds. Only of
    those whose service knows one size: for the others a free place may be too small."""
    seating, seated = ended.seating, (taken >= 0) & ended.plain
    slot = seating.arc_slot
    last = np.full(len(seating.capacity), -1, dtype=np.int64)
    np.maximum.at(last, slot[taken[seated]], ended.tier[seated])
    held = np.bincount(slot[taken[seated]], minlength=len(last))
    own, plain = _cost(ended, taken), ended.plain
    envious = sum(
        int((plain & (ended.tier == tier) & (_least(ended, last[slot] > tier)[ended.peers] < own)).sum())
        for tier in np.unique(ended.tier).tolist()
    )
    idle = _least(ended, (held < seating.capacity)[slot])[ended.peers] < own
    return envious, int((plain & idle).sum())


def _least(ended: Ended, wanted: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Integers:
    """For each class the least cost of its arcs that are wanted."""
    least = np.full(len(ended.seating.count), _NO_PLACE)
    arc = np.flatnonzero(wanted)
    np.minimum.at(least, ended.seating.owners()[arc], ended.seating.arc_cost[arc])
    return least
