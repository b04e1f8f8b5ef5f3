"""Wrong ways of paying advances and of setting them off: the harness that kills must find each of them."""

from contextlib import closing
from pathlib import Path

import pytest

from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM
from contracts.payment.dispatch import Desk
from contracts.payment.rules import Channel, PaymentStatus
from contracts.payment.stripe import StripeGateway
from tests.conftest import FreshUrl
from tests.payment.advance_designs import ACT_ORDERS, ADVANCE_ORDERS, LOOKS
from tests.payment.clerks import Clerk
from tests.payment.houses import QUICK, reach
from tests.payment.killing import ENDED, Spec
from tests.payment.servers import transfers_at
from tests.payment.test_kill import die_a_lot
from tests.payment.treasury import Found, Treasury, advances_by, audited, open_treasury
from tests.peer.sandbox import KEY, Peer, running

ACTS = 12
TOWNS = 8


def die_over(
    database: Database, url: str, peer: Peer, treasury: Treasury, design: str, *boundaries: str, kills: int = 8
) -> Found:
    spec = Spec(
        url, peer.url, KEY, ENDED, boundaries, kills, design=design, longest=120.0, patient=30.0,
        folder=str(treasury.folder),
    )  # fmt: skip
    die_a_lot(spec)
    return audited(database, treasury, transfers_at(peer))


def approved(database: Database, treasury: Treasury) -> Clerk:
    """All that contracts allow is asked for and approved."""
    clerk = Clerk(database, treasury.folder)
    for duty in (clerk.ask_advance, clerk.approve_advance):
        while duty():
            pass
    return clerk


def ordered(database: Database, treasury: Treasury) -> None:
    clerk = approved(database, treasury)
    while clerk.order_advance():
        pass


def arrived(database: Database, peer: Peer) -> None:
    """What goes by the server."""
    going = database.read(SYSTEM, lambda work: advances_by(work, Channel.SERVER))
    assert going
    with closing(StripeGateway(peer.url, KEY)) as gateway:
        reach(Desk(database, gateway, QUICK), PaymentStatus.SETTLED, *going)


@pytest.mark.soak
@pytest.mark.parametrize("design", ADVANCE_ORDERS)
def test_the_harness_finds_an_advance_that_is_paid_before_it_is_said_to_be_ordered(
    database: Database, database_url: str, tmp_path: Path, design: str
) -> None:
    treasury = open_treasury(database, tmp_path / "desk", acts=ACTS, by_file=0)
    approved(database, treasury)
    with running(tmp_path / "peer.db") as peer:
        found = die_over(database, database_url, peer, treasury, design, "order advance: after commit")
    assert [one for one in found.stories if one.endswith("has 2 advances")], found


@pytest.mark.parametrize("design", LOOKS)
def test_the_harness_finds_an_advance_that_is_owed_some_time_after_it_arrived(
    database: Database, database_url: str, tmp_path: Path, design: str
) -> None:
    treasury = open_treasury(database, tmp_path / "desk", acts=ACTS, each=2, by_file=0)
    ordered(database, treasury)
    with running(tmp_path / "peer.db") as peer:
        found = die_over(database, database_url, peer, treasury, design, "record fate: after commit")
    assert [one for one in found.stories if one.endswith(" and 0 is owed")], found  # of a bank too much may be set off


@pytest.mark.soak
@pytest.mark.parametrize("design", ACT_ORDERS)
def test_the_harness_finds_acts_that_are_set_off_against_what_somebody_once_read(
    database_urls: FreshUrl, tmp_path: Path, design: str
) -> None:
    """Two clerks must have read before either of them writes: not in every town."""
    every = []
    for town in range(TOWNS):
        with database_urls() as url, closing(open_database(url)) as database:
            found = _set_off_in_town(database, url, tmp_path / str(town), design)
        every.append(found)
        if any("acts were paid with" in one for one in found.stories):
            return
    pytest.fail(str(every))


def _set_off_in_town(database: Database, url: str, folder: Path, design: str) -> Found:
    folder.mkdir()
    treasury = open_treasury(database, folder / "desk", acts=ACTS, by_file=0)
    ordered(database, treasury)
    with running(folder / "peer.db") as peer:
        arrived(database, peer)
        return die_over(database, url, peer, treasury, design, "order: after commit")
