"""From requests to classes of equal requests, and from the flow of a class back to its members."""

from dataclasses import dataclass

import numpy as np

from matching.arrays import Integers
from matching.classes import Classes
from matching.instance import Instance


@dataclass(frozen=True, eq=False)
class Grouping:
    """`row[r]` is the class of request `r`; `arc[first_arc[r] + k]` is its arc that corresponds to the class's k-th."""

    classes: Classes
    row: Integers
    arc: Integers


def aggregate(instance: Instance) -> Grouping:
    """Requests are equal when tier and candidates with costs are; sizes, ranks and priorities do not count."""
    arc = np.lexsort((instance.arc_slot, instance.owners))
    pairs = np.column_stack([instance.arc_slot[arc], instance.arc_cost[arc]])
    first, tiers = instance.first_arc.tolist(), instance.tier.tolist()
    numbers: dict[tuple[int, bytes], int] = {}
    row = np.empty(len(tiers), dtype=np.int64)
    one_of: list[int] = []
    for request, tier in enumerate(tiers):
        key = (tier, pairs[first[request] : first[request + 1]].tobytes())
        number = numbers.setdefault(key, len(one_of))
        if number == len(one_of):
            one_of.append(request)
        row[request] = number
    chosen = np.array(one_of, dtype=np.int64)
    lengths = np.diff(instance.first_arc)[chosen]
    first_arc = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    taken = np.arange(first_arc[-1]) + np.repeat(instance.first_arc[chosen] - first_arc[:-1], lengths)
    classes = Classes(
        capacity=instance.capacity,
        tier=instance.tier[chosen],
        count=np.bincount(row, minlength=len(chosen)),
        first_arc=first_arc,
        arc_slot=pairs[taken, 0],
        arc_cost=pairs[taken, 1],
    )
    return Grouping(classes, row, arc)


def expand(instance: Instance, grouping: Grouping, flow: Integers) -> Integers:
    """The arc of each request, -1 for none: in a class the smaller priority, then id, goes first and nearest."""
    classes, requests = grouping.classes, len(instance.request_ids)
    by_id = np.array(sorted(range(requests), key=instance.request_ids.__getitem__), dtype=np.int64)
    priority = np.zeros(requests, dtype=np.int64) if instance.priority is None else instance.priority
    members = by_id[np.lexsort((priority[by_id], grouping.row[by_id]))]
    owner = classes.owners()
    cheapest_first = np.lexsort((classes.arc_slot, classes.arc_cost, owner))
    place = np.repeat(cheapest_first, flow[cheapest_first])
    row = owner[place]
    served, count = classes.served(flow), classes.count
    nth = np.arange(len(place)) - (np.cumsum(served) - served)[row]
    request = members[(np.cumsum(count) - count)[row] + nth]
    taken = np.full(requests, -1, dtype=np.int64)
    taken[request] = grouping.arc[instance.first_arc[request] + place - classes.first_arc[row]]
    return taken
