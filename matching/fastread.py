"""The fast reader of instances: a document without surprises becomes columns; anything unusual is left to the slow one.

It never says what is wrong. It trusts a document only after counting: there must be as many keys as were understood,
because the parser would let a repeated key vanish; and lists of numbers are read in place, without an object a number.
"""

import re
from array import array
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from matching.arrays import Integers
from matching.classes import MAX_COST, MAX_TIER
from matching.columns import Columns
from matching.instance import LARGEST, MAX_SIZE, MAX_SPEND

_Text = Annotated[str, Meta(min_length=1)]
_Natural = Annotated[int, Meta(ge=0, le=LARGEST)]
_Spend = Annotated[int, Meta(ge=0, le=MAX_SPEND)]

# number lists are parsed in slices of this many bytes, so that no copy of the whole is made
_SLICE = 2**20
_PLAIN = b"0123456789, \t\r\n"
_SPACED_KEY = re.compile(rb'"[ \t\r\n]+:')
_LONG_NUMBER = re.compile(rb"\d{19}")


class Unusual(Exception):
    """Not necessarily wrong, but not for the fast reader."""


class _Slot(Struct, forbid_unknown_fields=True, gc=False):
    id: _Text
    capacity: _Natural
    provider: _Text | UnsetType = UNSET


class _Budget(Struct, forbid_unknown_fields=True, gc=False):
    id: _Text
    limit: _Natural


class _Candidate(Struct, forbid_unknown_fields=True, gc=False):
    slot: str
    cost: Annotated[int, Meta(ge=0, le=MAX_COST)]
    rank: Annotated[int, Meta(ge=1, le=LARGEST)] | UnsetType = UNSET
    spend: dict[str, _Spend] | UnsetType = UNSET


class _Request(Struct, forbid_unknown_fields=True, gc=False):
    id: _Text
    tier: Annotated[int, Meta(ge=0, le=MAX_TIER)]
    size: Annotated[int, Meta(ge=1, le=MAX_SIZE)]
    candidates: list[_Candidate]
    priority: _Natural | UnsetType = UNSET
    group: _Text | UnsetType = UNSET


class _RequestColumns(Struct, forbid_unknown_fields=True):
    id: list[_Text]
    tier: Raw
    size: Raw
    first_arc: Raw
    priority: Raw | UnsetType = UNSET
    group: list[_Text | None] | UnsetType = UNSET


class _ArcColumns(Struct, forbid_unknown_fields=True):
    slot: Raw
    cost: Raw
    rank: Raw | UnsetType = UNSET
    spend: dict[str, Raw] | UnsetType = UNSET


class _Document(Struct, forbid_unknown_fields=True):
    format: Literal["tapsyrys-instance/1"]
    objective: Literal["minimise"]
    slots: list[_Slot]
    requests: Raw
    arcs: Raw | UnsetType = UNSET
    budgets: list[_Budget] | UnsetType = UNSET
    serve: Literal["all"] | UnsetType = UNSET


def fast_columns(document: bytes) -> Columns:
    """Raises `Unusual`, and nothing else, where the slow reader has to look."""
    # a backslash may hide a quote, and then keys cannot be counted
    if b"\\" in document:
        raise Unusual
    try:
        top = msgspec.json.decode(document, type=_Document)
        columns, keys = _head(top)
        if bytes(memoryview(top.requests)[:1]) == b"{":
            keys += _columnar(columns, top)
        else:
            keys += _rows(columns, top)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError) as fault:
        raise Unusual from fault
    if keys != document.count(b'":') + sum(1 for _ in _SPACED_KEY.finditer(document)):
        raise Unusual
    return columns


def _given(value: object) -> bool:
    return value is not UNSET


def _head(top: _Document) -> tuple[Columns, int]:
    budgets = top.budgets or []
    columns = Columns(
        slot_ids=[slot.id for slot in top.slots],
        capacity=[slot.capacity for slot in top.slots],
        provider=[slot.provider or None for slot in top.slots],
        budget_ids=[budget.id for budget in budgets],
        budget_limit=[budget.limit for budget in budgets],
        serve_all=_given(top.serve),
    )
    if len(set(columns.budget_ids)) < len(budgets):
        raise Unusual
    keys = 4 + _given(top.arcs) + _given(top.budgets) + _given(top.serve)
    keys += 2 * len(top.slots) + 2 * len(budgets) + sum(_given(slot.provider) for slot in top.slots)
    return columns, keys


def _columnar(columns: Columns, top: _Document) -> int:
    """Fill the columns; how many keys that took."""
    if isinstance(top.arcs, UnsetType):
        raise Unusual
    requests = msgspec.json.decode(top.requests, type=_RequestColumns)
    columns.request_ids = requests.id
    columns.tier, columns.size = numbers(requests.tier), numbers(requests.size)
    if not isinstance(requests.priority, UnsetType):
        columns.priority = numbers(requests.priority)
    if not isinstance(requests.group, UnsetType):
        columns.group = requests.group
        _need(len(requests.group) == len(requests.id))
    keys = 4 + _given(requests.priority) + _given(requests.group)
    keys += _arcs(columns, msgspec.json.decode(top.arcs, type=_ArcColumns))
    first_arc = numbers(requests.first_arc)
    if len(first_arc) == len(requests.id):
        first_arc = np.append(first_arc, len(columns.arc_slot))
    columns.first_arc = first_arc
    return keys


def _arcs(columns: Columns, arcs: _ArcColumns) -> int:
    columns.arc_slot, columns.arc_cost = numbers(arcs.slot), numbers(arcs.cost)
    if not isinstance(arcs.rank, UnsetType):
        columns.rank = numbers(arcs.rank)
    spend = arcs.spend or {}
    _need(set(spend) <= set(columns.budget_ids))
    columns.spend = {name: numbers(column) for name, column in spend.items()}
    _need(all(len(column) == len(columns.arc_slot) for column in columns.spend.values()))
    return 2 + _given(arcs.rank) + _given(arcs.spend) + len(spend)


def _rows(columns: Columns, top: _Document) -> int:
    _need(isinstance(top.arcs, UnsetType))
    index = {name: at for at, name in enumerate(columns.slot_ids)}
    rows = msgspec.json.decode(top.requests, type=list[Raw])
    reader = msgspec.json.Decoder(_Request)
    tier, size, priority, first_arc = array("q"), array("q"), array("q"), array("q", [0])
    arc_slot, arc_cost, rank = array("q"), array("q"), array("q")
    group: list[str | None] = []
    spend = {name: array("q") for name in columns.budget_ids}
    keys = 4 * len(rows)
    for row in rows:
        request = reader.decode(row)
        candidates = request.candidates
        columns.request_ids.append(request.id)
        tier.append(request.tier)
        size.append(request.size)
        priority.append(request.priority or 0)
        group.append(request.group or None)
        arc_slot.extend([index[candidate.slot] for candidate in candidates])
        arc_cost.extend([candidate.cost for candidate in candidates])
        rank.extend([candidate.rank or 0 for candidate in candidates])
        first_arc.append(len(arc_slot))
        keys += _given(request.priority) + _given(request.group) + 2 * len(candidates)
        keys += sum(_given(candidate.rank) for candidate in candidates)
        keys += _spends(spend, candidates)
    columns.tier, columns.size, columns.first_arc = _view(tier), _view(size), _view(first_arc)
    columns.arc_slot, columns.arc_cost = _view(arc_slot), _view(arc_cost)
    columns.priority = _view(priority) if any(priority) else None
    columns.rank = _view(rank) if any(rank) else None
    columns.group = group
    columns.spend = {name: _view(column) for name, column in spend.items()}
    return keys


def _spends(spend: dict[str, "array[int]"], candidates: list[_Candidate]) -> int:
    keys = 0
    for candidate in candidates:
        given = candidate.spend or {}
        _need(given.keys() <= spend.keys())
        for name, column in spend.items():
            column.append(given.get(name, 0))
        keys += _given(candidate.spend) + len(given)
    return keys


def numbers(raw: Raw) -> Integers:
    """A JSON list of plain natural numbers below 10^18; whatever else stands there is `Unusual`."""
    text = memoryview(raw)
    _need(bytes(text[:1]) == b"[" and bytes(text[-1:]) == b"]")
    text = text[1:-1]
    if not bytes(text[:_SLICE]).strip() and len(text) <= _SLICE:
        return np.zeros(0, dtype=np.int64)
    values = np.empty(1 + sum(part.count(b",") for part in _slices(text)), dtype=np.int64)
    at = 0
    for part in _slices(text):
        _need(not part.translate(None, _PLAIN) and not _LONG_NUMBER.search(part))
        found = np.fromstring(part.decode("ascii"), dtype=np.int64, sep=",")
        values[at : at + len(found)] = found
        at += len(found)
    _need(at == len(values))
    return values


def _slices(text: memoryview) -> Iterator[bytes]:
    """Parts that end with a number; the comma between two parts belongs to the earlier one."""
    start = 0
    while start < len(text):
        part = bytes(text[start : start + _SLICE])
        if start + len(part) < len(text):
            comma = part.rfind(b",")
            _need(comma >= 0)
            part = part[: comma + 1]
        start += len(part)
        yield part


def _view(column: "array[int]") -> Integers:
    return np.frombuffer(column, dtype=np.int64) if column else np.zeros(0, dtype=np.int64)


def _need(condition: bool) -> None:
    if not condition:
        raise Unusual
