"""A stored round is checked without a solver and solved again to the same answer, wherever the solver runs."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from distributed import LocalCluster

from contracts.kernel.clock import read_clock
from contracts.kernel.runner import open_database
from contracts.kernel.work import SYSTEM, Work
from market.placement.again import run_again
from market.placement.checking import Checked, check_round
from market.placement.cluster import Cluster, SchedulerAddressWrong, SchedulerUnreachable, cluster
from market.placement.round import run_round
from market.placement.rules import Policy
from tests.placement.province import Province, found_province, province

__all__ = ["province"]
ROOT = Path(__file__).resolve().parents[2]


def look(province: Province, number: int = 1) -> Checked:
    return province.database.read(SYSTEM, lambda work: check_round(work, number))


@pytest.mark.parametrize("policy", list(Policy))
def test_a_stored_round_holds_and_its_repetition_is_equal(province: Province, policy: Policy) -> None:
    report = run_round(province.database, policy=policy, seed=9, workers=1)
    seen = look(province)
    assert seen.faults == ()
    assert (seen.requests, seen.served_by_tier, seen.cost) == (report.requests, report.served_by_tier, report.cost)
    again = run_again(province.database, 1, workers=1)
    assert (again.difference, again.requests, again.other_versions) == (None, report.requests, {})


LIES = {
    "UPDATE matching_round SET cost = cost - 1": "cost",
    "UPDATE matching_round SET served = served + 1": "served",
    "UPDATE matching_round SET instance_sha256 = 'abc'": "instance",
    "UPDATE matching_round SET certificate = 'trust me'": "certificate",
    "UPDATE outcome_page SET requests = requests + 1": "outcome",
    "UPDATE outcome_page SET data = (SELECT data FROM round_file LIMIT 1)": "outcome",
    "DELETE FROM outcome_page": "outcome",
    "UPDATE round_price SET price = price + 1 WHERE offer_id = (SELECT offer_id FROM round_price LIMIT 1)": "price",
}


def test_what_was_changed_afterwards_is_named(province: Province) -> None:
    run_round(province.database, workers=1)
    for statement, code in LIES.items():
        with province.database.engine.connect() as connection:
            transaction = connection.begin()
            unlock(connection, "outcome_page")
            connection.execute(sa.text(statement))
            seen = check_round(work_on(connection), 1)
            transaction.rollback()
        assert [found for found, _ in seen.faults] == [code], statement
    assert look(province).faults == ()


def unlock(connection: sa.Connection, table: str) -> None:
    """As whoever owns the database could: the rows of an append-only table can be changed until the rollback."""
    if connection.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            connection.execute(sa.text(f"DROP TRIGGER {table}_no_{verb}"))
    else:
        connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


def work_on(connection: sa.Connection) -> Work:
    return Work(connection, SYSTEM, read_clock(connection))


def test_whoever_checks_a_round_needs_no_solver() -> None:
    code = (
        "import sys, market.placement.checking\n"
        "print(sorted({'ortools', 'distributed', 'numba', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def far() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as workers:
        yield workers


def test_a_cluster_gives_the_same_round_bit_for_bit_even_when_a_worker_is_killed(
    town: Province, far: LocalCluster
) -> None:
    database = town.database
    engine = cluster(far.scheduler_address, workers=1)
    first = run_round(database, seed=9, engine=engine)
    assert (first.ok, first.certificate) == (True, "verified")
    assert run_again(database, 1, workers=1).difference is None
    victim = next(iter(far.workers.values())).process.pid
    killer = threading.Timer(0.2, os.kill, (victim, 9))
    killer.start()
    deadline = time.monotonic() + 20
    while killer.is_alive() or time.monotonic() < deadline:
        assert run_again(database, 1, workers=1, engine=engine).difference is None
        if not killer.is_alive():
            break
    assert run_again(database, 1, workers=1, engine=engine).difference is None


def test_a_cluster_that_is_not_there_is_said_before_the_round_and_ends_one_that_runs(
    town: Province,
) -> None:
    for address in ("nowhere", "tcp://10.0.0.5", "tcp://a b:1", "http://x:80", "tcp://localhost:99999"):
        with pytest.raises(SchedulerAddressWrong):
            cluster(address, workers=1)
    with pytest.raises(SchedulerUnreachable):
        cluster("tcp://127.0.0.1:1", workers=1)
    report = run_round(town.database, engine=Lost(None, 1))
    assert (report.ok, report.status) == (False, "failed")
    assert report.problems[0]["code"] == "scheduler-unreachable"


class Lost(Cluster):
    """Its scheduler went away after it had been asked."""

    def run(self, *_: object, **__: object) -> list[object]:
        return Cluster("tcp://127.0.0.1:1", 1).run(len, [[]])


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Province]:
    database = open_database(sqlite_url)
    yield found_province(database, people=300)
    database.close()
