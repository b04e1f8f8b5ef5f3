"""Several workers, a server that misbehaves: exactly one transfer each, whatever happens."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import httpx
import pytest

from contracts.kernel.runner import Database, open_database
from contracts.payment.dispatch import Desk
from contracts.payment.rules import PaymentStatus
from contracts.payment.stripe import StripeGateway
from tests.payment.houses import ACT_TOTAL, QUICK, broken, ordered, paid, payment, reach, work_until
from tests.payment.servers import listened, switch_chaos, transfers_at
from tests.peer.sandbox import KEY, Peer, running

WORKERS, PAYMENTS = 4, 50


def test_four_workers_and_fifty_payments_make_one_transfer_each(
    database: Database, database_url: str, line: UUID, peer: Peer
) -> None:
    ids = [ordered(database, line, total=(n + 1) * 1_00) for n in range(PAYMENTS)]
    start = threading.Barrier(WORKERS)

    def worker() -> None:
        own = open_database(database_url)  # as a process of its own would
        gateway = StripeGateway(peer.url, KEY)
        start.wait()
        reach(Desk(own, gateway, QUICK), PaymentStatus.SETTLED, *ids)
        gateway.close()
        own.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        for future in [pool.submit(worker) for _ in range(WORKERS)]:
            future.result()
    made = transfers_at(peer)
    assert [len(made[str(p)]) for p in ids] == [1] * PAYMENTS
    assert paid(database, line) == sum(made[str(p)][0]["amount"] for p in ids)
    assert broken(database) == []


@pytest.fixture
def fickle(tmp_path) -> Iterator[Peer]:
    with running(tmp_path / "fickle.db", control=True) as process:
        yield process


CHAOS = {
    "error_503": 0.1,
    "rate_429": 0.05,
    "error_500": 0.05,
    "error_500_after_accept": 0.1,
    "reset_after_accept": 0.1,
    "latency": [0.03, 1.5, 2.0],
}


def test_a_server_that_fails_before_and_after_it_accepts_ends_with_one_transfer_each(
    database: Database, line: UUID, fickle: Peer
) -> None:
    ids = [ordered(database, line) for _ in range(6)]
    switch_chaos(fickle, **CHAOS, seed=11)
    impatient = httpx.Timeout(1.0)
    gateway = StripeGateway(fickle.url, KEY, timeouts=impatient)
    reach(Desk(database, gateway, QUICK), PaymentStatus.SETTLED, *ids)
    gateway.close()
    switch_chaos(fickle)
    made = transfers_at(fickle)
    assert {len(made[str(p)]) for p in ids} == {1}
    assert paid(database, line) == ACT_TOTAL * 6
    assert broken(database) == []


def test_an_error_of_the_servers_own_that_made_nothing_does_not_hold_a_payment_for_a_day(
    database: Database, line: UUID, fickle: Peer
) -> None:
    """Stripe replays a saved 500 under its key for as long as it remembers the key."""
    switch_chaos(fickle, error_500=0.25, seed=5)
    ids = [ordered(database, line) for _ in range(4)]
    with listened(fickle) as gateway:
        reach(Desk(database, gateway, QUICK), PaymentStatus.SETTLED, *ids)
    switch_chaos(fickle)
    assert {len(transfers_at(fickle)[str(p)]) for p in ids} == {1}
    assert broken(database) == []


def test_an_outage_loses_nothing_and_is_waited_out(database: Database, line: UUID, fickle: Peer) -> None:
    payment_id = ordered(database, line)
    gateway = StripeGateway(fickle.url, KEY)
    desk = Desk(database, gateway, QUICK)
    fickle.kill()
    reach_nothing(desk, payment_id)
    fickle.start()
    reach(desk, PaymentStatus.SETTLED, payment_id)
    gateway.close()
    assert len(transfers_at(fickle)[str(payment_id)]) == 1
    assert broken(database) == []


def reach_nothing(desk: Desk, payment_id: UUID) -> None:
    """Three refusals are noted, however slow the machine is."""
    for _ in range(3):
        heard = payment(desk.database, payment_id).attempts
        work_until(desk, lambda more=heard: payment(desk.database, payment_id).attempts > more)
    stuck = payment(desk.database, payment_id)
    assert stuck.gateway_transfer is None
    assert stuck.status is PaymentStatus.SENDING
    assert "ConnectError" in (stuck.last_error or "")
