"""Who is served and who sits where, as two questions for the matcher, in its arrays.

*Kin* have the same candidate list and the same tier; which of them is served is decided without looking at anybody's
wishes: by tier, then by the sum of distances, among kin by the wait. So naming wishes neither costs nor wins a place.

Where the served sit is decided among the census's classes: cost of sitting somewhere = RANK_STEP for every rank below
the first (an offer that was not named ranks after all that can be named) + what continuity is worth, anywhere else than
at the provider of now + distance in 100 m.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from market.placement.census import Census
from market.placement.columns import runs, spread
from market.placement.crowd import Service
from market.placement.reach import Lists, by_service, candidate_lists
from market.placement.rules import MAX_WISHES
from market.placement.terms import COST_UNIT_M, NO_TERMS, RANK_STEP, RoundTerms
from matching import Classes, Integers

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Groups:
    """What makes people equal. Of each kin its ``kin_list`` and ``kin_tier``; of each class of the census its ``kin``,
    the number of the provider who served them last in ``home`` (-1: none), how many they are in ``count``, and their
    wishes, ``wish_first`` as runs into ``wish_slot`` (-1: an offer that is not in the round)."""

    kin_list: Integers
    kin_tier: Integers
    kin: Integers
    home: Integers
    count: Integers
    wish_first: Integers
    wish_slot: Integers


@dataclass(frozen=True, eq=False)
class Arcs:
    """``classes``: those of the census, for who sits where (slot = offer of the census, its capacity in requests of the
    service's size); a class's arcs stand by cost, then as in its list. Beside each arc its distance, the holder's rank
    (0: not named) and ``place_of``, where it stands in the list; beside each class how many offers were named.

    ``kin``: for who is served. ``mixed``: services whose requests have different sizes: a place is not a place there.
    ``alike``: nobody's costs differ from their distances but by a constant.
    """

    classes: Classes
    distance_m: Integers
    rank: Integers
    wished: Integers
    mixed: list[Service]
    kin: Classes
    place_of: Integers
    alike: bool
    lists: Lists
    groups: Groups
    provider: Integers
    terms: RoundTerms

    @property
    def odd(self) -> Flags:
        """Which classes are of a mixed service."""
        of_list = np.array([service in self.mixed for service in self.lists.services], dtype=np.bool_)
        return of_list[self.lists.service[self.groups.kin_list[self.groups.kin]]]


def build(census: Census, terms: RoundTerms = NO_TERMS, *, narrow: bool = False) -> Arcs:
    """``narrow``: arcs in 32 bits, half the memory, where nobody adds large numbers to them but the round itself."""
    crowd = census.crowd
    rows_of = by_service(crowd.service)
    lists, list_of = candidate_lists(census, terms, rows_of)
    capacity, mixed = _capacity(census, rows_of)
    (kin_list, kin_tier), kin = _numbered(list_of, crowd.tier)
    at_slot = {offer: at for at, offer in enumerate(census.supply.id)}
    slots = [at_slot.get(offer, -1) for one in crowd.wishes for offer in one]
    groups = Groups(
        kin_list=kin_list,
        kin_tier=kin_tier,
        kin=kin,
        home=census.provider_of_crowd(),
        count=crowd.count,
        wish_first=runs(np.fromiter(map(len, crowd.wishes), np.int64, len(crowd.wishes))),
        wish_slot=np.array(slots, dtype=np.int64),
    )
    return assembled(lists, groups, capacity, census.supply.provider_number(), mixed, terms, narrow=narrow)


def assembled(
    lists: Lists,
    groups: Groups,
    capacity: Integers,
    provider: Integers,
    mixed: list[Service],
    terms: RoundTerms,
    *,
    narrow: bool = False,
) -> Arcs:
    """From whole numbers alone: also how a stored round is made again."""
    lengths = np.diff(lists.first)[groups.kin_list]
    own = spread(lists.first[groups.kin_list], lengths)
    count = np.zeros(len(lengths), dtype=np.int64)
    np.add.at(count, groups.kin, groups.count)
    kin = Classes.from_arrays(
        capacity=capacity,
        tier=groups.kin_tier,
        count=count,
        first_arc=runs(lengths),
        arc_slot=lists.slot[own],
        arc_cost=lists.distance_m[own] // COST_UNIT_M,
        caps=terms.forest(len(capacity)),
    )
    return _with_wishes(lists, groups, kin, provider, mixed, terms, narrow=narrow)


def _with_wishes(
    lists: Lists, groups: Groups, kin: Classes, provider: Integers, mixed: list[Service], terms: RoundTerms, *,
    narrow: bool,
) -> Arcs:  # fmt: skip
    list_of = groups.kin_list[groups.kin]
    lengths = np.diff(lists.first)[list_of]
    first, own = runs(lengths), spread(lists.first[list_of], lengths)
    width = _width(lists, len(own), terms, narrow=narrow)
    own = own.astype(width, copy=False)
    rank = _ranks(lists, list_of, groups, first)
    rank = rank if width == np.int32 else rank.astype(np.int64)
    place_of: Integers = np.arange(len(own), dtype=width) - np.repeat(first[:-1].astype(width), lengths)
    away = _away(lists, own, provider, np.repeat(groups.home, lengths), terms) if terms.continuity_m else None
    alike = not rank.any() and not (terms.continuity_m and (groups.home >= 0).any())
    if not alike:
        order = _named_first(rank, first) if away is None else _by_cost(_costs(lists, own, rank, away), first)
        own, rank, place_of = own[order], rank[order], place_of[order]
        away = None if away is None else away[order]
    classes = Classes.from_arrays(
        capacity=kin.capacity,
        tier=groups.kin_tier[groups.kin],
        count=groups.count,
        first_arc=first,
        arc_slot=lists.slot.astype(width)[own],
        arc_cost=_costs(lists, own, rank, away),
        caps=kin.caps,
        narrow=narrow,
    )
    metres, wished = lists.distance_m.astype(width)[own], np.diff(groups.wish_first)
    return Arcs(classes, metres, rank, wished, mixed, kin, place_of, alike, lists, groups, provider, terms)


def _width(lists: Lists, arcs: int, terms: RoundTerms, *, narrow: bool) -> np.dtype[np.int64]:
    most = int(lists.distance_m.max(initial=0)) + RANK_STEP * MAX_WISHES + terms.continuity_m
    fits = max(most, arcs) <= np.iinfo(np.int32).max
    # whatever is added to such numbers is int64
    return cast("np.dtype[np.int64]", np.dtype(np.int32 if narrow and fits else np.int64))


def _away(lists: Lists, own: Integers, provider: Integers, home: Integers, terms: RoundTerms) -> Integers:
    """What continuity adds to every arc. ``home``: who served them last, arc by arc."""
    leaves = (home >= 0) & (provider[lists.slot[own]] != home)
    away: Integers = (terms.continuity_m // COST_UNIT_M * leaves).astype(own.dtype)
    return away


def _costs(lists: Lists, own: Integers, rank: Integers, away: Integers | None) -> Integers:
    steps = RANK_STEP * np.array([MAX_WISHES, *range(MAX_WISHES)])
    cost = (lists.distance_m // COST_UNIT_M).astype(own.dtype)[own]
    cost += steps.astype(own.dtype)[rank]
    return cost if away is None else cost + away


def _by_cost(cost: Integers, first: Integers) -> Integers:
    """The order of the arcs in which every class's stand by cost; equal ones stay as they are."""
    owner = np.repeat(np.arange(len(first) - 1), np.diff(first))
    return np.argsort(owner * (int(cost.max(initial=0)) + 1) + cost, kind="stable")


def _named_first(rank: Integers, first: Integers) -> Integers:
    """As :func:`_by_cost` where only wishes and distances count, without sorting everything: a step of the ranking
    outweighs any distance, and the lists stand by distance."""
    named = np.flatnonzero(rank)
    owner = np.searchsorted(first, named, side="right") - 1
    wanted = np.bincount(owner, minlength=len(first) - 1)
    front = np.zeros(len(rank), dtype=np.bool_)
    front[spread(first[:-1], wanted)] = True
    order = np.empty(len(rank), dtype=np.int64)
    order[front] = named[np.lexsort((rank[named], owner))]
    order[~front] = np.flatnonzero(rank == 0)
    return order


def _ranks(lists: Lists, list_of: Integers, groups: Groups, first: Integers) -> Integers:
    """For every arc, in the order of the lists, the rank the holder gave it; 0 where it was not named."""
    rank = cast("Integers", np.zeros(int(first[-1]), dtype=np.int8))
    there = groups.wish_slot >= 0
    if not there.any() or not len(lists.slot):
        return rank
    slots = int(max(lists.slot.max(), groups.wish_slot.max())) + 1
    in_list = np.repeat(np.arange(len(lists.first) - 1), np.diff(lists.first)) * slots + lists.slot
    order = np.argsort(in_list, kind="stable")
    owner = np.repeat(np.arange(len(list_of)), np.diff(groups.wish_first))
    nth = (np.arange(len(groups.wish_slot)) - groups.wish_first[owner] + 1)[there]
    owner = owner[there]
    wanted = list_of[owner] * slots + groups.wish_slot[there]
    at = np.minimum(np.searchsorted(in_list[order], wanted), len(order) - 1)
    found = in_list[order[at]] == wanted
    place = order[at[found]] - lists.first[list_of[owner[found]]]
    rank[first[owner[found]] + place] = nth[found]
    return rank


def rows(arcs: Arcs) -> Integers:
    """The class of each request."""
    return np.repeat(np.arange(len(arcs.groups.count)), arcs.groups.count)


def _capacity(census: Census, rows_of: dict[Service, Integers]) -> tuple[Integers, list[Service]]:
    """Free places of every offer in requests of its service's size, and the services of unequal sizes."""
    crowd, supply = census.crowd, census.supply
    free, mixed = np.maximum(supply.capacity - supply.taken, 0), []
    slots_of = by_service(supply.service)
    for service, rows in sorted(rows_of.items()):
        sizes = np.unique(crowd.size[rows])
        slots = slots_of.get(service, np.zeros(0, np.int64))
        if len(sizes) == 1:
            free[slots] //= sizes[0]
        else:
            mixed.append(service)
    return free, mixed


def _numbered(*keys: Integers) -> tuple[tuple[Integers, ...], Integers]:
    """The distinct combinations, key by key, and the number of each entry's."""
    number = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        _, code = np.unique(key, return_inverse=True)
        number = number * (int(code.max(initial=0)) + 1) + code
    _, one, inverse = np.unique(number, return_index=True, return_inverse=True)
    return tuple(key[one] for key in keys), inverse
