"""The instance as columns of plain lists or arrays, on the way from a document to an `Instance`."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from matching.arrays import Integers
from matching.instance import UNRANKED, Instance

Column = Sequence[int] | Integers


@dataclass
class Columns:
    """`arc_slot` holds indices. Optional columns are None, missing entries 0 (rank, priority) or None (names)."""

    slot_ids: list[str] = field(default_factory=list)
    capacity: Column = field(default_factory=list)
    provider: list[str | None] | None = None
    request_ids: list[str] = field(default_factory=list)
    tier: Column = field(default_factory=list)
    size: Column = field(default_factory=list)
    priority: Column | None = None
    group: list[str | None] | None = None
    first_arc: Column = field(default_factory=list)
    arc_slot: Column = field(default_factory=list)
    arc_cost: Column = field(default_factory=list)
    rank: Column | None = None
    budget_ids: list[str] = field(default_factory=list)
    budget_limit: Column = field(default_factory=list)
    spend: dict[str, Column] = field(default_factory=dict)
    serve_all: bool = False

    def instance(self, sha256: str | None) -> Instance:
        providers, provider_ids = self._providers()
        group_ids, group = numbered(self.group) if self.group else ([], None)
        rank = None if self.rank is None else frozen(self.rank)
        if rank is not None:
            rank = frozen(np.where(rank == 0, UNRANKED, rank))
        arcs = len(self.arc_slot)
        spend = [np.asarray(self.spend.get(name, np.zeros(arcs)), dtype=np.int64) for name in self.budget_ids]
        return Instance(
            slot_ids=tuple(self.slot_ids),
            capacity=frozen(self.capacity),
            request_ids=tuple(self.request_ids),
            tier=frozen(self.tier),
            size=frozen(self.size),
            first_arc=frozen(self.first_arc),
            arc_slot=frozen(self.arc_slot),
            arc_cost=frozen(self.arc_cost),
            rank=rank,
            priority=None if self.priority is None else frozen(self.priority),
            slot_provider=providers,
            provider_ids=tuple(provider_ids),
            group=None if group is None or not group_ids else frozen(group),
            group_ids=tuple(group_ids),
            budget_ids=tuple(self.budget_ids),
            budget_limit=frozen(self.budget_limit),
            spend=np.array(spend, dtype=np.int64).reshape(len(spend), arcs),
            serve_all=self.serve_all,
            source_sha256=sha256,
        )

    def _providers(self) -> tuple[Integers | None, list[str]]:
        if self.provider is None or not any(self.provider):
            return None, []
        names, index = numbered(self.provider)
        provider = np.array(index, dtype=np.int64)
        alone = provider < 0
        provider[alone] = len(names) + np.arange(int(alone.sum()))
        return frozen(provider), names


def numbered(names: Sequence[str | None]) -> tuple[list[str], list[int]]:
    """The distinct names in order of appearance, and the number of each entry's name (-1 for none)."""
    numbers: dict[str, int] = {}
    index = [-1 if name is None else numbers.setdefault(name, len(numbers)) for name in names]
    return list(numbers), index


def frozen(values: Column) -> Integers:
    array = np.ascontiguousarray(values, dtype=np.int64).view()
    array.setflags(write=False)
    return array
