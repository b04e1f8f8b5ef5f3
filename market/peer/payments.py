"""Money coming in: payment intents (with Stripe's test cards), their refunds, and top-ups of the platform's balance.

A payment method is one of Stripe's test names (docs.stripe.com/testing): `pm_card_visa` and its like are paid,
`pm_card_chargeDeclined` and its like are declined; a refund to `pm_card_refundFail` succeeds, and fails later on. Fees
are nil.
"""

from market.peer.books import Json, new_id
from market.peer.calls import Call, Sandbox
from market.peer.errors import ApiError, no_such
from market.peer.events import tell
from market.peer.forms import AMOUNT, ANY, METADATA, Field, Fields, boolean, choice, currency, group, many, text
from market.peer.listing import CREATED, member, named, page, retrieve

CREATE: Fields = {
    "amount": Field(AMOUNT.read, required=True),
    "currency": Field(currency, required=True),
    "automatic_payment_methods": Field(
        group({"enabled": Field(boolean, required=True), "allow_redirects": Field(choice("always", "never"))})
    ),
    "confirm": Field(boolean),
    "description": Field(text(1000)),
    "metadata": METADATA,
    "payment_method": ANY,
    "payment_method_types": Field(many(text())),
    "receipt_email": ANY,
    "return_url": ANY,
    "statement_descriptor": Field(text(22)),
    "transfer_group": ANY,
}
CONFIRM: Fields = {"payment_method": ANY, "receipt_email": ANY, "return_url": ANY}
CANCEL: Fields = {"cancellation_reason": Field(choice("abandoned", "duplicate", "fraudulent", "requested_by_customer"))}
REFUND: Fields = {
    "amount": AMOUNT,
    "charge": ANY,
    "payment_intent": ANY,
    "metadata": METADATA,
    "reason": Field(choice("duplicate", "fraudulent", "requested_by_customer")),
}
REFUNDS: Fields = CREATED | {"charge": ANY, "payment_intent": ANY}
TOPUP: Fields = {
    "amount": Field(AMOUNT.read, required=True),
    "currency": Field(currency, required=True),
    "description": ANY,
    "metadata": METADATA,
    "statement_descriptor": Field(text(15)),
    "transfer_group": ANY,
}

BANKS_ANSWER = 3600.0  # seconds after which a payer's bank has sent a refund back
OPEN = ("requires_payment_method", "requires_confirmation")


def create_payment_intent(call: Call) -> Json:
    form = call.form
    identifier = new_id("pi")
    method = form.get("payment_method")
    intent = {
        "id": identifier,
        "object": "payment_intent",
        "amount": form["amount"],
        "amount_capturable": 0,
        "amount_received": 0,
        "automatic_payment_methods": form.get("automatic_payment_methods"),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{identifier}_secret_{new_id('x')[2:]}",
        "confirmation_method": "automatic",
        "currency": form["currency"],
        "description": form.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": form.get("metadata") or {},
        "next_action": None,
        "payment_method": method,
        "payment_method_types": form.get("payment_method_types", ["card"]),
        "processing": None,
        "receipt_email": form.get("receipt_email"),
        "statement_descriptor": form.get("statement_descriptor"),
        "status": "requires_confirmation" if method else "requires_payment_method",
        "transfer_group": form.get("transfer_group"),
    }
    intent = call.books.add(call.account, intent)
    tell(call, call.account, "payment_intent.created", intent)
    return _confirmed(call, intent) if form.get("confirm") else intent


def confirm_payment_intent(call: Call) -> Json:
    return _confirmed(call, retrieve(call, "payment_intent"))


def cancel_payment_intent(call: Call) -> Json:
    intent = retrieve(call, "payment_intent")
    _check_open(intent)
    reason = call.form.get("cancellation_reason")
    intent = call.books.change(intent, status="canceled", canceled_at=int(call.now), cancellation_reason=reason)
    tell(call, call.account, "payment_intent.canceled", intent)
    return intent


def _check_open(intent: Json) -> None:
    if intent["status"] not in OPEN:
        raise ApiError(
            400,
            f"This PaymentIntent's status is {intent['status']}.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )


def _confirmed(call: Call, intent: Json) -> Json:
    """Charges the payment method: the charge `ch_`, its balance transaction and the intent succeed together."""
    _check_open(intent)
    method = call.form.get("payment_method", intent["payment_method"])
    if method is None:
        raise ApiError(
            400,
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    if "Declined" in method:
        raise _declined(call, intent)
    if not method.startswith("pm_card_"):
        raise no_such("PaymentMethod", method, param="payment_method")
    charge = {"id": new_id("ch"), "object": "charge", "amount": intent["amount"], "refunded": 0}
    charge |= {"payment_intent": intent["id"], "transfer_group": intent["transfer_group"]}
    charge = call.books.add(call.account, charge)
    call.books.move(call.account, intent["amount"], intent["currency"], kind="charge", source=charge["id"])
    intent = call.books.change(
        intent,
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        payment_method=method,
        status="succeeded",
    )
    tell(call, call.account, "payment_intent.succeeded", intent)
    return intent


def _declined(call: Call, intent: Json) -> ApiError:
    why = {"code": "card_declined", "decline_code": "generic_decline", "message": "Your card was declined."}
    intent = call.books.change(
        intent, last_payment_error=why | {"type": "card_error"}, payment_method=None, status="requires_payment_method"
    )
    tell(call, call.account, "payment_intent.payment_failed", intent)
    return ApiError(402, why.pop("message"), stands=True, payment_intent=intent, **why)


def create_refund(call: Call) -> Json:
    form = call.form
    if "payment_intent" in form:
        intent = named(call, "payment_intent", form["payment_intent"], "payment_intent")
        if intent["latest_charge"] is None:
            raise ApiError(400, "This PaymentIntent does not have a successful charge to refund.")
        charge = named(call, "charge", intent["latest_charge"], "payment_intent")
    elif "charge" in form:
        charge = named(call, "charge", form["charge"], "charge")
        intent = named(call, "payment_intent", charge["payment_intent"], "charge")
    else:
        raise ApiError(400, "Missing required param: charge.", code="parameter_missing", param="charge")
    left = charge["amount"] - charge["refunded"]
    if not left:
        raise ApiError(400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = form.get("amount", left)
    if amount > left:
        raise ApiError(400, f"Refund amount ({amount}) is greater than unrefunded amount ({left})", param="amount")
    refund = {"id": new_id("re"), "object": "refund", "amount": amount, "currency": intent["currency"]}
    taken = call.books.move(call.account, -amount, intent["currency"], kind="refund", source=refund["id"])
    refund |= {"balance_transaction": taken, "charge": charge["id"], "payment_intent": intent["id"]}
    refund |= {"metadata": form.get("metadata") or {}, "reason": form.get("reason"), "receipt_number": None}
    refund |= {"source_transfer_reversal": None, "status": "succeeded", "transfer_reversal": None}
    call.books.change(charge, refunded=charge["refunded"] + amount)
    fails_at = call.now + BANKS_ANSWER if intent["payment_method"] == "pm_card_refundFail" else None
    refund = call.books.add(call.account, refund, due=fails_at)
    tell(call, call.account, "refund.created", refund)
    return refund


def fail_refunds(sandbox: Sandbox) -> None:
    """One turn of the sandbox's own work: the payers' banks send refunds back. Quick when idle."""
    now = sandbox.books.clock.now()
    due = sandbox.books.sql.execute(
        "SELECT id, account FROM object WHERE kind = 'refund' AND due <= ? LIMIT 500", (now,)
    ).fetchall()
    if not due:
        return
    with sandbox.books.writing():
        for row in due:
            _fail_refund(Call(sandbox, row["account"], ids={"id": row["id"]}))


def _fail_refund(call: Call) -> None:
    refund = retrieve(call, "refund")
    amount, money = refund["amount"], refund["currency"]
    back = call.books.move(call.account, amount, money, kind="refund_failure", source=refund["id"])
    charge = call.books.find("charge", call.account, refund["charge"])
    assert charge is not None
    call.books.change(charge, refunded=charge["refunded"] - amount)
    refund = call.books.change(
        refund, status="failed", failure_reason="expired_or_canceled_card", failure_balance_transaction=back
    )
    call.books.schedule(refund["id"], None)
    tell(call, call.account, "refund.failed", refund)


def list_refunds(call: Call) -> Json:
    wanted = [member(name, call.form[name]) for name in ("charge", "payment_intent") if name in call.form]
    return page(call, "refund", "/v1/refunds", *wanted)


def create_topup(call: Call) -> Json:
    """The bank's money is there at once."""
    form = call.form
    topup = {"id": new_id("tu"), "object": "topup", "amount": form["amount"], "currency": form["currency"]}
    added = call.books.move(call.account, form["amount"], form["currency"], kind="topup", source=topup["id"])
    topup |= {"balance_transaction": added, "description": form.get("description"), "livemode": False}
    topup |= {"expected_availability_date": int(call.now), "failure_code": None, "failure_message": None}
    topup |= {"metadata": form.get("metadata") or {}, "source": None, "status": "succeeded"}
    topup |= {name: form.get(name) for name in ("statement_descriptor", "transfer_group")}
    topup = call.books.add(call.account, topup)
    tell(call, call.account, "topup.succeeded", topup)
    return topup
