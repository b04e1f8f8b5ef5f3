"""Time to the first byte, processor time and size of every page of every role, with the nation and a year of its work
behind it.

Measured beside, in the same minutes: an empty answer (``/health``, one small read of the database), an empty page (the
frame around a sentence), and a village, whose lists fill their first page and hardly more. A page that takes more
processor time with the nation behind it than there reads rows that it does not show. All take turns, so that the noise
of the machine falls on all alike. A moderate run takes a few minutes: ``MARKET_BENCH_SCALE`` 0.1 instead of 1,
``MARKET_BENCH_TURNS`` 12 instead of 40, ``MARKET_BENCH_DATABASES`` one of sqlite and postgresql.
"""

import math
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.bench.places import databases
from tests.bench.report import publish
from tests.bench.sites import EMPTY, EMPTY_PAGE, Kind, Place, Taken, installed

SCALE = float(os.environ.get("MARKET_BENCH_SCALE", "1"))
TURNS = int(os.environ.get("MARKET_BENCH_TURNS", "40"))
CHOSEN = os.environ.get("MARKET_BENCH_DATABASES", "sqlite,postgresql").split(",")
VILLAGE = 0.001  # of the nation: 122 people
WARM = 3
WORST = 10
LIMITS = {"p95_ms": 150.0, "bytes": 150_000.0, "growth": 2.0}
NOTICEABLE_MS = 5.0  # of processor: a page that grew by less has not grown
Found = dict[Kind, list[Taken]]


def measure(*places: Place) -> None:
    """Every page of every place once a turn; the first turns fill caches and are forgotten."""
    for turn in range(WARM + TURNS):
        for place in places:
            if turn == WARM:
                place.taken.clear()
            place.once()


def p95(values: Sequence[float]) -> float:
    return sorted(values)[math.ceil(len(values) * 0.95) - 1]


def _ms(taken: Sequence[Taken]) -> list[float]:
    return [one.ms for one in taken]


def _cpu(taken: Sequence[Taken]) -> float:
    return median(one.cpu_ms for one in taken)


def _said(kind: Kind) -> str:
    return " ".join(kind)


def grown(nation: Found, village: Found) -> dict[Kind, float]:
    """By how much pages grew in processor time."""
    return {
        kind: _cpu(taken) / _cpu(village[kind])
        for kind, taken in nation.items()
        if kind in village and _cpu(taken) - _cpu(village[kind]) > NOTICEABLE_MS
    }


def figures_of(nation: Place, village: Place) -> tuple[dict[str, object], dict[str, float]]:
    pages = {kind: taken for kind, taken in nation.taken.items() if kind not in (EMPTY, EMPTY_PAGE)}
    empty, frame = median(_ms(nation.taken[EMPTY])), median(_ms(nation.taken[EMPTY_PAGE]))
    growth = grown(pages, village.taken)
    by_time = sorted(pages, key=lambda kind: p95(_ms(pages[kind])), reverse=True)
    by_work = sorted(pages, key=lambda kind: _cpu(pages[kind]), reverse=True)
    by_size = sorted(pages, key=lambda kind: pages[kind][0].size, reverse=True)
    over = {
        "p95": [kind for kind in pages if p95(_ms(pages[kind])) > LIMITS["p95_ms"]],
        "processor": [kind for kind in pages if _cpu(pages[kind]) > LIMITS["p95_ms"]],
        "bytes": [kind for kind in pages if max(one.size for one in pages[kind]) > LIMITS["bytes"]],
        "growth": [kind for kind in growth if growth[kind] > LIMITS["growth"]],
    }
    figures: dict[str, object] = {
        "pages": len(pages),
        "empty_answer_ms": round(empty, 2), "empty_page_ms": round(frame, 2),
        "empty_page_cpu_ms": round(_cpu(nation.taken[EMPTY_PAGE]), 2),
        "over": {name: len(found) for name, found in over.items()},
        "which_over": {name: sorted(map(_said, found)) for name, found in over.items()},
        "worst_p95_ms": {_said(k): round(p95(_ms(pages[k])), 1) for k in by_time[:WORST]},
        "worst_cpu_ms": {_said(k): round(_cpu(pages[k]), 1) for k in by_work[:WORST]},
        "largest_bytes": {_said(k): pages[k][0].size for k in by_size[:WORST]},
        "grown": {_said(k): round(growth[k], 1) for k in sorted(growth, key=lambda k: -growth[k])[:WORST]},
        "broken": {_said(kind): status for kind, status in nation.broken.items()},
        "by_page": {_said(kind): told(taken, frame) for kind, taken in sorted(pages.items())},
    }  # fmt: skip
    ratio = {
        "page_to_empty_page": round(median(median(_ms(taken)) for taken in pages.values()) / frame, 2),
        "slowest_to_empty_page": round(p95(_ms(pages[by_time[0]])) / frame, 2),
        "dearest_to_empty_page": round(_cpu(pages[by_work[0]]) / _cpu(nation.taken[EMPTY_PAGE]), 2),
        "growth": round(max(growth.values(), default=1.0), 2),
    }
    return figures, ratio


def told(taken: Sequence[Taken], frame: float) -> dict[str, float]:
    return {
        "p50": round(median(_ms(taken)), 1), "p95": round(p95(_ms(taken)), 1), "cpu": round(_cpu(taken), 1),
        "bytes": max(one.size for one in taken), "to_empty_page": round(median(_ms(taken)) / frame, 2),
    }  # fmt: skip


def main() -> None:
    figures: dict[str, object] = {}
    ratio: dict[str, float] = {}
    with databases() as urls, tempfile.TemporaryDirectory(prefix="tapsyrys-pages-") as folder, ExitStack() as places:
        village = places.enter_context(installed(None, Path(folder) / "village", VILLAGE))
        for kind, url in urls.items():
            if kind in CHOSEN:
                sys.stderr.write(f"{kind}: a nation of {SCALE}\n")
                nation = places.enter_context(installed(url, Path(folder) / kind, SCALE))
                village.taken.clear()
                measure(village, nation)
                figures[kind], ratios = figures_of(nation, village)
                ratio |= {f"{name}_{kind}": times for name, times in ratios.items()}
    publish("pages", figures, ratio=ratio, limits=LIMITS)


if __name__ == "__main__":
    main()
