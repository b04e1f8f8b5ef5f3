"""Files of visits: known by their content, taken back as a whole while no act has anything of them."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from contracts.audit.service import record
from contracts.kernel.database import table_of
from contracts.kernel.errors import NotFound, WrongState
from contracts.kernel.ids import new_id
from contracts.kernel.work import Work, hash_rows
from contracts.register import queries
from contracts.register.models import BatchRow, EntryRow
from contracts.register.queries import Batch
from contracts.register.rules import EntryStatus, check_reason
from contracts.register.service import person

LONGEST_NAME = 120
_entries = table_of(EntryRow)


class BatchNotFound(NotFound):
    code = "visit-batch-not-found"
    title = "There is no such file of visits"


class BatchInAct(WrongState):
    code = "visit-batch-in-act"
    title = "Visits of this file stand in an act: the file can no longer be taken back as a whole"


class BatchUndone(WrongState):
    code = "visit-batch-undone"
    title = "This file was taken back already"


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it arrived: the SHA-256 of its content, the name its sender gave it, csv, xlsx or ndjson."""

    digest: str
    name: str
    form: str


def begin(work: Work, provider_id: UUID, sent: Sent) -> Batch:
    """The file's own batch: the one that stands where the same content was sent before, and not taken back. By the
    provider's people. Raises NotFound."""
    work.actor.require_provider(provider_id, carers=True)
    batch_id = new_id()
    if work.insert_if_new(
        BatchRow,
        id=batch_id,
        provider_id=provider_id,
        digest=sent.digest,
        name=" ".join(sent.name.split())[:LONGEST_NAME],
        form=sent.form,
        rows=None,
        entered=None,
        wrong=None,
        sent_by=person(work),
        sent_at=work.now,
        undone_by=None,
        undone_at=None,
        undo_reason=None,
    ):
        record(work, "visit-batch", batch_id, "begun")
    standing = queries.standing_batch(work, provider_id, sent.digest)
    assert standing is not None, "it was written here, or stood before"
    return standing


def finish(work: Work, batch_id: UUID, *, rows: int, wrong: int) -> Batch:
    """The file was read to its end: how many rows it has, and how many of them were refused this time."""
    batch = batch_of(work, batch_id, lock=True)
    entered = queries.count_of_batch(work, batch_id)
    if (batch.rows, batch.entered, batch.wrong) != (rows, entered, wrong):
        work.update(BatchRow, batch_id, rows=rows, entered=entered, wrong=wrong)
        record(work, "visit-batch", batch_id, "entered")
    return batch_of(work, batch_id)


def undo(work: Work, batch_id: UUID, *, reason: str) -> int:
    """Every visit of the file is cancelled, confirmed ones too: how many. By the provider's people. Raises
    BatchInAct where an act has one of them, BatchUndone, ReasonMissing."""
    batch = batch_of(work, batch_id, lock=True)
    said = check_reason(reason)
    if batch.undone_at is not None:
        raise BatchUndone
    cancelled = (
        sa.update(_entries)
        .where(_entries.c.batch_id == batch_id, _entries.c.status != EntryStatus.CANCELLED)
        .where(_entries.c.act_id.is_(None))
        .values(status=EntryStatus.CANCELLED, cancel_reason=said)
    )
    ids = sorted(str(row.id) for row in work.execute(cancelled.returning(_entries.c.id)))
    if queries.is_batch_in_act(work, batch_id):
        raise BatchInAct(rule="not-in-an-act")
    if ids:
        facts = {"batch_id": str(batch_id), "status": str(EntryStatus.CANCELLED), "cancel_reason": said}
        digest = hash_rows((one,) for one in ids)
        work.note_set(str(_entries.name), verb="cancelled", count=len(ids), digest=digest, **facts)
    work.update(BatchRow, batch_id, undone_by=person(work), undone_at=work.now, undo_reason=said)
    record(work, "visit-batch", batch_id, "undone")
    return len(ids)


def batch_of(work: Work, batch_id: UUID, *, lock: bool = False) -> Batch:
    """For the provider's people. Raises BatchNotFound."""
    found = queries.batch(work, batch_id, lock=lock)
    try:
        if found is None:
            raise BatchNotFound
        work.actor.require_provider(found.provider_id, carers=True)
    except NotFound:
        raise BatchNotFound from None
    return found
