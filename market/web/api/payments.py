"""Payments of accepted acts and of advances, and the signed messages of the payment server."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromQuery

from contracts.collection import progress
from contracts.kernel.work import SYSTEM, Work
from contracts.payment import service, webhooks
from contracts.payment.queries import Payment
from contracts.payment.rules import PaymentStatus
from market.web import queries as lists
from market.web.api.catalogue import Prefix
from market.web.lists import TheSlice
from market.web.problems import NoSuchAddress
from market.web.routes import ANYBODY, WRITING, reads, refusals, writes
from market.web.wire import Listing, Money, shown
from market.web.work import Id, TheCaller, TheKey, WebRequest

Status = FromQuery[PaymentStatus | None]


class PaymentView(msgspec.Struct, frozen=True):
    """Of an act or of an advance. ``expected_on``: the day on which the payment server says that the bank has it.
    ``parked``: a person must look, also after it was settled; ``last_error`` says why."""

    id: UUID
    number: str
    act_id: UUID | None
    advance_id: UUID | None
    provider_id: UUID
    territory: str
    amount: Money
    status: PaymentStatus
    ordered_at: datetime
    first_sent_at: datetime | None
    attempts: int
    last_error: str | None
    gateway_transfer: str | None
    gateway_payout: str | None
    expected_on: date | None
    settled_at: datetime | None
    reversal_ordered_at: datetime | None
    parked: bool


def show(work: Work, payment_id: UUID) -> PaymentView:
    return view(service.show(work, payment_id))


def view(payment: Payment) -> PaymentView:
    return shown(PaymentView, payment, parked=payment.is_parked)


@reads("/payments")
def list_payments(
    caller: TheCaller, at: TheSlice, territory: Prefix = None, status: Status = None
) -> Listing[PaymentView]:
    found = caller.read(lambda work: lists.payments(work, at, territory=territory, status=status))
    return at.listing(found, view, lambda payment: payment.id)


@reads("/payments/{payment_id:uuid}")
def get_payment(caller: TheCaller, payment_id: Id) -> PaymentView:
    return caller.read(lambda work: show(work, payment_id))


@writes("/payments/{payment_id:uuid}/reversal")
def reverse(caller: TheCaller, once: TheKey, payment_id: Id) -> Response[PaymentView]:
    """Calls the money back from the payee's account at the payment server; the worker does it."""
    return caller.do_once(once, lambda work: service.reverse(work, payment_id), lambda work: show(work, payment_id))


@writes("/payments/{payment_id:uuid}/resumption")
def resume(caller: TheCaller, payment_id: Id) -> PaymentView:
    """Lets the worker try a parked payment again, or look at it again, after a person looked."""
    return caller.do(lambda work: service.resume(work, payment_id), lambda work: show(work, payment_id))


class SetOffView(msgspec.Struct, frozen=True):
    amount: Money


@writes("/acts/{act_id:uuid}/set-off")
def set_off(caller: TheCaller, act_id: Id) -> SetOffView:
    """What the payee had too much of earlier payments is paid with this act; the rest can be ordered."""
    return SetOffView(Money.of(caller.write(lambda work: service.set_off(work, act_id))))


class Received(msgspec.Struct, frozen=True):
    received: bool = True


@post(
    "/webhooks/payments",
    status_code=200,
    responses=refusals(WRITING),
    opt={"public": True},
    security=ANYBODY,
)
async def receive_news(caller: TheCaller, request: WebRequest) -> Received:
    """Signed with the webhook secret in ``Stripe-Signature``. What a message says is never believed: it makes the
    payments it may concern due for a look at the server's books."""
    secret: Any = caller.site.webhook_secret
    if secret is None:
        raise NoSuchAddress("No webhooks are accepted here")
    body, signature = await request.body(), request.headers.get("stripe-signature")

    def take(work: Work) -> None:
        news = webhooks.receive(work, body=body, signature=signature, secret=secret)
        if news is not None:
            progress.hint(work, news.kind, news.about)

    await sync_to_thread(caller.site.database.write, SYSTEM, take)
    return Received()


HANDLERS = [list_payments, get_payment, reverse, resume, set_off, receive_news]
