"""Every test that asks for ``database`` runs on SQLite and on PostgreSQL, each with a fresh, migrated database.

All that tests write lies in memory where the machine has a file system there: they make thousands of databases, and
none is to outlast its test. A PostgreSQL server is started once for all workers. Where there is none, those tests
skip and say so, unless MARKET_REQUIRE_POSTGRESQL is set, which makes it a failure.
"""

import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from contracts.kernel.runner import Database, open_database
from market.migrate import migrate
from market.web.serve import collect_seldom
from tests import postgresql

FreshUrl = Callable[[], AbstractContextManager[str]]
_SERVER_URL = "MARKET_TEST_POSTGRESQL"  # how the controller tells its workers where the server is
_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30  # a whole run holds about one GiB at a time; containers often give 64 MiB


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()  # to look through six thousand tests again and again while they are gathered is a quarter of it
    if hasattr(config, "workerinput") or os.environ.get(_SERVER_URL):
        return
    if "TMPDIR" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ["TMPDIR"] = str(_MEMORY)  # for child processes as well
        tempfile.tempdir = None
    programs = postgresql.find_programs()
    if programs is None:
        if os.environ.get("MARKET_REQUIRE_POSTGRESQL"):
            raise pytest.UsageError("MARKET_REQUIRE_POSTGRESQL is set, but no PostgreSQL programs were found")
        return
    server = postgresql.Server(programs)
    config.add_cleanup(server.stop)
    os.environ[_SERVER_URL] = server.url()
    config.add_cleanup(lambda: os.environ.pop(_SERVER_URL, None))


def pytest_collection_finish() -> None:
    collect_seldom()
    gc.enable()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "market.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgresql_server() -> sa.URL:
    url = os.environ.get(_SERVER_URL)
    if url is None:
        pytest.skip("no PostgreSQL programs on this machine (apt-get install postgresql, or set PG_BIN)")
    return sa.make_url(url)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: sa.URL) -> Iterator[sa.URL]:
    name = f"template_{uuid.uuid4().hex}"
    _administer(postgresql_server, f"CREATE DATABASE {name}")
    migrate(postgresql_server.set(database=name).render_as_string(hide_password=False))
    yield postgresql_server.set(database=name)
    _administer(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(
        server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@contextmanager
def fresh_sqlite(template: Path, folder: Path) -> Iterator[str]:
    file = folder / f"market_{uuid.uuid4().hex}.db"
    shutil.copy(template, file)
    yield f"sqlite:///{file}"


@contextmanager
def fresh_postgresql(template: sa.URL) -> Iterator[str]:
    """Nobody may be connected to the template."""
    name, server = f"test_{uuid.uuid4().hex}", template.set(database="postgres")
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template.database}")
    yield server.set(database=name).render_as_string(hide_password=False)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_urls(sqlite_template: Path, tmp_path: Path) -> FreshUrl:
    return partial(fresh_sqlite, sqlite_template, tmp_path)


@pytest.fixture
def postgresql_urls(postgresql_template: sa.URL) -> FreshUrl:
    return partial(fresh_postgresql, postgresql_template)


@pytest.fixture
def sqlite_url(sqlite_urls: FreshUrl) -> Iterator[str]:
    with sqlite_urls() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_urls: FreshUrl) -> Iterator[str]:
    with postgresql_urls() as url:
        yield url


KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated database, once for each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=KINDS)
def database_urls(request: pytest.FixtureRequest) -> FreshUrl:
    """As many fresh databases as a test asks for, once for each kind."""
    urls: FreshUrl = request.getfixturevalue(f"{request.param}_urls")
    return urls


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()
