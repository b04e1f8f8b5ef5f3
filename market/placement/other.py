"""The other policy on the same round: what it would have decided, computed on a copy and never written."""

from itertools import groupby

import numpy as np

from market.placement.answer import solve_welfare
from market.placement.draw import draw, serve_in_line
from market.placement.rules import Policy
from market.placement.stored import StoredInstance
from matching import Integers

OTHER = {Policy.WELFARE: Policy.STABLE, Policy.STABLE: Policy.WELFARE}


def taken_under(
    policy: Policy, instance: StoredInstance, *, seed: int, time_limit: float, workers: int = 1
) -> Integers | None:
    """The arc of each request, -1 for none; None where some requests take more of a place than others: only one policy
    answers those."""
    if instance.arcs.mixed:
        return None
    if policy is Policy.STABLE:
        return serve_in_line(instance.arcs, in_line(instance, seed))
    solved = solve_welfare(
        instance.arcs, instance.turn, instance.sizes(), seed=seed, time_limit=time_limit, workers=workers
    )
    return solved.taken


def in_line(instance: StoredInstance, seed: int) -> Integers:
    """Positions, who comes first first: by tier, then the longer wait, then the draw. It is drawn only for those who
    are equal in both."""
    tier = instance.arcs.classes.tier[np.repeat(np.arange(len(instance.size)), instance.arcs.groups.count)]
    order = np.lexsort((instance.since, tier)).tolist()
    keys = list(zip(tier.tolist(), instance.since.tolist(), strict=True))
    line: list[int] = []
    for _, equal in groupby(order, key=keys.__getitem__):
        together = list(equal)
        if len(together) > 1:
            together.sort(key=lambda at: (draw(seed, instance.request[at]), instance.request[at]))
        line += together
    return np.array(line, dtype=np.int64)


def place_in_line(instance: StoredInstance, seed: int) -> Integers:
    """Of each request, by tier, wait and draw."""
    line = in_line(instance, seed)
    place = np.empty_like(line)
    place[line] = np.arange(len(line))
    return place
