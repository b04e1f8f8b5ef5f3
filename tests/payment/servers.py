"""The client under test, listened in on, and the payment server's own books as a second opinion."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx

from contracts.payment.stripe import StripeGateway
from tests.peer.sandbox import KEY, Peer
from tests.stripe_contract import CheckedTransport, StripeContract, description


@cache
def contract() -> StripeContract:
    return StripeContract(description())


@contextmanager
def listened(peer: Peer, inner: httpx.BaseTransport | None = None) -> Iterator[StripeGateway]:
    transport = CheckedTransport(contract(), inner or httpx.HTTPTransport())
    gateway = StripeGateway(peer.url, KEY, transport=transport)
    yield gateway
    gateway.close()


def transfers_at(peer: Peer) -> dict[str, list[dict[str, Any]]]:
    """All transfers by group, asked for without our client."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with httpx.Client(base_url=peer.url, auth=(KEY, ""), timeout=20) as client:
        asked, more = {"limit": "100"}, True
        while more:
            page = client.get("/v1/transfers", params=asked).json()
            for transfer in page["data"]:
                found[transfer["transfer_group"]].append(transfer)
                asked["starting_after"] = transfer["id"]
            more = page["has_more"]
    return found


def switch_chaos(peer: Peer, **rates: Any) -> None:
    with httpx.Client(base_url=peer.url, auth=(KEY, "")) as client:
        assert client.post("/sandbox/chaos", json=rates).status_code == 200


def advance_clock(peer: Peer, seconds: float) -> None:
    with httpx.Client(base_url=peer.url, auth=(KEY, "")) as client:
        assert client.post("/sandbox/clock", json={"advance": seconds}).status_code == 200
