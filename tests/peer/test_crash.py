"""kill -9 in the middle of the work: what was answered is there, what was done was done once, the books balance."""

import random
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.peer.sandbox import Peer, eventually, open_account, running, transfer

PAYMENTS = 200
KILLS = 5
CHAOS = {
    "error_503": 0.05,
    "rate_429": 0.03,
    "reset_after_accept": 0.05,
    "error_500_after_accept": 0.03,
    "latency": [0.1, 0.0, 0.05],
    "seed": 11,
}


def unbalanced(file: Path) -> list[tuple[str, int, int]]:
    """Accounts whose balance is not the sum of their balance transactions."""
    books = sqlite3.connect(file)
    rows = books.execute(
        "SELECT b.account, b.available, sum(json_extract(o.body, '$.amount')) FROM balance b JOIN object o "
        "ON o.kind = 'balance_transaction' AND o.account = b.account "
        "AND json_extract(o.body, '$.currency') = b.currency GROUP BY b.account, b.currency"
    ).fetchall()
    books.close()
    assert rows
    return [row for row in rows if row[1] != row[2]]


def pay(client: httpx.Client, account: str, number: int, acknowledged: dict[int, str]) -> None:
    """A careful client: the same key until there is an answer, and a listing where the answer says nothing."""
    for _ in range(400):
        try:
            answer = transfer(client, account, 100 + number, key=f"pay-{number}", transfer_group=f"pay-{number}")
        except httpx.TransportError:
            threading.Event().wait(0.02)
            continue
        if answer.status_code == 200:
            acknowledged[number] = answer.json()["id"]
            return
        if answer.status_code == 500:
            return
    raise AssertionError(f"payment {number} found no end")


def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(file: Path) -> None:
    acknowledged: dict[int, str] = {}
    with running(file, chaos=CHAOS) as peer:
        with peer.client(checked=False) as client:
            account = eventually(lambda: _opened(client))
            with ThreadPoolExecutor(8) as workers:
                asked = [workers.submit(pay, client, account, number, acknowledged) for number in range(PAYMENTS)]
                _kill_and_start(peer, acknowledged)
                for ask in asked:
                    ask.result()
        peer.stop()
        peer.start(chaos={})
        with peer.client() as client:
            for number in range(PAYMENTS):
                listed = client.get("/v1/transfers", params={"transfer_group": f"pay-{number}"}).json()["data"]
                assert [made["amount"] for made in listed] == [100 + number]
                assert acknowledged.get(number, listed[0]["id"]) == listed[0]["id"]
            headers = {"Stripe-Account": account}
            eventually(lambda: client.get("/v1/balance", headers=headers).json()["available"][0]["amount"] == 0)
            payouts = client.get("/v1/payouts", params={"limit": "100"}, headers=headers).json()["data"]
            assert sum(payout["amount"] for payout in payouts) == sum(range(100, 100 + PAYMENTS))
        peer.stop()
    assert unbalanced(file) == []


def _opened(client: httpx.Client) -> str | None:
    try:
        return open_account(client)
    except (AssertionError, httpx.TransportError):
        return None


def _kill_and_start(peer: Peer, acknowledged: dict[int, str]) -> None:
    dice = random.Random(5)
    for kill in range(1, KILLS + 1):
        eventually(lambda: len(acknowledged) >= kill * PAYMENTS // (KILLS + 2), 30)  # noqa: B023 - looked at here only
        threading.Event().wait(dice.uniform(0.0, 0.03))
        peer.kill()
        peer.start()


def test_it_leaves_cleanly_when_asked(file: Path) -> None:
    with running(file) as peer:
        with peer.client() as client:
            open_account(client)
        assert peer.stop() == 0
    assert unbalanced(file) == []
