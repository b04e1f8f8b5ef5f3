"""Where more places do most good: one after the other, each where it is worth most once those before it are there.

Places are substitutes (one more never makes another worth more), so stopping after any of them is the best way to add
so many; and people of different services share no offer, so only the service of the last one is solved again.
"""

from dataclasses import dataclass

import numpy as np

from market.placement.arcs import Arcs
from market.placement.part import part_of, services_of, with_more
from market.placement.proof import flat_kin
from market.placement.stored import StoredInstance, StoredResult
from matching import ClassResult, Integers
from matching.welfare import solve_classes


@dataclass(frozen=True, slots=True)
class Step:
    """One more place at an offer, and how many of each tier are served after it."""

    slot: int
    served_by_tier: tuple[int, ...]


def advised(instance: StoredInstance, result: StoredResult, count: int) -> list[Step]:
    """At most so many; fewer where no place anywhere is worth anything."""
    arcs = instance.arcs
    known = result.solved.who if result.solved is not None else None
    who = known if known is not None and known.proven else solve_classes(flat_kin(arcs))
    worth, served = _worth(arcs, who), np.array(who.served_by_tier, dtype=np.int64)
    steps: list[Step] = []
    more: dict[int, int] = {}
    of_service: dict[frozenset[int], Integers] = {}
    while len(steps) < count and int(worth.max(initial=0)) > 0:
        slot = int(worth.argmax())
        services = _services(arcs, slot)
        before = of_service.get(services)
        if before is None:
            before = _served(instance, services, more)
        more[slot] = more.get(slot, 0) + 1
        again = _solved(instance, services, more)
        of_service[services] = now = np.array(again.served_by_tier, dtype=np.int64)
        served = served + now - before
        own = np.isin(np.arange(len(worth)), _slots_of(arcs, services))
        worth = np.where(own, _worth(arcs, again), worth)
        steps.append(Step(slot, tuple(served.tolist())))
    return steps


def _services(arcs: Arcs, slot: int) -> frozenset[int]:
    """Whose people a new place at the offer may touch: under limits over several offers, everybody's."""
    return frozenset(range(len(arcs.lists.services)) if arcs.terms.caps else services_of(arcs, slot))


def _slots_of(arcs: Arcs, services: frozenset[int]) -> Integers:
    lists = np.flatnonzero(np.isin(arcs.lists.service, np.array(sorted(services), dtype=np.int64)))
    chosen = np.zeros(len(arcs.lists.first) - 1, dtype=np.bool_)
    chosen[lists] = True
    return np.unique(arcs.lists.slot[np.repeat(chosen, np.diff(arcs.lists.first))])


def _solved(instance: StoredInstance, services: frozenset[int], more: dict[int, int]) -> ClassResult:
    return solve_classes(flat_kin(with_more(part_of(instance, services).arcs, more)))


def _served(instance: StoredInstance, services: frozenset[int], more: dict[int, int]) -> Integers:
    return np.array(_solved(instance, services, more).served_by_tier, dtype=np.int64)


def _worth(arcs: Arcs, who: ClassResult) -> Integers:
    """Of one more place at each offer: what its price holds above the limit around it."""
    limits = arcs.kin.limits
    return who.prices - limits.above(who.cap_prices, limits.of_slot)
