"""kill -9 of whole `market work` processes, as an operator's machine would lose them."""

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
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
READY, AT_WORK = (
    b"worker ready:",
    b"payments sent: ",
)  # every other is killed as soon as it may be, or when it has worked
WORKERS = 4  # most of a life is spent on waking up: while some do, the others work, and are killed
WORKING_LIFE = 0.4  # seconds after a worker is ready: the longest, the shortest is none
LONGEST_START = 300.0  # on a machine with much else to do
LONGEST_TURN = 20.0  # others may have sent all there was: then whoever is there dies
STUCK_AFTER = 60.0


@dataclass(frozen=True)
class Worker:
    """A pipe that nobody reads would stop the worker when it is full; a file does not."""

    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, environment: dict[str, str], log: Path) -> "Worker":
        command = [sys.executable, "-m", "market", "work"]
        with log.open("wb") as told:
            return cls(subprocess.Popen(command, cwd=ROOT, env=environment, stderr=told), log)

    def has_said(self, word: bytes) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return word in self.log.read_bytes()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def one_who(crew: list[Worker], word: bytes, patience: float) -> Worker | None:
    """The oldest who has said so."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        for worker in crew:
            if worker.has_said(word):
                return worker
        time.sleep(0.01)
    return None


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
        ids, at_work, started = [], 0, time.monotonic()
        crew = [Worker.start(environment, tmp_path / f"{n}.log") for n in range(WORKERS)]
        for n in range(KILLS):
            ids += [ordered(database, line) for _ in range(3)]
            busy = one_who(crew, AT_WORK, LONGEST_TURN) if n % 2 else None
            victim = busy or one_who(crew, READY, LONGEST_START)
            assert victim is not None, "nobody wakes up"
            at_work += victim.has_said(AT_WORK)
            time.sleep(dice.random() * WORKING_LIFE)
            victim.kill()
            crew.remove(victim)
            crew.append(Worker.start(environment, tmp_path / f"{WORKERS + n}.log"))
        took = time.monotonic() - started
        done = sum(payment(database, p).status is PaymentStatus.SETTLED for p in ids)
        switch_chaos(peer)
        last, left = time.monotonic(), set(ids)
        while left and time.monotonic() - last < STUCK_AFTER:
            left = {p for p in left if payment(database, p).status is not PaymentStatus.SETTLED}
            time.sleep(0.2)
        drained = time.monotonic() - last
        for worker in crew:
            worker.kill()
        made = transfers_at(peer)
    figures: dict[str, object] = {
        "kills": KILLS,
        "payments": len(ids),
        "lost": sum(not made[str(p)] for p in ids if p not in left),
        "double": sum(len(made[str(p)]) > 1 for p in ids),
        "stuck": len(left),
        "killed_after_they_had_worked": at_work,
        "settled_while_killing": done,
        "seconds": round(took, 1),
        "drained_in": round(drained, 1),
    }
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    publish(f"worker_kills_{kind}", figures, ratio={}, limits={"lost": 0, "double": 0, "stuck": 0})
    assert (figures["lost"], figures["double"], figures["stuck"]) == (0, 0, 0), json.dumps(figures)
    assert broken(database) == []
