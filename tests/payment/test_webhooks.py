"""Messages: signed, kept once, and only a hint. The payment's state is what the server's books say."""

import hmac
import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest

from contracts.audit import queries as audit
from contracts.kernel.runner import Database
from contracts.kernel.work import NOBODY, SYSTEM
from contracts.payment import webhooks
from contracts.payment.dispatch import Desk, send_due
from contracts.payment.models import WebhookRow
from contracts.payment.rules import PaymentStatus
from contracts.payment.webhooks import MOST_SIGNATURES, TOLERANCE, WebhookRefused, WebhookTooLarge
from tests.payment.houses import broken, ordered, payment, reach, verbs, work_until
from tests.payment.servers import listened
from tests.peer.sandbox import Receiver, running

SECRET = "whsec_market"
NOW = datetime(2026, 3, 31, tzinfo=UTC)


def signed(body: bytes, *, at: float | None = None, secret: str = SECRET) -> str:
    stamp = str(int(time.time() if at is None else at))
    return f"t={stamp},v1={hmac.new(secret.encode(), stamp.encode() + b'.' + body, sha256).hexdigest()}"


def event(kind: str = "payout.paid", about: str = "po_1", identifier: str = "evt_1", account: str = "acct_1") -> bytes:
    return json.dumps({"id": identifier, "type": kind, "account": account, "data": {"object": {"id": about}}}).encode()


def deliver(database: Database, body: bytes, signature: str | None = None) -> None:
    header = signed(body) if signature is None else signature
    database.write(NOBODY, lambda work: webhooks.receive(work, body=body, signature=header, secret=SECRET))


def kept(database: Database) -> list[str]:
    return database.read(SYSTEM, lambda w: [row.id for row in w.rows(WebhookRow.__table__.select())])


def test_a_signed_message_is_kept_once_and_recorded(database: Database) -> None:
    for _ in range(10):
        deliver(database, event())
    assert kept(database) == ["evt_1"]
    assert [e.verb for e in database.read(SYSTEM, lambda w: audit.events_of(w, "webhook", "evt_1"))] == ["received"]


def _flipped(header: str) -> str:
    return header[:-1] + ("0" if header[-1] != "0" else "1")


HEADERS = {
    "none": lambda: "",
    "no signature": lambda: "t=1",
    "no time": lambda: "v1=00",
    "time that is no number": lambda: signed(event()).replace("t=", "t=x"),
    "only another scheme": lambda: signed(event()).replace("v1=", "v0="),
    "another secret": lambda: signed(event(), secret="whsec_other"),
    "one digit off": lambda: _flipped(signed(event())),
    "another message": lambda: signed(event(identifier="evt_2")),
    "too old": lambda: signed(event(), at=time.time() - TOLERANCE - 5),
    "of the future": lambda: signed(event(), at=time.time() + TOLERANCE + 60),
    "two times": lambda: signed(event()) + ",t=1",
    "a hundred signatures": lambda: signed(event()) + ",v1=00" * 100,
    "one signature too many": lambda: signed(event()) + ",v1=00" * MOST_SIGNATURES,
    "foreign digits": lambda: "t=٣,v1=" + "0" * 64,
    "too long": lambda: "x" * 5000,
}


@pytest.mark.parametrize("wrong", HEADERS)
def test_a_message_that_is_not_signed_for_now_is_refused_and_not_kept(database: Database, wrong: str) -> None:
    with pytest.raises(WebhookRefused):
        deliver(database, event(), HEADERS[wrong]())
    assert kept(database) == []


def test_any_of_a_few_signatures_will_do_while_the_secret_is_changed() -> None:
    body, at = event(), NOW.timestamp()
    right = signed(body, at=at).partition(",")[2]
    header = f"t={int(at)},v1={'0' * 64},{right},v0=abc"
    webhooks.verify(body, header, SECRET, at=NOW)
    with pytest.raises(WebhookRefused):
        webhooks.verify(body, header, "whsec_other", at=NOW)


def test_the_tolerance_ends_at_its_second() -> None:
    body, at = event(), NOW.timestamp()
    for age in (TOLERANCE, -TOLERANCE, 0):
        webhooks.verify(body, signed(body, at=at - age), SECRET, at=NOW)
    for age in (TOLERANCE + 1, -TOLERANCE - 1):
        with pytest.raises(WebhookRefused):
            webhooks.verify(body, signed(body, at=at - age), SECRET, at=NOW)


def test_a_message_that_is_too_large_is_refused_before_it_is_read(database: Database) -> None:
    with pytest.raises(WebhookTooLarge):
        deliver(database, b" " * (webhooks.LARGEST_BODY + 1))
    assert kept(database) == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"id":"evt_1"}', b"\xff", event(identifier="e" * 65), event("k" * 65)]
)
def test_a_signed_message_that_is_no_event_is_refused(database: Database, body: bytes) -> None:
    with pytest.raises(WebhookRefused):
        deliver(database, body)
    assert kept(database) == []


@pytest.mark.parametrize("kind", ["payout.paid", "payout.failed", "transfer.reversed", "customer.created"])
def test_a_message_about_unknown_things_is_kept_and_harmless(database: Database, line: UUID, kind: str) -> None:
    payment_id = ordered(database, line)
    before = payment(database, payment_id)
    deliver(database, event(kind, about="xx_unknown", account="acct_unknown"))
    assert payment(database, payment_id) == before
    assert kept(database) == ["evt_1"]


def test_a_lie_about_a_payout_changes_nothing(desk: Desk, line: UUID) -> None:
    payment_id = ordered(desk.database, line)
    (settled,) = reach(desk, PaymentStatus.SETTLED, payment_id)
    deliver(desk.database, event("payout.failed", about=str(settled.gateway_payout)))
    assert payment(desk.database, payment_id).next_try_at != settled.next_try_at, "it is looked at"
    send_due(desk)
    work_until(desk, lambda: payment(desk.database, payment_id).attempts > 0)
    assert payment(desk.database, payment_id).status is PaymentStatus.SETTLED
    assert broken(desk.database) == []


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def test_shuffled_and_repeated_news_of_a_real_server_lead_to_what_its_books_say(
    database: Database, line: UUID, receiver: Receiver, tmp_path
) -> None:
    """The worker asks by itself only once an hour here: whatever moves, moves by a message."""
    options = {"webhook_url": receiver.url, "webhook_secret": SECRET, "payout_delay": 1.0}
    chaos = {"webhook_duplicates": 0.3, "webhook_reorder": True, "webhook_hold": 0.3, "seed": 3}
    with running(tmp_path / "peer.db", chaos=chaos, **options) as own, listened(own) as gateway:
        patient = replace(Desk(database, gateway).patience, first_pause=3600.0)
        desk = Desk(database, gateway, patient)
        good = [ordered(database, line) for _ in range(4)]
        bad = ordered(database, line, iban="KZ56125KZT0111111113")
        dice, told = random.Random(7), 0

        def all_news_taken() -> bool:
            nonlocal told
            fresh = list(receiver.taken[told:])
            told += len(fresh)
            for header, body in dice.sample(fresh * 2, len(fresh) * 2):
                deliver(database, body, header)
            there = {payment(database, p).status for p in good} == {PaymentStatus.SETTLED}
            return there and payment(database, bad).status is PaymentStatus.RETURNED

        work_until(desk, all_news_taken, patience=30.0)
        work_until(desk, lambda: receiver.types().count("payout.paid") >= 4)
        all_news_taken()
        work_until(desk, lambda: send_due(desk) == 0)
    assert verbs(database, good[0]) == ["ordered", "sending", "sent", "settled"]
    assert verbs(database, bad) == ["ordered", "sending", "sent", "returned"]
    assert broken(database) == []
