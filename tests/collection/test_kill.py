"""kill -9 at every boundary of money that comes in: every due is collected exactly, what was remitted is given back
once, books balanced, nothing stuck.

A few dozen kills in CI; `make soak` more, or MARKET_KILLS. Each planted wrong design must be found.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contracts.audit import queries as audit
from contracts.collection import queries
from contracts.collection.dispatch import BOUNDARIES
from contracts.collection.rules import CollectionStatus
from contracts.kernel.runner import open_database
from tests.collection.households import CHARGE, at_peer, broken, moves, street
from tests.collection.killing import REMITTED, Spec
from tests.contracts.houses import House, build
from tests.payment.servers import switch_chaos
from tests.payment.test_kill import CHAOS
from tests.peer.sandbox import KEY, ROOT, Peer, running

KILLS = 12
QUICK_CHAOS = CHAOS | {"latency": [0.0, 0.0, 0.0]}
SOAK_KILLS = int(os.environ.get("MARKET_KILLS", "1000"))


@dataclass
class Verdict:
    """``lost``: paid by our books and not by the server's, or the other way round; ``double``: made twice there, or
    given back twice; ``off``: dues of which the server holds another sum than ours; ``stray``: made there, and refused
    by our books."""

    kills: Counter[str] = field(default_factory=Counter)
    alive: int = 0
    stuck: int = 0
    seconds: float = 0.0
    lost: int = 0
    double: int = 0
    off: int = 0
    stray: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return (self.lost, self.double, self.off, self.stray, self.stuck, self.broken) == (0, 0, 0, 0, 0, [])


def collect_and_die(
    house: House, url: str, folder: Path, *, people: int, kills: int, chaos: dict[str, Any] | None = None, **more: Any
) -> Verdict:
    dues = street(house, people)
    with running(folder / "peer.db", chaos=CHAOS if chaos is None else chaos, control=True) as peer:
        spec = Spec(url, peer.url, KEY, kills, **{"boundaries": BOUNDARIES, **more})
        file = folder / "spec.json"
        file.write_text(json.dumps(asdict(spec)))
        command = [sys.executable, "-W", "error", "-m", "tests.collection.killing", str(file)]
        limit = spec.longest + spec.patient + 60
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=limit)
        assert done.returncode == 0, done.stderr[-4000:]
        assert "Traceback" not in done.stderr, done.stderr[-4000:]
        told = json.loads(done.stdout)
        verdict = Verdict(Counter(told.pop("kills")), **told)
        switch_chaos(peer)
        return judged(house, peer, dues, verdict)


def judged(house: House, peer: Peer, dues: list[Any], verdict: Verdict) -> Verdict:
    """Ours beside the server's own books, one by one."""
    made: dict[str, list[Any]] = {}
    for one in [*at_peer(peer, "/v1/payment_intents"), *at_peer(peer, "/v1/refunds")]:
        made.setdefault(one["metadata"]["collection"], []).append(one)
    for due_id in dues:
        theirs = 0
        for move in moves(house, due_id):
            there = made.get(str(move.id), [])
            verdict.double += len(there) > 1
            paid = [one for one in there if one["status"] == "succeeded"]
            verdict.lost += (move.status is CollectionStatus.SUCCEEDED) != bool(paid)
            verdict.stray += move.status is CollectionStatus.REFUSED and bool(there)
            theirs += sum(one["amount"] * (1 if one["object"] == "payment_intent" else -1) for one in paid)
        account = house.see(lambda w, d=due_id: queries.account_of(w, queries.due(w, d)))
        verdict.off += theirs != account.paid_minor - account.returned_minor
    verdict.broken += broken(house.database)
    return verdict


def test_killed_at_every_boundary_every_due_is_collected_exactly(
    house: House, database_url: str, tmp_path: Path
) -> None:
    verdict = collect_and_die(house, database_url, tmp_path, people=3, kills=KILLS, chaos=QUICK_CHAOS)
    assert verdict.is_clean, verdict
    assert verdict.kills.total() >= KILLS * 3 // 4, verdict
    dues = house.see(lambda w: queries.dues_in(w, ["75"]))
    assert {one.paid_minor - one.returned_minor for one in dues} == {CHARGE - REMITTED}
    assert house.see(audit.verify).first_fault is None


@pytest.mark.soak
def test_many_deaths_lose_no_recipients_money(house: House, database_url: str, tmp_path: Path) -> None:
    verdict = collect_and_die(
        house, database_url, tmp_path, people=min(240, SOAK_KILLS // 4), kills=SOAK_KILLS, longest=SOAK_KILLS * 1.5,
        patient=600.0,
    )  # fmt: skip
    print(json.dumps(vars(verdict) | {"kills": dict(verdict.kills)}))
    assert verdict.is_clean, verdict
    assert set(BOUNDARIES) <= verdict.kills.keys(), set(BOUNDARIES) - verdict.kills.keys()


@pytest.mark.parametrize(
    ("design", "boundaries", "chaos"),
    [
        ("fresh keys", ("create collection: after answer", "record opened: before commit"), {}),
        ("fail the unknown", ("record refused: after commit",), {"reset_after_accept": 1.0}),  # no dice: each is stray
    ],
)
def test_the_harness_finds_the_wrong_designs(
    sqlite_url: str, tmp_path: Path, design: str, boundaries: tuple[str, ...], chaos: dict[str, Any]
) -> None:
    with closing(open_database(sqlite_url)) as database:
        verdict = collect_and_die(
            build(database), sqlite_url, tmp_path, people=3, kills=3, chaos=chaos, design=design,
            boundaries=boundaries, longest=8.0, patient=1.0,
        )  # fmt: skip
    assert verdict.double if design == "fresh keys" else verdict.stray, verdict
