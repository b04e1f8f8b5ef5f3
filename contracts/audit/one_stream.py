"""Whether the trail of one object holds: its chain, its head, what was sealed of it, and the checkpoint that sealed it
last. In milliseconds, so that a page can say it; ``market audit verify`` walks everything."""

from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts.audit import reading
from contracts.audit.merkle import leaf_hash, root_of
from contracts.audit.reading import RawCheckpoint, RawLeaf
from contracts.audit.rules import GENESIS, Fault, leaf_data
from contracts.audit.verification import event_fault
from contracts.kernel.work import Work


@dataclass(frozen=True, slots=True)
class Held:
    """``events`` were walked; the first ``sealed`` of them are bound by a signed checkpoint of ``sealed_at``. The
    others are protected by the chain alone until the next one. ``fault``: the first thing that does not hold."""

    events: int
    sealed: int
    sealed_at: datetime | None
    fault: Fault | None


def hold(work: Work, stream: str, public_key: Ed25519PublicKey | None = None) -> Held:
    """``stream`` with its object, as in ``act:<id>``. Without ``public_key`` no signature is checked."""
    hashes: list[bytes] = []
    last, fault = (0, 0, GENESIS), None  # sequence, position and hash of the last event walked
    for row in reading.events_of(work, stream):
        fault = event_fault(row, len(hashes), last[2])
        if fault is not None:
            break
        last = (row.sequence, row.position, row.hash)
        hashes.append(row.hash)
    fault = fault or _head_fault(work, stream, last)
    leaves = list(reading.leaves_of(work, stream))
    fault = fault or next((_changed(leaf) for leaf in leaves if not _is_sealed(leaf, hashes)), None)
    if not leaves or fault is not None:
        return Held(len(hashes), 0, None, fault)
    leaf = leaves[-1]
    sealing = reading.checkpoint(work, leaf.checkpoint)
    if sealing is None:
        return Held(len(hashes), 0, None, Fault("it is missing", leaf.position, checkpoint=leaf.checkpoint))
    fault = _checkpoint_fault(work, sealing, public_key)
    return Held(len(hashes), leaf.sequence, instant(sealing.statement.at), fault)


def _is_sealed(leaf: RawLeaf, hashes: list[bytes]) -> bool:
    return 0 < leaf.sequence <= len(hashes) and hashes[leaf.sequence - 1] == leaf.hash


def _changed(leaf: RawLeaf) -> Fault:
    return Fault("it is not the event that was sealed", leaf.position, leaf.stream, leaf.sequence)


def _head_fault(work: Work, stream: str, last: tuple[int, int, bytes]) -> Fault | None:
    head = reading.head_of(work, stream)
    if head == last or (head is None and last[0] == 0):
        return None
    return Fault("the head of its stream is not its last event", last[1], stream, last[0])


def _checkpoint_fault(work: Work, sealing: RawCheckpoint, public_key: Ed25519PublicKey | None) -> Fault | None:
    """The checkpoint binds its leaves and the checkpoint before, and was signed by our key."""
    said = sealing.statement
    before = reading.checkpoint(work, said.number - 1)
    bound = [leaf_hash(before.statement.hash() if before else GENESIS)]
    for place, leaf in enumerate(reading.leaves_in(work, said.number), start=1):
        data = leaf_data(leaf.position, leaf.sequence, leaf.hash.hex(), leaf.stream)
        bound.append(leaf_hash(data if leaf.place == place else b""))
    if root_of(bound).hex() != said.root or len(bound) != said.size:
        return Fault("its leaves are not those it signed", said.position, checkpoint=said.number)
    if public_key is not None:
        try:
            public_key.verify(sealing.signature, said.data())
        except InvalidSignature:
            return Fault("its signature does not hold", said.position, checkpoint=said.number)
    return None


def instant(text: str) -> datetime | None:
    """None where it was tampered with so far that it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
