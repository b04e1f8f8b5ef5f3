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
_NEXT_POSITION = {  # drawn with the head's lock, so that the body can say it and nobody can change it afterwards
    "sqlite": sa.literal_column("(SELECT coalesce(max(position), 0) + 1 FROM audit_event)", sa.BigInteger),
    "postgresql": sa.literal_column("nextval('audit_event_position_seq')", sa.BigInteger),
}


def record(work: Work, stream: str, about: UUID | str, verb: str) -> UUID:
    """Append one event to the stream ``stream:about`` with every change made since the last record. Its id.

    The stream's head row is locked until the commit, so a sequence has no gap and no fork. Where several aggregates
    change at once, the event goes to the one whose row the use case has locked already.
    """
    changes = work.take_changes()
    name = f"{stream}:{about}"
    dialect = work.connection.dialect.name
    work.execute(insert_ignoring(dialect, _heads), {"stream": name, "sequence": 0, "position": 0, "hash": GENESIS})
    sequence, previous, position = work.connection.execute(
        sa.update(_heads)
        .where(_heads.c.stream == name)
        .values(sequence=_heads.c.sequence + 1)
        .returning(_heads.c.sequence, _heads.c.hash, _NEXT_POSITION[dialect])
    ).one()
    event_id = new_id()
    body = body_of(
        event_id=event_id,
        stream=name,
        sequence=sequence,
        position=position,
        at=work.now,
        actor_id=work.actor.id,
        verb=verb,
        changes=changes,
    )
    link = chain(previous, body.encode())
    work.execute(
        sa.insert(_events),
        {
            "position": position,
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
    work.execute(sa.update(_heads).where(_heads.c.stream == name).values(hash=link, position=position))
    return event_id
