"""One seeded demo region and one Chromium for the tests of this folder; a test that writes has an installation of its
own."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium, installation, roles
from tests.browser.crawl import Visit, crawl, to_look_at
from tests.browser.furnishing import furnish
from tests.browser.installation import Installation

Crawled = Callable[[str], list[Visit]]
Shares = Mapping[str, list[Visit]]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("seeded") / "home"
    installation.seed(home)
    return home


@pytest.fixture(scope="package")
def site(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """For reading only: everybody can sign in, a payment is made, and nobody changes anything more."""
    with installation.running(seeded, tmp_path_factory.mktemp("site") / "home", pays=True) as site:
        furnish(site)
        yield site


@pytest.fixture
def stage(seeded: Path, tmp_path: Path) -> Iterator[Installation]:
    """For a test that writes: its own copy, with a worker and a payment server."""
    with installation.running(seeded, tmp_path / "home", pays=True) as stage:
        yield stage


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ends with this folder: while it runs, nothing else in this process can run an event loop."""
    with chromium.running() as browser:
        yield browser


@pytest.fixture(scope="package")
def crawled(site: Installation) -> Crawled:
    """What a role reaches, walked once."""
    found: dict[str, list[Visit]] = {}

    def of(role: str) -> list[Visit]:
        if role not in found:
            found[role] = crawl(site, role)
        return found[role]

    return of


@pytest.fixture(scope="package")
def shares(crawled: Crawled) -> Shares:
    """By role what it is looked at for in every run: a page that is built like another role's is looked at once."""
    known: set[object] = set()
    found: dict[str, list[Visit]] = {}
    for role in roles.EVERY:
        found[role] = []
        for visit in to_look_at(crawled(role)):
            if (built := (visit.route, frozenset(visit.page.bones))) not in known:
                known.add(built)
                found[role].append(visit)
    return found
