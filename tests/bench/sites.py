"""An installation to measure on: a nation (or a village of it) after its round and a year of work, and how much
processor time its server and its database have used."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM
from market.oversight import statistics
from market.placement.reporting import Reporter
from market.seed.sign_in import SignIn
from market.settings import Settings
from tests.bench import year_money
from tests.bench.year import work_a_year
from tests.browser import roles
from tests.browser.crawl import crawl
from tests.browser.installation import VISITOR, Installation, environment_of, free_port, serving

Kind = tuple[str, str]  # role and route
EMPTY: Kind = (VISITOR, "/health")
EMPTY_PAGE: Kind = (VISITOR, "/problems/bid-late")  # the frame around one sentence


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds to the first byte, milliseconds of processor (server and database), bytes as they were sent."""

    ms: float
    cpu_ms: float
    size: int


@dataclass(slots=True)
class Place:
    """An installation and an address of each kind of page."""

    site: Installation
    server: int
    database: int | None
    addresses: dict[Kind, str] = field(default_factory=dict)
    sessions: dict[str, str | None] = field(default_factory=dict)
    taken: dict[Kind, list[Taken]] = field(default_factory=dict)
    broken: dict[Kind, int] = field(default_factory=dict)

    def find_pages(self) -> None:
        roles.add_missing(self.site)
        self.addresses |= {EMPTY: EMPTY[1], EMPTY_PAGE: EMPTY_PAGE[1]}
        for role in roles.EVERY:
            self.sessions[role] = self.site.session_of(role)
            for visit in crawl(self.site, role):
                template, names = visit.kind
                asked = f"{template}?{'&'.join(names)}" if names else template
                if visit.is_page and visit.route:
                    self.addresses.setdefault((role, asked), visit.address)
                elif visit.status >= 400:
                    self.broken[role, visit.address] = visit.status

    def once(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.site.port, timeout=120)
        connection.connect()
        for kind, address in self.addresses.items():
            self.taken.setdefault(kind, []).append(self._asked(connection, kind[0], address))
        connection.close()

    def _asked(self, connection: HTTPConnection, role: str, address: str) -> Taken:
        session = self.sessions[role]
        headers = {"Accept": "text/html", "Accept-Encoding": "gzip"} | (
            {"Cookie": f"session={session}"} if session else {}
        )
        used, begun = self._used(), perf_counter()
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        taken = (perf_counter() - begun) * 1000
        size = len(answer.read())
        assert answer.status == 200, (role, address, answer.status)
        return Taken(taken, self._used() - used, size)

    def _used(self) -> float:
        """Of all threads of the server, and of all processes of the database's server, in milliseconds."""
        processes = [self.server, *(() if self.database is None else _children(self.database))]
        return sum(_nanoseconds(process) for process in processes) / 1e6


def _nanoseconds(process: int) -> int:
    found = 0
    for task in Path(f"/proc/{process}/task").glob("*/schedstat"):
        try:
            found += int(task.read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
    return found


def _children(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


@contextmanager
def installed(url: str | None, home: Path, scale: float) -> Iterator[Place]:
    """A nation of this scale, after a matching round and a year of work."""
    home.mkdir()
    environment = environment_of(home) | ({"MARKET_DATABASE_URL": url} if url else {})
    seeded = _market(environment, "seed", "--profile", "national", "--scale", str(scale))
    _market(environment, "round", "run")
    database = open_database(Settings.from_environment(environment).database_url)
    _furnish(database, scale)
    postmaster = _postmaster(database)
    database.close()
    people = [SignIn(**person) for person in seeded["sign_in"]]
    with opened(environment, home, people, postmaster) as place:
        yield place


def _furnish(database: Database, scale: float) -> None:
    work_a_year(database, share=scale)
    for part in (year_money.hand_in, year_money.order, year_money.book, year_money.flag, year_money.follow):
        database.write(SYSTEM, part)
    with database.engine.begin() as connection:
        connection.execute(sa.text("ANALYZE"))
    Reporter()(database)
    statistics.take(database)


def _postmaster(database: Database) -> int | None:
    if database.engine.dialect.name == "sqlite":
        return None
    with database.engine.connect() as connection:
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


@contextmanager
def opened(
    environment: dict[str, str], home: Path, people: Sequence[SignIn], postmaster: int | None = None
) -> Iterator[Place]:
    port = int(os.environ.get("MARKET_BENCH_PORT", "0")) or free_port()
    with serving(environment, port, home / "serve.log") as server:
        place = Place(Installation(home, port, people, is_demo=False), server, postmaster)
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
