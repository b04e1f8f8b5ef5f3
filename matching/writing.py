"""An instance as a document: rows for people, columns for large ones."""

import gzip
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from matching.instance import FORMAT, UNRANKED, Instance


def instance_document(instance: Instance, *, columnar: bool = True) -> bytes:
    """The same instance gives the same bytes."""
    top: dict[str, Any] = {"format": FORMAT, "objective": "minimise"}
    if instance.serve_all:
        top["serve"] = "all"
    if instance.budget_ids:
        limits = instance.budget_limit.tolist()
        top["budgets"] = [{"id": name, "limit": limit} for name, limit in zip(instance.budget_ids, limits, strict=True)]
    top["slots"] = _slots(instance)
    top |= _columns(instance) if columnar else {"requests": _rows(instance)}
    return msgspec.json.encode(top)


def write_instance(instance: Instance, path: Path, *, columnar: bool = True) -> None:
    """Gzipped where the name ends in .gz, without a time stamp: equal instances give equal files."""
    document = instance_document(instance, columnar=columnar)
    path.write_bytes(gzip.compress(document, mtime=0) if path.suffix == ".gz" else document)


def instance_sha256(instance: Instance) -> str:
    """Of the uncompressed bytes the instance was read from, else of the bytes it would be written as."""
    return instance.source_sha256 or sha256(instance_document(instance)).hexdigest()


def _slots(instance: Instance) -> list[dict[str, Any]]:
    provider = [-1] * len(instance.slot_ids) if instance.slot_provider is None else instance.slot_provider.tolist()
    rows: list[dict[str, Any]] = []
    for name, capacity, number in zip(instance.slot_ids, instance.capacity.tolist(), provider, strict=True):
        row = {"id": name, "capacity": capacity}
        # numbers past the named providers are slots that stand alone
        if 0 <= number < len(instance.provider_ids):
            row["provider"] = instance.provider_ids[number]
        rows.append(row)
    return rows


def _groups(instance: Instance) -> list[str | None]:
    if instance.group is None:
        return [None] * len(instance.request_ids)
    return [instance.group_ids[group] if group >= 0 else None for group in instance.group.tolist()]


def _columns(instance: Instance) -> dict[str, Any]:
    requests = {
        "id": instance.request_ids,
        "tier": instance.tier.tolist(),
        "size": instance.size.tolist(),
        "first_arc": instance.first_arc.tolist(),
    }
    if instance.priority is not None:
        requests["priority"] = instance.priority.tolist()
    if instance.group is not None:
        requests["group"] = _groups(instance)
    arcs: dict[str, Any] = {"slot": instance.arc_slot.tolist(), "cost": instance.arc_cost.tolist()}
    if instance.rank is not None:
        arcs["rank"] = np.where(instance.rank == UNRANKED, 0, instance.rank).tolist()
    if instance.budget_ids:
        arcs["spend"] = dict(zip(instance.budget_ids, instance.spend.tolist(), strict=True))
    return {"requests": requests, "arcs": arcs}


def _rows(instance: Instance) -> list[dict[str, Any]]:
    first_arc, groups = instance.first_arc.tolist(), _groups(instance)
    rows: list[dict[str, Any]] = []
    for at, name in enumerate(instance.request_ids):
        arcs = range(first_arc[at], first_arc[at + 1])
        row = {"id": name, "tier": int(instance.tier[at]), "size": int(instance.size[at])}
        if instance.priority is not None:
            row["priority"] = int(instance.priority[at])
        if groups[at] is not None:
            row["group"] = groups[at]
        rows.append(row | {"candidates": [_candidate(instance, arc) for arc in arcs]})
    return rows


def _candidate(instance: Instance, arc: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "slot": instance.slot_ids[instance.arc_slot[arc]],
        "cost": int(instance.arc_cost[arc]),
    }
    if instance.rank is not None and instance.rank[arc] != UNRANKED:
        row["rank"] = int(instance.rank[arc])
    spend = {name: int(column[arc]) for name, column in zip(instance.budget_ids, instance.spend, strict=True)}
    if any(spend.values()):
        row["spend"] = {name: amount for name, amount in spend.items() if amount}
    return row
