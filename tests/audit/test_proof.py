"""What leaves the house can be checked without the house: a script of its own, in a process of its own."""

import copy
import gzip
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.audit import verify_export
from contracts.audit.proof import export_lines, prove
from contracts.audit.rules import EventNotFound, NotSealedYet
from contracts.audit.sealing import seal
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from tests.audit.trails import KEY, new_trail, write_events

SCRIPT = Path(verify_export.__file__)
PUBLIC = KEY.public_key().public_bytes_raw().hex()
Line = dict[str, Any]


def run_script(file: Path, *arguments: str) -> tuple[int, str]:
    """Alone: -I leaves neither this project nor the environment in sight."""
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(file), *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def exported(database: Database) -> list[bytes]:
    return database.read(SYSTEM, lambda work: list(export_lines(work, KEY.public_key())))


def proof_of(database: Database, event_id: UUID) -> Line:
    return database.read(SYSTEM, lambda work: prove(work, event_id, KEY.public_key()))


def fault_in(file: Path, content: bytes) -> str | None:
    file.write_bytes(content)
    try:
        verify_export.check(str(file), None)
    except verify_export.Broken as broken:
        return str(broken)
    return None


# --- the export --------------------------------------------------------------------------------------------------
def test_an_export_is_verified_by_the_script_alone(database: Database, tmp_path: Path) -> None:
    new_trail(database, events=60, streams=9, seal_every=13)
    write_events(database, [new_id(), new_id()])
    plain, packed = tmp_path / "trail.ndjson", tmp_path / "trail.ndjson.gz"
    plain.write_bytes(b"".join(exported(database)))
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for file in (plain, packed):
        code, said = run_script(file, "--public-key", PUBLIC)
        assert code == 0, said
        assert said.startswith(
            "62 events in 11 streams and 5 checkpoints hold; 2 events came after the last checkpoint"
        )
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    code, said = run_script(plain, "--public-key", stranger)
    assert (code, said) == (1, "the public key in the file is not the one given\n")
    assert run_script(tmp_path / "nothing")[0] == 2


def test_an_empty_trail_has_a_valid_export(database: Database, tmp_path: Path) -> None:
    assert fault_in(tmp_path / "x", b"".join(exported(database))) is None


def change_body(lines: list[Line], rng: random.Random) -> None:
    event = rng.choice([line["event"] for line in lines if "event" in line])
    place = rng.randrange(len(event["body"]))
    letter = rng.choice([c for c in "0aя" if c != event["body"][place]])
    event["body"] = event["body"][:place] + letter + event["body"][place + 1 :]


def change_bytes(lines: list[Line], rng: random.Random) -> None:
    """One hexadecimal digit anywhere."""
    places = [(one, name) for line in lines for one, name in _hexadecimal(line)]
    one, name = rng.choice(places)
    place = rng.randrange(len(one[name]))
    digit = rng.choice([d for d in "0123456789abcdef" if d != one[name][place]])
    one[name] = one[name][:place] + digit + one[name][place + 1 :]


def _hexadecimal(value: Line) -> list[tuple[Line, str]]:
    found = [
        (value, name)
        for name, one in value.items()
        if isinstance(one, str) and len(one) >= 64 and set(one) <= set("0123456789abcdef")
    ]
    return found + [pair for one in value.values() if isinstance(one, dict) for pair in _hexadecimal(one)]


def change_number(lines: list[Line], rng: random.Random) -> None:
    kinds = [one for line in lines[1:] for one in line.values()]
    holders = kinds + [one["leaf"] for one in kinds if "leaf" in one]
    places = [(one, name) for one in holders for name, value in one.items() if isinstance(value, int)]
    one, name = rng.choice(places)
    one[name] += rng.choice([-1, 1, 1 << 40])


def drop_line(lines: list[Line], rng: random.Random) -> None:
    del lines[rng.randrange(1, len(lines))]


def drop_sealed_event_and_correct_the_count(lines: list[Line], rng: random.Random) -> None:
    at = rng.choice([n for n, line in enumerate(lines) if "leaf" in line.get("event", {})])
    stream = json.loads(lines[at]["event"]["body"])["stream"]
    rest = [n for n, x in enumerate(lines) if "event" in x and json.loads(x["event"]["body"])["stream"] == stream]
    for n in reversed([n for n in rest if n >= at]):
        del lines[n]
        lines[-1]["end"]["events"] -= 1


def repeat_line(lines: list[Line], rng: random.Random) -> None:
    at = rng.randrange(len(lines))
    lines.insert(at, copy.deepcopy(lines[at]))


def swap_neighbours(lines: list[Line], rng: random.Random) -> None:
    same = [n for n in range(1, len(lines) - 1) if lines[n].keys() == lines[n + 1].keys()]
    streams = [json.loads(line["event"]["body"])["stream"] if "event" in line else None for line in lines]
    at = rng.choice([n for n in same if streams[n] == streams[n + 1]])
    lines[at], lines[at + 1] = lines[at + 1], lines[at]


def add_a_word(lines: list[Line], rng: random.Random) -> None:
    next(iter(rng.choice(lines[1:]).values()))["unknown"] = 1


def move_a_leaf(lines: list[Line], rng: random.Random) -> None:
    one, two = rng.sample([x["event"] for x in lines if "leaf" in x.get("event", {})], 2)
    one["leaf"], two["leaf"] = two["leaf"], one["leaf"]


FORGERIES: list[Callable[[list[Line], random.Random], None]] = [
    change_body, change_bytes, change_number, drop_line, drop_sealed_event_and_correct_the_count, repeat_line,
    swap_neighbours, add_a_word, move_a_leaf,
]  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_forged_export_is_refused(
    trail: list[Line], tmp_path: Path, forge: Callable[[list[Line], random.Random], None]
) -> None:
    for seed in range(60):
        lines = copy.deepcopy(trail)
        forge(lines, random.Random(seed))
        content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
        assert fault_in(tmp_path / "forged", content) is not None, seed


@pytest.fixture
def trail(database: Database) -> list[Line]:
    new_trail(database, events=40, streams=6, seal_every=9)
    return [json.loads(line) for line in exported(database)]


def test_a_file_that_is_cut_or_no_export_at_all_is_refused(database: Database, tmp_path: Path) -> None:
    new_trail(database, events=20, streams=4, seal_every=5)
    lines = exported(database)
    file, whole = tmp_path / "trail", b"".join(lines)
    assert fault_in(file, whole) is None
    packed = gzip.compress(whole)
    for content in (
        b"", b"\n", b"[]", b"{}", b"[" * 100_000, b"\xff\xfe", whole[:-1][: len(whole) // 2], b"".join(lines[:-1]),
        packed[: len(packed) // 2], b"\x1f\x8b not packed", lines[0] * 2, whole + lines[1], b'{"proof": 1}',
        whole.replace(b'"end":{', b'"end":{"events":1,'), lines[0] + b'{"event":{"body":"[[","hash":"","x":1}}',
    ):  # fmt: skip
        assert fault_in(file, content) is not None, content[:40]
    code, said = run_script(file)
    assert code == 1
    assert said.startswith("line 2: ")


# --- the proof of one event --------------------------------------------------------------------------------------
def test_every_sealed_event_can_be_proved_to_a_stranger(database: Database, tmp_path: Path) -> None:
    ids = new_trail(database, events=40, streams=6, seal_every=9)
    for event_id in ids:
        proof = proof_of(database, event_id)
        assert json.loads(proof["body"])["id"] == str(event_id)
        assert fault_in(tmp_path / "proof", json.dumps(proof).encode()) is None
    file = tmp_path / "proof"
    file.write_text(json.dumps({"ok": True, "proof": proof}, indent=2))
    code, said = run_script(file, "--public-key", PUBLIC)
    assert code == 0
    assert "is bound by checkpoint 5" in said


def test_a_proof_does_not_show_what_other_events_say(database: Database) -> None:
    line = new_id()
    first, *_ = write_events(database, [line] * 4)
    seal(database, KEY)
    proof = proof_of(database, first)
    assert len(proof["digests_after"]) == 3
    assert json.dumps(proof).count("programme") == 1


def test_an_event_that_is_not_sealed_or_not_there_has_no_proof(database: Database) -> None:
    (event_id,) = write_events(database, [new_id()])
    with pytest.raises(NotSealedYet):
        proof_of(database, event_id)
    with pytest.raises(EventNotFound):
        proof_of(database, new_id())


def test_a_changed_proof_is_refused(database: Database, tmp_path: Path) -> None:
    """Every value in it, one after the other, changed in several ways."""
    ids = new_trail(database, events=40, streams=6, seal_every=9)
    proof = max((proof_of(database, one) for one in ids), key=lambda p: (len(p["digests_after"]), len(p["path"])))
    assert proof["digests_after"]
    changed = 0
    for holder, name in _holders(proof):
        before = holder[name]
        for after in _others(before):
            holder[name] = after
            assert fault_in(tmp_path / "proof", json.dumps(proof).encode()) is not None, (name, after)
            changed += 1
        holder[name] = before
    for name in list(proof):
        value = proof.pop(name)
        assert fault_in(tmp_path / "proof", json.dumps(proof).encode()) is not None, name
        proof[name] = value
    assert fault_in(tmp_path / "proof", json.dumps({**proof, "more": 1}).encode()) is not None
    assert changed > 60
    assert fault_in(tmp_path / "proof", json.dumps(proof).encode()) is None


def _holders(value: Any) -> list[tuple[Any, Any]]:
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    inner = [pair for _, one in pairs if isinstance(one, dict | list) for pair in _holders(one)]
    return [(value, name) for name, _ in pairs] + inner


def _others(value: Any) -> list[Any]:
    if isinstance(value, bool | int):
        return [value + 1, value - 1, value + 2, value * 2 + 1, str(value), None, float(value)]
    if isinstance(value, str):
        return [value[:-1], value + "0", "", ("1" if value[0] != "1" else "2") + value[1:], None, value.upper() + " "]
    if isinstance(value, list):
        return [value[:-1], value[1:], [*value, value[0]], None, {}]
    return [{}, None, []]
