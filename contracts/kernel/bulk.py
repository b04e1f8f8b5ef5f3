"""Half a million rows at once: PostgreSQL's COPY, SQLite's executemany, and reading without a type on every value.

Ids travel here as 32 hexadecimal digits (what SQLite stores and PostgreSQL reads), so that a set of rows is plain
tuples of text and integers. The audit event keeps the set's count and the SHA-256 of its lines, tab-separated as COPY
writes them: the same on both databases.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, islice
from operator import add
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from psycopg.copy import QueuedLibpqWriter

from contracts.kernel import packing
from contracts.kernel.database import Base, Instant, MonthType, table_of
from contracts.kernel.work import Work

BATCH = 10_000  # rows converted at a time: a few megabytes, and the price of a call no longer shows
TOGETHER = 100  # rows a statement of SQLite's: calling it for every row took half of the time
MAX_IDS = 1 << 26  # what the counter inside a bulk id can tell apart
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_SPECIAL = str.maketrans(_ESCAPES)
_NULL = "\\N"

Convert = Callable[[Sequence[Any]], Sequence[Any]]
Rows = Iterable[Sequence[object]]
Batch = list[Sequence[object]]  # column by column


def copy_rows(work: Work, model: type[Base], columns: Sequence[str], rows: Rows, *, at_once: int = BATCH) -> int:
    """Insert all rows, whose values stand in the order of ``columns``; how many there were.

    An id is a UUID or 32 hexadecimal digits, an instant is aware, a JSON column takes what ``json`` can write. The set
    is noted for the audit event, which the caller records. Rows are drawn from an iterator, so many ``at_once``.
    """
    return _write(work, model, columns, map(_turned, _batches(rows, at_once)))


def copy_columns(work: Work, model: type[Base], columns: Mapping[str, Sequence[object]]) -> int:
    """As :func:`copy_rows`, of rows that stand column by column, one as long as the other."""
    (length,) = set(map(len, columns.values()))
    parts = ([values[at : at + BATCH] for values in columns.values()] for at in range(0, length, BATCH))
    return _write(work, model, list(columns), parts)


def _write(work: Work, model: type[Base], columns: Sequence[str], batches: Iterator[Batch]) -> int:
    table = table_of(model)
    wanted = [table.c[name] for name in columns]
    digest, dialect = hashlib.sha256(), work.connection.dialect
    assert dialect.loaded_dbapi is not None
    try:
        count = (_insert if _is_sqlite(work) else _copy)(work, table, wanted, batches, digest.update)
    except dialect.loaded_dbapi.Error as error:  # the driver's own, in the family every statement raises
        raise sa.exc.DBAPIError.instance(
            f"bulk insert into {table.name}", None, error, dialect.loaded_dbapi.Error, dialect=dialect
        ) from error
    if count:
        work.note_set(str(table.name), count=count, digest=digest.hexdigest(), columns=list(columns), form="copy-text")
    return count


def digest_of(table: sa.Table, columns: Sequence[str], rows: Rows) -> str:
    """What :func:`copy_rows` notes of such rows: for whoever holds a table against the audit trail."""
    wanted, digest = [table.c[name] for name in columns], hashlib.sha256()
    for batch in map(_turned, _batches(rows, BATCH)):
        digest.update(_lines(_texts(wanted, batch)))
    return digest.hexdigest()


def read_rows(work: Work, statement: sa.Executable) -> list[tuple[Any, ...]]:
    """All rows as the driver gives them, no type applied: select what is plain already, and ids by ``bare_id``."""
    with work.connection.execute(statement) as result:
        assert result.cursor is not None
        return cast("list[tuple[Any, ...]]", result.cursor.fetchall())


def stream_rows(work: Work, statement: sa.Executable, at_once: int) -> Iterator[Sequence[Any]]:
    """As :func:`read_rows`, so many in memory at a time; other statements may run between two of them."""
    with work.connection.execute(statement, execution_options={"yield_per": at_once}) as result:
        for rows in result.partitions():
            yield from rows


def read_in_parts(work: Work, statement: sa.Executable, at_once: int) -> Iterator[Sequence[Sequence[Any]]]:
    """As :func:`read_rows`, so many in memory at a time. The statement is read to its end: PostgreSQL plans it so."""
    if not _is_sqlite(work):
        work.execute(sa.text("SET LOCAL cursor_tuple_fraction = 1"))
    with work.connection.execute(statement, execution_options={"yield_per": at_once}) as result:
        yield from result.partitions()


def bare_id(work: Work, column: Any) -> sa.ColumnElement[str]:
    """A UUID column as 32 hexadecimal digits, on both databases."""
    if _is_sqlite(work):
        return sa.type_coerce(column, sa.String())
    return sa.func.encode(sa.func.uuid_send(column), "hex", type_=sa.String())


def new_ids(count: int) -> list[str]:
    """So many UUIDv7 as 32 hexadecimal digits, in rising order: the moment, a 26-bit counter, 48 random bits."""
    assert 0 <= count <= MAX_IDS, "more ids than the counter can tell apart"
    prefix = f"{time.time_ns() // 1_000_000:012x}7"
    lasts = [f"{0x8000 | n:04x}" for n in range(min(count, 1 << 14))]
    heads = (map(f"{prefix}{n:03x}".__add__, lasts) for n in range((count >> 14) + 1))
    return list(map(add, chain.from_iterable(heads), in_digits(secrets.token_bytes(6 * count), 6)))


def in_digits(data: bytes | memoryview, size: int) -> list[str]:
    """Parts of so many bytes, each as its hexadecimal digits."""
    return data.hex(" ", size).split()


def _is_sqlite(work: Work) -> bool:
    return work.connection.dialect.name == "sqlite"


def _copy(
    work: Work, table: sa.Table, wanted: list[Any], batches: Iterator[Batch], seen: Callable[[bytes], None]
) -> int:
    names, count = ", ".join(f'"{c.name}"' for c in wanted), 0
    driver: Any = work.connection.connection.dbapi_connection
    command = f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT binary)'
    with driver.cursor() as cursor, cursor.copy(command, writer=QueuedLibpqWriter(cursor)) as copy:
        copy.write(packing.BEGIN)
        for batch in batches:
            copy.write(packing.rows(_packed(wanted, batch)))
            seen(_lines(_texts(wanted, batch)))  # the server reads the rows meanwhile
            count += len(batch[0])
        copy.write(packing.END)
    return count


def _insert(
    work: Work, table: sa.Table, wanted: list[Any], batches: Iterator[Batch], seen: Callable[[bytes], None]
) -> int:
    names, marks = ", ".join(f'"{c.name}"' for c in wanted), ", ".join("?" * len(wanted))
    one, count = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', 0  # noqa: S608 - our own names
    several = one + f", ({marks})" * (TOGETHER - 1)
    driver: Any = work.connection.connection.dbapi_connection
    for batch in batches:
        texts = _texts(wanted, batch)
        seen(_lines(texts))
        rows = list(zip(*_stored(wanted, batch, texts), strict=True))
        whole = len(rows) - len(rows) % TOGETHER
        values = chain.from_iterable(rows[:whole])
        driver.executemany(several, zip(*[values] * (TOGETHER * len(wanted)), strict=True))
        driver.executemany(one, rows[whole:])
        count += len(rows)
    return count


def _batches(rows: Rows, at_once: int) -> Iterator[list[Sequence[object]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, at_once)):
        yield batch


def _turned(rows: list[Sequence[object]]) -> Batch:
    return list(zip(*rows, strict=True))


def _texts(wanted: list[Any], batch: Batch) -> list[Sequence[str]]:
    """Column by column, the text form of PostgreSQL's COPY."""
    return [_converted(values, _form(column).text, _NULL) for column, values in zip(wanted, batch, strict=True)]


def _packed(wanted: list[Any], batch: Batch) -> list[Sequence[bytes]]:
    return [
        _converted(values, _form(column).packed, packing.NULL) for column, values in zip(wanted, batch, strict=True)
    ]


def _lines(texts: list[Sequence[str]]) -> bytes:
    return ("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n").encode()


def _stored(wanted: list[Any], batch: Batch, texts: list[Sequence[str]]) -> Iterator[Sequence[object]]:
    """Column by column, what SQLite keeps."""
    for column, values, text in zip(wanted, batch, texts, strict=True):
        form = _form(column)
        if form.stored is None:
            yield values
        elif form.stored is form.text and None not in values:
            yield text
        elif form.stored is _digits and UUID not in set(map(type, values)):
            yield values
        else:
            yield _converted(values, form.stored, None)


def _converted(values: Sequence[Any], convert: Convert, null: str | bytes | None) -> Sequence[Any]:
    """Whole columns hold one value (a round's id, a moment, a status), which is then converted once."""
    if values[0] == values[-1] and values.count(values[0]) == len(values):
        return [null if values[0] is None else convert(values[:1])[0]] * len(values)
    if None not in values:
        return convert(values)
    following = iter(convert([value for value in values if value is not None])).__next__
    return [null if value is None else following() for value in values]


@dataclass(frozen=True, slots=True)
class _Form:
    """How many values of a kind of column are written: in COPY's text, by SQLite (None: as they are), and packed for
    PostgreSQL."""

    kind: type | tuple[type, ...]
    text: Convert
    stored: Convert | None
    packed: Convert


def _form(column: Any) -> _Form:
    return next(form for form in _FORMS if isinstance(column.type, form.kind))


def _each(one: Callable[[Any], Any]) -> Convert:
    return lambda values: list(map(one, values))


def _digits(values: Sequence[UUID | str]) -> Sequence[str]:
    if set(map(type, values)) == {str}:
        return cast("Sequence[str]", values)
    return [value if isinstance(value, str) else value.hex for value in values]


def _escaped(values: Sequence[str]) -> Sequence[str]:
    """Almost nothing needs it, so a whole column is looked through at once."""
    whole = "".join(values)
    return [text.translate(_SPECIAL) for text in values] if any(sign in whole for sign in _ESCAPES) else values


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _aware(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(" ", "microseconds")


def _naive(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


_words = _each(str.__str__)  # of a StrEnum, the plain text: the driver is slow with anything else
_days = _each(date.isoformat)
_FORMS = [  # the first kind that fits decides
    _Form(sa.Uuid, _digits, _digits, lambda values: packing.ids(_digits(values))),
    _Form(Instant, _each(_aware), _each(_naive), packing.moments),
    _Form(sa.Boolean, _each(lambda flag: "t" if flag else "f"), _each(int), packing.numbers("?")),
    _Form(sa.LargeBinary, _each(lambda data: "\\\\x" + data.hex()), None, packing.blobs),
    _Form(sa.JSON, _each(lambda value: _json(value).translate(_SPECIAL)), _each(_json), packing.documents),
    _Form(sa.Enum, _words, _words, packing.texts),
    _Form(sa.Date, _days, _days, packing.days),
    _Form(MonthType, _each(str), _each(str), packing.texts),
    _Form(sa.BigInteger, _each(str), None, packing.numbers("q")),
    _Form(sa.Integer, _each(str), None, packing.numbers("i")),
    _Form(sa.Double, _each(str), None, packing.numbers("d")),
    _Form(sa.String, _escaped, _words, packing.texts),
]
