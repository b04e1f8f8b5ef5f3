"""What goes wrong on the command line is one sentence on stderr and exit code 2."""

import os
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from contracts.kernel.runner import open_database
from market.migrate import migrate
from market.seed import demo
from market.seed.demo import seed_demo
from market.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
Run = subprocess.CompletedProcess[str]


def market(*words: str, **environment: str) -> Run:
    return subprocess.run(
        [sys.executable, "-m", "market", *words], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": os.environ["PATH"]} | environment,
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ["no-such-command"],
        ["round"],
        ["round", "run", "--seed", "99999999999999999999999"],
        ["round", "run", "--seed", "-5"],
        ["round", "run", "--time-limit", "-1"],
        ["seed", "--scale", "nan"],
        ["seed", "--scale", "0"],
        ["what-if", "1", "[]"],
        ["what-if", "1", '{"kind": "rubbish"}'],
        ["what-if", "99999999999999999999", '{"kind": "policy"}'],
        ["serve", "--port", "99999"],
        ["peer", "--port", "99999"],
        ["match", "solve", "/nowhere/at/all.json", "-o", "/nowhere/result.json"],
    ],
    ids=" ".join,
)
def test_wrong_words_are_answered_with_one_sentence(words: list[str], tmp_path: Path) -> None:
    said = market(*words, MARKET_HOME=str(tmp_path))
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["run", "serve", "peer"])
def test_a_port_that_somebody_else_uses_is_said_so_before_anything_begins(command: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = market(command, "--port", str(port), MARKET_HOME=str(tmp_path))
    assert (said.returncode, said.stdout) == (2, "")
    (sentence,) = said.stderr.strip().splitlines()
    assert f"127.0.0.1:{port}" in sentence
    assert "--port" in sentence
    assert list(tmp_path.iterdir()) == []


def test_a_host_that_is_none_of_ours_is_said_so(tmp_path: Path) -> None:
    said = market("serve", "--host", "192.0.2.1", "--port", "0", MARKET_HOME=str(tmp_path))  # of documents, nobody's
    assert said.returncode == 2
    assert len(said.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("command", [["migrate"], ["check"], ["audit", "verify"], ["round", "run"], ["seed"], ["work"]])
@pytest.mark.parametrize("place", ["rubbish", "unwritable", "unknown", "absent"])
def test_a_database_that_is_not_there_or_no_database_is_said_so(command: list[str], place: str, tmp_path: Path) -> None:
    (tmp_path / "rubbish.db").write_bytes(b"This is no database at all. " * 400)
    environment = {
        "rubbish": {"MARKET_DATABASE_URL": f"sqlite:///{tmp_path / 'rubbish.db'}"},
        "unwritable": {"MARKET_HOME": "/proc/nope"},
        "unknown": {"MARKET_DATABASE_URL": "mysql://x/y"},
        "absent": {"MARKET_DATABASE_URL": f"postgresql://nobody@/nothing?host={tmp_path}"},
    }[place]
    said = market(*command, **({"MARKET_HOME": str(tmp_path / "home")} | environment))
    assert said.returncode == 2, said
    assert "Traceback" not in said.stderr
    assert 0 < len(said.stderr.strip().splitlines()) <= 1


@pytest.mark.parametrize("day", ["2026-12-31", "2027-02-14", "2027-03-31", "2027-05-31", "2028-02-29", "2026-12-10"])
def test_the_demonstration_can_be_seeded_on_any_day(day: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'market.db'}", None, None, None)
    migrate(settings.database_url)
    monkeypatch.setattr(demo, "real_clock", lambda _connection: datetime.fromisoformat(f"{day}T12:00+00:00"))
    database = open_database(settings.database_url)
    try:
        assert len(seed_demo(database, settings, seed=1, progress=lambda _text: None)) == 8
    finally:
        database.close()


def test_a_seed_that_was_interrupted_is_named_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'market.db'}", None, None, None)
    migrate(settings.database_url)
    database = open_database(settings.database_url)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "create_people", killed)
    with pytest.raises(KeyboardInterrupt):
        seed_demo(database, settings, seed=1, progress=lambda _text: None)
    database.close()
    for words in (["seed"], ["run", "--port", "0"]):
        own = "http://127.0.0.1:9"  # so that whoever runs the demo meanwhile is not in the way
        said = market(*words, MARKET_HOME=str(tmp_path), MARKET_PAYMENT_URL=own)
        assert said.returncode == 2
        assert said.stderr.strip().splitlines()[-1].startswith("A seed was interrupted")
