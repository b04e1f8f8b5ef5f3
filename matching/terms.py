"""What a round may be held to beside its policy: who is placed stays, prefers to stay, goes no further than so far.

Each term makes another instance of the same kind, so every policy, proof and explanation works on it unchanged.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers, check_length, check_range
from matching.classes import MAX_COST, Classes
from matching.errors import MalformedInstance
from matching.instance import LARGEST, Instance
from matching.reasons import leftovers


def frozen(classes: Classes, held: Integers) -> Classes:
    """What is left once `held[a]` requests keep their place at arc `a`: fewer requests, places and free caps.

    A slot that holds more than its capacity has nothing left.
    """
    check_length("held", held, len(classes.arc_slot))
    check_range("held", held, 0, LARGEST)
    count = classes.count - classes.served(held)
    check_range("count", count, 0, LARGEST)
    taken = classes.taken(held)
    return replace(
        classes,
        count=count,
        capacity=np.maximum(classes.capacity - taken, 0),
        caps=None if classes.caps is None else classes.caps.without(taken),
    )


def continued(classes: Classes, home: Integers, *, bonus: int, provider: Integers | None = None) -> Classes:
    """Everywhere but at the provider of `home[c]` (the slot where class `c` is served now, -1: nowhere) costs more.

    `provider` holds an index a slot; without it every slot stands alone. The bonus is in cost units: above the longest
    distance and below one step of rank it comes after wishes and before distance.
    """
    check_length("home", home, len(classes.count))
    check_range("home", home, -1, len(classes.capacity) - 1)
    of_slot = np.arange(len(classes.capacity)) if provider is None else provider
    cost = classes.arc_cost + bonus * elsewhere(classes.owners(), classes.arc_slot, home, of_slot)
    check_range("arc_cost", cost, 0, MAX_COST)
    return replace(classes, arc_cost=cost)


def elsewhere(owner: Integers, slot: Integers, home: Integers, provider: Integers) -> NDArray[np.bool_]:
    """For every arc, whether it leads whom it belongs to away from the provider that serves them now."""
    at = home[owner]
    moved: NDArray[np.bool_] = (at >= 0) & (provider[slot] != np.append(provider, -1)[at])
    return moved


def within(classes: Classes, distance: Integers, limit: int) -> tuple[Classes, Integers]:
    """Only the arcs no longer than `limit` (`distance` per arc, any unit), and which they were."""
    check_length("distance", distance, len(classes.arc_slot))
    arc = np.flatnonzero(distance <= limit)
    shorter = replace(
        classes,
        first_arc=np.searchsorted(arc, classes.first_arc),
        arc_slot=classes.arc_slot[arc],
        arc_cost=classes.arc_cost[arc],
    )
    return shorter, arc


def frozen_instance(instance: Instance, taken: Integers) -> Instance:
    """The requests that have no place (`taken[r]` is -1, else the arc held) and what the others leave to them.

    A group one of whose members is placed keeps that provider only.
    """
    check_range("taken", taken, -1, len(instance.arc_slot) - 1)
    arcs = taken[taken >= 0]
    if (instance.owners[arcs] != np.flatnonzero(taken >= 0)).any():
        raise MalformedInstance("/taken", "must name for every request one of its own arcs")
    free, money, bound = leftovers(instance, taken)
    owner = instance.owners
    kept = (taken[owner] < 0) & ((bound[owner] < 0) | (bound[owner] == instance.providers[instance.arc_slot]))
    left = replace(
        with_arcs(instance, np.flatnonzero(kept)),
        capacity=np.maximum(free, 0),
        budget_limit=np.maximum(money, 0),
    )
    return with_requests(left, np.flatnonzero(taken < 0))


def continued_instance(instance: Instance, taken: Integers, *, bonus: int) -> Instance:
    """As `continued`, from the arc each request holds now (-1: none)."""
    home = np.where(taken >= 0, np.append(instance.arc_slot, -1)[taken], -1)
    moved = elsewhere(instance.owners, instance.arc_slot, home, instance.providers)
    return replace(instance, arc_cost=instance.arc_cost + bonus * moved, source_sha256=None)


def within_instance(instance: Instance, distance: Integers, limit: int) -> Instance:
    """Only the candidates no further than `limit`; `distance` has an entry an arc."""
    check_length("distance", distance, len(instance.arc_slot))
    return with_arcs(instance, np.flatnonzero(distance <= limit))


def with_arcs(instance: Instance, arc: Integers) -> Instance:
    """Only these arcs, in this order (ascending)."""
    return replace(
        instance,
        first_arc=np.searchsorted(arc, instance.first_arc),
        arc_slot=instance.arc_slot[arc],
        arc_cost=instance.arc_cost[arc],
        rank=None if instance.rank is None else instance.rank[arc],
        spend=instance.spend[:, arc],
        source_sha256=None,
    )


def with_requests(instance: Instance, request: Integers) -> Instance:
    """Only these requests; the others must have no arc."""
    chosen = request.tolist()
    return replace(
        instance,
        request_ids=tuple(instance.request_ids[at] for at in chosen),
        tier=instance.tier[request],
        size=instance.size[request],
        first_arc=np.append(instance.first_arc[request], len(instance.arc_slot)),
        priority=None if instance.priority is None else instance.priority[request],
        group=None if instance.group is None else instance.group[request],
        source_sha256=None,
    )
