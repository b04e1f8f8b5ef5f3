"""What an outsider needs to be sure of one event, and the whole trail as a file. ``verify_export.py`` reads both."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.audit import queries, reading
from contracts.audit.merkle import leaf_hash, path_to
from contracts.audit.rules import GENESIS, EventNotFound, NotSealedYet, Statement, body_digest
from contracts.kernel.work import Work

PROOF = "tapsyrys-audit-proof/1"
EXPORT = "tapsyrys-audit-export/1"
_encoder = msgspec.json.Encoder(order="sorted")


def prove(work: Work, event_id: UUID, public_key: Ed25519PublicKey) -> dict[str, Any]:
    """The event's body; the digests of the events after it up to the one that was sealed, which are not shown; the
    path from that leaf to the root; the signed checkpoint. Raises EventNotFound, NotSealedYet."""
    event = queries.event(work, event_id)
    if event is None:
        raise EventNotFound
    leaf = queries.covering_leaf(work, event.stream, event.sequence)
    if leaf is None:
        raise NotSealedYet
    statement, signature = queries.statement_of(work, leaf.checkpoint)
    before = queries.statement_of(work, leaf.checkpoint - 1)[0].hash() if leaf.checkpoint > 1 else GENESIS
    leaves = [leaf_hash(before), *(leaf_hash(one.data()) for one in queries.leaves_of(work, leaf.checkpoint))]
    after = queries.bodies_after(work, event.stream, event.sequence, leaf.sequence)
    return {
        "format": PROOF,
        "public_key": public_key.public_bytes_raw().hex(),
        "previous_hash": event.previous_hash.hex(),
        "body": event.body,
        "digests_after": [body_digest(body.encode()).hex() for body in after],
        "sealed_position": leaf.position,
        "place": leaf.place,
        "path": [one.hex() for one in path_to(leaves, leaf.place)],
        "checkpoint": _checkpoint(statement, signature),
    }


def export_lines(work: Work, public_key: Ed25519PublicKey) -> Iterator[bytes]:
    """NDJSON: a header, the checkpoints in order, the events stream by stream with the leaf that binds them, and the
    counts at the end. One row in memory at a time."""
    yield _line({"format": EXPORT, "public_key": public_key.public_bytes_raw().hex()})
    checkpoints = events = 0
    for statement, signature in reading.checkpoints(work):
        checkpoints += 1
        yield _line({"checkpoint": _checkpoint(statement, signature)})
    for row in reading.events(work, with_leaves=True):
        events += 1
        event: dict[str, Any] = {
            "body": row.body.decode(errors="replace"),
            "previous_hash": row.previous_hash.hex(),
            "hash": row.hash.hex(),
        }
        if row.leaf is not None:
            event["leaf"] = {"checkpoint": row.leaf[0], "place": row.leaf[1], "hash": row.leaf[2].hex()}
        yield _line({"event": event})
    yield _line({"end": {"checkpoints": checkpoints, "events": events}})


def _checkpoint(statement: Statement, signature: bytes) -> dict[str, object]:
    return {**statement.said(), "signature": signature.hex()}


def _line(said: dict[str, object]) -> bytes:
    return _encoder.encode(said) + b"\n"
