"""An instance from its bytes or from a file, plain or gzipped."""

import gzip
import io
import zlib
from hashlib import sha256
from pathlib import Path

from matching.errors import MalformedInstance
from matching.fastread import Unusual, fast_columns
from matching.faults import slow_columns
from matching.instance import Instance

_GZIP = b"\x1f\x8b"
# ten million arcs take about 150 MB; a small gzipped file must not unfold without end
MAX_DOCUMENT = 4 * 2**30


def read_instance(path: Path) -> Instance:
    """Raises `MalformedInstance`; a file that cannot be opened is the caller's `OSError`."""
    return parse_instance(unfolded(path.read_bytes(), MalformedInstance))


def parse_instance(document: bytes) -> Instance:
    """From uncompressed bytes: at full speed where nothing is unusual, else slowly, to name the first fault."""
    digest = sha256(document).hexdigest()
    try:
        return fast_columns(document).instance(digest)
    except (Unusual, MalformedInstance):
        return slow_columns(document).instance(digest)


def unfolded(document: bytes, error: type[MalformedInstance]) -> bytes:
    """The bytes themselves, or what they unpack to."""
    if not document.startswith(_GZIP):
        return document
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(document)) as file:
            unpacked = file.read(MAX_DOCUMENT + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise error("", f"is not a whole gzip file: {fault}") from fault
    if len(unpacked) > MAX_DOCUMENT:
        raise error("", f"unpacks to more than {MAX_DOCUMENT} bytes")
    return unpacked
