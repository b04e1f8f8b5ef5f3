"""Values as PostgreSQL's COPY takes them in binary: each its length and that many bytes, the most significant first.

Of text the server would read every value, above all ids and moments: a placement without its indexes takes it three
times as long.
Source: PostgreSQL's manual, COPY, "Binary Format", and the receive functions of its types.
"""

import json
import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain, repeat
from typing import Any

BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
_FIRST_DAY, _FIRST_MOMENT, _MICROSECOND = date(2000, 1, 1), datetime(2000, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_ID = struct.pack(">i", 16)
_JSONB = b"\x01"  # its version

Cells = list[bytes]


def rows(columns: Sequence[Sequence[bytes]]) -> bytes:
    """Of cells that stand column by column."""
    return b"".join(chain.from_iterable(zip(repeat(struct.pack(">h", len(columns))), *columns, strict=False)))


def numbers(kind: str) -> Callable[[Iterable[Any]], Cells]:
    """``kind``: as ``struct`` names it."""
    packer = struct.Struct(f">i{kind}")
    return lambda values: list(map(packer.pack, repeat(struct.calcsize(f">{kind}")), values))


def moments(values: Iterable[datetime]) -> Cells:
    return _long((at - _FIRST_MOMENT) // _MICROSECOND for at in values)


def days(values: Iterable[date]) -> Cells:
    return _short((day - _FIRST_DAY).days for day in values)


def ids(values: Iterable[str]) -> Cells:
    """Of 32 hexadecimal digits each."""
    whole = bytes.fromhex("".join(values))
    return [_ID + whole[at : at + 16] for at in range(0, len(whole), 16)]


def blobs(values: Iterable[bytes]) -> Cells:
    return [struct.pack(">i", len(value)) + value for value in values]


def texts(values: Iterable[object]) -> Cells:
    return blobs(str(value).encode() for value in values)


def documents(values: Iterable[object]) -> Cells:
    """As ``jsonb``."""
    return blobs(_JSONB + json.dumps(value, ensure_ascii=False).encode() for value in values)


_long, _short = numbers("q"), numbers("i")
