"""Reading the trail, and walking every chain."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa

from contracts.audit.models import EventRow, HeadRow
from contracts.audit.rules import GENESIS, chain
from contracts.kernel.work import AnyRow, Work

PAGE = 200


@dataclass(frozen=True, slots=True)
class Event:
    position: int
    id: UUID
    stream: str
    sequence: int
    at: datetime
    actor_id: UUID | None
    verb: str
    body: str


def events_of(work: Work, stream: str, about: UUID | str, *, limit: int = PAGE) -> list[Event]:
    return work.find_all(
        Event, EventRow, EventRow.stream == f"{stream}:{about}", order_by=(EventRow.sequence,), limit=limit
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """``first_fault`` names the first event, in order of position, that does not hold."""

    events: int
    streams: int
    first_fault: str | None


def verify(work: Work) -> Verdict:
    """Walk all chains in order of position: every hash is computed anew from the stored canonical bytes, and the
    event's columns must say what its body says. Memory: one head a stream."""
    heads: dict[str, tuple[int, bytes]] = {}
    events = 0
    statement = sa.select(EventRow.__table__).order_by(EventRow.position).execution_options(yield_per=2000)
    for row in work.connection.execute(statement):
        events += 1
        sequence, previous = heads.get(row.stream, (0, GENESIS))
        fault = _fault(row, sequence, previous)
        if fault:
            return Verdict(events, len(heads), f"event {row.id} of {row.stream}: {fault}")
        heads[row.stream] = (row.sequence, row.hash)
    stored = {h.stream: (h.sequence, h.hash) for h in work.rows(sa.select(HeadRow.__table__))}
    for stream in sorted(heads.keys() | stored.keys()):
        if heads.get(stream) != stored.get(stream):
            return Verdict(events, len(heads), f"stream {stream}: its head is not its last event")
    return Verdict(events, len(heads), None)


def _fault(row: AnyRow, sequence: int, previous: bytes) -> str | None:
    if row.sequence != sequence + 1:
        return f"sequence {row.sequence} follows {sequence}"
    if row.previous_hash != previous:
        return "it does not point to the event before it"
    if chain(previous, row.body) != row.hash:
        return "its body was changed"
    said = msgspec.json.decode(row.body)
    actor = None if row.actor_id is None else str(row.actor_id)
    columns = (str(row.id), row.stream, row.sequence, row.at.isoformat(), actor, row.verb)
    if columns != tuple(said[key] for key in ("id", "stream", "sequence", "at", "actor", "verb")):
        return "its columns do not say what its body says"
    return None
