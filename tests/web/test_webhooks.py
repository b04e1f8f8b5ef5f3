"""News of the payment server at the door: only what it signed, with its own secret, for now."""

import hmac
import json
import time
from dataclasses import replace
from hashlib import sha256

import httpx
import pytest

from contracts.audit.queries import events_of
from contracts.kernel.work import NOBODY
from tests.web.town import Town, problem

EVENT = {"id": "evt_1", "type": "payout.paid", "account": "acct_1", "data": {"object": {"id": "po_1"}}}


def tell(town: Town, body: bytes, *, secret: str | None = None, at: float | None = None) -> httpx.Response:
    stamp = str(int(time.time() if at is None else at))
    key = (secret or town.site.webhook_secret or "").encode()
    signature = hmac.new(key, stamp.encode() + b"." + body, sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={stamp},v1={signature}", "Content-Type": "application/json; charset=utf-8"}
    return town.client.post("/api/webhooks/payments", content=body, headers=headers)


def test_signed_news_is_taken_once(town: Town) -> None:
    body = json.dumps(EVENT).encode()
    for _ in range(2):
        answer = tell(town, body)
        assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert [e.verb for e in town.database.read(NOBODY, lambda work: events_of(work, "webhook", "evt_1"))] == [
        "received"
    ]


@pytest.mark.parametrize(("secret", "ahead"), [("whsec_of_somebody_else", 0), (None, -3600), (None, 3600)])
def test_news_of_others_or_of_another_time_is_refused(hall: Town, secret: str | None, ahead: int) -> None:
    answer = tell(hall, json.dumps(EVENT).encode(), secret=secret, at=time.time() + ahead)
    problem(answer, 400, "webhook-refused")


def test_unsigned_news_is_refused(hall: Town) -> None:
    problem(hall.client.post("/api/webhooks/payments", json=EVENT), 400, "webhook-refused")


def test_news_that_is_no_event_is_refused(hall: Town) -> None:
    problem(tell(hall, b'{"id": 5}'), 400, "webhook-refused")
    problem(tell(hall, b'{"id": "evt", "id": "evt_2"}'), 400, "malformed-input")


def test_without_a_secret_nothing_is_taken(hall: Town) -> None:
    site = hall.site
    hall.client.app.state.site = replace(site, webhook_secret=None)
    try:
        problem(hall.client.post("/api/webhooks/payments", json=EVENT), 404, "no-such-address")
    finally:
        hall.client.app.state.site = site
