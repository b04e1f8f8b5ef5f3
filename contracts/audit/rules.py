"""What an event and a checkpoint say and how they are chained. Pure: bytes in, bytes out."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import msgspec

from contracts.kernel.errors import NotFound, WrongState
from contracts.kernel.work import Change

GENESIS = bytes(32)
VERSION = 1
CHECKPOINTS = "checkpoint"  # the stream of checkpoints among the heads; no aggregate's stream lacks a colon
STATEMENT = "tapsyrys-checkpoint/1"
_encoder = msgspec.json.Encoder(order="sorted")


class EventNotFound(NotFound):
    code = "event-not-found"
    title = "There is no such event in the audit trail"


class NotSealedYet(WrongState):
    code = "event-not-sealed-yet"
    title = "No checkpoint covers this event yet; the next one will"


def body_of(
    *,
    event_id: UUID,
    stream: str,
    sequence: int,
    position: int,
    at: datetime,
    actor_id: UUID | None,
    verb: str,
    changes: list[Change],
) -> str:
    """Canonical JSON (sorted keys, UTF-8, no spaces): the after-image of every changed row."""
    return _encoder.encode(
        {
            "version": VERSION,
            "id": str(event_id),
            "stream": stream,
            "sequence": sequence,
            "position": position,
            "at": at.isoformat(),
            "actor": None if actor_id is None else str(actor_id),
            "verb": verb,
            "changes": [{"table": c.table, "key": c.key, "after": c.after} for c in changes],
        }
    ).decode()


def body_digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def chain(previous_hash: bytes, body: bytes) -> bytes:
    """SHA-256 over the previous event's hash and the SHA-256 of this event's canonical bytes: a proof can pass over an
    event without showing what it says."""
    return hashlib.sha256(previous_hash + body_digest(body)).digest()


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()


def edges_of(
    event_id: str, stream: str, sequence: int, position: int, at: str, actor_id: str | None, verb: str
) -> tuple[bytes, bytes]:
    """How the canonical body of an event with these columns begins and ends; only its changes stand between."""
    actor = "null" if actor_id is None else f'"{actor_id}"'
    end = f'"sequence":{sequence},"stream":{_quoted(stream)},"verb":{_quoted(verb)},"version":{VERSION}}}'
    return (
        f'{{"actor":{actor},"at":"{at}","changes":['.encode(errors="replace"),
        f'],"id":"{event_id}","position":{position},{end}'.encode(errors="replace"),
    )


@dataclass(frozen=True, slots=True)
class Sealed:
    """A stream's last event as a checkpoint binds it."""

    stream: str
    sequence: int
    position: int
    hash: bytes

    def data(self) -> bytes:
        return leaf_data(self.position, self.sequence, self.hash.hex(), self.stream)


def leaf_data(position: object, sequence: object, hash_hex: str, stream: str) -> bytes:
    """The stream comes last because it may hold spaces."""
    return f"{position} {sequence} {hash_hex} {stream}".encode(errors="replace")


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed of a checkpoint; fields as in the table."""

    number: int
    at: str
    position: int
    horizon: int
    settled: int
    size: int
    root: str

    def said(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}

    def data(self) -> bytes:
        """Canonical JSON, as an event's body."""
        return _encoder.encode({"format": STATEMENT, **self.said()})

    def hash(self) -> bytes:
        return hashlib.sha256(self.data()).digest()


@dataclass(frozen=True, slots=True)
class Fault:
    """The first event or checkpoint that does not hold. Of what is missing ``position`` is its own where a leaf or a
    head kept it, otherwise that of the next trace in its stream; ``sequence`` is exact always."""

    detail: str
    position: int
    stream: str | None = None
    sequence: int | None = None
    event: str | None = None
    checkpoint: int | None = None

    def __str__(self) -> str:
        if self.checkpoint is not None:
            return f"position {self.position}: checkpoint {self.checkpoint}: {self.detail}"
        return f"position {self.position}: event {self.sequence} of {self.stream}: {self.detail}"


def first_of(*faults: Fault | None) -> Fault | None:
    """In order of position; of two at one place, the one named first."""
    return min((f for f in faults if f is not None), key=lambda f: f.position, default=None)
