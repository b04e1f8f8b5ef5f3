"""kill -9 of whole `market work` processes, as an operator's machine would lose them."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from contracts.kernel.runner import Database
from contracts.payment.rules import PaymentStatus
from tests.bench.report import publish
from tests.payment.houses import broken, line_with_money, ordered, payment
from tests.payment.servers import switch_chaos, transfers_at
from tests.payment.test_kill import CHAOS
from tests.peer.sandbox import KEY, ROOT, running

KILLS = int(os.environ.get("MARKET_PROCESS_KILLS", "100"))
WORKERS = 2
STUCK_AFTER = 60.0


def start(environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A pipe that nobody reads would stop the worker when it is full; a file does not."""
    with log.open("wb") as told:
        process = subprocess.Popen([sys.executable, "-m", "market", "work"], cwd=ROOT, env=environment, stderr=told)
    while b"worker ready" not in log.read_bytes():
        assert process.poll() is None, log.read_text()
        time.sleep(0.02)
    return process


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.mark.soak
def test_workers_that_are_killed_a_hundred_times_lose_nothing_and_pay_nothing_twice(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    line, dice = line_with_money(database), random.Random(7)
    with running(tmp_path / "peer.db", chaos=CHAOS, control=True) as peer:
        environment = os.environ | {
            "MARKET_HOME": str(tmp_path),
            "MARKET_DATABASE_URL": database_url,
            "MARKET_PAYMENT_URL": peer.url,
            "MARKET_PAYMENT_KEY": KEY,
        }
        ids, crew = [], [start(environment, tmp_path / f"{n}.log") for n in range(WORKERS)]
        for n in range(KILLS):
            ids += [ordered(database, line) for _ in range(3)]
            time.sleep(dice.random() * 0.4)
            kill(crew.pop(0))
            crew.append(start(environment, tmp_path / f"{WORKERS + n}.log"))
        switch_chaos(peer)
        last, left = time.monotonic(), set(ids)
        while left and time.monotonic() - last < STUCK_AFTER:
            left = {p for p in left if payment(database, p).status is not PaymentStatus.SETTLED}
            time.sleep(0.2)
        for process in crew:
            kill(process)
        made = transfers_at(peer)
    figures: dict[str, object] = {
        "kills": KILLS,
        "payments": len(ids),
        "lost": sum(not made[str(p)] for p in ids if p not in left),
        "double": sum(len(made[str(p)]) > 1 for p in ids),
        "stuck": len(left),
    }
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    publish(f"worker_kills_{kind}", figures, ratio={}, limits={"lost": 0, "double": 0, "stuck": 0})
    assert (figures["lost"], figures["double"], figures["stuck"]) == (0, 0, 0), json.dumps(figures)
    assert broken(database) == []
