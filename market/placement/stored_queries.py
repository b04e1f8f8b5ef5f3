"""What a complete round has kept, read back: its row, what it solved, and what came of it with the proof."""

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.database import Invariant
from contracts.kernel.errors import NotFound
from contracts.kernel.work import Work
from market.placement.columns import Columns, unfolded
from market.placement.models import RoundFileRow, RoundRow
from market.placement.rules import Round, RoundNotFound, RoundPart, RoundStatus
from market.placement.stored import StoredInstance, StoredResult, instance_of, result_of

PIECE = 1 << 20  # bytes a row: small enough that no driver and no copy of a table chokes on one
MAX_FILE = 256 * PIECE  # compressed; the nation's takes a few


class RoundFileMissing(NotFound):
    code = "round-file-missing"
    title = "This round has kept no files: it is not complete, or older than they are"


def round_of(work: Work, number: int) -> Round:
    """By the number people quote. Raises RoundNotFound."""
    found = work.find(Round, RoundRow, RoundRow.number == number)
    if found is None:
        raise RoundNotFound(f"There is no round {number}")
    return found


def stored_instance(work: Work, round_id: UUID) -> StoredInstance:
    """Raises RoundFileMissing, RoundFileBroken."""
    return instance_of(*_file(work, round_id, RoundPart.INSTANCE))


def stored_result(work: Work, round_id: UUID, instance: StoredInstance | None = None) -> StoredResult:
    """``instance`` saves reading it again. Raises RoundFileMissing, RoundFileBroken."""
    columns, _ = _file(work, round_id, RoundPart.RESULT)
    return result_of(columns, instance or stored_instance(work, round_id))


def has_files(work: Work, round_id: UUID) -> bool:
    return work.scalar(sa.select(RoundFileRow.piece).where(RoundFileRow.round_id == round_id).limit(1)) is not None


def _file(work: Work, round_id: UUID, part: RoundPart) -> tuple[Columns, str]:
    own = (RoundFileRow.round_id == round_id, RoundFileRow.part == part)
    pieces = work.rows(sa.select(RoundFileRow.data).where(*own).order_by(RoundFileRow.piece))
    if not pieces:
        raise RoundFileMissing
    return unfolded(b"".join(row.data for row in pieces))


def invariants() -> list[Invariant]:
    """Rounds older than the files have none and are passed over."""
    with_instance = sa.select(RoundFileRow.round_id).where(RoundFileRow.part == RoundPart.INSTANCE)
    with_result = sa.select(RoundFileRow.round_id).where(RoundFileRow.part == RoundPart.RESULT)
    half = RoundRow.id.in_(with_instance) != RoundRow.id.in_(with_result)
    idle = sa.and_(RoundRow.status != RoundStatus.COMPLETE, RoundRow.id.in_(with_instance))
    return [
        Invariant(
            "a round that has kept a file is complete and has kept both",
            sa.select(sa.func.count()).select_from(RoundRow),
            sa.select(RoundRow.number).where(sa.or_(half, idle)),
        )
    ]


def in_pieces(packed: bytes) -> Iterator[bytes]:
    return (packed[at : at + PIECE] for at in range(0, len(packed), PIECE))
