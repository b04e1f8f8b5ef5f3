from collections.abc import Iterator
from uuid import UUID

import pytest

from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from contracts.payment.dispatch import Desk
from contracts.payment.stripe import StripeGateway
from tests.chain.world import PATIENT, Server
from tests.payment.advances import House, rule
from tests.payment.batches import do
from tests.payment.houses import QUICK, line_with_money, payee
from tests.payment.servers import listened
from tests.peer.sandbox import Peer, running


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """One sandbox process for all tests that do not harm it; payouts come quickly."""
    with running(tmp_path_factory.mktemp("payment-peer") / "peer.db", control=True) as process:
        yield process


@pytest.fixture
def gateway(peer: Peer) -> Iterator[StripeGateway]:
    """Every request and answer is held against Stripe's description."""
    with listened(peer) as opened:
        yield opened


@pytest.fixture
def desk(database: Database, gateway: StripeGateway) -> Desk:
    return Desk(database, gateway, QUICK)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def told(database: Database, server: Server) -> Desk:
    """A desk whose payment server says what it is told to say."""
    return Desk(database, server, PATIENT)


@pytest.fixture
def line(database: Database) -> UUID:
    return line_with_money(database)


@pytest.fixture
def house(database: Database) -> House:
    """A payee, where contracts may advance."""
    rule(database)
    return do(database, SYSTEM, payee)
