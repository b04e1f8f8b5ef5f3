"""Freezing what an act says when it changes hands."""

from uuid import UUID

from contracts.act import editions, queries
from contracts.act.document import digest_of, document_of
from contracts.act.editions import Edition
from contracts.act.models import ActEditionRow
from contracts.act.rules import Act
from contracts.kernel.ids import new_id
from contracts.kernel.work import Work


def freeze(work: Work, act: Act, by: UUID) -> Edition:
    """What the act says now: the edition that stands where it says the same, or the next one. The caller holds the
    act's row, keeps the edition's number in it and records the event."""
    document = document_of(act, queries.lines(work, act.id), editions.parties_of(work, act))
    latest = editions.edition(work, act.id, act.editions)
    if latest is not None and latest.sha256 == digest_of(document):
        return latest
    frozen = Edition(new_id(), act.id, act.editions + 1, document, digest_of(document), act.total_minor, by, work.now)
    work.insert(ActEditionRow, **{name: getattr(frozen, name) for name in Edition.__dataclass_fields__})
    return frozen
