"""Signed events: at least once, in no promised order, through a receiver's and a sender's absence."""

import hmac
import json
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path

import httpx

from tests.peer.sandbox import SECRET, Receiver, eventually, open_account, running, transfer
from tests.stripe_contract import stripe_contract


def check_signature(secret: str, header: str, payload: bytes) -> None:
    parts = dict(part.split("=") for part in header.split(","))
    assert abs(time.time() - int(parts["t"])) < 300
    expected = hmac.new(secret.encode(), parts["t"].encode() + b"." + payload, sha256).hexdigest()
    assert hmac.compare_digest(parts["v1"], expected)


def test_every_event_of_a_payment_is_signed_and_as_stripe_describes_it(file: Path, receiver: Receiver) -> None:
    contract = stripe_contract()
    with running(file, webhook_url=receiver.url, webhook_secret=SECRET) as peer, peer.client() as client:
        account = open_account(client, **{"settings[payouts][schedule][interval]": "manual"})
        made = transfer(client, account, key="pay-1").json()
        client.post(f"/v1/transfers/{made['id']}/reversals", data={"amount": "1"})
        client.post(f"/v1/accounts/{account}", data={"settings[payouts][schedule][interval]": "daily"})
        eventually(lambda: "payout.paid" in receiver.types())
        failing = open_account(client, **{"metadata[sandbox_payout]": "failed"})
        transfer(client, failing)
        eventually(lambda: "payout.failed" in receiver.types() and receiver.types().count("account.updated") == 4)
    for header, payload in receiver.taken:
        check_signature(SECRET, header, payload)
        contract.check_event(json.loads(payload))
    told = {event["type"]: event for event in receiver.events()}
    assert set(told) == {
        "account.external_account.created",
        "account.updated",
        "payout.created",
        "payout.failed",
        "payout.paid",
        "payout.updated",
        "transfer.created",
        "transfer.reversed",
    }
    assert told["payout.paid"]["account"] == account
    assert told["payout.paid"]["data"]["object"]["status"] == "paid"
    first = next(event for event in receiver.events() if event["type"] == "transfer.created")
    assert "account" not in first
    assert (first["data"]["object"], first["request"]["idempotency_key"]) == (made, "pay-1")


def test_what_a_receiver_missed_comes_when_it_is_back(file: Path, receiver: Receiver) -> None:
    receiver.answer = 503
    with running(file, webhook_url=receiver.url, webhook_secret=SECRET) as peer, peer.client() as client:
        event = transfer(client, open_account(client)).json()["id"]
        eventually(lambda: sum(b'"transfer.created"' in payload for payload in receiver.refused) > 4)
        missed = client.get("/v1/events", params={"delivery_success": "false", "type": "transfer.created"}).json()
        assert [event["pending_webhooks"] for event in missed["data"]] == [1]
        receiver.answer = 200
        eventually(lambda: event in [told["data"]["object"]["id"] for told in receiver.events()])
        params = {"delivery_success": "true", "type": "transfer.created"}
        eventually(lambda: client.get("/v1/events", params=params).json()["data"])


def test_what_was_not_yet_told_is_told_after_a_kill(file: Path, receiver: Receiver) -> None:
    receiver.answer = 500
    with running(file, webhook_url=receiver.url, webhook_secret=SECRET) as peer:
        with peer.client() as client:
            made = transfer(client, open_account(client)).json()["id"]
        peer.kill()
        receiver.answer = 200
        assert receiver.taken == []
        peer.start()
        eventually(lambda: made in [told["data"]["object"]["id"] for told in receiver.events()])
        eventually(lambda: "payout.paid" in receiver.types())


def test_under_chaos_events_come_twice_and_out_of_order_and_none_is_lost(file: Path, receiver: Receiver) -> None:
    chaos = {"webhook_duplicates": 0.5, "webhook_reorder": True, "webhook_hold": 0.5, "seed": 7}
    with running(file, webhook_url=receiver.url, webhook_secret=SECRET, chaos=chaos) as peer, peer.client() as client:
        account = open_account(client, **{"settings[payouts][schedule][interval]": "manual"})
        made = [transfer(client, account).json()["id"] for _ in range(30)]

        def transfers() -> list[str]:
            return [e["data"]["object"]["id"] for e in receiver.events() if e["type"] == "transfer.created"]

        eventually(lambda: set(transfers()) == set(made) and max(Counter(transfers()).values()) > 1)
    first_seen = list(dict.fromkeys(transfers()))
    assert first_seen != made
    events = Counter(event["id"] for event in receiver.events())
    assert max(events.values()) > 1


def test_a_connect_endpoint_hears_of_accounts_and_an_ordinary_one_of_the_platform(
    client: httpx.Client, receiver: Receiver
) -> None:
    """Each endpoint with its own secret, and only of what it asked for."""
    secrets = {}
    for connect, wanted in (("true", "payout.paid"), ("false", "transfer.created")):
        form = {"url": f"{receiver.url}?{wanted}", "connect": connect, "enabled_events[0]": wanted}
        made = client.post("/v1/webhook_endpoints", data=form).json()
        secrets[wanted] = (made["id"], made["secret"])
    transfer(client, open_account(client))
    eventually(lambda: len(receiver.taken) == 2)
    assert sorted(receiver.types()) == ["payout.paid", "transfer.created"]
    for header, payload in receiver.taken:
        check_signature(secrets[json.loads(payload)["type"]][1], header, payload)
    for endpoint, _ in secrets.values():
        client.delete(f"/v1/webhook_endpoints/{endpoint}")
    transfer(client, open_account(client))
    assert len(receiver.taken) == 2
