"""Keeping what a round solved and what came of it, in the transaction that gives its result effect."""

import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from uuid import UUID

from contracts.kernel.bulk import copy_rows
from contracts.kernel.work import Work
from market.placement.arcs import Arcs
from market.placement.census import Census
from market.placement.columns import folded
from market.placement.models import RoundFileRow
from market.placement.proof import Solved
from market.placement.rules import RoundNotProven, RoundPart
from market.placement.stored import instance_columns, result_columns
from market.placement.stored_queries import MAX_FILE, in_pieces
from matching.arrays import Integers

LIBRARIES = ("ortools", "numpy", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class RoundFiles:
    instance: bytes
    result: bytes
    instance_sha256: str


def round_files(
    census: Census, arcs: Arcs, taken: Integers, solved: Solved | None, facts: dict[str, Any]
) -> RoundFiles:
    """Raises RoundNotProven where they are too large to be kept: what nobody can check is not written."""
    instance, digest = folded(instance_columns(census, arcs))
    result, _ = folded(result_columns(arcs, taken, solved, facts | {"instance_sha256": digest}))
    if max(len(instance), len(result)) > MAX_FILE:
        raise RoundNotProven(f"The round takes more than {MAX_FILE} bytes to keep", rule="round-file-size")
    return RoundFiles(instance, result, digest)


def write_files(work: Work, round_id: UUID, files: RoundFiles) -> None:
    """The caller records."""
    rows = [
        (round_id, part, number, piece)
        for part, packed in ((RoundPart.INSTANCE, files.instance), (RoundPart.RESULT, files.result))
        for number, piece in enumerate(in_pieces(packed))
    ]
    copy_rows(work, RoundFileRow, ("round_id", "part", "piece", "data"), rows)


def versions() -> dict[str, str]:
    """Of what an answer may depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}
