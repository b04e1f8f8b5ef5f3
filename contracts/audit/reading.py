"""The trail as plain text and bytes, row by row, for whoever does not trust it: a trail that was tampered with may
hold what no type would accept. Memory does not grow with what is read."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from contracts.audit.rules import Fault, Statement
from contracts.kernel.work import Work

BATCH = 2_000  # rows fetched at a time
MAX_NUMBER = 2**62

# $column is text or bytes, #column a whole number, %column an id: SQLite would put anything into any of them
_COLUMNS = "e.position, %e.id, $e.stream, #e.sequence, $e.at, %e.actor_id, $e.verb, $e.body, $e.previous_hash, $e.hash"
_EVENTS = f"SELECT {_COLUMNS} FROM audit_event e ORDER BY e.stream, e.sequence"  # noqa: S608 - our own words
_EVENTS_OF = f"SELECT {_COLUMNS} FROM audit_event e WHERE e.stream = :stream ORDER BY e.sequence"  # noqa: S608
_HEAD_OF = "SELECT #h.sequence, #h.position, $h.hash FROM audit_head h WHERE h.stream = :stream"
_LEAVES_OF = (
    "SELECT #l.checkpoint, #l.place, #l.position, #l.sequence, $l.hash, $l.stream FROM audit_leaf l "
    "WHERE l.stream = :stream ORDER BY l.sequence"
)
_LEAVES_IN = (
    "SELECT #l.checkpoint, #l.place, #l.position, #l.sequence, $l.hash, $l.stream FROM audit_leaf l "
    "WHERE l.checkpoint = :number ORDER BY l.place"
)
_CHECKPOINT = (
    "SELECT c.number, $c.at, #c.position, #c.horizon, #c.settled, #c.size, $c.root, $c.signature "
    "FROM audit_checkpoint c WHERE c.number = :number"
)
_EVENTS_AND_LEAVES = (
    f"SELECT {_COLUMNS}, #l.checkpoint, #l.place, $l.hash FROM audit_event e LEFT JOIN audit_leaf l "  # noqa: S608
    "ON l.stream = e.stream AND l.sequence = e.sequence ORDER BY e.stream, e.sequence"
)
_CHECKPOINTS = (
    "SELECT c.number, $c.at, #c.position, #c.horizon, #c.settled, #c.size, $c.root, $c.signature "
    "FROM audit_checkpoint c ORDER BY c.number"
)
_LEAVES = (
    "SELECT #l.checkpoint, #l.place, #l.position, #l.sequence, $l.hash, $l.stream FROM audit_leaf l "
    "ORDER BY l.checkpoint, l.place"
)
_UNFULFILLED_LEAF = (
    "SELECT $t.stream, #t.sequence, #t.position, $e.body FROM audit_leaf t LEFT JOIN audit_event e "
    "ON e.stream = t.stream AND e.sequence = t.sequence WHERE t.checkpoint < :below AND "
    "(e.hash IS NULL OR e.hash <> t.hash OR e.position <> t.position) ORDER BY t.position LIMIT 1"
)
_UNFULFILLED_HEAD = (
    "SELECT $t.stream, #t.sequence, #t.position, $e.body FROM audit_head t LEFT JOIN audit_event e "
    "ON e.stream = t.stream AND e.sequence = t.sequence WHERE t.stream <> 'checkpoint' AND "
    "(e.hash IS NULL OR e.hash <> t.hash OR e.position <> t.position) "
    "ORDER BY coalesce(e.position, t.position) LIMIT 1"
)
_BEYOND_HEAD = (
    "SELECT $t.stream, #t.sequence, t.position, NULL FROM audit_event t LEFT JOIN audit_head h ON h.stream = t.stream "
    "WHERE h.stream IS NULL OR t.sequence > h.sequence ORDER BY t.position LIMIT 1"
)
_LAST_BEFORE = "SELECT coalesce(max(sequence), 0) FROM audit_event WHERE stream = :stream AND sequence < :sequence"
_EVENTS_BY_HEADS = "SELECT coalesce(sum(sequence * 1.0), 0) FROM audit_head WHERE stream <> 'checkpoint'"
_HEAD_OF_CHECKPOINTS = "SELECT #h.sequence, $h.hash FROM audit_head h WHERE h.stream = 'checkpoint'"
_MARKED = re.compile(r"([#$%])([a-z]\.[a-z_]+)")
_PLAIN = {
    "sqlite": {
        "#": r"CASE typeof({0}) WHEN 'integer' THEN {0} END",
        "$": "CAST({0} AS BLOB)",
        "%": "CAST({0} AS BLOB)",
    },
    "postgresql": {"#": "{0}", "$": "{0}", "%": "CAST({0} AS text)"},
}


class RawLeaf(NamedTuple):
    checkpoint: int
    place: int
    position: int
    sequence: int
    hash: bytes
    stream: str


class RawEvent(NamedTuple):
    """``leaf``: (checkpoint, place, hash) where one binds this very event and it was asked for."""

    position: int
    id: str
    stream: str
    sequence: int
    at: str
    actor_id: str | None
    verb: str
    body: bytes
    previous_hash: bytes
    hash: bytes
    leaf: tuple[int, int, bytes] | None


class RawCheckpoint(NamedTuple):
    statement: Statement
    signature: bytes


def events(work: Work, *, with_leaves: bool = False) -> Iterator[RawEvent]:
    """All events, stream by stream, each stream in its order."""
    statement = _EVENTS_AND_LEAVES if with_leaves else _EVENTS
    return map(_sqlite_event if _is_sqlite(work) else _postgresql_event, _rows(work, statement))


def events_of(work: Work, stream: str) -> Iterator[RawEvent]:
    """Of one stream, in its order."""
    return map(_sqlite_event if _is_sqlite(work) else _postgresql_event, _rows(work, _EVENTS_OF, stream=stream))


def head_of(work: Work, stream: str) -> tuple[int, int, bytes] | None:
    """Sequence, position and hash of its last event, as the head says."""
    row = _one(work, _HEAD_OF, stream=stream)
    return None if row is None else (_number(row[0]), _number(row[1]), _bytes(row[2]))


def leaves_of(work: Work, stream: str) -> Iterator[RawLeaf]:
    """Which of the stream's events were sealed, in its order."""
    return map(_raw_leaf, _rows(work, _LEAVES_OF, stream=stream))


def _sqlite_event(row: Any) -> RawEvent:
    position, event_id, stream, sequence, at, actor, verb, body, previous, link, *leaf = row
    return RawEvent(
        position, _dashed(event_id), _word(stream), _number(sequence), _instant(at), _actor(actor), _word(verb),
        body or b"", previous or b"", link or b"", _leaf(leaf),
    )  # fmt: skip


def _postgresql_event(row: Any) -> RawEvent:
    position, event_id, stream, sequence, at, actor, verb, body, previous, link, *leaf = row
    said = at.isoformat()
    return RawEvent(
        position, event_id, stream, sequence, said, actor, verb, body.encode(), previous, link, _leaf(leaf)
    )  # fmt: skip


def _leaf(leaf: list[Any]) -> tuple[int, int, bytes] | None:
    return (leaf[0], _number(leaf[1]), _bytes(leaf[2])) if leaf and leaf[0] is not None else None


def checkpoints(work: Work) -> Iterator[RawCheckpoint]:
    for row in _rows(work, _CHECKPOINTS):
        yield _raw_checkpoint(work, row)


def checkpoint(work: Work, number: int) -> RawCheckpoint | None:
    row = _one(work, _CHECKPOINT, number=number)
    return None if row is None else _raw_checkpoint(work, row)


def _raw_checkpoint(work: Work, row: Any) -> RawCheckpoint:
    number, at, position, horizon, settled, size, root, signature = row
    said = Statement(
        _number(number), _instant(at) if _is_sqlite(work) else at.isoformat(), _number(position), _number(horizon),
        _number(settled), _number(size), _bytes(root).hex(),
    )  # fmt: skip
    return RawCheckpoint(said, _bytes(signature))


def leaves(work: Work) -> Iterator[RawLeaf]:
    """Checkpoint by checkpoint, in their places."""
    return map(_raw_leaf, _rows(work, _LEAVES))


def leaves_in(work: Work, checkpoint: int) -> Iterator[RawLeaf]:
    """Those of one checkpoint, in their places."""
    return map(_raw_leaf, _rows(work, _LEAVES_IN, number=checkpoint))


def _raw_leaf(row: Any) -> RawLeaf:
    checkpoint, place, position, sequence, link, stream = row
    name = stream if isinstance(stream, str) else _text(stream)
    return RawLeaf(_number(checkpoint), _number(place), _number(position), _number(sequence), _bytes(link), name)


def unfulfilled_leaf(work: Work, below: int | None) -> Fault | None:
    """The first leaf (of checkpoints before ``below``) whose event is gone or another one."""
    found = _first(work, _UNFULFILLED_LEAF, below=MAX_NUMBER if below is None else below)
    if found is None or found.body is None:
        return found and _missing(work, found, "it was sealed and is missing")
    return Fault("it is not the event that was sealed", found.position, found.stream, found.sequence)


def unfulfilled_head(work: Work) -> Fault | None:
    """The first head whose event is gone or another one."""
    found = _first(work, _UNFULFILLED_HEAD)
    if found is None or found.body is None:
        return found and _missing(work, found, "the head of its stream comes later, and it is missing")
    position = said_position(found.body, found.position)
    return Fault("the head of its stream is not this event", position, found.stream, found.sequence)


def event_beyond_head(work: Work) -> Fault | None:
    found = _first(work, _BEYOND_HEAD)
    return found and Fault("it stands after the head of its stream", found.position, found.stream, found.sequence)


def events_by_heads(work: Work) -> int:
    """How many events there are if every stream has no gap and ends at its head."""
    return int(_one(work, _EVENTS_BY_HEADS)[0])


def head_of_checkpoints(work: Work) -> tuple[int, bytes] | None:
    row = _one(work, _HEAD_OF_CHECKPOINTS)
    return None if row is None else (_number(row[0]), _bytes(row[1]))


def said_position(body: bytes, otherwise: int) -> int:
    """Where the event stood, by its own word, unless this is no event's body at all."""
    try:
        return int(msgspec.json.decode(body)["position"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return otherwise


class _Trace(NamedTuple):
    stream: str
    sequence: int
    position: int
    body: bytes | None


def _first(work: Work, statement: str, **facts: int) -> _Trace | None:
    row = _one(work, statement, **facts)
    if row is None:
        return None
    stream, sequence, position, body = row
    return _Trace(
        stream if isinstance(stream, str) else _text(stream), _number(sequence), _number(position),
        body.encode() if isinstance(body, str) else body,
    )  # fmt: skip


def _missing(work: Work, trace: _Trace, detail: str) -> Fault:
    """``trace`` says that its event was there; others right before it may be gone with it."""
    (last,) = _one(work, _LAST_BEFORE, stream=trace.stream, sequence=trace.sequence)
    return Fault(detail, trace.position, trace.stream, _number(last) + 1)


# --- what SQLite gives -------------------------------------------------------------------------------------------
@lru_cache(maxsize=32)
def _plain(statement: str, dialect: str) -> sa.TextClause:
    return sa.text(_MARKED.sub(lambda found: _PLAIN[dialect][found[1]].format(found[2]), statement))


def _one(work: Work, statement: str, **facts: Any) -> Any:
    return work.connection.execute(_plain(statement, work.connection.dialect.name), facts).one_or_none()


def _rows(work: Work, statement: str, **facts: Any) -> Iterator[Any]:
    marked = _plain(statement, work.connection.dialect.name)
    with work.connection.execute(marked, facts, execution_options={"yield_per": BATCH}) as result:
        while batch := result.fetchmany(BATCH):
            yield from batch


def _is_sqlite(work: Work) -> bool:
    return work.connection.dialect.name == "sqlite"


def _number(value: Any) -> int:
    """A column of whole numbers takes anything on SQLite; -1 is no number of ours and breaks what it stands in."""
    return value if isinstance(value, int) else -1


def _bytes(value: bytes | None) -> bytes:
    return value or b""


def _text(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace")


_word = lru_cache(maxsize=4096)(_text)


def _dashed(value: bytes | None) -> str:
    digits = _text(value)
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@lru_cache(maxsize=4096)
def _actor(value: bytes | None) -> str | None:
    return None if value is None else _dashed(value)


def _instant(value: bytes | None) -> str:
    """``2026-04-10 07:00:00.000000`` as Python writes an aware instant."""
    return _text(value).replace(" ", "T", 1).removesuffix(".000000") + "+00:00"
