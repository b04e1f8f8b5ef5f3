"""The whole chain as a user would run it: real processes, real HTTP, on both databases."""

import json
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from contracts.audit import queries as audit
from contracts.kernel.runner import open_database
from contracts.kernel.work import SYSTEM

ROOT = Path(__file__).resolve().parents[2]


def test_from_the_lot_to_the_settled_payment_with_books_balanced(database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "market", "demo", "journey", "--json", "--database", database_url],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["ok"]
    assert len(answer["steps"]) == 13
    database = open_database(database_url)
    try:
        verdict = database.read(SYSTEM, audit.verify)
        assert verdict.first_fault is None
        assert verdict.events > 60
        with database.engine.connect() as connection:
            paid = connection.execute(sa.text("SELECT status, amount_minor FROM payment")).all()
        assert [tuple(row) for row in paid] == [("settled", 4250_00)]
    finally:
        database.close()


def test_a_database_in_use_is_not_overwritten(database_url: str, tmp_path: Path) -> None:
    run = [sys.executable, "-m", "market", "seed", "--profile", "demo"]
    env = {"MARKET_DATABASE_URL": database_url, "PATH": "/usr/bin:/bin"}
    first, second = (
        subprocess.run(
            run, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
            env=env | {"MARKET_HOME": str(tmp_path / "home")},
        )
        for _ in range(2)
    )  # fmt: skip
    assert first.returncode == 0, first.stderr
    assert second.returncode == 2
    assert second.stderr.splitlines()[-1] == "This database is in use already; seed an empty one"
