"""The other policy on the same round: what it would have decided, computed on a copy and never written."""

from itertools import groupby

import numpy as np

from market.placement.answer import solve_welfare
from market.placement.arcs import Arcs, rows
from market.placement.draw import draw, serve_in_line
from market.placement.part import Part
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
        return serve_in_line(instance.arcs, in_line(instance.arcs, instance.since, instance.request, seed))
    solved = solve_welfare(
        instance.arcs, instance.turn, instance.sizes(), seed=seed, time_limit=time_limit, workers=workers
    )
    return solved.taken


def line_among(part: Part, seed: int) -> Integers:
    return in_line(part.arcs, part.since, part.ids, seed)


def in_line(arcs: Arcs, since: Integers, ids: list[str], seed: int) -> Integers:
    """Positions, who comes first first: by tier, then the longer wait, then the draw. It is drawn only for those who
    are equal in both."""
    tier = arcs.classes.tier[rows(arcs)]
    keys = list(zip(tier.tolist(), since.tolist(), strict=True))
    line: list[int] = []
    for _, equal in groupby(np.lexsort((since, tier)).tolist(), key=keys.__getitem__):
        together = list(equal)
        if len(together) > 1:
            together.sort(key=lambda at: (draw(seed, ids[at]), ids[at]))
        line += together
    return np.array(line, dtype=np.int64)
