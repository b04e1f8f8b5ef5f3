"""Opening the web on a database. To build it takes most of a second: one that was closed is opened again elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from market.app import create_app
from market.settings import Settings

_closed: list[Litestar] = []


@contextmanager
def open_web(settings: Settings) -> Iterator[TestClient[Any]]:
    """A crash is answered as the web answers it."""
    app = _closed.pop() if _closed else create_app(settings)
    app.state.settings = settings
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
    _closed.append(app)
