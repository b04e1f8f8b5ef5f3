"""The worker's loop: named steps, progress, trouble waited out, and a clean end."""

import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from contracts.kernel.runner import Database, DatabaseUnavailable
from contracts.payment.rules import PaymentStatus
from market import worker
from market.settings import Settings
from market.stop import Stop
from market.worker import Step
from tests.payment.houses import broken, ordered, payment
from tests.peer.sandbox import KEY, ROOT, Peer, eventually

PROGRAM = """
import sys
from contracts.kernel.runner import open_database
from market.settings import Settings
from market.stop import Stop
from market.worker import work
settings = Settings.from_environment()
database = open_database(settings.database_url)
print(sorted(work(database, settings, report=lambda line: print(line, flush=True)).items()), flush=True)
database.close()
"""


def test_a_worker_process_pays_what_is_ordered_and_ends_cleanly_when_asked(
    database: Database, database_url: str, line: UUID, peer: Peer, tmp_path: Path
) -> None:
    payment_id = ordered(database, line)
    environment = {
        "MARKET_HOME": str(tmp_path),
        "MARKET_DATABASE_URL": database_url,
        "MARKET_PAYMENT_URL": peer.url,
        "MARKET_PAYMENT_KEY": KEY,
        "PATH": "",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        eventually(lambda: payment(database, payment_id).status is PaymentStatus.SETTLED, patience=60)
        later = ordered(database, line)
        eventually(lambda: payment(database, later).status is PaymentStatus.SETTLED, patience=60)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    lines = said.splitlines()
    assert lines[0].startswith("worker ready: payments sent, payments followed")
    assert "payments sent: 1 (of 2 since the start)" in lines
    assert "('payments followed', 2), ('payments sent', 2)" in lines[-1]
    assert broken(database) == []


def test_every_step_has_its_turn_and_the_end_is_asked_for_between_steps(database: Database) -> None:
    stop, done, said = Stop(), [], []

    def first(_: Database) -> int:
        done.append("first")
        return 2

    def second(_: Database) -> int:
        done.append("second")
        if len(done) >= 4:
            stop.set()
        return 0

    def third(_: Database) -> int:
        done.append("third")
        return 0

    steps = [Step("first", first), Step("second", second), Step("third", third)]
    totals = worker.run(database, steps, stop=stop, report=said.append)
    assert done == ["first", "second", "third", "first", "second"]
    assert totals == {"first": 4, "second": 0, "third": 0}
    assert said == ["first: 2 (of 2 since the start)", "first: 2 (of 4 since the start)"]


def test_a_database_that_is_away_is_waited_for(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "TROUBLE_PAUSE", 0.01)
    stop, tries, said = Stop(), [], []

    def step(_: Database) -> int:
        tries.append(1)
        if len(tries) < 3:
            raise DatabaseUnavailable
        stop.set()
        return 1

    assert worker.run(database, [Step("step", step)], stop=stop, report=said.append) == {"step": 1}
    assert [line.partition(":")[0] for line in said] == ["waiting", "waiting", "step"]


def test_a_programmers_error_is_not_hidden(database: Database) -> None:
    def step(_: Database) -> int:
        raise AssertionError("cannot happen")

    with pytest.raises(AssertionError):
        worker.run(database, [Step("step", step)], stop=Stop(), report=print)


def test_without_a_payment_server_of_its_own_a_worker_uses_the_sandbox(tmp_path: Path) -> None:
    with worker.all_steps(Settings.from_environment({"MARKET_HOME": str(tmp_path)})) as steps:
        assert [step.name for step in steps][:2] == ["payments sent", "payments followed"]
