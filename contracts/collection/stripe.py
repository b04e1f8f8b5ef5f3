"""Payment intents and refunds at the payment server, as Stripe's API describes them.

An intent is found again by the id of ours in its metadata: its list knows no filter but time, so it is read back to
just before the first try (the search of metadata lags behind by up to a minute, and would call a fresh intent absent).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from contracts.collection.doubts import DueDoubt
from contracts.collection.rules import Standing
from contracts.payment.gateway import Disagreement
from contracts.payment.stripe import Answer, Page, StripeGateway

SKEW = timedelta(minutes=10)  # by how much the server's clock may be behind ours
NAME = "collection"  # of our id among an object's metadata
INTENT_STANDINGS = {
    "succeeded": Standing.SUCCEEDED,
    "canceled": Standing.CANCELED,
    "requires_payment_method": Standing.OPEN,
    "requires_confirmation": Standing.OPEN,
}
REFUND_STANDINGS = {"succeeded": Standing.SUCCEEDED, "failed": Standing.FAILED, "canceled": Standing.FAILED}


@dataclass(frozen=True, slots=True)
class CollectionOrder:
    """``collection_id`` is the first key it is sent under. ``intent``: of a refund, whose money it gives back."""

    collection_id: UUID
    due_number: str
    amount_minor: int
    currency: str
    first_tried_at: datetime
    intent: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An intent or a refund as the server tells it. ``note``: why a payer was declined last."""

    id: str
    amount_minor: int
    currency: str
    standing: Standing
    ours: str | None
    note: str | None = None


class _Declined(msgspec.Struct):
    message: str | None = None
    code: str | None = None


class _Intent(msgspec.Struct):
    id: str
    amount: int
    currency: str
    status: str
    amount_received: int = 0
    metadata: dict[str, str] = {}
    last_payment_error: _Declined | None = None

    def told(self) -> Told:
        standing = INTENT_STANDINGS.get(self.status, Standing.WAITING)
        if standing is Standing.SUCCEEDED and self.amount_received != self.amount:
            in_part = DueDoubt.RECEIVED_IN_PART
            raise Disagreement(in_part.of(intent=self.id, received=self.amount_received, whole=self.amount))
        error = self.last_payment_error
        note = None if error is None else error.message or error.code
        return Told(self.id, self.amount, self.currency, standing, self.metadata.get(NAME), note)


class _Refund(msgspec.Struct):
    id: str
    amount: int
    currency: str
    status: str | None = None
    metadata: dict[str, str] | None = None

    def told(self) -> Told:
        standing = REFUND_STANDINGS.get(self.status or "", Standing.WAITING)
        return Told(self.id, self.amount, self.currency, standing, (self.metadata or {}).get(NAME))


_INTENT, _INTENTS = Answer(_Intent), Answer(Page[_Intent])
_REFUND, _REFUNDS = Answer(_Refund), Answer(Page[_Refund])


class StripeTill(StripeGateway):
    """The gateway of payments, which also takes money in. Raises as that does."""

    def create(self, order: CollectionOrder, *, key: str) -> Told:
        form = {
            "amount": str(order.amount_minor),
            f"metadata[{NAME}]": str(order.collection_id),
            "metadata[due]": order.due_number,
        }
        if order.intent is not None:
            form |= {"payment_intent": order.intent, "reason": "requested_by_customer"}
            return check_echo(order, self._ask("POST", "/v1/refunds", _REFUND, form=form, key=key).told())
        form |= {
            "currency": order.currency.lower(),
            "description": f"Co-payment {order.due_number}",
            "automatic_payment_methods[enabled]": "true",
            "automatic_payment_methods[allow_redirects]": "never",
        }
        return check_echo(order, self._ask("POST", "/v1/payment_intents", _INTENT, form=form, key=key).told())

    def find(self, order: CollectionOrder) -> Told | None:
        """Raises Disagreement where there are several."""
        if order.intent is not None:
            refunds = self._all("/v1/refunds", _REFUNDS, {"payment_intent": order.intent})
            found = [one.told() for one in refunds if (one.metadata or {}).get(NAME) == str(order.collection_id)]
        else:
            since = {"created[gte]": str(int((order.first_tried_at - SKEW).timestamp()))}
            intents = self._all("/v1/payment_intents", _INTENTS, since)
            found = [one.told() for one in intents if one.metadata.get(NAME) == str(order.collection_id)]
        if len(found) > 1:
            objects = ", ".join(one.id for one in found)
            raise Disagreement(DueDoubt.SEVERAL.of(many=len(found), objects=objects))
        return check_echo(order, found[0]) if found else None

    def intent(self, intent_id: str) -> Told:
        return self._ask("GET", f"/v1/payment_intents/{intent_id}", _INTENT).told()

    def refund(self, refund_id: str) -> Told:
        return self._ask("GET", f"/v1/refunds/{refund_id}", _REFUND).told()

    def confirm(self, intent_id: str, *, method: str, key: str) -> Told:
        """Raises GatewayRefused where the payer is declined: the intent stays open, and says why."""
        form = {"payment_method": method}
        return self._ask("POST", f"/v1/payment_intents/{intent_id}/confirm", _INTENT, form=form, key=key).told()

    def cancel(self, intent_id: str, *, key: str) -> Told:
        return self._ask("POST", f"/v1/payment_intents/{intent_id}/cancel", _INTENT, form={}, key=key).told()


def check_echo(order: CollectionOrder, told: Told) -> Told:
    """What the server tells, if it is what we ordered. Raises Disagreement."""
    for what, ours, theirs in (
        ("amount", order.amount_minor, told.amount_minor),
        ("currency", order.currency.lower(), told.currency.lower()),
        (NAME, str(order.collection_id), told.ours),
    ):
        if ours != theirs:
            differs = DueDoubt.OTHER_THAN_ASKED
            raise Disagreement(differs.of(object=told.id, what=what, theirs=theirs, ours=ours))
    return told
