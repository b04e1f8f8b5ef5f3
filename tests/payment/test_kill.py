"""kill -9 at every boundary of paying an act: one transfer at the server, books balanced, payment settled.

66 kills in CI; `make soak` 10,000 or MARKET_KILLS. Each planted wrong design must be found.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
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
from tests.payment.post_office import PostOffice
from tests.payment.servers import switch_chaos, transfers_at
from tests.peer.sandbox import KEY, ROOT, SECRET, Peer, running

KILLS = 66
SOAK_KILLS = int(os.environ.get("MARKET_KILLS", "10000"))
CALLING_BACK = tuple(b for b in BOUNDARIES if b.startswith("create reversal"))
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
    """``lost``: sent by our books, unknown to the server. ``double``: more than one transfer. ``stray``: made by the
    server, and failed by our books."""

    kills: dict[str, int]
    lost: int
    double: int
    stray: int
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
        stray=sum(ours[p] is PaymentStatus.FAILED and bool(made[str(p)]) for p in ids),
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
    paying = pay_and_die(database, database_url, tmp_path, SOAK_KILLS)
    back = reverse_and_die(database, database_url, tmp_path, max(24, SOAK_KILLS // 20))
    least = min([paying.kills.get(b, 0) for b in PAYING] + [back.kills.get(b, 0) for b in CALLING_BACK])
    figures: dict[str, object] = {
        "kills": sum(paying.kills.values()) + sum(back.kills.values()),
        "lost": paying.lost + back.lost,
        "double": paying.double + back.double,
        "stuck": paying.stuck + back.stuck,
        "least_at_a_boundary": least,
        "at_each_boundary": paying.kills | {b: back.kills.get(b, 0) for b in CALLING_BACK},
    }
    name = "payment_kills_sqlite" if database_url.startswith("sqlite") else "payment_kills_postgresql"
    publish(name, figures, ratio={}, limits={"lost": 0, "double": 0, "stuck": 0})
    assert least >= min(50, SOAK_KILLS // 200), figures


def pay_and_die(database: Database, database_url: str, tmp_path: Path, kills: int) -> Verdict:
    """A payment settles about every kill, so that workers have work to the end."""
    line = line_with_money(database)
    ids = [ordered(database, line, total=(n + 1) * 1_00) for n in range(kills * 4 // 5)]
    office = PostOffice(database)
    news = {"webhook_url": office.url, "webhook_secret": SECRET}
    with closing(office), running(tmp_path / "peer.db", chaos=CHAOS, control=True, **news) as peer:
        told = die_a_lot(Spec(database_url, peer.url, KEY, "settled", PAYING, kills, longest=max(240.0, kills * 2.0)))
        switch_chaos(peer)
        verdict, made = judge(database, peer, ids, told), transfers_at(peer)
    assert (verdict.lost, verdict.double, verdict.stray, verdict.stuck, verdict.broken) == (0, 0, 0, 0, []), told
    assert office.delivered > 0
    assert office.doubled > 0
    assert office.lost > 0
    assert {made[str(p)][0]["amount"] for p in ids} == {(n + 1) * 1_00 for n in range(len(ids))}
    assert sum(verdict.kills.values()) >= kills * 3 // 4, told
    assert database.read(SYSTEM, audit.verify).first_fault is None
    return verdict


def test_killed_at_every_boundary_every_transfer_is_reversed_exactly_once(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    verdict = reverse_and_die(database, database_url, tmp_path, 24)
    assert set(REVERSING) <= verdict.kills.keys(), set(REVERSING) - verdict.kills.keys()


def reverse_and_die(database: Database, database_url: str, tmp_path: Path, kills: int) -> Verdict:
    line = line_with_money(database)
    ids = [ordered(database, line) for _ in range(kills // 2)]
    with running(tmp_path / "slow.db", payout_delay=360_000.0) as peer, ExitStack() as after:
        gateway = StripeGateway(peer.url, KEY)
        after.callback(gateway.close)
        reach(Desk(database, gateway, QUICK), PaymentStatus.SENT, *ids)
        for payment_id in ids:
            database.write(FINANCE, lambda work, p=payment_id: service.reverse(work, p))
        ids_only = tuple(str(p) for p in ids)
        longest = max(60.0, kills * 2.0)
        spec = Spec(database_url, peer.url, KEY, "reversed", REVERSING, kills, seed=2, longest=longest, only=ids_only)
        verdict = judge(database, peer, ids, die_a_lot(spec))
        made = transfers_at(peer)
    assert (verdict.lost, verdict.double, verdict.stuck, verdict.broken) == (0, 0, 0, [])
    assert {len(made[str(p)][0]["reversals"]["data"]) for p in ids} == {1}
    return verdict


@pytest.mark.parametrize(
    ("design", "boundaries"),
    [
        ("fresh keys", ("create transfer: after answer", "record sent: before commit")),
        ("no key", ("create transfer: after answer", "record sent: before commit")),
        ("mark first", ("record sent: after commit", "create transfer: before call")),
    ],
)
def test_the_harness_finds_the_wrong_designs(
    database: Database, database_url: str, tmp_path: Path, design: str, boundaries: tuple[str, ...]
) -> None:
    line = line_with_money(database)
    ids = [ordered(database, line) for _ in range(4)]
    goal = "sent" if design == "mark first" else "settled"
    with running(tmp_path / "peer.db") as peer:
        spec = Spec(database_url, peer.url, KEY, goal, boundaries, 8, design=design, longest=30.0)
        verdict = judge(database, peer, ids, die_a_lot(spec))
    assert verdict.lost if design == "mark first" else verdict.double, verdict


def test_the_harness_finds_a_design_that_takes_a_broken_connection_for_a_refusal(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    line = line_with_money(database)
    ids = [ordered(database, line) for _ in range(6)]
    with running(tmp_path / "peer.db", chaos={"reset_after_accept": 0.5}, control=True) as peer:
        spec = Spec(database_url, peer.url, KEY, "sent", PAYING, 2, design="fail the unknown", longest=8.0, patient=6.0)
        told = die_a_lot(spec)
        switch_chaos(peer)
        assert judge(database, peer, ids, told).stray > 0
