"""Who is eligible where, at what cost: from a census to the matcher's classes, in arrays.

Cost of sitting somewhere = distance in 100 m + RANK_STEP for every wish that was better. Whoever named k wishes counts
every other offer as their wish k + 1. The distance is from the locality to the service point, along a great circle.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from market.catalogue.rules import CareSetting
from market.placement.census import Census, Service, Supply
from market.placement.rules import EARTH_M, reach_m
from matching import Classes, Integers

COST_UNIT_M = 100
RANK_STEP = 200_200  # more than half the circumference of the Earth in 100 m: a step outweighs any distance
CELLS = 4_000_000  # pairs looked at in one go: 32 MB an array of integers

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Arcs:
    """``classes`` for the matcher (slot = offer of the census, its capacity in requests of the service's size); beside
    each arc its distance and the holder's rank (0: not named). A class's arcs stand by cost, then slot."""

    classes: Classes
    distance_m: Integers
    rank: Integers
    wished: Integers  # how many wishes each class named
    mixed: list[Service]  # services whose requests have different sizes: a place is not a place there

    def sha256(self, census: Census) -> str:
        """What was solved: the offers, the requests class by class, and every array the matcher sees."""
        digest = hashlib.sha256()
        for texts in (census.supply.id, census.crowd.member):
            digest.update("\n".join(texts).encode())
        one = self.classes
        for array in (one.capacity, one.tier, one.count, one.first_arc, one.arc_slot, one.arc_cost):
            digest.update(array.tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class _Found:
    """Arcs of some classes: owner, slot, cost and so on, by class, cost, slot."""

    owner: Integers
    slot: Integers
    cost: Integers
    distance_m: Integers
    rank: Integers


def build(census: Census) -> Arcs:
    crowd, supply = census.crowd, census.supply
    slots_of, classes_of = _by_service(supply.service), _by_service(crowd.service)
    found = [_Found(*(np.zeros(0, np.int64) for _ in range(5)))]
    free, mixed = np.maximum(supply.capacity - supply.taken, 0), []
    for service, rows in sorted(classes_of.items()):
        sizes = np.unique(crowd.size[rows])
        slots = slots_of.get(service, np.zeros(0, np.int64))
        if len(sizes) == 1:
            free[slots] //= sizes[0]
        else:
            mixed.append(service)
        found.extend(_found(census, CareSetting(service[1]), rows, slots))
    whole = _Found(*(np.concatenate([getattr(f, name) for f in found]) for name in _Found.__dataclass_fields__))
    order = np.argsort(whole.owner, kind="stable")
    count = len(crowd.count)
    classes = Classes.from_arrays(
        capacity=free,
        tier=crowd.tier,
        count=crowd.count,
        first_arc=np.searchsorted(whole.owner[order], np.arange(count + 1)),
        arc_slot=whole.slot[order],
        arc_cost=whole.cost[order],
    )
    wished = np.array([len(wishes) for wishes in crowd.wishes], dtype=np.int64)
    return Arcs(classes, whole.distance_m[order], whole.rank[order], wished, mixed)


def _by_service(services: list[Service]) -> dict[Service, Integers]:
    where: dict[Service, list[int]] = {}
    for at, service in enumerate(services):
        where.setdefault(service, []).append(at)
    return {service: np.array(at, dtype=np.int64) for service, at in where.items()}


def _found(census: Census, setting: CareSetting, rows: Integers, slots: Integers) -> Iterator[_Found]:
    """The arcs of one service, some classes at a time."""
    if len(slots) == 0:
        return
    crowd, supply = census.crowd, census.supply
    places, place = np.unique(crowd.locality[rows], return_inverse=True)
    metres = _distances(np.array([census.place[int(p)] for p in places]), supply, slots)
    within = metres <= np.array([_reach(setting, supply.radius_m[s]) for s in slots.tolist()])
    codes = {category: at for at, category in enumerate(sorted(set(crowd.category)))}
    category = np.array([codes[crowd.category[row]] for row in rows.tolist()])
    serves = np.array([[name in supply.categories[s] for s in slots.tolist()] for name in codes])
    at_slot = {supply.id[slot]: at for at, slot in enumerate(slots.tolist())}
    step = max(1, CELLS // len(slots))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        eligible = within[place[part]] & serves[category[part]]
        eligible &= supply.price[slots] <= crowd.ceiling[rows[part]][:, None]
        rank = _ranks([crowd.wishes[row] for row in rows[part].tolist()], at_slot)
        yield _listed(eligible, metres[place[part]], rank, rows[part], slots)


def _ranks(wishes: list[tuple[str, ...]], at_slot: dict[str, int]) -> Integers:
    """(classes, slots): the holder's rank of an offer, 0 where not named; beside them, how many were named."""
    rank = np.zeros((len(wishes), len(at_slot) + 1), dtype=np.int64)
    for row, named in enumerate(wishes):
        for position, offer in enumerate(named):
            if offer in at_slot:
                rank[row, at_slot[offer]] = position + 1
        rank[row, -1] = len(named)
    return rank


def _listed(eligible: Flags, metres: Integers, rank: Integers, rows: Integers, slots: Integers) -> _Found:
    row, column = np.nonzero(eligible)
    named = rank[row, column]
    steps = np.where(named > 0, named - 1, rank[row, -1])
    distance = metres[row, column]
    cost = distance // COST_UNIT_M + RANK_STEP * steps
    order = np.lexsort((column, cost, row))
    row, column = row[order], column[order]
    return _Found(rows[row], slots[column], cost[order], distance[order], named[order])


def _reach(setting: CareSetting, radius_m: int | None) -> int:
    reach = reach_m(setting, radius_m)
    return np.iinfo(np.int64).max if reach is None else reach


def _distances(places: Any, supply: Supply, slots: Integers) -> Integers:
    """(places, slots) in whole metres, as ``rules.distance_m`` computes them."""
    north, east = np.radians(places[:, :1]), np.radians(places[:, 1:])
    other_north, other_east = np.radians(supply.latitude[slots]), np.radians(supply.longitude[slots])
    half = (
        np.sin((other_north - north) / 2) ** 2
        + np.cos(north) * np.cos(other_north) * np.sin((other_east - east) / 2) ** 2
    )
    metres: Integers = np.rint(2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(1.0, half)))).astype(np.int64)
    return metres
