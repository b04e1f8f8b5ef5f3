"""Payouts from a balance to a bank: asked for by hand, or made by the sandbox from what a connected account received.

An automatic payout takes every balance transaction that no payout took before; they are then listed by
`GET /v1/balance_transactions?payout=po_...` on the connected account, which is how a client learns what was paid.
A failed payout returns its amount as a `payout_failure` transaction, which the next automatic payout takes.

    pending -> in_transit -> paid [-> failed]      pending -> canceled      in_transit -> failed

What becomes of an account's payouts is planted: its metadata `sandbox_payout` is `paid`, `failed`, `failed_after_paid`
(the bank sends the money back one step later) or `held` (stays in transit); else the bank account's number tells.
"""

from market.peer.accounts import bank_refused
from market.peer.banks import default_bank_account
from market.peer.books import PLATFORM, Json, new_id
from market.peer.calls import Call, Sandbox
from market.peer.errors import ApiError, no_such
from market.peer.events import tell
from market.peer.forms import AMOUNT, ANY, METADATA, RANGE, Field, Fields, choice, currency, text
from market.peer.listing import CREATED, member, page, retrieve, within

CREATE: Fields = {
    "amount": Field(AMOUNT.read, required=True),
    "currency": Field(currency, required=True),
    "description": ANY,
    "destination": ANY,
    "metadata": METADATA,
    "method": Field(choice("standard", "instant")),
    "source_type": Field(choice("bank_account", "card", "fpx")),
    "statement_descriptor": Field(text(22)),
}
LIST: Fields = CREATED | {"arrival_date": RANGE, "destination": ANY, "status": ANY}

DAY = 86_400


def create_payout(call: Call) -> Json:
    form = call.form
    bank = default_bank_account(call, call.account, form["currency"])
    if "destination" in form and (bank is None or bank["id"] != form["destination"]):
        raise no_such("external account", form["destination"], param="destination")
    if bank is None:
        raise ApiError(
            400, f"Sorry, you don't have any external accounts in that currency ({form['currency']}).", param="currency"
        )
    return _pay_out(call, form["amount"], form["currency"], bank["id"], automatic=False)


def _pay_out(call: Call, amount: int, money: str, bank: str, *, automatic: bool) -> Json:
    payout: Json = {"id": new_id("po"), "object": "payout", "amount": amount, "currency": money, "automatic": automatic}
    taken = call.books.move(
        call.account,
        -amount,
        money,
        kind="payout",
        source=payout["id"],
        due=_sweep_at(call),
    )
    payout |= {
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": int(call.now) // DAY * DAY + DAY,
        "balance_transaction": taken,
        "description": "STRIPE PAYOUT" if automatic else call.form.get("description"),
        "destination": bank,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": call.form.get("metadata") or {},
        "method": call.form.get("method", "standard"),
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": call.form.get("source_type", "card"),
        "statement_descriptor": call.form.get("statement_descriptor"),
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
    }
    payout = call.books.add(call.account, payout, due=call.now + call.sandbox.options.payout_step)
    tell(call, call.account, "payout.created", payout)
    return payout


def cancel_payout(call: Call) -> Json:
    payout = retrieve(call, "payout")
    if payout["automatic"] or payout["status"] != "pending":
        raise ApiError(400, "Payouts can only be canceled while they are pending, and only if you created them.")
    payout = _returned(call, payout, "payout_cancel", status="canceled")
    call.books.schedule(payout["id"], None)
    tell(call, call.account, "payout.canceled", payout)
    return payout


def list_payouts(call: Call) -> Json:
    wanted = [member(name, call.form[name]) for name in ("destination", "status") if name in call.form]
    arriving = within("json_extract(body, '$.arrival_date')", call.form.get("arrival_date", {}))
    return page(call, "payout", "/v1/payouts", *wanted, *arriving)


def pay_out_what_is_due(sandbox: Sandbox) -> None:
    """One turn of the sandbox's own work, in one transaction: sweeps balances, moves payouts on. Quick when idle."""
    due = "SELECT id, account FROM object WHERE kind = ? AND due <= ? ORDER BY due LIMIT 500"
    now = sandbox.books.clock.now()
    payouts = sandbox.books.sql.execute(due, ("payout", now)).fetchall()
    credits_ = sandbox.books.sql.execute(due, ("balance_transaction", now)).fetchall()
    if not payouts and not credits_:
        return
    with sandbox.books.writing():
        for row in payouts:
            _move_on(Call(sandbox, row["account"], ids={"id": row["id"]}))
        for account in dict.fromkeys(row["account"] for row in credits_):
            _sweep(Call(sandbox, account))


def _sweep(call: Call) -> None:
    """Pays out all that no payout took before, a currency at a time; what cannot be paid is parked until it can."""
    totals = call.books.sql.execute(
        "SELECT json_extract(body, '$.currency') AS currency, sum(json_extract(body, '$.amount')) AS amount "
        "FROM object WHERE kind = 'balance_transaction' AND account = ? AND payout IS NULL GROUP BY 1",
        (call.account,),
    ).fetchall()
    account = call.books.find("account", PLATFORM, call.account)
    for total in totals:
        bank = default_bank_account(call, call.account, total["currency"])
        swept = None
        if bank and account and _pays_by_itself(account) and total["amount"] > 0:
            swept = _pay_out(call, total["amount"], total["currency"], bank["id"], automatic=True)["id"]
        call.books.sql.execute(
            "UPDATE object SET due = NULL, payout = ? WHERE kind = 'balance_transaction' AND account = ? "
            "AND payout IS NULL AND json_extract(body, '$.currency') = ?",
            (swept, call.account, total["currency"]),
        )


def _sweep_at(call: Call) -> float | None:
    """The platform's own balance is never paid out by itself."""
    return None if call.account == PLATFORM else call.sweep_at


def _pays_by_itself(account: Json) -> bool:
    return bool(account["payouts_enabled"]) and account["settings"]["payouts"]["schedule"]["interval"] != "manual"


def _move_on(call: Call) -> None:
    payout = retrieve(call, "payout")
    planted = _planted(call, payout)
    next_step: float | None = call.now + call.sandbox.options.payout_step
    status = payout["status"]
    if status == "pending":
        payout = call.books.change(payout, status="in_transit")
        tell(call, call.account, "payout.updated", payout, {"status": status})
        next_step = None if planted == "held" else next_step
    elif status == "in_transit" and planted in ("paid", "failed_after_paid"):
        payout = call.books.change(payout, status="paid", trace_id={"status": "supported", "value": payout["id"][3:]})
        tell(call, call.account, "payout.paid", payout)
        next_step = next_step if planted == "failed_after_paid" else None
    else:
        _fail(call, payout)
        next_step = None
    call.books.schedule(payout["id"], next_step)


def _planted(call: Call, payout: Json) -> str:
    """What becomes of it: the account's metadata say (`sandbox_payout`), else the bank account number's ending."""
    account = call.books.find("account", PLATFORM, call.account) or {"metadata": {}}
    failing = call.books.private(payout["destination"]).get("failure_code")
    return str(account["metadata"].get("sandbox_payout", "failed" if failing else "paid"))


def _fail(call: Call, payout: Json) -> None:
    code = call.books.private(payout["destination"]).get("failure_code") or "could_not_process"
    message = f"The bank account could not be credited ({code})."
    payout = _returned(call, payout, "payout_failure", status="failed", failure_code=code, failure_message=message)
    tell(call, call.account, "payout.failed", payout)
    account = call.books.find("account", PLATFORM, call.account)
    bank = call.books.find("bank_account", call.account, payout["destination"])
    if account and bank:
        bank_refused(call, account, bank)


def _returned(call: Call, payout: Json, kind: str, **members: str) -> Json:
    """The payout's money back in the balance it came from."""
    amount, money = payout["amount"], payout["currency"]
    back = call.books.move(call.account, amount, money, kind=kind, source=payout["id"], due=_sweep_at(call))
    return call.books.change(payout, failure_balance_transaction=back, **members)
