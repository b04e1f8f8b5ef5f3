"""A street for the tests of a module: what one does there, the next finds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from market.settings import Settings
from tests.web.opening import open_web
from tests.web.street import Street, build
from tests.web.town import Town


@pytest.fixture(scope="module")
def street(hall: Town) -> Street:
    return build(hall)


@pytest.fixture
def fresh_street(sqlite_url: str, tmp_path: Path) -> Iterator[Street]:
    """For who travels or holds a round; once on SQLite, for what no database decides."""
    settings = Settings(tmp_path / "home", sqlite_url, None, None, None)
    with open_web(settings) as client:
        yield build(Town(client))
