"""The slow and exact reader of instances: the whole format, and the pointer of the first fault."""

from itertools import pairwise
from typing import Any

from matching.classes import MAX_COST, MAX_TIER
from matching.columns import Columns
from matching.document import LARGEST, Pairs, Reading, child
from matching.errors import MalformedInstance
from matching.instance import FORMAT, MAX_SIZE, MAX_SPEND

_read = Reading(MalformedInstance)


def slow_columns(document: bytes) -> Columns:
    """Everything checked, member by member; raises `MalformedInstance`. About 1 KB of memory a candidate."""
    top = _read.members(
        "", _read.parse(document), ("format", "objective", "slots", "requests"), ("serve", "budgets", "arcs")
    )
    _read.word("/format", top["format"], FORMAT)
    _read.word("/objective", top["objective"], "minimise")
    columns = Columns(serve_all="serve" in top and _read.word("/serve", top["serve"], "all") == "all")
    _slots(columns, top["slots"])
    _budgets(columns, _read.items("/budgets", top.get("budgets", [])))
    if isinstance(top["requests"], Pairs):
        _request_columns(columns, top["requests"])
        if "arcs" not in top:
            _read.fail("/arcs", "is missing")
        _arc_columns(columns, top["arcs"])
    else:
        if "arcs" in top:
            _read.fail("/arcs", "belongs to columnar requests only")
        _request_rows(columns, _read.items("/requests", top["requests"]))
    return columns


def _slots(columns: Columns, value: Any) -> None:
    if isinstance(value, Pairs):
        _slot_columns(columns, value)
        return
    seen: set[str] = set()
    capacity: list[int] = []
    provider: list[str | None] = []
    for at, item in enumerate(_read.items("/slots", value)):
        pointer = f"/slots/{at}"
        slot = _read.members(pointer, item, ("id", "capacity"), ("provider",))
        columns.slot_ids.append(_new_id(f"{pointer}/id", slot["id"], seen))
        capacity.append(_read.integer(f"{pointer}/capacity", slot["capacity"]))
        provider.append(_read.text(f"{pointer}/provider", slot["provider"]) if "provider" in slot else None)
    columns.capacity, columns.provider = capacity, provider


def _slot_columns(columns: Columns, value: Pairs) -> None:
    slots = _read.members("/slots", value, ("id", "capacity"), ("provider",))
    columns.slot_ids = _ids("/slots/id", slots["id"])
    columns.capacity = _sized("/slots/capacity", slots["capacity"], len(columns.slot_ids))
    if "provider" in slots:
        columns.provider = _names("/slots/provider", slots["provider"], len(columns.slot_ids))


def _budgets(columns: Columns, items: list[Any]) -> None:
    seen: set[str] = set()
    limits: list[int] = []
    for at, item in enumerate(items):
        budget = _read.members(f"/budgets/{at}", item, ("id", "limit"))
        columns.budget_ids.append(_new_id(f"/budgets/{at}/id", budget["id"], seen))
        limits.append(_read.integer(f"/budgets/{at}/limit", budget["limit"]))
    columns.budget_limit = limits


class _Rows:
    """The lists that grow while rows are read."""

    def __init__(self, columns: Columns) -> None:
        self.slot = {name: at for at, name in enumerate(columns.slot_ids)}
        self.budgets = columns.budget_ids
        self.first_arc, self.arc_slot, self.cost, self.rank = [0], list[int](), list[int](), list[int]()
        self.spend: dict[str, list[int]] = {name: [] for name in columns.budget_ids}

    def candidates(self, pointer: str, value: Any) -> None:
        seen: set[int] = set()
        for at, item in enumerate(_read.items(pointer, value)):
            self.candidate(f"{pointer}/{at}", item, seen)
        self.first_arc.append(len(self.arc_slot))

    def candidate(self, pointer: str, item: Any, seen: set[int]) -> None:
        candidate = _read.members(pointer, item, ("slot", "cost"), ("rank", "spend"))
        name = _read.text(f"{pointer}/slot", candidate["slot"])
        if name not in self.slot:
            _read.fail(f"{pointer}/slot", f"there is no slot {name!r}")
        if self.slot[name] in seen:
            _read.fail(f"{pointer}/slot", f"{name!r} is named twice by one request")
        seen.add(self.slot[name])
        self.arc_slot.append(self.slot[name])
        self.cost.append(_read.integer(f"{pointer}/cost", candidate["cost"], 0, MAX_COST))
        self.rank.append(_read.integer(f"{pointer}/rank", candidate["rank"], 1) if "rank" in candidate else 0)
        spend = _read.members(f"{pointer}/spend", candidate.get("spend", Pairs()), (), self.budgets)
        for budget, column in self.spend.items():
            given = spend.get(budget, 0)
            column.append(_read.integer(child(f"{pointer}/spend", budget), given, 0, MAX_SPEND))


def _request_rows(columns: Columns, items: list[Any]) -> None:
    rows = _Rows(columns)
    seen: set[str] = set()
    tier, size, priority = list[int](), list[int](), list[int]()
    group: list[str | None] = []
    for at, item in enumerate(items):
        pointer = f"/requests/{at}"
        request = _read.members(pointer, item, ("id", "tier", "size", "candidates"), ("priority", "group"))
        columns.request_ids.append(_new_id(f"{pointer}/id", request["id"], seen))
        tier.append(_read.integer(f"{pointer}/tier", request["tier"], 0, MAX_TIER))
        size.append(_read.integer(f"{pointer}/size", request["size"], 1, MAX_SIZE))
        priority.append(_read.integer(f"{pointer}/priority", request.get("priority", 0)))
        group.append(_read.text(f"{pointer}/group", request["group"]) if "group" in request else None)
        rows.candidates(f"{pointer}/candidates", request["candidates"])
    columns.tier, columns.size, columns.first_arc = tier, size, rows.first_arc
    columns.arc_slot, columns.arc_cost = rows.arc_slot, rows.cost
    columns.priority = priority if any(priority) else None
    columns.group = group if any(group) else None
    columns.rank = rows.rank if any(rows.rank) else None
    columns.spend = dict(rows.spend)


def _request_columns(columns: Columns, value: Pairs) -> None:
    requests = _read.members("/requests", value, ("id", "tier", "size", "first_arc"), ("priority", "group"))
    columns.request_ids = _ids("/requests/id", requests["id"])
    count = len(columns.request_ids)
    columns.tier = _sized("/requests/tier", requests["tier"], count, 0, MAX_TIER)
    columns.size = _sized("/requests/size", requests["size"], count, 1, MAX_SIZE)
    columns.first_arc = _read.integers("/requests/first_arc", requests["first_arc"])
    if "priority" in requests:
        columns.priority = _sized("/requests/priority", requests["priority"], count)
    if "group" in requests:
        columns.group = _names("/requests/group", requests["group"], count)


def _arc_columns(columns: Columns, value: Any) -> None:
    arcs = _read.members("/arcs", value, ("slot", "cost"), ("rank", "spend"))
    slots = len(columns.slot_ids)
    columns.arc_slot = _read.integers("/arcs/slot", arcs["slot"])
    for at, slot in enumerate(columns.arc_slot):
        if slot >= slots:
            _read.fail(f"/arcs/slot/{at}", f"there are only {slots} slots")
    count = len(columns.arc_slot)
    columns.arc_cost = _sized("/arcs/cost", arcs["cost"], count, 0, MAX_COST)
    if "rank" in arcs:
        columns.rank = _sized("/arcs/rank", arcs["rank"], count)
    spend = _read.members("/arcs/spend", arcs.get("spend", Pairs()), (), columns.budget_ids)
    columns.spend = {
        name: _sized(child("/arcs/spend", name), column, count, 0, MAX_SPEND) for name, column in spend.items()
    }
    close_first_arc(columns)


def close_first_arc(columns: Columns) -> None:
    """`first_arc` may leave out its last entry, the number of arcs; here it is complete, rises, and ends there."""
    first_arc, requests, arcs = list(columns.first_arc), len(columns.request_ids), len(columns.arc_slot)
    if len(first_arc) == requests:
        first_arc.append(arcs)
    if len(first_arc) != requests + 1:
        _read.fail("/requests/first_arc", f"has {len(first_arc)} entries for {requests} requests")
    for at, (before, arc) in enumerate(zip([0, *first_arc], first_arc, strict=False)):
        if arc < before or arc > arcs or (at == 0 and arc != 0) or (at == requests and arc != arcs):
            _read.fail(
                f"/requests/first_arc/{min(at, max(len(columns.first_arc) - 1, 0))}", "does not lead from 0 to the arcs"
            )
    columns.first_arc = first_arc
    for request, (start, until) in enumerate(pairwise(first_arc)):
        named = list(columns.arc_slot[start:until])
        if len(set(named)) < len(named):
            again = next(at for at, slot in enumerate(named) if slot in named[:at])
            _read.fail(f"/arcs/slot/{start + again}", f"is named twice by request {columns.request_ids[request]!r}")


def _new_id(pointer: str, value: Any, seen: set[str]) -> str:
    identifier = _read.text(pointer, value)
    if identifier in seen:
        _read.fail(pointer, f"{identifier!r} is the id of an earlier one")
    seen.add(identifier)
    return identifier


def _ids(pointer: str, value: Any) -> list[str]:
    seen: set[str] = set()
    return [_new_id(f"{pointer}/{at}", item, seen) for at, item in enumerate(_read.items(pointer, value))]


def _names(pointer: str, value: Any, length: int) -> list[str | None]:
    names = [
        None if item is None else _read.text(f"{pointer}/{at}", item)
        for at, item in enumerate(_read.items(pointer, value))
    ]
    if len(names) != length:
        _read.fail(pointer, f"has {len(names)} entries where {length} are needed")
    return names


def _sized(pointer: str, value: Any, length: int, least: int = 0, most: int = LARGEST) -> list[int]:
    column = _read.integers(pointer, value, least, most)
    if len(column) != length:
        _read.fail(pointer, f"has {len(column)} entries where {length} are needed")
    return column
