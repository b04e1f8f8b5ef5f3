"""Databases to measure on: a SQLite file, and a PostgreSQL server of our own with fsync as in production."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgresql import Server, find_programs


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Addresses by kind; without PostgreSQL programs only SQLite."""
    with tempfile.TemporaryDirectory(prefix="tapsyrys-bench-") as folder:
        urls = {"sqlite": f"sqlite:///{Path(folder) / 'market.db'}"}
        programs = find_programs()
        if programs is None:
            yield urls
            return
        server = Server(programs, durable=True)
        try:
            yield urls | {"postgresql": server.url()}
        finally:
            server.stop()
