"""Keys mean what they mean at Stripe: the first answer is kept, whatever it was."""

import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.peer.sandbox import KEY, Peer, open_account, running, transfer

DAY = 86_400


def transfers_of(client: httpx.Client, group: str) -> list[str]:
    listed = client.get("/v1/transfers", params={"transfer_group": group, "limit": "100"}).json()
    return [made["id"] for made in listed["data"]]


def test_the_same_request_with_the_same_key_is_answered_again_and_done_once(client: httpx.Client) -> None:
    account = open_account(client)
    first = transfer(client, account, key="pay-1", transfer_group="once")
    again = transfer(client, account, key="pay-1", transfer_group="once")
    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert transfers_of(client, "once") == [first.json()["id"]]


def test_a_request_without_a_key_is_done_each_time(client: httpx.Client) -> None:
    account = open_account(client)
    assert transfer(client, account).json()["id"] != transfer(client, account).json()["id"]


def test_the_order_of_parameters_does_not_matter_but_their_values_do(client: httpx.Client) -> None:
    account = open_account(client)
    first = transfer(client, account, 500, key="pay-2").json()
    turned = {"destination": account, "currency": "kzt", "amount": "500"}
    assert client.post("/v1/transfers", data=turned, headers={"Idempotency-Key": "pay-2"}).json() == first
    other = transfer(client, account, 501, key="pay-2")
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")


def test_a_key_is_not_taken_to_another_endpoint(client: httpx.Client) -> None:
    transfer(client, open_account(client), key="pay-3")
    other = client.post("/v1/topups", data={"amount": "1", "currency": "kzt"}, headers={"Idempotency-Key": "pay-3"})
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")


def test_half_a_request_is_none_and_its_key_is_free(shared: Peer, client: httpx.Client) -> None:
    """A client that dies while it sends: what it asked for is asked again, whole, under the same key."""
    body = b"business_type=company&metadata[whose]=half"
    head = f"Host: here\r\nAuthorization: Bearer {KEY}\r\nIdempotency-Key: half\r\nContent-Length: {len(body)}\r\n\r\n"
    for sent in (b"", body[:8]):
        with socket.create_connection(("127.0.0.1", shared.port)) as line:
            line.sendall(f"POST /v1/accounts HTTP/1.1\r\n{head}".encode() + sent)
    form = {"business_type": "company", "metadata[whose]": "half"}
    whole = client.post("/v1/accounts", data=form, headers={"Idempotency-Key": "half"})
    assert (whole.status_code, whole.json()["metadata"]) == (200, {"whose": "half"}), whole.text
    assert "Idempotent-Replayed" not in whole.headers


def test_keys_are_an_accounts_own(client: httpx.Client) -> None:
    manual = {"settings[payouts][schedule][interval]": "manual"}
    accounts = [open_account(client, **manual), open_account(client, **manual)]
    made = set()
    for account in accounts:
        transfer(client, account)
        headers = {"Stripe-Account": account, "Idempotency-Key": "payout-1"}
        made.add(client.post("/v1/payouts", data={"amount": "5", "currency": "kzt"}, headers=headers).json()["id"])
    assert len(made) == 2


def test_a_refusal_met_while_carrying_out_is_kept(client: httpx.Client) -> None:
    """As at Stripe: after `balance_insufficient` the same key says so for a day, whatever has been topped up since."""
    account = open_account(client)
    assert transfer(client, account, 70, key="pay-4", currency="eur").status_code == 400
    client.post("/v1/topups", data={"amount": "1000", "currency": "eur"})
    kept = transfer(client, account, 70, key="pay-4", currency="eur")
    assert (kept.status_code, kept.json()["error"]["code"]) == (400, "balance_insufficient")
    assert kept.headers["Idempotent-Replayed"] == "true"
    assert transfer(client, account, 70, key="pay-4-again", currency="eur").status_code == 200


def test_a_malformed_request_does_not_use_up_its_key(careless: httpx.Client) -> None:
    account = open_account(careless)
    assert transfer(careless, account, key="pay-5", act="7").json()["error"]["code"] == "parameter_unknown"
    assert transfer(careless, account, key="pay-5").status_code == 200


def test_a_key_longer_than_255_is_refused(client: httpx.Client) -> None:
    account = open_account(client)
    assert transfer(client, account, key="k" * 255).status_code == 200
    assert transfer(client, account, key="k" * 256).json()["error"]["type"] == "idempotency_error"


def test_of_32_at_once_one_is_done_and_the_others_are_replays_or_told_to_wait(client: httpx.Client) -> None:
    account = open_account(client)
    client.post("/sandbox/chaos", json={"latency": [1.0, 0.2, 0.2]})
    with ThreadPoolExecutor(32) as crowd:
        ask = [crowd.submit(transfer, client, account, 900, "pay-6", transfer_group="crowd") for _ in range(32)]
        answers = [asked.result() for asked in ask]
    client.post("/sandbox/chaos", json={})
    assert len(transfers_of(client, "crowd")) == 1
    assert {answer.json()["id"] for answer in answers if answer.status_code == 200} == set(
        transfers_of(client, "crowd")
    )
    refused = [answer.json()["error"] for answer in answers if answer.status_code != 200]
    assert {(error["type"], error["code"]) for error in refused} == {("idempotency_error", "idempotency_key_in_use")}
    assert set(Counter(answer.status_code for answer in answers)) == {200, 409}


@pytest.mark.parametrize("end", [Peer.kill, Peer.stop])
def test_keys_outlive_the_process_and_die_after_a_day(file: Path, end: object) -> None:
    with running(file) as peer:
        with peer.client() as client:
            account = open_account(client)
            first = transfer(client, account, key="pay-7").json()
        assert end(peer) in (None, 0)  # type: ignore[operator]
        peer.start(clock_offset=DAY - 60)
        with peer.client() as client:
            assert transfer(client, account, key="pay-7").json() == first
        peer.stop()
        peer.start(clock_offset=DAY + 60)
        with peer.client() as client:
            assert transfer(client, account, key="pay-7").json() != first


def test_a_500_is_kept_whether_or_not_it_was_done(client: httpx.Client) -> None:
    account = open_account(client)
    for fault, group, done in (("error_500", "undone", 0), ("error_500_after_accept", "done", 1)):
        client.post("/sandbox/chaos", json={fault: 1.0})
        failed = transfer(client, account, key=fault, transfer_group=group)
        client.post("/sandbox/chaos", json={})
        kept = transfer(client, account, key=fault, transfer_group=group)
        assert (failed.status_code, kept.status_code) == (500, 500)
        assert kept.headers["Idempotent-Replayed"] == "true"
        assert len(transfers_of(client, group)) == done


@pytest.mark.parametrize(("fault", "status"), [("error_503", 503), ("rate_429", 429)])
def test_a_busy_server_does_nothing_and_keeps_nothing(client: httpx.Client, fault: str, status: int) -> None:
    account = open_account(client)
    client.post("/sandbox/chaos", json={fault: 1.0})
    busy = transfer(client, account, key=fault, transfer_group=fault)
    client.post("/sandbox/chaos", json={})
    assert busy.status_code == status
    assert transfers_of(client, fault) == []
    assert transfer(client, account, key=fault, transfer_group=fault).status_code == 200


def test_an_answer_lost_on_the_way_is_found_under_its_key(client: httpx.Client) -> None:
    account = open_account(client)
    client.post("/sandbox/chaos", json={"reset_after_accept": 1.0})
    with pytest.raises(httpx.TransportError):
        transfer(client, account, key="lost", transfer_group="lost")
    client.post("/sandbox/chaos", json={})
    found = transfer(client, account, key="lost", transfer_group="lost")
    assert found.headers["Idempotent-Replayed"] == "true"
    assert transfers_of(client, "lost") == [found.json()["id"]]
