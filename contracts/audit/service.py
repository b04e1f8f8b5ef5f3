"""Recording what a use case did, in its own transaction."""

from uuid import UUID

import sqlalchemy as sa

from contracts.audit.models import EventRow, HeadRow
from contracts.audit.rules import GENESIS, body_of, chain
from contracts.kernel.database import table_of
from contracts.kernel.ids import new_id
from contracts.kernel.work import Work, insert_ignoring

_events = table_of(EventRow)
_heads = table_of(HeadRow)


def record(work: Work, stream: str, about: UUID | str, verb: str) -> UUID:
    """Append one event to the stream ``stream:about`` with every change made since the last record. Its id.

    The stream's head row is locked until the commit, so a sequence has no gap and no fork. Where several aggregates
    change at once, the event goes to the one whose row the use case has locked already.
    """
    changes = work.take_changes()
    name = f"{stream}:{about}"
    work.execute(
        insert_ignoring(work.connection.dialect.name, _heads), {"stream": name, "sequence": 0, "hash": GENESIS}
    )
    sequence, previous = work.connection.execute(
        sa.update(_heads)
        .where(_heads.c.stream == name)
        .values(sequence=_heads.c.sequence + 1)
        .returning(_heads.c.sequence, _heads.c.hash)
    ).one()
    event_id = new_id()
    body = body_of(
        event_id=event_id,
        stream=name,
        sequence=sequence,
        at=work.now,
        actor_id=work.actor.id,
        verb=verb,
        changes=changes,
    )
    link = chain(previous, body)
    work.execute(
        sa.insert(_events),
        {
            "id": event_id,
            "stream": name,
            "sequence": sequence,
            "at": work.now,
            "actor_id": work.actor.id,
            "verb": verb,
            "body": body,
            "previous_hash": previous,
            "hash": link,
        },
    )
    work.execute(sa.update(_heads).where(_heads.c.stream == name).values(hash=link))
    return event_id
