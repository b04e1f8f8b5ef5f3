"""The whole country in one round, database to database, on both databases, with nobody, two in five and everybody
naming three wishes (``MARKET_BENCH_SHARES``); ``MARKET_BENCH_SCALE`` times the nation: ten times it is 4.5 million
requests, for ``MARKET_BENCH_SHARES=0 MARKET_BENCH_DATABASES=sqlite`` and a quiet hour. ``MARKET_BENCH_SEEDED``: a
folder of SQLite files ``n<share>.db`` with their homes ``home<share>``, seeded before by ``tests.bench.nation``, of
which a copy is used.

``ratio.round_*``: processor seconds of classes, arcs, both solves and the check, against one penalised minimum-cost
flow of OR-Tools a component on the very same classes (solve alone). ``ratio.read_*`` and ``ratio.write_*``: seconds of
reading and of writing against a bare bulk read of the same rows (everybody's request and wishes, columns as they are),
and a bare bulk insert (COPY of text) of an outcome and a placement a request, without types, keys or checks;
``ratio.read_cpu_*`` and ``ratio.write_cpu_*``: the processor's, where the database works in the process.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from ortools.graph.python import min_cost_flow

from contracts.kernel.bulk import read_rows
from contracts.kernel.database import table_of
from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM, Work
from market.placement.models import PlacementRow, RequestRow, RoundPriceRow, WishRow
from market.placement.outcome_queries import everybodys_outcomes
from market.placement.proof import flat_kin, flat_seats, rows
from market.placement.rules import Reason
from market.placement.stored_queries import round_of, stored_instance, stored_result
from matching.certify import penalty_by_tier
from matching.classes import Classes
from matching.components import parts
from tests.bench.places import databases
from tests.bench.report import publish

SCALE = os.environ.get("MARKET_BENCH_SCALE", "1")
SHARES = os.environ.get("MARKET_BENCH_SHARES", "0 0.4 1").split()
KINDS = os.environ.get("MARKET_BENCH_DATABASES", "sqlite postgresql").split()
SEEDED = os.environ.get("MARKET_BENCH_SEEDED")
LIMITS = {"round": 2.5, "read": 1.5, "write": 1.5, "peak_rss_mib": 820.0}
LIMITS_OF_TEN = {"total_seconds": 20.0, "peak_rss_mib": 3072.0}
WRITTEN = (PlacementRow, RoundPriceRow)
TOLD = (
    "round_id UUID, request_id UUID, offer_id UUID, reason VARCHAR(32), distance_m BIGINT, rank INT, nearer_full INT, "
    "price BIGINT"
)
TOLD_COLUMNS = [column.split()[0] for column in TOLD.split(", ")]


def python(url: str, home: str, *words: str) -> str:
    env = os.environ | {"MARKET_DATABASE_URL": url, "MARKET_HOME": home}
    done = subprocess.run([sys.executable, "-m", *words], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
    return done.stdout


def bare_cpu(classes: Classes) -> tuple[float, int]:
    """Seconds of the solves alone, and the objective."""
    step = penalty_by_tier(len(classes.capacity), int(classes.arc_cost.max(initial=0)), classes.tiers)
    seconds, objective = 0.0, 0
    for part in parts(classes):
        inner, slots = part.classes, len(part.classes.capacity)
        count, owner = inner.count, inner.owners()
        solver, sink, each = min_cost_flow.SimpleMinCostFlow(), len(count) + slots, np.arange(len(count))
        solver.add_arcs_with_capacity_and_unit_cost(owner, len(count) + inner.arc_slot, count[owner], inner.arc_cost)
        waits = np.array(step, dtype=np.int64)[inner.tier]
        solver.add_arcs_with_capacity_and_unit_cost(each, np.full(len(count), sink), count, waits)
        ends = len(count) + np.arange(slots), np.full(slots, sink)
        solver.add_arcs_with_capacity_and_unit_cost(*ends, inner.capacity, np.zeros(slots, dtype=np.int64))
        solver.set_nodes_supplies(np.append(each, sink), np.append(count, -count.sum()))
        begun = process_time()
        assert solver.solve() == solver.OPTIMAL
        seconds, objective = seconds + process_time() - begun, objective + solver.optimal_cost()
    return seconds, objective


def against_bare(database: Database) -> dict[str, Any]:
    """The questions of the stored round, asked of the bare solver; whether it comes to the same objective."""

    def read(work: Work) -> Any:
        found = round_of(work, 1)
        instance = stored_instance(work, found.id)
        return instance, stored_result(work, found.id, instance)

    instance, result = database.read(SYSTEM, read)
    arcs, solved = instance.arcs, result.solved
    seconds, objective = bare_cpu(flat_kin(arcs))
    waits = np.array(solved.who.penalty_by_tier, dtype=object)[arcs.kin.tier]
    reachable = np.diff(arcs.kin.first_arc) > 0
    same = objective == solved.who.cost + int((solved.who.waiting * waits)[reachable].sum())
    sizes = {"kin": len(arcs.kin.count), "kin_arcs": len(arcs.kin.arc_slot), "classes": len(arcs.classes.count),
             "arcs": len(arcs.classes.arc_slot), "bare_who_cpu": round(seconds, 3)}  # fmt: skip
    if solved.where is not None:
        more, objective = bare_cpu(flat_seats(arcs, solved.taken >= 0))
        same = same and objective == solved.where.cost
        seconds, sizes["bare_where_cpu"] = seconds + more, round(more, 3)
    assert len(rows(arcs)) == len(instance.request)
    return {**sizes, "bare_cpu": round(seconds, 3), "equal_objective": bool(same)}


def bare_read_seconds(database: Database) -> tuple[float, float]:
    """By the clock and of this process: everybody's request, and every wish, a row each."""
    begun, idle = perf_counter(), process_time()
    for model in (RequestRow, WishRow):
        columns = [
            sa.cast(c, sa.String()) if isinstance(c.type, sa.Uuid) else sa.type_coerce(c, sa.String())
            for c in table_of(model).c
        ]
        rows = database.read(SYSTEM, lambda work, columns=columns: read_rows(work, sa.select(*columns)))  # type: ignore[misc]  # of this turn
        assert rows or model is WishRow
    return perf_counter() - begun, process_time() - idle


def bare_write_seconds(database: Database) -> tuple[float, float]:
    """By the clock and of this process: what a round has told and placed, and its prices, as a row each. The rows stand
    ready as the driver wants them; the tables have no key, no index and no check."""
    seconds = worked = 0.0
    with database.engine.begin() as connection:
        ids = "CHAR(32)" if connection.dialect.name == "sqlite" else "UUID"
        connection.execute(sa.text(f"CREATE TABLE told ({TOLD.replace('UUID', ids)})"))
        connection.execute(
            sa.text(f"INSERT INTO told VALUES ({', '.join(f':{name}' for name in TOLD_COLUMNS)})"), told(database)
        )
    for name in ("told", *(str(table_of(model).name) for model in WRITTEN)):
        with database.engine.connect() as connection:
            connection.execute(sa.text(f"CREATE TABLE bare_{name} AS SELECT * FROM {name} WHERE 1 = 0"))
            driver: Any = connection.connection.dbapi_connection
            if connection.dialect.name == "sqlite":
                ready = driver.execute(f"SELECT * FROM {name}").fetchall()
                marks = ", ".join("?" * len(ready[0]))
                begun, idle = perf_counter(), process_time()
                driver.executemany(f"INSERT INTO bare_{name} VALUES ({marks})", ready)
                connection.commit()
            else:
                with driver.cursor() as cursor, cursor.copy(f"COPY {name} TO STDOUT") as copy:
                    text = b"".join(bytes(part) for part in copy)
                begun, idle = perf_counter(), process_time()
                with driver.cursor() as cursor, cursor.copy(f"COPY bare_{name} FROM STDIN") as copy:
                    copy.write(text)
                connection.commit()
            seconds, worked = seconds + perf_counter() - begun, worked + process_time() - idle
    return seconds, worked


def told(database: Database) -> list[dict[str, object]]:
    """What the round's pages hold, a row a request, with ids as the database keeps them."""
    sqlite = database.engine.dialect.name == "sqlite"

    def plain(value: object) -> object:
        return value.hex if sqlite and isinstance(value, UUID) else str(value) if isinstance(value, Reason) else value

    def read(work: Work) -> list[dict[str, object]]:
        outcomes = everybodys_outcomes(work, round_of(work, 1).id)
        return [{name: plain(getattr(one, name)) for name in TOLD_COLUMNS} for one in outcomes]

    return database.read(SYSTEM, read)


def seed(kind: str, url: str, home: str, share: str) -> None:
    if SEEDED is None or kind != "sqlite":
        python(url, home, "tests.bench.nation", url, home, SCALE, share)
        return
    shutil.copy(Path(SEEDED) / f"n{share}.db", url.removeprefix("sqlite:///"))
    shutil.copytree(Path(SEEDED) / f"home{share}", home, dirs_exist_ok=True)


def measured(kind: str, url: str, share: str, ratio: dict[str, float]) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as home:
        seed(kind, url, home, share)
        report = json.loads(python(url, home, "market", "round", "run", "--json"))
        verified = json.loads(python(url, home, "market", "round", "verify", "1", "--json"))
        again = json.loads(python(url, home, "market", "round", "rerun", "1", "--json"))
    database = open_database(url)
    bare, (bare_read, bare_read_cpu), (bare_write, bare_write_cpu) = (
        against_bare(database), bare_read_seconds(database), bare_write_seconds(database)
    )  # fmt: skip
    database.close()
    seconds, cpu = report["seconds"], report["cpu_seconds"]
    own = seconds["classes"] + sum(cpu[phase] for phase in ("arcs", "solve", "verify"))
    name = f"{kind}_{share}"
    ratio[f"round_{name}"] = round(own / max(bare["bare_cpu"], 1e-3), 2)
    ratio[f"read_{name}"] = round(seconds["read"] / bare_read, 2)
    ratio[f"write_{name}"] = round(seconds["write"] / bare_write, 2)
    if kind == "sqlite":
        ratio[f"read_cpu_{name}"] = round((cpu["read"] - seconds["classes"]) / bare_read_cpu, 2)
        ratio[f"write_cpu_{name}"] = round(cpu["write"] / bare_write_cpu, 2)
    kept = ("requests", "served", "served_by_tier", "certificate", "status", "sizes", "seconds", "cpu_seconds",
            "peak_rss_mib")  # fmt: skip
    return {
        **{key: report[key] for key in kept}, "bare": bare, "bare_read_seconds": round(bare_read, 3),
        "bare_write_seconds": round(bare_write, 3), "verified": verified["ok"], "rerun_equal": again["equal"],
    }  # fmt: skip


def main() -> None:
    figures: dict[str, object] = {"scale": float(SCALE)}
    ratio: dict[str, float] = {}
    for share in SHARES:
        with databases() as urls:
            for kind, url in urls.items():
                if kind in KINDS:
                    figures[f"{kind}_{share}"] = measured(kind, url, share, ratio)
    publish("national_round", figures, ratio=ratio, limits=LIMITS if float(SCALE) <= 1 else LIMITS_OF_TEN)


if __name__ == "__main__":
    main()
