"""The web with a town of people: ``town`` on each kind of database, ``hall`` once on SQLite for what only the door
decides."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from market.settings import Settings
from tests.conftest import KINDS
from tests.web.moulds import Cast, Moulds, casting
from tests.web.opening import open_web
from tests.web.town import Town


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(tmp_path / "home", database_url, None, None, None)


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    with open_web(settings) as client:
        yield Town(client)


@pytest.fixture(scope="session")
def moulds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moulds]:
    made = Moulds(tmp_path_factory)
    with made.kept:
        yield made


@pytest.fixture(params=KINDS)
def cast(request: pytest.FixtureRequest, moulds: Moulds, tmp_path: Path) -> Iterator[Cast]:
    with casting(moulds, request.param, request.getfixturevalue(f"{request.param}_urls"), tmp_path) as cast:
        yield cast


@pytest.fixture(scope="module")
def hall(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    home = tmp_path_factory.mktemp("hall")
    shutil.copy(sqlite_template, home / "market.db")
    settings = Settings(home, f"sqlite:///{home / 'market.db'}", None, None, None)
    with open_web(settings) as client:
        yield Town(client)


@pytest.fixture(autouse=True)
def _nobody_is_remembered(request: pytest.FixtureRequest) -> Iterator[None]:
    """The hall's client is shared: cookies of one test are not those of the next."""
    yield
    if "hall" in request.fixturenames:
        request.getfixturevalue("hall").client.cookies.clear()
