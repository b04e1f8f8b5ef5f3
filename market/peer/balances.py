"""What an account has, and every movement that made it so."""

from market.peer.books import Json
from market.peer.calls import Call
from market.peer.errors import ApiError
from market.peer.forms import ANY, Field, Fields, currency
from market.peer.listing import CREATED, member, named, page

LIST: Fields = CREATED | {"currency": Field(currency), "payout": ANY, "source": ANY, "type": ANY}


def retrieve_balance(call: Call) -> Json:
    available = call.books.available(call.account) or {"kzt": 0}
    amounts = [
        {"amount": amount, "currency": money, "source_types": {"card": amount}} for money, amount in available.items()
    ]
    pending = [{"amount": 0, "currency": money, "source_types": {"card": 0}} for money in available]
    return {"object": "balance", "available": amounts, "pending": pending, "livemode": False}


def list_balance_transactions(call: Call) -> Json:
    wanted = [member(name, call.form[name]) for name in ("currency", "source", "type") if name in call.form]
    if "payout" in call.form:
        payout = named(call, "payout", call.form["payout"], "payout")
        if not payout["automatic"]:
            raise ApiError(
                400,
                "Balance transaction history can only be filtered on automatic transfers, not manual.",
                param="payout",
            )
        wanted.append(("payout = ?", [payout["id"]]))
    return page(call, "balance_transaction", "/v1/balance_transactions", *wanted)
