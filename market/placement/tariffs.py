"""Another price of one offer: who may go there then, by what people's vouchers pay today.

A round keeps who may go where, not why not. So what a price keeps away is looked up in the requests as they are today;
what a round has decided since (a home, a category, a voucher) is told as it is now.
"""

from dataclasses import dataclass, replace

import numpy as np

from market.placement.arcs import Arcs, assembled
from market.placement.columns import runs
from market.placement.part import Part, service_of
from market.placement.reach import Lists
from market.placement.terms import COST_UNIT_M
from matching import Integers


@dataclass(frozen=True, eq=False)
class Asking:
    """Of the classes of one service (``service``: its number in the round's lists): what their vouchers pay at most,
    and how far they live from the offer; -1 in ``distance_m`` where it may not serve them at any price."""

    service: int
    ceiling: Integers
    distance_m: Integers


def with_price(part: Part, slot: int, asking: Asking, price_minor: int) -> Arcs:
    """The round in which the offer costs so much."""
    arcs = part.arcs
    own = np.flatnonzero(service_of(arcs) == asking.service)
    old = arcs.groups.kin_list[arcs.groups.kin]
    wanted = (asking.ceiling >= price_minor) & (asking.distance_m >= 0)
    kept: dict[tuple[int, int], int] = {}
    list_of = old.copy()
    for row in own.tolist():
        away = int(asking.distance_m[row]) if wanted[row] else -1
        list_of[row] = kept.setdefault((int(old[row]), away), len(arcs.lists.service) + len(kept))
    lists = _longer(arcs.lists, slot, kept)
    tiers = arcs.classes.tier
    pairs, kin = np.unique(np.stack([list_of, tiers]), axis=1, return_inverse=True)
    groups = replace(arcs.groups, kin_list=pairs[0], kin_tier=pairs[1], kin=kin.ravel())
    return assembled(lists, groups, arcs.kin.capacity, arcs.provider, arcs.mixed, arcs.terms)


def _longer(lists: Lists, slot: int, kept: dict[tuple[int, int], int]) -> Lists:
    """With a list more for each of ``kept`` (an old list, and how far the offer is from its people; -1: not in it)."""
    slots, metres = [lists.slot], [lists.distance_m]
    service, home = lists.service.tolist(), lists.home.tolist()
    lengths = np.diff(lists.first).tolist()
    for old, away in kept:
        here = slice(int(lists.first[old]), int(lists.first[old + 1]))
        others = lists.slot[here] != slot
        own_slots, own_metres = lists.slot[here][others], lists.distance_m[here][others]
        if away >= 0:
            own_slots, own_metres = np.append(own_slots, slot), np.append(own_metres, away)
        order = np.lexsort((own_slots, own_metres // COST_UNIT_M))
        slots.append(own_slots[order])
        metres.append(own_metres[order])
        service.append(int(lists.service[old]))
        home.append(int(lists.home[old]))
        lengths.append(len(order))
    return Lists(
        lists.services, np.array(service, dtype=np.int64), runs(np.array(lengths, dtype=np.int64)),
        np.concatenate(slots), np.concatenate(metres), np.array(home, dtype=np.int64),
    )  # fmt: skip
