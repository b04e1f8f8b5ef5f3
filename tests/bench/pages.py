"""Time to the first byte of every page of every role, with the nation behind it.

The bare limit is an empty answer of the same server in the same minutes (``/health``: one small read of the database).
Beside the nation stands a village, whose lists fill their first page and hardly more: a page that is slower with the
nation behind it than there reads rows that it does not show. All take turns, so that the noise of the machine falls on
all alike.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from time import perf_counter

from market.seed.sign_in import SignIn
from tests.bench.places import databases
from tests.bench.report import publish
from tests.browser import roles
from tests.browser.crawl import crawl
from tests.browser.installation import Installation, environment_of, free_port, serving

SCALE = os.environ.get("MARKET_BENCH_SCALE", "1")
VILLAGE = "0.001"  # of the nation: 122 people
TURNS = 40
WARM = 3
EMPTY = ("visitor", "/health")
LIMITS = {"p95_ms": 150.0, "growth": 2.0}
NOTICEABLE_MS = 5.0  # a page that grew by less has not grown
Kind = tuple[str, str]  # role and route


@dataclass(slots=True)
class Place:
    """An installation and an address of each kind of page; ``taken`` in milliseconds."""

    site: Installation
    addresses: dict[Kind, str] = field(default_factory=dict)
    sessions: dict[str, str | None] = field(default_factory=dict)
    taken: dict[Kind, list[float]] = field(default_factory=dict)

    def find_pages(self) -> None:
        roles.add_missing(self.site)
        self.addresses[EMPTY] = EMPTY[1]
        for role in roles.EVERY:
            self.sessions[role] = self.site.session_of(role)
            for visit in crawl(self.site, role):
                template, names = visit.kind
                asked = f"{template}?{'&'.join(names)}" if names else template
                if visit.is_page and visit.route:
                    self.addresses.setdefault((role, asked), visit.address)

    def once(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.site.port, timeout=120)
        connection.connect()
        for kind, address in self.addresses.items():
            self.taken.setdefault(kind, []).append(self._first_byte(connection, kind[0], address))
        connection.close()

    def _first_byte(self, connection: HTTPConnection, role: str, address: str) -> float:
        session = self.sessions[role]
        headers = {"Accept": "text/html", "Accept-Encoding": "gzip"} | (
            {"Cookie": f"session={session}"} if session else {}
        )
        begun = perf_counter()
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        taken = (perf_counter() - begun) * 1000
        answer.read()
        assert answer.status == 200, (role, address, answer.status)
        return taken


def p95(taken: Sequence[float]) -> float:
    return sorted(taken)[math.ceil(len(taken) * 0.95) - 1]


def measure(*places: Place) -> None:
    """Every page of every place once a turn; the first turns fill caches and are forgotten."""
    for turn in range(WARM + TURNS):
        for place in places:
            if turn == WARM:
                place.taken.clear()
            place.once()


@contextmanager
def installed(url: str | None, home: Path, scale: str) -> Iterator[Place]:
    """A nation of this scale, after a matching round."""
    home.mkdir()
    environment = environment_of(home) | ({"MARKET_DATABASE_URL": url} if url else {})
    seeded = _market(environment, "seed", "--profile", "national", "--scale", scale)
    _market(environment, "round", "run")
    people = [SignIn(**person) for person in seeded["sign_in"]]
    with opened(environment, home, people) as place:
        yield place


@contextmanager
def opened(environment: dict[str, str], home: Path, people: Sequence[SignIn]) -> Iterator[Place]:
    port = free_port()
    with serving(environment, port, home / "serve.log"):
        place = Place(Installation(home, port, people, is_demo=False))
        place.find_pages()
        yield place


def _market(environment: dict[str, str], *words: str) -> dict[str, list[dict[str, str]]]:
    done = subprocess.run(
        [sys.executable, "-m", "market", *words, "--json"], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"market {' '.join(words)}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
    answer: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return answer


def figures_of(nation: Place, village: Place) -> tuple[dict[str, object], dict[str, float]]:
    empty = median(nation.taken[EMPTY])
    pages = {kind: taken for kind, taken in nation.taken.items() if kind != EMPTY}
    growth = {
        kind: median(taken) / median(village.taken[kind])
        for kind, taken in pages.items()
        if kind in village.taken and median(taken) - median(village.taken[kind]) > NOTICEABLE_MS
    }
    slowest = max(pages, key=lambda kind: p95(pages[kind]))
    most_grown = max(growth, key=lambda kind: growth[kind], default=EMPTY)
    figures: dict[str, object] = {
        "empty_ms": round(empty, 2), "pages": len(pages), "slowest": " ".join(slowest),
        "slowest_p95_ms": round(p95(pages[slowest]), 1),
        "over_limit": sorted(" ".join(kind) for kind in pages if p95(pages[kind]) > LIMITS["p95_ms"]),
        "grown": {" ".join(kind): round(times, 2) for kind, times in growth.items() if times > LIMITS["growth"]},
        "p50_p95_ms": {" ".join(k): [round(median(t), 1), round(p95(t), 1)] for k, t in sorted(pages.items())},
    }  # fmt: skip
    ratio = {
        "page_to_empty": round(median(median(taken) for taken in pages.values()) / empty, 2),
        "slowest_to_empty": round(median(pages[slowest]) / empty, 2),
        "growth": round(growth.get(most_grown, 1.0), 2),
    }
    return figures, ratio


def main() -> None:
    figures: dict[str, object] = {}
    ratio: dict[str, float] = {}
    with databases() as urls, tempfile.TemporaryDirectory(prefix="tapsyrys-pages-") as folder, ExitStack() as places:
        village = places.enter_context(installed(None, Path(folder) / "village", VILLAGE))
        for kind, url in urls.items():
            nation = places.enter_context(installed(url, Path(folder) / kind, SCALE))
            measure(village, nation)
            figures[kind], ratios = figures_of(nation, village)
            ratio |= {f"{name}_{kind}": times for name, times in ratios.items()}
    publish("pages", figures, ratio=ratio, limits=LIMITS)


if __name__ == "__main__":
    main()
