"""``python -m tests.bench.pictures``: how long a reader waits for a picture, and what the process that draws holds.

Ratios are to the first chart, which includes the start of that process.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from uuid import uuid4

import sqlalchemy as sa

from contracts.kernel.runner import open_database
from contracts.kernel.work import SYSTEM
from market.migrate import migrate
from market.web.pictures.act_sheet import act_sheet
from market.web.pictures.cluster import circles
from market.web.pictures.job import Drawing, Look, Sheet
from market.web.pictures.queries import ServedLine, gathered
from market.web.pictures.studio import Studio
from market.web.pictures.view import view_of
from tests.bench.places import databases
from tests.bench.report import publish
from tests.web.pictures.samples import CHARTS, drawing
from tests.web.pictures.test_printing import ACT, PARTIES, SERVED, VISITS, on_paper

POINTS = 100_000
TIMES = 20
LIMIT_FIRST, LIMIT_WARM, LIMIT_GATHERED = 8.0, 0.5, 1.0  # seconds on two busy cores


def seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def median(do: Callable[[], object]) -> float:
    return statistics.median(seconds(do) for _ in range(TIMES))


def long_act(lines: int) -> Sheet:
    many = [replace(VISITS, engagement_id=uuid4()) for _ in range(lines)]
    (one,) = SERVED.values()
    served = {
        line.engagement_id: ServedLine(line.engagement_id, one.recipient, one.first_on, one.last_on) for line in many
    }
    return act_sheet("kk", ACT, many, PARTIES, served)


def held_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def measure_studio() -> dict[str, float]:
    studio = Studio(b"key")
    try:
        found = {"first_chart_s": seconds(lambda: studio.make(drawing(0)))}
        fresh = count(1)
        found["warm_chart_s"] = median(lambda: studio.make(drawing(next(fresh))))
        found["kept_chart_s"] = median(lambda: studio.make(drawing(0)))
        found["line_chart_s"] = seconds(lambda: studio.make(Drawing(CHARTS[2], Look.WIDE)))
        found["voucher_s"] = median(lambda: studio.make(on_paper("Айгерім")))
        act, longest = long_act(100), long_act(2000)
        found["act_100_lines_s"] = median(lambda: studio.make(act))
        assert studio._press is not None
        found["press_mib"] = held_mib(studio._press.pid)
        found["act_2000_lines_s"] = seconds(lambda: studio.make(longest))
        found["press_mib_after_longest_act"] = held_mib(studio._press.pid)
        return found
    finally:
        studio.close()


def measure_map(url: str) -> dict[str, float]:
    """Points as a table has them, gathered for the country and for one region."""
    migrate(url)
    random, database = Random(1), open_database(url)
    table = sa.Table("bench_point", sa.MetaData(), sa.Column("longitude", sa.Float), sa.Column("latitude", sa.Float))
    try:
        with database.engine.begin() as connection:
            table.create(connection)
            rows = [{"longitude": random.uniform(47, 87), "latitude": random.uniform(41, 55)} for _ in range(POINTS)]
            connection.execute(sa.insert(table), rows)
        found = {}
        for name, view in (("country", view_of()), ("region", view_of("610000000"))):
            points = partial(gathered, points=sa.select(table), view=view)
            read = partial(database.read, SYSTEM, points)
            found[f"gathered_{name}_s"] = median(read)
            found[f"circles_{name}_s"] = median(partial(circles, view, read()))
        with database.engine.begin() as connection:
            table.drop(connection)
        return found
    finally:
        database.close()


def main() -> None:
    figures: dict[str, object] = {"points": POINTS, **measure_studio()}
    with databases() as urls:
        for kind, url in urls.items():
            figures[kind] = measure_map(url)
    first, warm = float(str(figures["first_chart_s"])), float(str(figures["warm_chart_s"]))
    publish(
        "pictures", figures, ratio={"warm_to_first": warm / first},
        limits={"first_chart_s": LIMIT_FIRST, "warm_chart_s": LIMIT_WARM, "gathered_s": LIMIT_GATHERED},
    )  # fmt: skip
    assert first < LIMIT_FIRST
    assert warm < LIMIT_WARM


if __name__ == "__main__":
    main()
