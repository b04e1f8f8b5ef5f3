"""Why a request is not served, decided from the places, budgets and groups that the others leave."""

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers
from matching.instance import Instance
from matching.result import Reason


def leftovers(instance: Instance, taken: Integers) -> tuple[Integers, Integers, Integers]:
    """Units free in each slot, money left in each budget, the provider that binds each request's group (-1: none)."""
    arcs = taken[taken >= 0]
    free = instance.capacity.copy()
    np.subtract.at(free, instance.arc_slot[arcs], instance.size[instance.owners[arcs]])
    money = instance.budget_limit - instance.spend[:, arcs].sum(axis=1)
    bound = np.full(len(instance.request_ids), -1, dtype=np.int64)
    if instance.group is not None:
        provider = np.full(len(instance.group_ids) + 1, -1, dtype=np.int64)
        provider[instance.group[instance.owners[arcs]]] = instance.providers[instance.arc_slot[arcs]]
        provider[-1] = -1
        bound = provider[instance.group]
    return free, money, bound


def open_arcs(instance: Instance, taken: Integers) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """For every arc, whether its slot has room; and its group allows it as well; and the budgets allow it as well."""
    free, money, bound = leftovers(instance, taken)
    owner = instance.owners
    roomy = instance.size[owner] <= free[instance.arc_slot]
    grouped = roomy & ((bound[owner] < 0) | (bound[owner] == instance.providers[instance.arc_slot]))
    affordable = grouped & (instance.spend <= money[:, None]).all(axis=0)
    return roomy, grouped, affordable


def unserved_reasons(instance: Instance, taken: Integers, unproven_from: int) -> dict[str, Reason]:
    """The reason of every request without an arc in `taken`. From tier `unproven_from` on the time limit is the reason.

    Else the first of these that leaves no candidate: room in the slot, the group's provider, the budgets.
    """
    roomy, grouped, _ = open_arcs(instance, taken)
    waiting = np.flatnonzero(taken < 0)
    room = np.bincount(instance.owners[roomy], minlength=len(taken))
    allowed = np.bincount(instance.owners[grouped], minlength=len(taken))
    candidates = np.diff(instance.first_arc)
    reasons: dict[str, Reason] = {}
    for request in waiting.tolist():
        if candidates[request] == 0:
            reason = Reason.NO_CANDIDATE
        elif instance.tier[request] >= unproven_from:
            reason = Reason.TIME_LIMIT
        elif room[request] == 0:
            reason = Reason.CAPACITY
        else:
            reason = Reason.GROUP if allowed[request] == 0 else Reason.BUDGET
        reasons[instance.request_ids[request]] = reason
    return reasons
