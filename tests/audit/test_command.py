"""``market audit``: what a person and a program read."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from contracts.audit import verify_export
from contracts.kernel.ids import new_id
from contracts.kernel.runner import open_database
from market.cli import main
from tests.audit.trails import disarm, write_events


@pytest.fixture
def home(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MARKET_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MARKET_DATABASE_URL", database_url)
    monkeypatch.delenv("MARKET_AUDIT_KEY", raising=False)
    return tmp_path / "home"


def say(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, Any]:
    assert main(["audit", *words, "--json"]) == code
    return dict(json.loads(capsys.readouterr().out))


@pytest.fixture
def event_id(home: Path, database_url: str) -> str:
    database = open_database(database_url)
    ids = write_events(database, [new_id(), new_id()])
    database.close()
    return str(ids[0])


def test_a_sealed_trail_is_verified_exported_and_proved(
    home: Path, event_id: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert say(capsys, "seal") == {"ok": True, "sealed": 2}
    assert (home / "keys" / "audit.key").stat().st_mode & 0o777 == 0o600
    assert say(capsys, "verify") == {"ok": True, "events": 2, "streams": 2, "checkpoints": 1, "first_fault": None}
    for name in ("trail.ndjson", "trail.ndjson.gz"):
        file = tmp_path / name
        report = say(capsys, "export", "-o", str(file))
        assert (report["ok"], report["lines"]) == (True, 5)
        assert (file.read_bytes()[:2] == b"\x1f\x8b") == name.endswith(".gz")
        verify_export.check(str(file), report["public_key"])
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(say(capsys, "prove", event_id)))
    assert "is bound by checkpoint 1" in verify_export.check(str(proof), report["public_key"])
    assert sorted(p.name for p in tmp_path.glob("*trail*")) == ["trail.ndjson", "trail.ndjson.gz"]


@pytest.mark.usefixtures("event_id")
def test_a_broken_trail_ends_with_code_1_and_says_where(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, "seal")
    database = open_database(database_url)
    disarm(database)
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE audit_event SET verb = 'forged' WHERE position = 2"))
    database.close()
    report = say(capsys, "verify", code=1)
    assert (report["ok"], report["first_fault"]["position"], report["first_fault"]["sequence"]) == (False, 2, 1)
    assert report["problems"][0]["code"] == "audit-broken"
    assert report["problems"][0]["detail"].startswith("position 2: event 1 of line:")


def test_checkpoints_without_the_key_that_signed_them_do_not_pass(
    home: Path, event_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    say(capsys, "seal")
    (home / "keys" / "audit.key").unlink()
    assert say(capsys, "verify", code=1)["problems"][0]["code"] == "no-audit-key"
    assert say(capsys, "prove", event_id, code=2)["problems"][0]["code"] == "no-audit-key"
    assert not (home / "keys" / "audit.key").exists()
    say(capsys, "seal")  # nothing is new, but now there is a key: another one
    assert say(capsys, "verify", code=1)["first_fault"]["checkpoint"] == 1


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("prove", "no-uuid"), "malformed-input"),
        (("prove", str(uuid4())), "event-not-found"),
        (("export", "-o", "/nowhere/at/all"), "file-not-written"),
    ],
)
@pytest.mark.usefixtures("event_id")
def test_what_cannot_be_done_is_one_sentence_and_code_2(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], problem: str
) -> None:
    say(capsys, "seal")
    assert say(capsys, *words, code=2)["problems"][0]["code"] == problem


def test_an_event_without_a_checkpoint_cannot_be_proved_yet(
    database_url: str, event_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    say(capsys, "seal")
    database = open_database(database_url)
    (later,) = write_events(database, [new_id()])
    database.close()
    assert say(capsys, "prove", str(later), code=2)["problems"][0]["code"] == "event-not-sealed-yet"
