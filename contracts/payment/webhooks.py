"""Messages of the payment server: signed, kept once, and taken as a hint only.

What a message says is never believed: it makes the payments that it may concern due for a look at the server's books.
So duplicates, lost, reordered, replayed and unknown messages are harmless, and a stolen secret moves no money.
"""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from contracts.audit.service import record
from contracts.kernel.clock import real_clock
from contracts.kernel.database import table_of
from contracts.kernel.errors import Malformed
from contracts.kernel.work import Work
from contracts.payee.models import PayeeVersionRow
from contracts.payment.models import PaymentRow, WebhookRow
from contracts.payment.queries import parked
from contracts.payment.rules import AT_THE_PEER, PaymentStatus

TOLERANCE = 300  # seconds between signing and arrival, Stripe's own
LARGEST_BODY = 262_144  # bytes; a message about a payout has two thousand
LONGEST_HEADER = 1024
MOST_SIGNATURES = 8  # while a secret is changed there are two
LONGEST_ID = 64
PAYOUT_NEWS = ("payout.paid", "payout.failed", "payout.canceled", "payout.reconciliation_completed")
TRANSFER_NEWS = ("transfer.reversed",)

_payments = table_of(PaymentRow)
_versions = table_of(PayeeVersionRow)


class WebhookRefused(Malformed):
    code = "webhook-refused"
    title = "The message is not signed by the payment server, or not for now"


class WebhookTooLarge(Malformed):
    code = "webhook-too-large"
    title = "The message is too large"


class _Object(msgspec.Struct):
    id: str = ""


class _Data(msgspec.Struct):
    object: _Object


class _Event(msgspec.Struct):
    id: str
    type: str
    data: _Data
    account: str | None = None


_EVENT = msgspec.json.Decoder(_Event)  # made before there are threads: see contracts.payment.stripe


class News(NamedTuple):
    """What happened at the server, to which object of it."""

    kind: str
    about: str


def receive(work: Work, *, body: bytes, signature: str | None, secret: str) -> News | None:
    """Take a message as it came; None where it was known. Answer the server with success also for what concerns
    nobody.

    Raises WebhookTooLarge, WebhookRefused.
    """
    received_at = real_clock(work.connection)
    verify(body, signature, secret, at=received_at)
    try:
        event, text = _EVENT.decode(body), body.decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise WebhookRefused("This is not an event") from None
    if not 0 < len(event.id) <= LONGEST_ID or len(event.type) > LONGEST_ID:
        raise WebhookRefused("This is not an event")
    new = work.insert_if_new(
        WebhookRow, id=event.id, kind=event.type, received_at=received_at, body=text, handled_at=received_at
    )
    if new:
        _hint(work, event, received_at)
        record(work, "webhook", event.id, "received")
    return News(event.type, event.data.object.id) if new else None


def verify(body: bytes, signature: str | None, secret: str, *, at: datetime) -> None:
    """``Stripe-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">``, any of a few v1. ``at``: real time."""
    assert secret, "without a secret no message is taken"
    if len(body) > LARGEST_BODY:
        raise WebhookTooLarge(rule="webhook-size")
    stamps, given = _parts(signature or "")
    if len(stamps) != 1 or not 0 < len(given) <= MOST_SIGNATURES:
        raise WebhookRefused("The Stripe-Signature header cannot be read", pointer="/Stripe-Signature")
    signed_at = stamps[0]
    expected = hmac.new(secret.encode(), signed_at.encode() + b"." + body, sha256).hexdigest().encode()
    # every signature is compared, each in constant time
    if not sum(hmac.compare_digest(expected, one.encode()) for one in given):
        raise WebhookRefused("The signature is wrong", pointer="/Stripe-Signature")
    if not (signed_at.isascii() and signed_at.isdigit()) or abs(at.timestamp() - int(signed_at)) > TOLERANCE:
        raise WebhookRefused("The message was signed at another time", pointer="/Stripe-Signature")


def _parts(signature: str) -> tuple[list[str], list[str]]:
    if len(signature) > LONGEST_HEADER:
        return [], []
    pairs = [part.strip().partition("=") for part in signature.split(",")]
    return [v for k, _, v in pairs if k == "t"], [v for k, _, v in pairs if k == "v1"]


def _hint(work: Work, event: _Event, now: datetime) -> None:
    """Make the payments due that this may be about. What a worker holds at this moment is looked at again."""
    about = event.data.object.id
    if event.type in TRANSFER_NEWS:
        concerned = _payments.c.gateway_transfer == about
    elif event.type in PAYOUT_NEWS:
        versions = sa.select(_versions.c.id).where(_versions.c.connected_account == event.account)
        waiting = _payments.c.status.in_([PaymentStatus.SENT, PaymentStatus.RETURNED])
        concerned = sa.or_(
            _payments.c.gateway_payout == about, sa.and_(_payments.c.payee_version_id.in_(versions), waiting)
        )
    else:
        return
    moves = sa.and_(_payments.c.status.in_(AT_THE_PEER), ~parked())  # what a person must look at stays theirs
    work.execute(sa.update(_payments).where(concerned, moves).values(next_try_at=now))
