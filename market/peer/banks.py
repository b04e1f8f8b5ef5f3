"""The bank accounts that connected accounts are paid out to.

What becomes of a payout is planted by the bank account number's ending, the endings being those of Stripe's own test
numbers (docs.stripe.com/connect/testing). The number itself is not kept.
"""

import hashlib

from market.peer.books import Json, new_id
from market.peer.calls import Call
from market.peer.errors import no_such
from market.peer.events import tell
from market.peer.forms import ANY, Field, Fields, choice, currency, text
from market.peer.listing import PAGE, named, page

FAILING_ENDINGS = {
    "111111116": "no_account",
    "111111113": "account_closed",
    "222222227": "insufficient_funds",
    "333333335": "debit_not_authorized",
    "444444440": "invalid_currency",
}

BANK: Fields = {
    "object": Field(choice("bank_account")),
    "account_number": Field(text(34, "[A-Z0-9]{5,34}"), required=True),
    "country": Field(text(2, "[A-Z]{2}"), required=True),
    "currency": Field(currency),
    "routing_number": ANY,
    "account_holder_name": ANY,
    "account_holder_type": Field(choice("company", "individual")),
}
LIST: Fields = PAGE | {"object": Field(choice("bank_account", "card"))}


def attach(call: Call, account: str, given: Json | str, metadata: dict[str, str] | None) -> Json:
    """Makes the bank account known, and the default of its currency."""
    if isinstance(given, str):
        raise no_such("token", given, param="bank_account")  # tokens are made in a browser, by Stripe.js
    number = given["account_number"]
    failure = next((code for ending, code in FAILING_ENDINGS.items() if number.endswith(ending)), None)
    bank = {
        "id": new_id("ba"),
        "object": "bank_account",
        "account": account,
        "account_holder_name": given.get("account_holder_name"),
        "account_holder_type": given.get("account_holder_type"),
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": "SANDBOX BANK",
        "country": given["country"],
        "currency": given.get("currency", "kzt"),
        "default_for_currency": True,
        "fingerprint": hashlib.sha256(number.encode()).hexdigest()[:16],
        "last4": number[-4:],
        "metadata": metadata or {},
        "routing_number": given.get("routing_number"),
        "status": "new",
    }
    bank = call.books.add(account, bank, private={"failure_code": failure}, dated=False)
    tell(call, account, "account.external_account.created", bank)
    return bank


def list_bank_accounts(call: Call) -> Json:
    account = named(call, "account", call.ids["parent"], "id")
    return page(call, "bank_account", bank_list(account["id"], [])["url"], account=account["id"])


def default_bank_account(call: Call, account: str, wanted: str) -> Json | None:
    """The account's bank account in a currency; the newest, as a new one takes the former's place."""
    every = Call(call.sandbox, account, form={"limit": 100})
    banks = page(every, "bank_account", "")["data"]
    return next((bank for bank in banks if bank["currency"] == wanted), None)


def bank_list(account: str, banks: list[Json]) -> Json:
    url = f"/v1/accounts/{account}/external_accounts"
    return {"object": "list", "data": banks, "has_more": False, "url": url}
