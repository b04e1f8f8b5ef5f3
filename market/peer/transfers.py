"""Transfers from the platform to connected accounts, and their reversals.

A transfer leaves the platform's balance as `tr_` and arrives in the connected account's as a payment `py_`, the
transfer's `destination_payment`; both sides are written at once.
"""

from market.peer.books import Json, new_id
from market.peer.calls import Call
from market.peer.errors import ApiError, no_such
from market.peer.events import tell
from market.peer.forms import AMOUNT, ANY, METADATA, Field, Fields, boolean, choice, currency
from market.peer.listing import CREATED, member, named, page

CREATE: Fields = {
    "amount": AMOUNT,
    "currency": Field(currency, required=True),
    "destination": Field(ANY.read, required=True),
    "description": ANY,
    "metadata": METADATA,
    "source_transaction": ANY,
    "source_type": Field(choice("bank_account", "card", "fpx")),
    "transfer_group": ANY,
}
LIST: Fields = CREATED | {"destination": ANY, "transfer_group": ANY}
REVERSE: Fields = {"amount": AMOUNT, "description": ANY, "metadata": METADATA, "refund_application_fee": Field(boolean)}

NEWEST_SHOWN = 10  # reversals inside a transfer; the rest are listed


def create_transfer(call: Call) -> Json:
    form = call.form
    amount, transfer_group = _funds(call)
    destination = call.books.find("account", call.account, form["destination"])
    if destination is None:
        raise no_such("destination", form["destination"], param="destination")
    if destination["capabilities"].get("transfers") != "active":
        raise ApiError(
            400,
            "Your destination account needs to have at least one of the following capabilities enabled: transfers",
            code="insufficient_capabilities_for_transfer",
            param="destination",
        )
    transfer: Json = {"id": new_id("tr"), "object": "transfer", "amount": amount, "amount_reversed": 0}
    payment = new_id("py")
    taken = call.books.move(call.account, -amount, form["currency"], kind="transfer", source=transfer["id"])
    call.books.move(destination["id"], amount, form["currency"], kind="payment", source=payment, due=call.sweep_at)
    transfer |= {
        "balance_transaction": taken,
        "currency": form["currency"],
        "description": form.get("description"),
        "destination": destination["id"],
        "destination_payment": payment,
        "livemode": False,
        "metadata": form.get("metadata") or {},
        "reversals": _reversals(transfer["id"], []),
        "reversed": False,
        "source_transaction": form.get("source_transaction"),
        "source_type": form.get("source_type", "card"),
        "transfer_group": transfer_group,
    }
    transfer = call.books.add(call.account, transfer)
    tell(call, call.account, "transfer.created", transfer)
    return transfer


def _funds(call: Call) -> tuple[int, str | None]:
    """The amount and the transfer group, either of which the charge named by `source_transaction` may give."""
    form = call.form
    if "source_transaction" not in form:
        if "amount" not in form:
            raise ApiError(400, "Missing required param: amount.", code="parameter_missing", param="amount")
        return form["amount"], form.get("transfer_group")
    charge = named(call, "charge", form["source_transaction"], "source_transaction")
    drawn = call.books.sql.execute(
        "SELECT coalesce(sum(json_extract(body, '$.amount')), 0) FROM object WHERE kind = 'transfer' AND account = ? "
        "AND json_extract(body, '$.source_transaction') = ?",
        (call.account, charge["id"]),
    ).fetchone()[0]
    amount = form.get("amount", charge["amount"] - drawn)
    if not 0 < amount <= charge["amount"] - drawn:
        raise ApiError(
            400, "Cannot use source_transaction to transfer more than the source charge.", param="source_transaction"
        )
    return amount, form.get("transfer_group", charge["transfer_group"])


def list_transfers(call: Call) -> Json:
    wanted = [member(name, call.form[name]) for name in ("destination", "transfer_group") if name in call.form]
    return page(call, "transfer", "/v1/transfers", *wanted)


def create_reversal(call: Call) -> Json:
    transfer = named(call, "transfer", call.ids["parent"], "id")
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = call.form.get("amount", left)
    if not 0 < amount <= left:
        raise ApiError(400, f"Transfer {transfer['id']} has {left} left to reverse.", param="amount")
    reversal = {"id": new_id("trr"), "object": "transfer_reversal", "amount": amount, "currency": transfer["currency"]}
    refund, payee, money = new_id("pyr"), transfer["destination"], transfer["currency"]
    call.books.move(payee, -amount, money, kind="payment_refund", source=refund, due=call.sweep_at)
    returned = call.books.move(call.account, amount, money, kind="transfer_refund", source=reversal["id"])
    reversal |= {
        "balance_transaction": returned,
        "destination_payment_refund": refund,
        "metadata": call.form.get("metadata") or {},
        "source_refund": None,
        "transfer": transfer["id"],
    }
    reversal = call.books.add(call.account, reversal)
    shown = [reversal, *transfer["reversals"]["data"]]
    transfer = call.books.change(
        transfer,
        amount_reversed=transfer["amount_reversed"] + amount,
        reversed=amount == left,
        reversals=_reversals(transfer["id"], shown),
    )
    tell(call, call.account, "transfer.reversed", transfer)
    return reversal


def retrieve_reversal(call: Call) -> Json:
    reversal = named(call, "transfer_reversal", call.ids["id"], "id")
    if reversal["transfer"] != call.ids["parent"]:
        raise no_such("transfer_reversal", call.ids["id"], param="id")
    return reversal


def list_reversals(call: Call) -> Json:
    transfer = named(call, "transfer", call.ids["parent"], "id")
    url = f"/v1/transfers/{transfer['id']}/reversals"
    return page(call, "transfer_reversal", url, member("transfer", transfer["id"]))


def _reversals(transfer: str, shown: list[Json]) -> Json:
    url = f"/v1/transfers/{transfer}/reversals"
    return {"object": "list", "data": shown[:NEWEST_SHOWN], "has_more": len(shown) > NEWEST_SHOWN, "url": url}
