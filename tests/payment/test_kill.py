"""kill -9 at every boundary of a payment's path: each act is paid exactly once, books balanced, nothing stuck.

A few dozen kills in CI; `make soak` 10,000 or MARKET_KILLS, MARKET_SEED for other dice. Each planted wrong design must
be found.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from uuid import UUID

import pytest

from contracts.audit import queries as audit
from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM
from contracts.payment import service
from contracts.payment.dispatch import BOUNDARIES, Desk
from contracts.payment.rules import PaymentStatus
from contracts.payment.stripe import StripeGateway
from tests.bench.report import publish
from tests.conftest import FreshUrl
from tests.payment.advances import broken
from tests.payment.batch_clerks import BATCHED
from tests.payment.clerks import CLERKS
from tests.payment.houses import FINANCE, QUICK, line_with_money, ordered, payee, payment, reach
from tests.payment.killing import DECIDED, ENDED, Spec
from tests.payment.post_office import PostOffice
from tests.payment.servers import switch_chaos, transfers_at
from tests.payment.treasury import Treasury, audited, open_treasury
from tests.peer.sandbox import KEY, ROOT, SECRET, Peer, running

KILLS = 60
SOAK_KILLS = int(os.environ.get("MARKET_KILLS", "10000"))
SEED = int(os.environ.get("MARKET_SEED", "1"))
MANY = 2_000  # from so many on every boundary has its share
# a payment is parked, for a person to resume it, only when three workers in a row died over it
RARE = tuple(b for b in CLERKS if b.startswith("resume"))
SHARD = 250  # kills in one town: the books of the next begin empty at the payment server
LEAST = 24  # a smaller town may be paid before the post brings a word
CALLING_BACK = tuple(b for b in BOUNDARIES if b.startswith("create reversal"))
REVERSING = tuple(b for b in BOUNDARIES if b.startswith(("look-claim", "find out", "create reversal", "record fate")))
PAYING = tuple(b for b in BOUNDARIES if not b.startswith("create reversal"))
CHAOS = {
    "error_503": 0.05,
    "rate_429": 0.03,
    "reset_after_accept": 0.05,
    "error_500_after_accept": 0.03,
    "error_500": 0.01,
    "latency": [0.02, 0.1, 3.0],  # three times as long as the client waits, as 30 seconds are in production
}


@dataclass
class Verdict:
    """``stray``: made by the server, and failed by our books. From ``lost`` to ``set_off`` as a treasury finds them."""

    kills: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    double: int = 0
    unfinished: int = 0
    batched: int = 0
    advanced: int = 0
    set_off: int = 0
    stray: int = 0
    stuck: int = 0
    broken: list[str] = field(default_factory=list)
    alive: int = 0
    seconds: float = 0.0
    drained_in: float = 0.0
    longest_wait: float = 0.0

    def add(self, other: "Verdict") -> None:
        for name in (each.name for each in fields(self)):
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, max(mine, theirs) if name == "longest_wait" else mine + theirs)


def die_a_lot(spec: Spec) -> Verdict:
    command = [sys.executable, "-W", "error", "-m", "tests.payment.killing", json.dumps(asdict(spec))]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=spec.longest + spec.patient + 60
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Traceback" not in done.stderr, done.stderr[-4000:]
    told = json.loads(done.stdout)
    kills = Counter(told["kills"])
    names = ("stuck", "alive", "seconds", "drained_in", "longest_wait")
    return Verdict(kills, **{name: told[name] for name in names})


def judge(database: Database, peer: Peer, ids: Sequence[UUID], verdict: Verdict) -> Verdict:
    """Of payments that the payment server has."""
    made = transfers_at(peer)
    ours = {p: payment(database, p).status for p in ids}
    gone = (PaymentStatus.SENT, PaymentStatus.SETTLED, PaymentStatus.REVERSED)
    verdict.lost += sum(ours[p] in gone and not made[str(p)] for p in ids)
    verdict.double += sum(len(made[str(p)]) > 1 for p in ids)
    verdict.stray += sum(ours[p] is PaymentStatus.FAILED and bool(made[str(p)]) for p in ids)
    verdict.broken += broken(database)
    return verdict


def test_killed_at_every_boundary_every_act_is_paid_exactly_once(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    verdict = pay_and_die(database, database_url, tmp_path, KILLS, acts=KILLS * 3 // 2)  # many go home alive
    assert verdict.kills.total() >= KILLS * 3 // 4, verdict  # the last are through before their time comes
    assert len(verdict.kills) >= len(PAYING + CLERKS) * 3 // 4, set(PAYING + CLERKS) - verdict.kills.keys()


@pytest.mark.soak
def test_ten_thousand_deaths_lose_nothing_and_pay_nothing_twice(database_urls: FreshUrl, tmp_path: Path) -> None:
    """Town by town, each with its own books: clerks look for their work among everything that ever was."""
    every, seed = Verdict(), SEED * 1_000
    with database_urls() as url, closing(open_database(url)) as database:
        every.add(reverse_and_die(database, url, tmp_path, max(24, SOAK_KILLS // 20)))
    while every.kills.total() < SOAK_KILLS:
        (town := tmp_path / str(seed)).mkdir()
        kills = max(LEAST, min(SHARD, SOAK_KILLS - every.kills.total()))
        with database_urls() as url, closing(open_database(url)) as database:
            every.add(pay_and_die(database, url, town, kills, seed))
        seed += 1
        print(json.dumps(vars(every) | {"kills": every.kills.total()}), flush=True)
    least = min(every.kills[b] for b in BOUNDARIES + CLERKS if b not in RARE)
    figures: dict[str, object] = {
        "kills": every.kills.total(),
        "lost": every.lost,
        "double": every.double,
        "unfinished": every.unfinished,
        "payments_of_batches": every.batched,
        "advances_that_arrived": every.advanced,
        "advances_that_acts_were_set_off_against": every.set_off,
        "stuck": every.stuck,
        "longest_wait_for_an_end": round(every.longest_wait, 1),
        "children_that_lived": every.alive,
        "kills_a_second": round(every.kills.total() / every.seconds, 1),
        "least_at_a_boundary": least,
        "at_each_boundary": dict(every.kills),
    }
    name = "payment_kills_sqlite" if url.startswith("sqlite") else "payment_kills_postgresql"
    publish(name, figures, ratio={}, limits={"lost": 0, "double": 0, "unfinished": 0, "stuck": 0})
    assert SOAK_KILLS < MANY or least >= min(50, SOAK_KILLS // 200), figures
    assert SOAK_KILLS < MANY or min(every.kills[b] for b in RARE) >= SOAK_KILLS // 2_000, figures


def pay_and_die(
    database: Database, database_url: str, folder: Path, kills: int, seed: int = 1, *, acts: int | None = None
) -> Verdict:
    """A town of providers whose acts are paid by a server and by files, by clerks and workers who die."""
    treasury = open_treasury(database, folder / "desk", acts=acts or kills)
    office = PostOffice(treasury.folder, seed)
    news = {"webhook_url": office.url, "webhook_secret": SECRET}
    with closing(office), running(folder / "peer.db", chaos=CHAOS | {"seed": seed}, control=True, **news) as peer:
        verdict = die_a_lot(spec_of(database_url, peer, treasury, kills, seed))
        switch_chaos(peer)
        found = audited(database, treasury, transfers_at(peer))
    verdict.lost, verdict.double, verdict.unfinished = found.lost, found.double, found.unfinished
    verdict.batched, verdict.advanced, verdict.set_off = found.batched, found.advanced, found.set_off
    verdict.broken = broken(database)
    wrong = (verdict.lost, verdict.double, verdict.unfinished, verdict.stuck, verdict.broken)
    assert wrong == (0, 0, 0, 0, []), (verdict, found)
    assert verdict.batched >= len(treasury.acts) // 10, verdict
    assert verdict.set_off >= len(treasury.contracts) // 4, verdict
    assert min(office.delivered, office.doubled, office.lost) > 0
    assert database.read(SYSTEM, audit.verify).first_fault is None
    return verdict


def spec_of(database_url: str, peer: Peer, treasury: Treasury, kills: int, seed: int) -> Spec:
    longest = max(120.0, kills * 1.5)
    return Spec(
        database_url, peer.url, KEY, ENDED, PAYING + CLERKS, kills, seed=seed, longest=longest,
        patient=600.0, folder=str(treasury.folder),
    )  # fmt: skip


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
    house = database.write(SYSTEM, payee)
    ids = [ordered(database, line, paid_to=house) for _ in range(12)]
    with running(tmp_path / "peer.db", chaos={"reset_after_accept": 0.5}, control=True) as peer:
        spec = Spec(database_url, peer.url, KEY, DECIDED, PAYING, 2, design="fail the unknown", longest=30.0)
        verdict = die_a_lot(spec)
        switch_chaos(peer)
        assert judge(database, peer, ids, verdict).stray > 0


def test_the_harness_finds_an_order_to_the_bank_that_is_written_before_it_is_kept(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    treasury = open_treasury(database, tmp_path / "desk", acts=8, by_file=1, advances=False)
    with running(tmp_path / "peer.db") as peer:
        boundaries = ("order: after commit", "hand over: before commit")
        spec = Spec(
            database_url, peer.url, KEY, ENDED, boundaries, 8, design="file first", longest=30.0, patient=10.0,
            folder=str(treasury.folder),
        )  # fmt: skip
        die_a_lot(spec)
        assert audited(database, treasury, transfers_at(peer)).double > 0


@pytest.mark.parametrize("design", [pytest.param("piece by piece", marks=pytest.mark.soak), "pay then mark"])
def test_the_harness_finds_a_batch_that_is_not_ordered_as_a_whole(
    database: Database, database_url: str, tmp_path: Path, design: str
) -> None:
    treasury = open_treasury(database, tmp_path / "desk", acts=24, by_file=100, advances=False)
    with running(tmp_path / "peer.db") as peer:
        boundaries = tuple(f"{name}: after commit" for name in BATCHED[:4])
        spec = Spec(
            database_url, peer.url, KEY, ENDED, boundaries, 16, design=design, longest=30.0, patient=6.0,
            folder=str(treasury.folder),
        )  # fmt: skip
        die_a_lot(spec)
        found = audited(database, treasury, transfers_at(peer))
    assert found.double if design == "pay then mark" else broken(database), found
