"""What takes many requests to build is built once on each kind of database, and cast for every test that spoils it."""

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
import sqlalchemy as sa

from contracts.kernel.database import is_sqlite
from market.settings import Settings
from tests.conftest import FreshUrl, fresh_postgresql, fresh_sqlite
from tests.web.opening import open_web
from tests.web.town import Town

T = TypeVar("T")


class Cast(Protocol):
    def __call__(self, build: Callable[[Town], T]) -> T:
        """What ``build`` makes of a new town, in a town of the test's own."""


@dataclass(frozen=True)
class Mould:
    """A database that nobody is connected to, the files beside it, and what was built there by ``town``'s people."""

    url: str
    home: Path
    town: Town
    made: Any


@dataclass
class Moulds:
    folders: pytest.TempPathFactory
    kept: ExitStack = field(default_factory=ExitStack)
    known: dict[tuple[str, object], Mould] = field(default_factory=dict)

    def of(self, build: Callable[[Town], object], kind: str, urls: FreshUrl) -> Mould:
        if (kind, build) not in self.known:
            with urls() as url:
                self.known[kind, build] = self._make(build, url)
        return self.known[kind, build]

    def _make(self, build: Callable[[Town], object], url: str) -> Mould:
        folder = self.folders.mktemp("mould")
        with open_web(Settings(folder / "home", url, None, None, None)) as client:
            town = Town(client)
            made = build(town)
        return Mould(self.kept.enter_context(_copy(url, folder)), folder / "home", town, made)


@contextmanager
def _copy(url: str, folder: Path) -> Iterator[str]:
    parsed = sa.make_url(url)
    with fresh_sqlite(Path(str(parsed.database)), folder) if is_sqlite(url) else fresh_postgresql(parsed) as copied:
        yield copied


@contextmanager
def casting(moulds: Moulds, kind: str, urls: FreshUrl, folder: Path) -> Iterator[Cast]:
    with ExitStack() as opened:

        def cast(build: Callable[[Town], T]) -> T:
            mould, home = moulds.of(build, kind, urls), folder / "home"
            shutil.copytree(mould.home, home)
            settings = Settings(home, opened.enter_context(_copy(mould.url, folder)), None, None, None)
            client = opened.enter_context(open_web(settings))
            made: T = copy.deepcopy(mould.made, {id(mould.town.client): client, id(mould.town): Town(client)})
            return made

        yield cast
