"""The instance: slots with capacity, requests with candidates, all in flat arrays. Immutable."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers, check_first_arc, check_length, check_range, row_blocks
from matching.classes import MAX_COST, MAX_TIER
from matching.errors import MalformedInstance

MAX_SIZE = 10**6
MAX_SPEND = 10**12
LARGEST = int(np.iinfo(np.int64).max)
# the holder did not name this candidate: after every rank
UNRANKED = LARGEST

FORMAT = "tapsyrys-instance/1"


def _none() -> Integers:
    return np.zeros(0, dtype=np.int64)


def _no_spend() -> NDArray[np.int64]:
    return np.zeros((0, 0), dtype=np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class Instance:
    """Request `r` may take `size[r]` units of one of the slots `arc_slot[first_arc[r]:first_arc[r + 1]]`.

    `rank` per arc (1 best, `UNRANKED` where the holder named nothing) and `priority` per request are None where the
    instance has none. `slot_provider` holds an index a slot; a slot without provider has one of its own. `group` is -1
    where there is none. `spend[b, a]` is what arc `a` takes from budget `b`.
    """

    slot_ids: tuple[str, ...]
    capacity: Integers
    request_ids: tuple[str, ...]
    tier: Integers
    size: Integers
    first_arc: Integers
    arc_slot: Integers
    arc_cost: Integers
    rank: Integers | None = None
    priority: Integers | None = None
    slot_provider: Integers | None = None
    provider_ids: tuple[str, ...] = ()
    group: Integers | None = None
    group_ids: tuple[str, ...] = ()
    budget_ids: tuple[str, ...] = ()
    budget_limit: Integers = field(default_factory=_none)
    spend: NDArray[np.int64] = field(default_factory=_no_spend)
    serve_all: bool = False
    source_sha256: str | None = None

    def __post_init__(self) -> None:
        """Whatever made the arrays, they fit together; a fault names the array and the position."""
        requests, arcs = len(self.request_ids), len(self.arc_slot)
        check_length("slots/capacity", self.capacity, len(self.slot_ids))
        check_range("slots/capacity", self.capacity, 0, LARGEST)
        for name, values, most in (("tier", self.tier, MAX_TIER), ("size", self.size, MAX_SIZE)):
            check_length(f"requests/{name}", values, requests)
            check_range(f"requests/{name}", values, int(name == "size"), most)
        check_length("requests/first_arc", self.first_arc, requests + 1)
        check_first_arc("requests/first_arc", self.first_arc, arcs)
        check_range("arcs/slot", self.arc_slot, 0, len(self.slot_ids) - 1)
        check_length("arcs/cost", self.arc_cost, arcs)
        check_range("arcs/cost", self.arc_cost, 0, MAX_COST)
        self._check_optional(requests, arcs)
        check_unique("slots", self.slot_ids)
        check_unique("requests", self.request_ids)
        check_candidates(self.first_arc, self.arc_slot)

    def _check_optional(self, requests: int, arcs: int) -> None:
        for name, values, length, least in (
            ("arcs/rank", self.rank, arcs, 1),
            ("requests/priority", self.priority, requests, 0),
            ("slots/provider", self.slot_provider, len(self.slot_ids), 0),
            ("requests/group", self.group, requests, -1),
            ("budgets", self.budget_limit, len(self.budget_ids), 0),
        ):
            if values is not None:
                check_length(name, values, length)
                check_range(name, values, least, LARGEST)
        for budget, spend in enumerate(self.spend):
            check_length(f"arcs/spend/{budget}", spend, arcs)
            check_range(f"arcs/spend/{budget}", spend, 0, MAX_SPEND)

    @property
    def tiers(self) -> int:
        """How many tiers there are, 0 to the largest."""
        return int(self.tier.max()) + 1 if len(self.tier) else 0

    @property
    def providers(self) -> Integers:
        """The provider of every slot; where the instance names none, every slot stands alone."""
        return np.arange(len(self.slot_ids)) if self.slot_provider is None else self.slot_provider

    @property
    def is_flow(self) -> bool:
        """Only then do prices prove an optimum: no request larger than a place, nothing that ties slots together."""
        return not (self.size > 1).any() and not self.budget_ids and self.group is None

    @cached_property
    def fitting(self) -> NDArray[np.bool_]:
        """For every arc, whether the slot could take the request if nobody else were there."""
        return self.size[self.owners] <= self.capacity[self.arc_slot]

    @cached_property
    def servable(self) -> NDArray[np.bool_]:
        """For every request, whether any slot could take it if nobody else were there."""
        return np.bincount(self.owners[self.fitting], minlength=len(self.size)) > 0

    def tiers_full(self, taken: Integers) -> int:
        """How many tiers, from the first, leave nobody out who could be served at all: those need no other proof."""
        short = self.tier[self.servable & (taken < 0)]
        return int(short.min()) if len(short) else self.tiers

    @cached_property
    def owners(self) -> Integers:
        """The request of every arc."""
        return np.repeat(np.arange(len(self.request_ids), dtype=np.int64), np.diff(self.first_arc))


def check_unique(name: str, ids: tuple[str, ...]) -> None:
    if len(set(ids)) == len(ids):
        return
    seen: set[str] = set()
    for at, identifier in enumerate(ids):
        if identifier in seen:
            raise MalformedInstance(f"/{name}/{at}/id", f"{identifier!r} stands here twice")
        seen.add(identifier)


def check_candidates(first_arc: Integers, arc_slot: Integers) -> None:
    """No request names a slot twice. In blocks: a copy of all arcs would double what a large instance takes."""
    for rows, arcs in row_blocks(first_arc):
        owner = np.repeat(np.arange(rows.stop - rows.start), np.diff(first_arc[rows.start : rows.stop + 1]))
        order = np.lexsort((arc_slot[arcs], owner))
        slots, owners = arc_slot[arcs][order], owner[order]
        again = np.flatnonzero((slots[1:] == slots[:-1]) & (owners[1:] == owners[:-1]))
        if len(again):
            arc = arcs.start + int(order[again + 1].min())
            raise MalformedInstance(f"/arcs/slot/{arc}", "is named twice by one request")
