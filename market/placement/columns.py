"""Named columns of whole numbers as one file: what a round keeps of what it solved and what came of it.

    tapsyrys-columns/1 <newline> one line of JSON <newline> the columns' bytes, one after the other

The JSON holds ``head`` (whatever the writer says) and ``columns``: name, type (i1, i2, i4, i8: signed, little-endian;
x16: sixteen bytes a value) and length of each. A column takes the narrowest type that holds its values. The same
content gives the same bytes, so their SHA-256 names the content. The file is kept compressed (zlib).
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.kernel.bulk import in_digits
from contracts.kernel.errors import Unavailable
from matching import Integers

MAGIC = b"tapsyrys-columns/1\n"
MAX_BYTES = 2**31  # unfolded: a nation ten times ours at class level is a tenth of it
WIDTHS = (("i1", np.int8), ("i2", np.int16), ("i4", np.int32), ("i8", np.int64))
LEVEL = 1  # zlib's fastest: the next ones take thrice as long for a tenth less
ID_BYTES = 16


Halves = NDArray[np.uint64]  # of ids, two numbers each


class RoundFileBroken(Unavailable):
    code = "round-file-broken"
    title = "What was kept of this round cannot be read"


@dataclass(frozen=True, eq=False)
class Columns:
    """``ids`` are columns of 32 hexadecimal digits a value, or of halves where that many texts would be too many; as
    they are read again they are texts."""

    head: Mapping[str, Any]
    numbers: Mapping[str, Integers]
    ids: Mapping[str, list[str] | Halves]

    def texts(self, name: str) -> list[str]:
        found = self.ids[name]
        return found if isinstance(found, list) else ids_of(found)


def folded(columns: Columns, level: int = LEVEL) -> tuple[bytes, str]:
    """The compressed file, and the SHA-256 of the uncompressed one."""
    parts, described = [], []
    for name, values in columns.numbers.items():
        width, kind = _narrowest(values)
        described.append({"name": name, "type": width, "length": len(values)})
        parts.append(np.ascontiguousarray(values, dtype=np.dtype(kind).newbyteorder("<")).tobytes())
    for name, own in columns.ids.items():
        described.append({"name": name, "type": "x16", "length": len(own)})
        parts.append(bytes.fromhex("".join(own)) if isinstance(own, list) else own.astype(">u8").tobytes())
    head = json.dumps(
        {"head": columns.head, "columns": described}, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    digest, packer = sha256(), zlib.compressobj(level)
    out = []
    for part in (MAGIC, head.encode(), b"\n", *parts):
        digest.update(part)
        out.append(packer.compress(part))
    out.append(packer.flush())
    return b"".join(out), digest.hexdigest()


def unfolded(packed: bytes) -> tuple[Columns, str]:
    """The columns, and the SHA-256 of the uncompressed file. Raises RoundFileBroken."""
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(packed, MAX_BYTES)
    except zlib.error as fault:
        raise RoundFileBroken(f"it does not unfold: {fault}") from fault
    if not unpacker.eof:
        raise RoundFileBroken(f"it is cut off, or larger than {MAX_BYTES} bytes")
    if not plain.startswith(MAGIC):
        raise RoundFileBroken("it is of another format")
    end = plain.find(b"\n", len(MAGIC))
    try:
        described = json.loads(plain[len(MAGIC) : end])
        return _columns(described, memoryview(plain)[end + 1 :]), sha256(plain).hexdigest()
    except (ValueError, KeyError, TypeError) as fault:
        raise RoundFileBroken(f"its columns are not as described: {fault}") from fault


def _columns(described: Mapping[str, Any], body: memoryview) -> Columns:
    kinds = {width: np.dtype(kind).newbyteorder("<") for width, kind in WIDTHS}
    numbers: dict[str, Integers] = {}
    ids: dict[str, list[str] | Halves] = {}
    at = 0
    for column in described["columns"]:
        name, length = str(column["name"]), int(column["length"])
        size = ID_BYTES if column["type"] == "x16" else kinds[column["type"]].itemsize
        part = body[at : at + size * length]
        at += size * length
        if column["type"] == "x16":
            ids[name] = in_digits(part, ID_BYTES)
        else:
            numbers[name] = np.frombuffer(part, dtype=kinds[column["type"]], count=length).astype(np.int64)
    if at != len(body):
        raise RoundFileBroken(f"{len(body)} bytes where {at} are described")
    return Columns(described["head"], numbers, ids)


def _narrowest(values: Integers) -> tuple[str, type[np.signedinteger[Any]]]:
    least, most = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    return next((w, k) for w, k in WIDTHS if np.iinfo(k).min <= least and most <= np.iinfo(k).max)


def halves(ids: Sequence[str]) -> Halves:
    """Ids of 32 digits as two numbers each, the first half first: they sort as the ids do."""
    whole = np.frombuffer(bytes.fromhex("".join(ids)), dtype=">u8")
    return whole.astype(np.uint64).reshape(-1, 2)


def ids_of(own: Halves) -> list[str]:
    """The ids again, as 32 digits each."""
    return in_digits(own.astype(">u8").tobytes(), ID_BYTES)


def runs(lengths: Integers) -> Integers:
    """Where each run of such lengths starts, and where the last one ends."""
    starts: NDArray[np.int64] = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    return starts


def spread(starts: Integers, lengths: Integers) -> Integers:
    """The positions of runs of such lengths that start there, one run after the other."""
    ends = runs(lengths)
    return np.arange(int(ends[-1])) + np.repeat(starts - ends[:-1], lengths)
