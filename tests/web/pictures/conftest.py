"""The web with a gallery of pictures, for what only a page shows."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from market import app
from market.settings import Settings
from tests.web.pictures.gallery import Gallery, hang


@pytest.fixture(scope="module")
def visitor(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Any]]:
    home = tmp_path_factory.mktemp("gallery")
    shutil.copy(sqlite_template, home / "market.db")
    settings = Settings(home, f"sqlite:///{home / 'market.db'}", None, None, None)
    hang()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "PAGES", (*app.PAGES, Gallery))
        made = app.create_app(settings)
    with TestClient(made, raise_server_exceptions=False) as client:
        yield client
