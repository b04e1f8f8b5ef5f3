"""The tables once more, from the trail alone, held against the tables.

Rows that were written one by one are rebuilt from their after-images, merged by table and key in order of position, and
compared column by column. Of rows that were written as a set the trail has their count and hash: they are what no
after-image explains, and are counted and hashed again. A set whose rows were changed since can only be counted.

Memory grows with the rows that were written one by one. Values of persons are sealed in the trail and passed over.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.audit import queries
from contracts.kernel.bulk import digest_of
from contracts.kernel.database import Instant
from contracts.kernel.work import AnyRow, Work, canonical, hash_rows

MAX_NAMED = 100  # differences named: enough to start, few enough to read
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    table: str
    key: str
    detail: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.detail}"


@dataclass(slots=True)
class Replay:
    """``rows`` were compared column by column, ``sets`` by count and hash, ``counted`` sets by count only."""

    rows: int = 0
    sets: int = 0
    counted: int = 0
    differences: list[Difference] = field(default_factory=list)

    def differ(self, table: sa.Table, key: str, detail: str) -> None:
        if len(self.differences) < MAX_NAMED:
            self.differences.append(Difference(table.name, key, detail))


@dataclass(slots=True)
class _Said:
    """What the trail says of one table."""

    rows: dict[str, Facts] = field(default_factory=dict)
    inserted: list[Facts] = field(default_factory=list)
    changed: list[Facts] = field(default_factory=list)
    removed: list[Facts] = field(default_factory=list)


def replay(work: Work, tables: Sequence[sa.Table], without: frozenset[tuple[str, str]] = frozenset()) -> Replay:
    """``without``: (table, column) pairs that the trail does not keep."""
    said = _rebuild(work, {table.name: table for table in tables})
    result = Replay()
    for table in tables:
        left_out = {column for name, column in without if name == table.name}
        _Comparison(work, table, left_out, said[table.name], result).run()
    return result


# --- from the trail ----------------------------------------------------------------------------------------------
def _rebuild(work: Work, tables: dict[str, sa.Table]) -> dict[str, _Said]:
    said: dict[str, _Said] = defaultdict(_Said)
    for body in queries.bodies(work):
        for change in msgspec.json.decode(body)["changes"]:
            if change["table"] not in tables:
                continue
            about = said[change["table"]]
            if change["key"] == "*":
                _take_set(tables[change["table"]], about, change["after"])
            else:
                about.rows[change["key"]] = about.rows.get(change["key"], {}) | change["after"]
    return said


def _take_set(table: sa.Table, about: _Said, facts: Facts) -> None:
    if "columns" in facts:
        about.inserted.append(facts)
    elif "removed" in facts or facts.get("verb") == "dropped":
        about.removed.append(facts)
        named = _named(table, facts)
        about.rows = {
            key: row for key, row in about.rows.items() if any(row.get(n) != value for n, value in named.items())
        }
    else:
        about.changed.append(facts)


def _named(table: sa.Table, facts: Facts) -> Facts:
    """The facts that say which rows a set is: columns by name, or a foreign key by what it points to."""
    names = {c.name: c.name for c in table.columns} | {c.name.removesuffix("_id"): c.name for c in table.columns}
    return {names[name]: value for name, value in facts.items() if name in names}


# --- against the tables ------------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Comparison:
    work: Work
    table: sa.Table
    left_out: set[str]
    said: _Said
    result: Replay
    compared: list[sa.Column[Any]] = field(init=False)
    partial: set[str] = field(default_factory=set)
    explained: set[str] = field(default_factory=set)
    from_sets: int = 0

    def __post_init__(self) -> None:
        """A person's values are sealed in after-images, but a set's hash is over what the columns hold."""
        self.compared = [c for c in self.table.columns if c.name not in self.left_out and not c.info.get("personal")]

    def run(self) -> None:
        for row in queries.rows_of(self.work, self.table):
            self._compare(_key(self.table, row), row)
        for key in self.said.rows.keys() - self.explained - self.partial:
            self.result.differ(self.table, key, "the trail has it, the table has not")
        self._check_sets()
        for facts in self.said.changed:
            self._check_changed(facts)

    def _compare(self, key: str, row: AnyRow) -> None:
        said = self.said.rows.get(key)
        if said is None:
            self.from_sets += 1
            return
        self.result.rows += 1
        whole = all(c.name in said for c in self.compared if not (c.nullable or _may_be_later(c)))
        if whole:
            self.explained.add(key)
        else:
            self.partial.add(key)
            self.from_sets += 1
        for column in self.compared:
            if column.name not in said and (not whole or _may_be_later(column)):
                continue
            stands, wanted = row._mapping[column.name], said.get(column.name)  # noqa: SLF001 - a public name of rows
            if not _same(column, stands, wanted) and not self._changed_as_a_set(column, stands):
                detail = f"{column.name} is {canonical(stands)!r}, the trail says {wanted!r}"
                self.result.differ(self.table, key, detail)

    def _changed_as_a_set(self, column: sa.Column[Any], stands: object) -> bool:
        if any(facts.get("several") == column.name for facts in self.said.changed):  # each row took a value of its own
            return True
        changes = [_named(self.table, facts) for facts in self.said.changed]
        return any(column.name in facts and _same(column, stands, facts[column.name]) for facts in changes)

    def _check_sets(self) -> None:
        inserted, removed = sum(facts["count"] for facts in self.said.inserted), self.said.removed
        gone = sum(facts.get("count", 0) for facts in removed)
        if self.from_sets > inserted or (
            self.from_sets < inserted - gone and all("count" in facts for facts in removed)
        ):
            detail = f"{self.from_sets} rows that no event names, the trail says {inserted} less {gone}"
            self.result.differ(self.table, "*", detail)
        elif removed or self.said.changed:
            self.result.counted += len(self.said.inserted)
        elif self.said.inserted:
            by_key, by_time = self._broken_sets("key"), self._broken_sets("insertion")
            for detail in min(by_key, by_time, key=len):
                self.result.differ(self.table, "*", detail)

    def _broken_sets(self, order: str) -> list[str]:
        """Sets were written one after the other, each in rising order of its keys or in the order given."""
        rows = (
            r for r in queries.rows_of(self.work, self.table, by=order) if _key(self.table, r) not in self.explained
        )
        broken, sets, counted, kept = [], 0, 0, {c.name for c in self.table.columns} - self.left_out
        for facts in self.said.inserted:
            touched = False

            def values(facts: Facts = facts) -> Iterator[tuple[Any, ...]]:
                nonlocal touched
                for row in islice(rows, facts["count"]):
                    touched = touched or _key(self.table, row) in self.partial
                    yield tuple(row._mapping[name] for name in facts["columns"])  # noqa: SLF001 - as above

            same = _digest(self.table, facts, values()) == facts["digest"]
            touched = touched or not kept.issuperset(facts["columns"])
            if not same and not touched:
                broken.append(f"a set of {facts['count']} rows has another hash than the trail says")
            sets, counted = sets + same, counted + (touched and not same)
        if order == "key":
            self.result.sets, self.result.counted = self.result.sets + sets, self.result.counted + counted
        return broken

    def _check_changed(self, facts: Facts) -> None:
        """A set of rows that took one value, noted with the hash of their ids, holds it still, unless it gave it back
        or a later set has the same value."""
        named = _named(self.table, facts)
        if len(named) != 1 or "digest" not in facts or facts.get("verb") == "released":
            return
        later = self.said.changed[self.said.changed.index(facts) + 1 :]
        if any(_named(self.table, other) == named for other in later):
            return
        ((name, value),) = named.items()
        ids = sorted(_key(self.table, row) for row in queries.rows_of(self.work, self.table, having=(name, value)))
        if len(ids) != facts["count"] or hash_rows((one,) for one in ids) != facts["digest"]:
            self.result.differ(self.table, "*", f"the rows with {name} {value} are not those the trail says")


def _digest(table: sa.Table, facts: Facts, rows: Iterator[tuple[Any, ...]]) -> str:
    first = next(rows, None)
    if first is None:
        return ""
    every = chain([first], rows)
    if facts.get("form") == "copy-text":
        return digest_of(table, facts["columns"], every)
    return hash_rows(tuple(canonical(value) for value in row) for row in every)


def _key(table: sa.Table, row: AnyRow) -> str:
    return "/".join(str(row._mapping[c.name]) for c in table.primary_key)  # noqa: SLF001 - as above


def _may_be_later(column: sa.Column[Any]) -> bool:
    """A migration may have given it to rows that were there: by its default, or as another name of their key."""
    return column.primary_key or column.server_default is not None


def _same(column: sa.Column[Any], stands: Any, said: Any) -> bool:
    if isinstance(said, dict) and set(said) == {"sealed"}:
        return stands is not None
    if isinstance(column.type, Instant) and isinstance(said, str):
        return bool(stands == datetime.fromisoformat(said).astimezone(UTC))
    return bool(canonical(stands) == said)
