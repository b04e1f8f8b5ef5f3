"""kill -9 at every boundary of paying an act: one transfer at the server, books balanced, payment settled.

66 kills in CI; `make soak` 10,000 or MARKET_KILLS. Each planted wrong design must be found.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

import pytest

from contracts.audit import queries as audit
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from contracts.payment import service
from contracts.payment.dispatch import BOUNDARIES, Desk
from contracts.payment.rules import PaymentStatus
from contracts.payment.stripe import StripeGateway
from tests.bench.report import publish
from tests.payment.houses import FINANCE, QUICK, broken, line_with_money, ordered, payment, reach
from tests.payment.killing import ANYWHERE, Spec
from tests.payment.servers import switch_chaos, transfers_at
from tests.peer.sandbox import KEY, ROOT, Peer, running

KILLS = 66
SOAK_KILLS = int(os.environ.get("MARKET_KILLS", "10000"))
REVERSING = tuple(b for b in BOUNDARIES if b.startswith(("look-claim", "find out", "create reversal", "record fate")))
PAYING = tuple(b for b in BOUNDARIES if not b.startswith("create reversal"))
CHAOS = {
    "error_503": 0.05,
    "rate_429": 0.03,
    "reset_after_accept": 0.05,
    "error_500_after_accept": 0.03,
    "error_500": 0.01,
    "latency": [0.03, 0.1, 0.4],
}


@dataclass(frozen=True)
class Verdict:
    """``lost``: sent by our books, unknown to the server. ``double``: more than one transfer."""

    kills: dict[str, int]
    lost: int
    double: int
    stuck: int
    broken: list[str]


def die_a_lot(spec: Spec) -> dict[str, object]:
    command = [sys.executable, "-W", "error", "-m", "tests.payment.killing", json.dumps(asdict(spec))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=spec.longest + 120)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Traceback" not in done.stderr, done.stderr[-4000:]
    return json.loads(done.stdout)


def judge(database: Database, peer: Peer, ids: Sequence[UUID], told: dict[str, object]) -> Verdict:
    made = transfers_at(peer)
    ours = {p: payment(database, p).status for p in ids}
    gone = (PaymentStatus.SENT, PaymentStatus.SETTLED, PaymentStatus.REVERSED)
    return Verdict(
        kills=told["kills"],  # type: ignore[arg-type]
        lost=sum(ours[p] in gone and not made[str(p)] for p in ids),
        double=sum(len(made[str(p)]) > 1 for p in ids),
        stuck=int(told["stuck"]),  # type: ignore[call-overload]
        broken=broken(database),
    )


def test_killed_at_every_boundary_every_act_is_paid_exactly_once(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    verdict = pay_and_die(database, database_url, tmp_path, KILLS)
    assert set(PAYING) <= verdict.kills.keys(), set(PAYING) - verdict.kills.keys()
    assert verdict.kills[ANYWHERE] > 0


@pytest.mark.soak
def test_ten_thousand_deaths_lose_nothing_and_pay_nothing_twice(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    verdict = pay_and_die(database, database_url, tmp_path, SOAK_KILLS)
    figures = {"kills": sum(verdict.kills.values()), "least_at_a_boundary": min(verdict.kills[b] for b in PAYING)}
    figures |= {"lost": verdict.lost, "double": verdict.double, "stuck": verdict.stuck}
    name = "payment_kills_sqlite" if database_url.startswith("sqlite") else "payment_kills_postgresql"
    publish(name, {**figures}, ratio={}, limits={"lost": 0, "double": 0, "stuck": 0})


def pay_and_die(database: Database, database_url: str, tmp_path: Path, kills: int) -> Verdict:
    """A payment settles about every kill, so that workers have work to the end."""
    line = line_with_money(database)
    ids = [ordered(database, line, total=(n + 1) * 1_00) for n in range(kills * 4 // 5)]
    with running(tmp_path / "peer.db", chaos=CHAOS, control=True) as peer:
        told = die_a_lot(Spec(database_url, peer.url, KEY, "settled", PAYING, kills, longest=max(240.0, kills * 2.0)))
        switch_chaos(peer)
        verdict, made = judge(database, peer, ids, told), transfers_at(peer)
    assert (verdict.lost, verdict.double, verdict.stuck, verdict.broken) == (0, 0, 0, []), told
    assert {made[str(p)][0]["amount"] for p in ids} == {(n + 1) * 1_00 for n in range(len(ids))}
    assert sum(verdict.kills.values()) >= kills * 3 // 4, told
    assert database.read(SYSTEM, audit.verify).first_fault is None
    return verdict


def test_killed_at_every_boundary_every_transfer_is_reversed_exactly_once(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    line = line_with_money(database)
    ids = [ordered(database, line) for _ in range(12)]
    with running(tmp_path / "peer.db", payout_delay=3600.0) as peer, ExitStack() as after:
        gateway = StripeGateway(peer.url, KEY)
        after.callback(gateway.close)
        reach(Desk(database, gateway, QUICK), PaymentStatus.SENT, *ids)
        for payment_id in ids:
            database.write(FINANCE, lambda work, p=payment_id: service.reverse(work, p))
        spec = Spec(database_url, peer.url, KEY, "reversed", REVERSING, 24, seed=2, longest=60.0)
        verdict = judge(database, peer, ids, die_a_lot(spec))
        made = transfers_at(peer)
    assert (verdict.lost, verdict.double, verdict.stuck, verdict.broken) == (0, 0, 0, [])
    assert {len(made[str(p)][0]["reversals"]["data"]) for p in ids} == {1}
    assert set(REVERSING) <= verdict.kills.keys(), set(REVERSING) - verdict.kills.keys()


@pytest.mark.parametrize(
    ("design", "boundaries"),
    [
        ("fresh keys", ("create transfer: after answer", "record sent: before commit")),
        ("mark first", ("record sent: after commit", "create transfer: before call")),
    ],
)
def test_the_harness_finds_the_wrong_designs(
    database: Database, database_url: str, tmp_path: Path, design: str, boundaries: tuple[str, ...]
) -> None:
    line = line_with_money(database)
    ids = [ordered(database, line) for _ in range(4)]
    goal = {"fresh keys": "settled", "mark first": "sent"}[design]
    with running(tmp_path / "peer.db") as peer:
        spec = Spec(database_url, peer.url, KEY, goal, boundaries, 8, design=design, longest=30.0)
        verdict = judge(database, peer, ids, die_a_lot(spec))
    assert verdict.double if design == "fresh keys" else verdict.lost, verdict
