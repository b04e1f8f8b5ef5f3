from collections.abc import Iterator

import pytest

from contracts.collection.dispatch import Till
from contracts.kernel.runner import Database
from tests.collection.households import till_at
from tests.contracts.houses import House, build
from tests.peer.sandbox import Peer, running


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with running(tmp_path_factory.mktemp("collection-peer") / "peer.db", control=True) as process:
        yield process


@pytest.fixture
def house(database: Database) -> House:
    return build(database)


@pytest.fixture
def till(database: Database, peer: Peer) -> Iterator[Till]:
    with till_at(database, peer) as opened:
        yield opened
