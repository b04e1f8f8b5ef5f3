"""What an event says and how it is chained. Pure: bytes in, bytes out."""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec

from contracts.kernel.work import Change

GENESIS = bytes(32)
VERSION = 1
_encoder = msgspec.json.Encoder(order="sorted")


def body_of(
    *, event_id: UUID, stream: str, sequence: int, at: datetime, actor_id: UUID | None, verb: str, changes: list[Change]
) -> str:
    """Canonical JSON (sorted keys, UTF-8, no spaces): the after-image of every changed row."""
    return _encoder.encode(
        {
            "version": VERSION,
            "id": str(event_id),
            "stream": stream,
            "sequence": sequence,
            "at": at.isoformat(),
            "actor": None if actor_id is None else str(actor_id),
            "verb": verb,
            "changes": [{"table": c.table, "key": c.key, "after": c.after} for c in changes],
        }
    ).decode()


def chain(previous_hash: bytes, body: str) -> bytes:
    """SHA-256 over the previous event's hash and this event's canonical bytes."""
    return hashlib.sha256(previous_hash + body.encode()).digest()
