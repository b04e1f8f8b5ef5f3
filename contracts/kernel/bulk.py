"""Half a million rows at once: PostgreSQL's COPY, SQLite's executemany, and reading without a type on every value.

Ids travel here as 32 hexadecimal digits (what SQLite stores and PostgreSQL reads), so that a set of rows is plain
tuples of text and integers. The audit event keeps the set's count and the SHA-256 of its lines, tab-separated as COPY
writes them: the same on both databases.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from itertools import islice
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.database import Base, Instant, MonthType, table_of
from contracts.kernel.work import Work

BATCH = 10_000  # rows converted at a time: a few megabytes, and the price of a call no longer shows
MAX_IDS = 1 << 26  # what the counter inside a bulk id can tell apart
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_SPECIAL = str.maketrans(_ESCAPES)
_NULL = "\\N"

Convert = Callable[[Any], Any]
Rows = Iterable[Sequence[object]]


def copy_rows(work: Work, model: type[Base], columns: Sequence[str], rows: Rows) -> int:
    """Insert all rows, whose values stand in the order of ``columns``; how many there were.

    An id is a UUID or 32 hexadecimal digits, an instant is aware, a JSON column takes what ``json`` can write. The set
    is noted for the audit event, which the caller records. Rows are drawn from an iterator batch by batch.
    """
    table = table_of(model)
    wanted = [table.c[name] for name in columns]
    digest, dialect = hashlib.sha256(), work.connection.dialect
    assert dialect.loaded_dbapi is not None
    try:
        count = (_insert if _is_sqlite(work) else _copy)(work, table, wanted, rows, digest.update)
    except dialect.loaded_dbapi.Error as error:  # the driver's own, in the family every statement raises
        raise sa.exc.DBAPIError.instance(
            f"bulk insert into {table.name}", None, error, dialect.loaded_dbapi.Error, dialect=dialect
        ) from error
    if count:
        work.note_set(str(table.name), count=count, digest=digest.hexdigest(), columns=list(columns), form="copy-text")
    return count


def read_rows(work: Work, statement: sa.Executable) -> list[tuple[Any, ...]]:
    """All rows as the driver gives them, no type applied: select what is plain already, and ids by ``bare_id``."""
    with work.connection.execute(statement) as result:
        assert result.cursor is not None
        return cast("list[tuple[Any, ...]]", result.cursor.fetchall())


def bare_id(work: Work, column: Any) -> sa.ColumnElement[str]:
    """A UUID column as 32 hexadecimal digits, on both databases."""
    if _is_sqlite(work):
        return sa.type_coerce(column, sa.String())
    return sa.func.replace(sa.cast(column, sa.String()), "-", "")


def new_ids(count: int) -> list[str]:
    """So many UUIDv7 as 32 hexadecimal digits, in rising order: the moment, a 26-bit counter, 48 random bits."""
    assert 0 <= count <= MAX_IDS, "more ids than the counter can tell apart"
    prefix, noise = f"{time.time_ns() // 1_000_000:012x}7", secrets.token_hex(6 * count)
    return [f"{prefix}{n >> 14:03x}{0x8000 | n & 0x3FFF:04x}{noise[12 * n : 12 * n + 12]}" for n in range(count)]


def _is_sqlite(work: Work) -> bool:
    return work.connection.dialect.name == "sqlite"


def _copy(work: Work, table: sa.Table, wanted: list[Any], rows: Rows, seen: Callable[[bytes], None]) -> int:
    names, count = ", ".join(f'"{c.name}"' for c in wanted), 0
    driver: Any = work.connection.connection.dbapi_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for batch in _batches(rows):
            lines = _lines(wanted, batch)
            seen(lines)
            copy.write(lines)
            count += len(batch)
    return count


def _insert(work: Work, table: sa.Table, wanted: list[Any], rows: Rows, seen: Callable[[bytes], None]) -> int:
    names, marks = ", ".join(f'"{c.name}"' for c in wanted), ", ".join("?" * len(wanted))
    statement, count = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', 0  # noqa: S608 - our own names
    driver: Any = work.connection.connection.dbapi_connection
    for batch in _batches(rows):
        seen(_lines(wanted, batch))
        stored = [
            _converted(values, _forms(column)[1])
            for column, values in zip(wanted, zip(*batch, strict=True), strict=True)
        ]
        driver.executemany(statement, list(zip(*stored, strict=True)))
        count += len(batch)
    return count


def _batches(rows: Rows) -> Iterator[list[Sequence[object]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _lines(wanted: list[Any], batch: list[Sequence[object]]) -> bytes:
    """The rows in the text form of PostgreSQL's COPY."""
    texts = [
        [_NULL if value is None else value for value in _converted(values, _forms(column)[0])]
        for column, values in zip(wanted, zip(*batch, strict=True), strict=True)
    ]
    return ("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n").encode()


def _forms(column: Any) -> tuple[Convert, Convert | None]:
    return next((text, stored) for kind, text, stored in _FORMS if isinstance(column.type, kind))


def _converted(values: Sequence[Any], convert: Convert | None) -> Sequence[Any]:
    return values if convert is None else [None if value is None else convert(value) for value in values]


def _digits(value: UUID | str) -> str:
    return value if type(value) is str else cast("UUID", value).hex


def _word(value: Enum | str) -> str:
    return value if type(value) is str else str(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _escaped(text: str) -> str:
    """Words pass as they are: a translation of every one would cost more than everything else here."""
    return text.translate(_SPECIAL) if any(sign in text for sign in _ESCAPES) else str(text)


def _aware(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(" ", "microseconds")


def _naive(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


# (kind of column, its text in COPY, what SQLite keeps); the first kind that fits decides
_FORMS: list[tuple[type | tuple[type, ...], Convert, Convert | None]] = [
    (sa.Uuid, _digits, _digits),
    (Instant, _aware, _naive),
    (sa.Boolean, lambda flag: "t" if flag else "f", int),
    (sa.LargeBinary, lambda data: "\\\\x" + data.hex(), None),
    (sa.JSON, lambda value: _json(value).translate(_SPECIAL), _json),
    (sa.Enum, _word, _word),
    (sa.Date, date.isoformat, date.isoformat),
    (MonthType, str, str),
    ((sa.Integer, sa.Float), str, None),
    (sa.String, _escaped, None),
]
