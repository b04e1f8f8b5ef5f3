"""What somebody with the owner's rights could do to a trail, and where it must be found.

Each of ``HANDS`` takes the trail and a source of chance, changes one thing, and says where: the event (position,
stream, sequence) or the checkpoint. A position that nobody can know any more is that of the next trace (see ``Fault``).
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from contracts.audit.models import CheckpointRow, EventRow, HeadRow, LeafRow
from contracts.audit.rules import Fault, chain
from contracts.kernel.database import table_of

EVENT, HEAD, CHECKPOINT, LEAF = map(table_of, (EventRow, HeadRow, CheckpointRow, LeafRow))


@dataclass(frozen=True)
class Found:
    position: int | None = None
    stream: str | None = None
    sequence: int | None = None
    checkpoint: int | None = None

    def fits(self, fault: Fault | None) -> bool:
        if fault is None or fault.checkpoint != self.checkpoint:
            return False
        return self.checkpoint is not None or fault.position == self.position


@dataclass
class Trail:
    """As it was before; every tamper is undone, so it stays true."""

    connection: sa.Connection
    events: list[Any]
    leaves: list[Any]
    checkpoints: list[Any]

    @classmethod
    def read(cls, connection: sa.Connection) -> "Trail":
        def rows(table: sa.Table) -> list[Any]:
            return list(connection.execute(sa.select(table).order_by(*table.primary_key)).all())

        return cls(connection, rows(EVENT), rows(LEAF), rows(CHECKPOINT))

    def stream(self, name: str) -> list[Any]:
        return [e for e in self.events if e.stream == name]

    def first_leaf(self, stream: str, sequence: int) -> Any:
        return min((x for x in self.leaves if x.stream == stream and x.sequence >= sequence), key=lambda x: x.sequence)

    def write(self, table: sa.Table, row: Any, **values: object) -> None:
        key = [column == getattr(row, column.name) for column in table.primary_key]
        assert self.connection.execute(sa.update(table).where(*key).values(**values)).rowcount == 1

    def delete(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> None:
        assert self.connection.execute(sa.delete(table).where(*where)).rowcount > 0


def at(event: Any) -> Found:
    return Found(event.position, event.stream, event.sequence)


def other_bytes(rng: random.Random, value: bytes) -> bytes:
    place = rng.randrange(len(value))
    return value[:place] + bytes([value[place] ^ (1 << rng.randrange(8))]) + value[place + 1 :]


# --- events ------------------------------------------------------------------------------------------------------
def change_a_letter_of_a_body(trail: Trail, rng: random.Random) -> Found:
    event = rng.choice(trail.events)
    place = rng.randrange(len(event.body))
    letter = rng.choice([c for c in "0aя {}" if c != event.body[place]])
    trail.write(EVENT, event, body=event.body[:place] + letter + event.body[place + 1 :])
    return at(event)


def change_a_column(trail: Trail, rng: random.Random) -> Found:
    event = rng.choice(trail.events)
    values: dict[str, object] = {
        "verb": event.verb + "x",
        "actor_id": None if event.actor_id else uuid4(),
        "at": event.at.replace(microsecond=(event.at.microsecond + 1) % 1_000_000),
        "id": uuid4(),
        "hash": other_bytes(rng, event.hash),
        "previous_hash": other_bytes(rng, event.previous_hash),
        "position": event.position + rng.choice([-1, 1]) * 100_000,
        "sequence": event.sequence + 100_000,
        "stream": event.stream + rng.choice("x0Ж"),
    }
    name = rng.choice(list(values))
    trail.write(EVENT, event, **{name: values[name]})
    return at(event)


def swap_what_two_events_say(trail: Trail, rng: random.Random) -> Found:
    one, two = sorted(rng.sample(trail.events, 2), key=lambda e: e.position)
    names = rng.choice([("body",), ("body", "hash"), ("body", "hash", "previous_hash"), ("verb", "body", "at")])
    trail.write(EVENT, one, **{n: getattr(two, n) for n in names})
    trail.write(EVENT, two, **{n: getattr(one, n) for n in names})
    return at(one)


def swap_the_places_of_two_events(trail: Trail, rng: random.Random) -> Found:
    one, two = sorted(rng.sample(trail.events, 2), key=lambda e: e.position)
    trail.write(EVENT, one, position=-1)
    trail.write(EVENT, two, position=one.position)
    trail.connection.execute(sa.update(EVENT).where(EVENT.c.position == -1).values(position=two.position))
    return at(one)


def swap_two_neighbours_of_a_stream(trail: Trail, rng: random.Random) -> Found:
    two = rng.choice([e for e in trail.events if e.sequence > 1])
    one = trail.stream(two.stream)[two.sequence - 2]
    trail.write(EVENT, one, sequence=100_000)
    trail.write(EVENT, two, sequence=one.sequence)
    trail.write(EVENT, one, sequence=two.sequence)
    return at(one)


def delete_an_event_in_the_middle(trail: Trail, rng: random.Random) -> Found:
    event = rng.choice([e for e in trail.events if e.sequence < len(trail.stream(e.stream))])
    trail.delete(EVENT, EVENT.c.id == event.id)
    after = trail.stream(event.stream)[event.sequence]
    sealed = trail.first_leaf(event.stream, event.sequence)
    return Found(min(after.position, sealed.position), event.stream, event.sequence)


def truncate_a_stream(trail: Trail, rng: random.Random) -> Found:
    """With or without its head moved back; or as if it had never been."""
    event = rng.choice(trail.events)
    trail.delete(EVENT, EVENT.c.stream == event.stream, EVENT.c.sequence >= event.sequence)
    if event.sequence == 1:
        trail.delete(HEAD, HEAD.c.stream == event.stream)
    elif rng.random() < 0.5:
        last = trail.stream(event.stream)[event.sequence - 2]
        move_head(trail, last.stream, last)
    return Found(trail.first_leaf(event.stream, event.sequence).position, event.stream, event.sequence)


def chain_a_stream_anew(trail: Trail, rng: random.Random) -> Found:
    """Change one event and compute every later hash and the head again: only a signed checkpoint knows better."""
    event = rng.choice(trail.events)
    stream = trail.stream(event.stream)
    link = event.previous_hash
    for row in stream[event.sequence - 1 :]:
        said = json.loads(row.body)
        if row is event:
            said["verb"] = "forged"
        body = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous, link = link, chain(link, body.encode())
        trail.write(EVENT, row, body=body, verb=said["verb"], previous_hash=previous, hash=link)
    trail.connection.execute(sa.update(HEAD).where(HEAD.c.stream == event.stream).values(hash=link))
    sealed = trail.first_leaf(event.stream, event.sequence)
    return Found(sealed.position, event.stream, sealed.sequence)


def move_head(trail: Trail, stream: str, event: Any) -> None:
    values = {"sequence": event.sequence, "hash": event.hash, "position": event.position}
    trail.connection.execute(sa.update(HEAD).where(HEAD.c.stream == stream).values(**values))


def change_a_head(trail: Trail, rng: random.Random) -> Found:
    stream = trail.stream(rng.choice(trail.events).stream)
    last = stream[-1]
    values: dict[str, object] = {
        "hash": other_bytes(rng, last.hash), "position": last.position + 100_000, "sequence": last.sequence + 3,
    }  # fmt: skip
    name = rng.choice(list(values))
    trail.connection.execute(sa.update(HEAD).where(HEAD.c.stream == last.stream).values({name: values[name]}))
    missing = last.sequence + 1 if name == "sequence" else last.sequence
    return Found(last.position, last.stream, missing)


def move_a_head_back_or_away(trail: Trail, rng: random.Random) -> Found:
    stream = trail.stream(rng.choice([e for e in trail.events if e.sequence > 1]).stream)
    last = rng.choice(stream[:-1])
    if rng.random() < 0.5:
        move_head(trail, last.stream, last)
        return at(stream[last.sequence])
    trail.delete(HEAD, HEAD.c.stream == last.stream)
    return at(stream[0])


# --- checkpoints -------------------------------------------------------------------------------------------------
def change_a_checkpoint(trail: Trail, rng: random.Random) -> Found:
    one = rng.choice(trail.checkpoints)
    values: dict[str, object] = {
        "at": one.at.replace(microsecond=(one.at.microsecond + 1) % 1_000_000),
        "position": one.position + 1,
        "horizon": one.horizon + 1,
        "settled": one.settled + 1,
        "size": one.size + 1,
        "root": other_bytes(rng, one.root),
        "signature": rng.choice([other_bytes(rng, one.signature), b"", one.signature + b"x"]),
    }
    name = rng.choice(list(values))
    trail.write(CHECKPOINT, one, **{name: values[name]})
    return Found(checkpoint=one.number)


def delete_a_checkpoint(trail: Trail, rng: random.Random) -> Found:
    """With or without its leaves."""
    one = rng.choice(trail.checkpoints)
    if rng.random() < 0.5:
        trail.delete(LEAF, LEAF.c.checkpoint == one.number)
    trail.delete(CHECKPOINT, CHECKPOINT.c.number == one.number)
    return Found(checkpoint=one.number)


def change_a_leaf(trail: Trail, rng: random.Random) -> Found:
    leaf = rng.choice(trail.leaves)
    values: dict[str, object] = {
        "place": 100_000,
        "sequence": leaf.sequence + 100_000,
        "position": leaf.position + 1,
        "hash": other_bytes(rng, leaf.hash),
        "stream": leaf.stream + "x",
    }
    name = rng.choice(list(values))
    trail.write(LEAF, leaf, **{name: values[name]})
    return Found(checkpoint=leaf.checkpoint)


def delete_a_leaf(trail: Trail, rng: random.Random) -> Found:
    leaf = rng.choice(trail.leaves)
    trail.delete(LEAF, LEAF.c.checkpoint == leaf.checkpoint, LEAF.c.place == leaf.place)
    return Found(checkpoint=leaf.checkpoint)


def add_a_leaf(trail: Trail, rng: random.Random) -> Found:
    leaf = rng.choice(trail.leaves)
    facts = {**leaf._mapping, "place": rng.choice([0, 100_000]), "stream": f"line:{uuid4()}"}
    trail.connection.execute(sa.insert(LEAF), facts)
    return Found(checkpoint=leaf.checkpoint)


def change_the_head_of_the_checkpoints(trail: Trail, rng: random.Random) -> Found:
    last = trail.checkpoints[-1]
    values = {"hash": bytes(32), "sequence": last.number - 1}
    name = rng.choice(list(values))
    trail.connection.execute(sa.update(HEAD).where(HEAD.c.stream == "checkpoint").values({name: values[name]}))
    return Found(checkpoint=last.number)


Hand = Callable[[Trail, random.Random], Found]
HANDS: list[Hand] = [
    change_a_letter_of_a_body, change_a_column, swap_what_two_events_say, swap_the_places_of_two_events,
    swap_two_neighbours_of_a_stream, delete_an_event_in_the_middle, truncate_a_stream, chain_a_stream_anew,
    change_a_head, move_a_head_back_or_away, change_a_checkpoint, delete_a_checkpoint, change_a_leaf, delete_a_leaf,
    add_a_leaf, change_the_head_of_the_checkpoints,
]  # fmt: skip
