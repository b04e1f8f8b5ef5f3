"""The whole country in one round, database to database, on both databases.

The bare limit of writing is one bulk insert of the same number of placements into a table without keys, checks or
indexes on the same database in the same run.
"""

import json
import os
import subprocess
import sys
import tempfile
from time import perf_counter

import sqlalchemy as sa

from contracts.audit.service import record
from contracts.kernel.bulk import copy_rows, new_ids
from contracts.kernel.database import Base
from contracts.kernel.runner import open_database
from contracts.kernel.work import SYSTEM, Work
from tests.bench.places import databases
from tests.bench.report import publish

SCALE = os.environ.get("MARKET_BENCH_SCALE", "1")
LIMITS = {"total_seconds": 120.0, "peak_rss_mib": 4096.0}


class BareRow(Base):
    """As many values as a placement has, and nothing that checks them."""

    __tablename__ = "bench_bare"
    __mapper_args__ = {"primary_key": ["a"]}  # noqa: RUF012 - SQLAlchemy's own form
    __table__ = sa.Table(
        "bench_bare", Base.metadata, *[sa.Column(name, sa.String(40)) for name in "abcdef"],
        *[sa.Column(name, sa.BigInteger()) for name in "ghij"],
    )  # fmt: skip


def market(url: str, home: str, *words: str) -> dict[str, object]:
    env = os.environ | {"MARKET_DATABASE_URL": url, "MARKET_HOME": home}
    done = subprocess.run(
        [sys.executable, "-m", "market", *words, "--json"], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"market {' '.join(words)}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def bare_write_seconds(url: str, rows: int) -> float:
    database = open_database(url)
    BareRow.__table__.create(database.engine)
    ids = new_ids(rows)

    def fill(work: Work) -> None:
        copy_rows(work, BareRow, list("abcdefghij"), ((i, i, i, i, i, i, 1, 2, 3, 4) for i in ids))
        record(work, "bench", "bare", "filled")

    begun = perf_counter()
    database.write(SYSTEM, fill)
    seconds = perf_counter() - begun
    database.close()
    return seconds


def main() -> None:
    figures: dict[str, object] = {}
    ratio: dict[str, float] = {}
    with databases() as urls, tempfile.TemporaryDirectory() as home:
        for kind, url in urls.items():
            seeded = market(url, home, "seed", "--profile", "national", "--scale", SCALE)
            round_ = market(url, home, "round", "run")
            checked = market(url, home, "check")
            seconds = round_["seconds"]
            assert isinstance(seconds, dict)
            bare = bare_write_seconds(url, int(str(round_["served"])))
            ratio[f"write_{kind}"] = round(seconds["write"] / bare, 2)
            figures[kind] = {
                "seed_seconds": seeded["seconds"], "bare_write_seconds": round(bare, 2),
                "invariants_hold": checked["ok"],
                **{key: round_[key] for key in ("requests", "served", "served_by_tier", "certificate", "sizes",
                                                "seconds", "peak_rss_mib")},
            }  # fmt: skip
    publish("national_round", figures, ratio=ratio, limits=LIMITS)


if __name__ == "__main__":
    main()
