"""Checks an export of the audit trail, or the proof of one event, without the system it came from.

    python contracts/audit/verify_export.py FILE [--public-key HEX]

FILE is what ``market audit export`` or ``market audit prove`` wrote, plain or gzipped. Exit code 0: everything holds;
1: the first fault is named; 2: wrong usage. This file imports nothing of the system and may be read and run alone. It
needs Python 3.11 and, only to check Ed25519 signatures, the package ``cryptography``.

What is computed. The hash of an event is SHA-256(hash of the event before it in its stream, SHA-256(its body)). A leaf
is "position sequence hash stream". A checkpoint is a Merkle tree (RFC 6962) whose leaf 0 is the SHA-256 of the
checkpoint before it and whose other leaves are the heads of the streams that changed; its canonical JSON is signed.

Whoever names no ``--public-key`` trusts the key in the file: that shows that the file is whole, not whose it is.
Events that came after the last checkpoint are protected by their chain only; how many is said at the end. Memory: the
checkpoints, 32 bytes for each leaf and about 100 for each stream.
"""

import argparse
import gzip
import hashlib
import json
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:  # pragma: no cover
    sys.exit("Checking Ed25519 signatures needs the package 'cryptography': pip install cryptography")

GENESIS = bytes(32)
EXPORT, PROOF = "tapsyrys-audit-export/1", "tapsyrys-audit-proof/1"
STATEMENT = "tapsyrys-checkpoint/1"
SIGNED = ("number", "at", "position", "horizon", "settled", "size", "root")
MAX_LEAVES = 1 << 24  # a checkpoint says how many it has: more is a lie that would cost memory
HASH = 32


class Broken(Exception):
    """The first thing that does not hold."""


def expect(holds: bool, fault: str) -> None:
    if not holds:
        raise Broken(fault)


# --- hashes ------------------------------------------------------------------------------------------------------
def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, with leaves that are hashed already."""
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)] + odd
    return level[0]


def root_by_path(leaf: bytes, place: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.3.2."""
    expect(0 <= place < size, "the leaf stands outside the tree")
    here, last, top = place, size - 1, leaf
    for sibling in path:
        expect(last > 0, "the path is too long")
        if here % 2 or here == last:
            top = node_hash(sibling, top)
            while here % 2 == 0 and here != 0:
                here, last = here >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        here, last = here >> 1, last >> 1
    expect(last == 0, "the path is too short")
    return top


# --- what the file says ------------------------------------------------------------------------------------------
def text(value: Any) -> str:
    expect(type(value) is str, "text is missing")
    return str(value)


def number(value: Any) -> int:
    expect(type(value) is int and value >= 0, "a number is missing")
    return int(value)


def hexadecimal(value: Any, size: int = HASH) -> bytes:
    said = text(value)
    expect(len(said) == 2 * size and set(said) <= set("0123456789abcdef"), f"{size} bytes are missing")
    return bytes.fromhex(said)


def parsed(line: str) -> dict[str, Any]:
    try:
        said = json.loads(line, object_pairs_hook=_once)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Broken(f"it is not JSON ({error})") from None
    expect(isinstance(said, dict), "it is not an object")
    return dict(said)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    expect(len(said) == len(pairs), "a key stands twice in one object")
    return said


def exactly(said: dict[str, Any], *names: str, maybe: str = "") -> list[Any]:
    expect(isinstance(said, dict), "an object is missing")
    expect(set(names) <= set(said) <= {*names, maybe}, f"it must have {', '.join(names)} and nothing else")
    return [said[name] for name in names]


@dataclass
class Checkpoint:
    number: int
    size: int
    root: bytes
    hash: bytes

    @classmethod
    def read(cls, said: dict[str, Any], key: Ed25519PublicKey) -> "Checkpoint":
        """Raises Broken where the signature does not hold."""
        *signed, signature = exactly(said, *SIGNED, "signature")
        facts = dict(zip(SIGNED, signed, strict=True))
        for name in ("number", "position", "horizon", "settled", "size"):
            number(facts[name])
        text(facts["at"])
        statement = canonical({"format": STATEMENT, **facts})
        try:
            key.verify(hexadecimal(signature, 64), statement)
        except InvalidSignature:
            raise Broken(f"checkpoint {facts['number']}: its signature does not hold") from None
        expect(0 < facts["size"] <= MAX_LEAVES, f"checkpoint {facts['number']}: its size is not possible")
        return cls(facts["number"], facts["size"], hexadecimal(facts["root"]), sha256(statement))


def canonical(said: dict[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass
class Event:
    stream: str
    sequence: int
    position: int
    body: str

    @classmethod
    def read(cls, body: Any) -> "Event":
        said = parsed(text(body))
        return cls(text(said.get("stream")), number(said.get("sequence")), number(said.get("position")), body)

    @property
    def name(self) -> str:
        return f"position {self.position}, event {self.sequence} of {self.stream}"

    def chained(self, previous: bytes) -> bytes:
        return sha256(previous + sha256(self.body.encode()))

    def leaf(self, link: bytes) -> bytes:
        return leaf_data(self.position, self.sequence, link, self.stream)


def leaf_data(position: int, sequence: int, link: bytes, stream: str) -> bytes:
    return leaf_hash(f"{position} {sequence} {link.hex()} {stream}".encode())


# --- a proof -----------------------------------------------------------------------------------------------------
def check_proof(said: dict[str, Any], given: str | None) -> str:
    """One event: its chain to the leaf, the leaf's path to the root, the root's signature."""
    _, public_key, previous, body, after, position, place, path, checkpoint = exactly(
        said, "format", "public_key", "previous_hash", "body", "digests_after", "sealed_position", "place", "path",
        "checkpoint",
    )  # fmt: skip
    key = key_of(text(public_key), given)
    event, sealed = Event.read(body), Checkpoint.read(checkpoint, key)
    expect(isinstance(after, list) and isinstance(path, list), "a list is missing")
    link = event.chained(hexadecimal(previous))
    for digest in after:
        link = sha256(link + hexadecimal(digest))
    if not after:
        expect(position == event.position, "the event was sealed at another position")
    leaf = leaf_data(number(position), event.sequence + len(after), link, event.stream)
    root = root_by_path(leaf, number(place), sealed.size, [hexadecimal(one) for one in path])
    expect(root == sealed.root, f"{event.name}: checkpoint {sealed.number} does not bind it")
    return f"{event.name} is bound by checkpoint {sealed.number}."


# --- an export ---------------------------------------------------------------------------------------------------
@dataclass
class Trail:
    """What was read so far. ``leaves``: for each checkpoint the leaf hashes, filled in as the events come."""

    key: Ed25519PublicKey
    checkpoints: list[Checkpoint] = field(default_factory=list)
    leaves: list[bytearray] = field(default_factory=list)
    events: int = 0
    streams: int = 0
    unsealed: int = 0
    stream: str | None = None
    finished: set[bytes] = field(default_factory=set)
    sequence: int = 0
    link: bytes = GENESIS
    since_leaf: int = 0

    def add_checkpoint(self, said: dict[str, Any]) -> None:
        expect(self.events == 0, "checkpoints come before events")
        one = Checkpoint.read(said, self.key)
        expect(one.number == len(self.checkpoints) + 1, f"checkpoint {len(self.checkpoints) + 1} is missing")
        before = self.checkpoints[-1].hash if self.checkpoints else GENESIS
        leaves = bytearray(HASH * one.size)
        leaves[:HASH] = leaf_hash(before)
        self.checkpoints.append(one)
        self.leaves.append(leaves)

    def add_event(self, said: dict[str, Any]) -> None:
        body, previous, link = exactly(said, "body", "previous_hash", "hash", maybe="leaf")
        event = Event.read(body)
        if event.stream != self.stream:
            self._begin(event)
        computed = event.chained(hexadecimal(previous))
        expect(computed == hexadecimal(link), f"{event.name}: its body or its hashes were changed")
        expected = self.sequence + 1
        expect(event.sequence == expected, f"{event.name}: event {expected} of this stream is missing")
        expect(hexadecimal(previous) == self.link, f"{event.name}: it does not point to the event before it")
        self.sequence, self.link = event.sequence, computed
        self.events += 1
        self.since_leaf += 1
        if "leaf" in said:
            self._add_leaf(said["leaf"], event, computed)

    def _begin(self, event: Event) -> None:
        mark = sha256(event.stream.encode())[:8]
        expect(mark not in self.finished, f"{event.name}: its stream began before")
        self.finished.add(mark)
        self.unsealed += self.since_leaf
        self.stream, self.sequence, self.link, self.since_leaf = event.stream, 0, GENESIS, 0
        self.streams += 1

    def _add_leaf(self, said: dict[str, Any], event: Event, link: bytes) -> None:
        checkpoint, place, sealed = exactly(said, "checkpoint", "place", "hash")
        expect(hexadecimal(sealed) == link, f"{event.name}: it is not the event that was sealed")
        known = 0 < number(checkpoint) <= len(self.checkpoints)
        expect(known, f"{event.name}: checkpoint {checkpoint} is missing")
        size = self.checkpoints[checkpoint - 1].size
        expect(0 < number(place) < size, f"{event.name}: its leaf stands outside the tree")
        self.leaves[checkpoint - 1][HASH * place : HASH * (place + 1)] = event.leaf(link)
        self.since_leaf = 0

    def finish(self, said: dict[str, Any]) -> None:
        checkpoints, events = exactly(said, "checkpoints", "events")
        expect((checkpoints, events) == (len(self.checkpoints), self.events), "the file is not whole")
        self.unsealed += self.since_leaf
        for one, leaves in zip(self.checkpoints, self.leaves, strict=True):
            hashes = [bytes(leaves[i : i + HASH]) for i in range(0, len(leaves), HASH)]
            missing = hashes.count(bytes(HASH))
            expect(not missing, f"checkpoint {one.number}: {missing} of the events it sealed are missing")
            expect(tree_root(hashes) == one.root, f"checkpoint {one.number}: it sealed other events")


def check_export(header: dict[str, Any], lines: Iterator[str], given: str | None) -> str:
    _, public_key = exactly(header, "format", "public_key")
    trail = Trail(key_of(text(public_key), given))
    steps = {"checkpoint": trail.add_checkpoint, "event": trail.add_event, "end": trail.finish}
    kind = ""
    for place, line in enumerate(lines, start=2):
        try:
            expect(kind != "end", "something follows the end")
            said = parsed(line)
            expect(len(said) == 1 and next(iter(said)) in steps, "it is none of checkpoint, event and end")
            kind = next(iter(said))
            steps[kind](said[kind])
        except Broken as fault:
            raise Broken(f"line {place}: {fault}") from None
    expect(kind == "end", "the file is not whole: its end is missing")
    return (
        f"{trail.events} events in {trail.streams} streams and {len(trail.checkpoints)} checkpoints hold; "
        f"{trail.unsealed} events came after the last checkpoint of their stream."
    )


# --- the command -------------------------------------------------------------------------------------------------
def key_of(said: str, given: str | None) -> Ed25519PublicKey:
    expect(given is None or said == given.lower(), "the public key in the file is not the one given")
    return Ed25519PublicKey.from_public_bytes(hexadecimal(said))


def opened(name: str) -> IO[str]:
    with open(name, "rb") as file:  # noqa: PTH123 - as short as a stand-alone script can say it
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(name, "rt", encoding="utf-8") if packed else open(name, encoding="utf-8")  # noqa: PTH123


def check(name: str, given: str | None) -> str:
    """One sentence about what holds. Raises Broken."""
    with opened(name) as file:
        lines = iter(file)
        try:
            first = next(lines, "")
            if first.strip() == "{":  # a proof printed on many lines
                first += file.read()
            said = parsed(first)
            said = said.get("proof", said)
            if isinstance(said, dict) and said.get("format") == PROOF:
                expect(not "".join(lines).strip(), "something follows the proof")
                return check_proof(said, given)
            expect(isinstance(said, dict) and said.get("format") == EXPORT, "the file is no export and no proof")
            return check_export(said, lines, given)
        except (UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise Broken(f"the file cannot be read ({error})") from None


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks an export of the audit trail, or the proof of one event.")
    parser.add_argument("file")
    parser.add_argument("--public-key", metavar="HEX", help="64 hexadecimal digits, from whom you trust")
    arguments = parser.parse_args()
    try:
        sys.stdout.write(f"{check(arguments.file, arguments.public_key)}\n")
    except Broken as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
