"""Ways of sending payments that are wrong on purpose: the harness must find each of them."""

import contextlib
from collections.abc import Callable
from uuid import UUID, uuid4

from contracts.payment import dispatch, progress
from contracts.payment.dispatch import Desk
from contracts.payment.gateway import GatewayTrouble, Holder, SentTransfer, TransferOrder
from contracts.payment.stripe import StripeGateway
from tests.payment.advance_designs import ACT_ORDERS, ADVANCE_ORDERS, LOOKS
from tests.payment.batch_designs import BATCH_ORDERS

Send = Callable[[Desk], int]
OURS = "ours"
FILE_FIRST = "file first"  # the clerks' way, see there


class _FreshKeys(StripeGateway):
    """A new key for every attempt, and no look at what the last attempt did."""

    def __init__(self, inner: StripeGateway) -> None:
        vars(self).update(vars(inner))

    def create_transfer(self, order: TransferOrder, *, key: str) -> SentTransfer:
        return super().create_transfer(order, key=str(uuid4()))

    def find_transfers(self, payment_id: UUID) -> list[SentTransfer]:
        return []


class _NoKey(_FreshKeys):
    """No key at all."""

    def create_transfer(self, order: TransferOrder, *, key: str) -> SentTransfer:
        return StripeGateway.create_transfer(self, order, key="")


def _through(gateway: type[_FreshKeys]) -> Send:
    def send(desk: Desk) -> int:
        assert isinstance(desk.gateway, StripeGateway)
        return dispatch.send_due(Desk(desk.database, gateway(desk.gateway), desk.patience, desk.boundary, at_once=1))

    return send


def _fail_what_is_unknown(desk: Desk) -> int:
    """A connection that broke is taken for a refusal."""
    claims = desk.commit("claim", lambda work: progress.claim_to_send(work, limit=1, patience=desk.patience))
    for claim in claims:
        try:
            account = claim.destination.connected_account or dispatch._open_account(desk, claim)
            made = dispatch._find_or_make_transfer(desk, claim, account)
        except GatewayTrouble as trouble:
            why = trouble.detail
            desk.commit("record failed", lambda work, p=claim.payment, w=why: progress.fail(work, p.id, why=w))
        else:
            desk.commit("record sent", lambda work, p=claim.payment, t=made.id: progress.sent(work, p.id, t))
    return len(claims)


def _mark_first(desk: Desk) -> int:
    """The payment is marked as sent, and then it is sent."""
    claims = desk.commit("claim", lambda work: progress.claim_to_send(work, limit=1, patience=desk.patience))
    for claim in claims:
        payment, given = claim.payment, claim.destination
        holder = Holder(payment.payee_version_id, given.legal_name, given.bin, given.iban)
        account = desk.gateway.create_account(holder, key=str(payment.payee_version_id))
        desk.commit("record sent", lambda work, p=payment: progress.sent(work, p.id, f"tr_{p.id.hex}"))
        order = TransferOrder(
            payment.id, payment.number, payment.act_id, payment.amount_minor, payment.currency, account
        )
        with contextlib.suppress(GatewayTrouble):
            desk.call("create transfer", lambda o=order: desk.gateway.create_transfer(o, key=str(o.payment_id)))
    return len(claims)


DESIGNS: dict[str, Send] = {
    OURS: dispatch.send_due,
    "fresh keys": _through(_FreshKeys),
    "no key": _through(_NoKey),
    "mark first": _mark_first,
    "fail the unknown": _fail_what_is_unknown,
    FILE_FIRST: dispatch.send_due,
    **dict.fromkeys([*BATCH_ORDERS, *ADVANCE_ORDERS, *ACT_ORDERS, *LOOKS], dispatch.send_due),
}
