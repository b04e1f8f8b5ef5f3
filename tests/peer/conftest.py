from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.peer.sandbox import Peer, Receiver, running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """One process for all tests of a module that do not harm it; payouts come quickly."""
    with running(tmp_path_factory.mktemp("peer") / "peer.db", control=True) as peer:
        yield peer


@pytest.fixture
def client(shared: Peer) -> Iterator[httpx.Client]:
    with shared.client() as client:
        yield client


@pytest.fixture
def careless(shared: Peer) -> Iterator[httpx.Client]:
    """A client that may break the contract; the answers are still checked."""
    with shared.client(requests=False) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "peer.db"
