"""The stable policy: nobody has justified envy, and nobody gains by naming other wishes than their own."""

import numpy as np

from matching.arrays import Integers
from matching.errors import NotSupported
from matching.instance import Instance
from matching.lottery import arc_order, request_order


def stable_arcs(instance: Instance, seed: int) -> Integers:
    """The arc each request takes, -1 for none: the outcome of request-proposing deferred acceptance.

    All slots rank the requests alike (tier, priority, draw), so a request that proposes in that order is never rejected
    later: serving one after another, each with the best slot still free, gives the same and only stable outcome.
    """
    check_supported(instance)
    first, order = instance.first_arc.tolist(), arc_order(instance)
    slots = instance.arc_slot[order].tolist()
    free = instance.capacity.tolist()
    taken = np.full(len(instance.request_ids), -1, dtype=np.int64)
    for request in request_order(instance, seed).tolist():
        for at in range(first[request], first[request + 1]):
            if free[slots[at]]:
                free[slots[at]] -= 1
                taken[request] = order[at]
                break
    return taken


def check_supported(instance: Instance) -> None:
    if (instance.size > 1).any():
        at = int(np.argmax(instance.size > 1))
        raise NotSupported(f"the stable policy places one place each; {instance.request_ids[at]!r} has a larger size")
    if instance.budget_ids:
        raise NotSupported("the stable policy knows no budgets; use the welfare policy")
    if instance.group is not None:
        raise NotSupported("the stable policy knows no groups; use the welfare policy")
