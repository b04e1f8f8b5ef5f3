"""Checked flat arrays of integers, and sums that never leave the range of the truth."""

from collections.abc import Iterator
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.errors import MalformedInstance

Integers = NDArray[np.int64]

# arcs looked at together
_BLOCK = 2**20


def exact_dot(left: Integers, right: Integers) -> int:
    """The sum of products without overflow: in 64 bits where they suffice, else in Python's integers."""
    if len(left) == 0:
        return 0
    largest = max(abs(int(left.max())), abs(int(left.min()))) * max(abs(int(right.max())), abs(int(right.min())))
    if largest * len(left) < np.iinfo(np.int64).max:
        return int(np.dot(np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)))
    return sum(a * b for a, b in zip(left.tolist(), right.tolist(), strict=True))


def integers(name: str, values: ArrayLike, *, narrow: bool = False) -> Integers:
    """A contiguous, read-only int64 array (`narrow`: an int32 array stays one); floats and booleans are refused rather
    than rounded."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise MalformedInstance(f"/{name}", "must be a flat list of integers")
    if array.dtype.kind not in "iu" and array.size:
        raise MalformedInstance(f"/{name}", f"must hold integers, not {array.dtype}")
    if array.dtype == np.uint64 and array.size and int(array.max()) > np.iinfo(np.int64).max:
        raise MalformedInstance(f"/{name}/{int(array.argmax())}", "is too large for a 64-bit integer")
    kept = array.dtype if narrow and array.dtype == np.int32 else np.dtype(np.int64)
    array = np.ascontiguousarray(array, dtype=kept).view()
    array.setflags(write=False)
    # int32 or int64: whatever is added to it or chosen by it is int64
    return cast("Integers", array)


def row_blocks(first_arc: Integers) -> Iterator[tuple[slice, slice]]:
    """Rows and their arcs, so many at a time that no copy of all arcs is ever needed."""
    rows, start = len(first_arc) - 1, 0
    while start < rows:
        until = max(int(np.searchsorted(first_arc, first_arc[start] + _BLOCK, side="right")) - 1, start + 1)
        yield slice(start, until), slice(int(first_arc[start]), int(first_arc[until]))
        start = until


def check_length(name: str, values: Integers, length: int) -> None:
    if len(values) != length:
        raise MalformedInstance(f"/{name}", f"has {len(values)} entries where {length} are needed")


def check_range(name: str, values: Integers, least: int, most: int) -> None:
    if len(values) == 0 or (int(values.min()) >= least and int(values.max()) <= most):
        return
    at = int(np.argmax((values < least) | (values > most)))
    raise MalformedInstance(f"/{name}/{at}", f"is {int(values[at])}, outside {least} to {most}")


def check_first_arc(name: str, first_arc: Integers, arcs: int) -> None:
    """`first_arc` starts at 0, never falls and ends at the number of arcs."""
    if int(first_arc[0]) != 0:
        raise MalformedInstance(f"/{name}/0", "must be 0")
    falls = np.flatnonzero(np.diff(first_arc) < 0)
    if len(falls):
        raise MalformedInstance(f"/{name}/{int(falls[0]) + 1}", "must not be smaller than the entry before it")
    if int(first_arc[-1]) != arcs:
        raise MalformedInstance(f"/{name}/{len(first_arc) - 1}", f"must be the number of arcs, {arcs}")
