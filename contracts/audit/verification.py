"""Walking every chain and every checkpoint. Memory does not grow with the trail.

Three kinds of evidence are held against each other: the chain inside each stream, the head of each stream, and the
signed checkpoints. What no checkpoint covers yet is protected by its chain and its head only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.audit import reading
from contracts.audit.merkle import leaf_hash, root_of
from contracts.audit.reading import RawCheckpoint, RawEvent, RawLeaf
from contracts.audit.rules import GENESIS, Fault, chain, edges_of, first_of, leaf_data
from contracts.kernel.work import Work


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was walked, and the first fault in order of position."""

    events: int
    streams: int
    checkpoints: int
    first_fault: Fault | None


def verify(work: Work, public_key: Ed25519PublicKey | None = None) -> Verdict:
    """Every hash is computed anew from the stored canonical bytes, every column must say what the body says, every
    head and every leaf must be the event it names, every checkpoint must bind its leaves and the checkpoint before.

    Without ``public_key`` signatures are not checked. A stream that was chained anew with recomputed hashes is found
    at its first sealed event. Leaves of a broken checkpoint, and of those after it, prove nothing and are passed over.
    """
    checkpoints, broken = _walk_checkpoints(work, public_key)
    events, streams, fault = _walk_events(work)
    below = None if broken is None else broken.checkpoint
    leaf = reading.unfulfilled_leaf(work, below)
    head = reading.unfulfilled_head(work)
    if reading.events_by_heads(work) != events:
        head = first_of(head, reading.event_beyond_head(work))
    return Verdict(events, streams, checkpoints, first_of(fault, leaf, head, broken))


def _walk_events(work: Work) -> tuple[int, int, Fault | None]:
    """Stream by stream. The first fault is the one with the lowest position, wherever the walk meets it."""
    first: Fault | None = None
    events = streams = 0
    stream, sequence, link = None, 0, GENESIS
    for row in reading.events(work):
        events += 1
        if row.stream != stream:
            streams += 1
            stream, sequence, link = row.stream, 0, GENESIS
        fault = event_fault(row, sequence, link)
        if fault is not None:
            first = first_of(first, fault)
            if fault.event is not None:
                continue  # it may stand in a place that is not its own: what follows is held against the one before
        sequence, link = row.sequence, row.hash
    return events, streams, first


def event_fault(row: RawEvent, sequence: int, link: bytes) -> Fault | None:
    """``sequence`` and ``link`` (hash) are those of the event before it in its stream."""
    if chain(row.previous_hash, row.body) != row.hash:
        return _fault(row, "its body or its hashes were changed")
    begin, end = edges_of(row.id, row.stream, row.sequence, row.position, row.at, row.actor_id, row.verb)
    if not (row.body.startswith(begin) and row.body.endswith(end)):
        return replace(
            _fault(row, "its columns do not say what its body says"),
            position=reading.said_position(row.body, row.position),
        )
    if row.sequence != sequence + 1:
        missing = f"event {row.sequence} follows event {sequence}: this one is missing"
        return Fault(missing, row.position, row.stream, sequence + 1)
    return None if row.previous_hash == link else _fault(row, "it does not point to the event before it")


def _fault(row: RawEvent, detail: str) -> Fault:
    return Fault(detail, row.position, row.stream, row.sequence, row.id)


# --- checkpoints -------------------------------------------------------------------------------------------------
def _walk_checkpoints(work: Work, public_key: Ed25519PublicKey | None) -> tuple[int, Fault | None]:
    """How many there are, and the first that does not hold."""
    walked, link, position = 0, GENESIS, 0
    leaves = _Leaves(reading.leaves(work))
    first: Fault | None = None
    for checkpoint in reading.checkpoints(work):
        walked += 1
        if first is None:
            first = _checkpoint_fault(checkpoint, walked, link, leaves, public_key)
        link, position = checkpoint.statement.hash(), checkpoint.statement.position
    if first is None and leaves.next is not None:
        first = Fault("it is missing, but a leaf of it is there", position, checkpoint=leaves.next.checkpoint)
    if first is None:
        first = _head_of_checkpoints_fault(work, walked, link, position)
    return walked, first


class _Leaves:
    """The leaves of one checkpoint after the other, in one pass over all."""

    def __init__(self, leaves: Iterator[RawLeaf]) -> None:
        self._rest = leaves
        self.next = next(leaves, None)

    def hashes(self, link: bytes, checkpoint: int) -> Iterator[bytes]:
        """Leaf 0 is the checkpoint before. A leaf out of its place breaks the root."""
        yield leaf_hash(link)
        for place in count(1):
            leaf = self.next
            if leaf is None or leaf.checkpoint > checkpoint:
                return
            right = leaf.place == place and leaf.checkpoint == checkpoint
            yield leaf_hash(leaf_data(leaf.position, leaf.sequence, leaf.hash.hex(), leaf.stream) if right else b"")
            self.next = next(self._rest, None)


def _checkpoint_fault(
    checkpoint: RawCheckpoint, expected: int, link: bytes, leaves: _Leaves, public_key: Ed25519PublicKey | None
) -> Fault | None:
    said = checkpoint.statement
    if said.number != expected:
        return Fault("it is missing", said.position, checkpoint=expected)
    if public_key is not None:
        try:
            public_key.verify(checkpoint.signature, said.data())
        except InvalidSignature:
            return Fault("its signature does not hold", said.position, checkpoint=expected)
    seen = 0

    def counted() -> Iterator[bytes]:
        nonlocal seen
        for leaf in leaves.hashes(link, expected):
            seen += 1
            yield leaf

    root = root_of(counted()).hex()
    if seen != said.size:
        return Fault(f"it has {seen} leaves instead of {said.size}", said.position, checkpoint=expected)
    if root != said.root:
        return Fault(
            "its leaves or the checkpoint before it are not those it signed", said.position, checkpoint=expected
        )
    return None


def _head_of_checkpoints_fault(work: Work, walked: int, link: bytes, position: int) -> Fault | None:
    head = reading.head_of_checkpoints(work)
    if head == (walked, link) or (head is None and walked == 0):
        return None
    if head is not None and head[0] > walked:
        return Fault("it is missing", position, checkpoint=walked + 1)
    return Fault("it is not the head of the checkpoints", position, checkpoint=walked)
