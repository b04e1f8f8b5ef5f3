"""Everything that can be asked: method, address, parameters, what is done."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from market.peer import accounts, balances, banks, events, listing, payments, payouts, transfers, webhooks
from market.peer.books import Json
from market.peer.calls import Call
from market.peer.errors import ApiError
from market.peer.forms import Fields


@dataclass(frozen=True)
class Endpoint:
    """`address` has `{parent}` and `{id}` where ids stand."""

    method: str
    address: str
    run: Callable[[Call], Json]
    fields: Fields = field(default_factory=dict)


def _retrieve(kind: str) -> Callable[[Call], Json]:
    return partial(listing.retrieve, kind=kind)


def _update(kind: str) -> Callable[[Call], Json]:
    return partial(listing.update, kind=kind)


def _list(kind: str, url: str) -> Callable[[Call], Json]:
    return partial(listing.page, kind=kind, url=url)


ENDPOINTS = (
    Endpoint("POST", "/v1/accounts", accounts.create_account, accounts.CREATE),
    Endpoint("GET", "/v1/accounts", _list("account", "/v1/accounts"), listing.CREATED),
    Endpoint("GET", "/v1/accounts/{id}", _retrieve("account")),
    Endpoint("POST", "/v1/accounts/{id}", accounts.update_account, accounts.UPDATE),
    Endpoint("DELETE", "/v1/accounts/{id}", accounts.delete_account),
    Endpoint("POST", "/v1/accounts/{parent}/external_accounts", accounts.add_bank_account, accounts.ADD_BANK),
    Endpoint("GET", "/v1/accounts/{parent}/external_accounts", banks.list_bank_accounts, banks.LIST),
    Endpoint("POST", "/v1/transfers", transfers.create_transfer, transfers.CREATE),
    Endpoint("GET", "/v1/transfers", transfers.list_transfers, transfers.LIST),
    Endpoint("GET", "/v1/transfers/{id}", _retrieve("transfer")),
    Endpoint("POST", "/v1/transfers/{id}", _update("transfer"), listing.UPDATE),
    Endpoint("POST", "/v1/transfers/{parent}/reversals", transfers.create_reversal, transfers.REVERSE),
    Endpoint("GET", "/v1/transfers/{parent}/reversals", transfers.list_reversals, listing.PAGE),
    Endpoint("GET", "/v1/transfers/{parent}/reversals/{id}", transfers.retrieve_reversal),
    Endpoint("POST", "/v1/payouts", payouts.create_payout, payouts.CREATE),
    Endpoint("GET", "/v1/payouts", payouts.list_payouts, payouts.LIST),
    Endpoint("GET", "/v1/payouts/{id}", _retrieve("payout")),
    Endpoint("POST", "/v1/payouts/{id}", _update("payout"), {"metadata": listing.UPDATE["metadata"]}),
    Endpoint("POST", "/v1/payouts/{id}/cancel", payouts.cancel_payout),
    Endpoint("GET", "/v1/balance", balances.retrieve_balance),
    Endpoint("GET", "/v1/balance_transactions", balances.list_balance_transactions, balances.LIST),
    Endpoint("GET", "/v1/balance_transactions/{id}", _retrieve("balance_transaction")),
    Endpoint("POST", "/v1/payment_intents", payments.create_payment_intent, payments.CREATE),
    Endpoint("GET", "/v1/payment_intents", _list("payment_intent", "/v1/payment_intents"), listing.CREATED),
    Endpoint("GET", "/v1/payment_intents/{id}", _retrieve("payment_intent")),
    Endpoint("POST", "/v1/payment_intents/{id}/confirm", payments.confirm_payment_intent, payments.CONFIRM),
    Endpoint("POST", "/v1/payment_intents/{id}/cancel", payments.cancel_payment_intent, payments.CANCEL),
    Endpoint("POST", "/v1/refunds", payments.create_refund, payments.REFUND),
    Endpoint("GET", "/v1/refunds", payments.list_refunds, payments.REFUNDS),
    Endpoint("GET", "/v1/refunds/{id}", _retrieve("refund")),
    Endpoint("POST", "/v1/topups", payments.create_topup, payments.TOPUP),
    Endpoint("GET", "/v1/topups", _list("topup", "/v1/topups"), listing.CREATED),
    Endpoint("GET", "/v1/topups/{id}", _retrieve("topup")),
    Endpoint("GET", "/v1/events", events.list_events, events.LIST),
    Endpoint("GET", "/v1/events/{id}", events.retrieve_event),
    Endpoint("POST", "/v1/webhook_endpoints", webhooks.create_endpoint, webhooks.CREATE),
    Endpoint("GET", "/v1/webhook_endpoints", _list("webhook_endpoint", "/v1/webhook_endpoints"), listing.PAGE),
    Endpoint("GET", "/v1/webhook_endpoints/{id}", _retrieve("webhook_endpoint")),
    Endpoint("POST", "/v1/webhook_endpoints/{id}", webhooks.update_endpoint, webhooks.UPDATE),
    Endpoint("DELETE", "/v1/webhook_endpoints/{id}", webhooks.delete_endpoint),
)


def find(method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
    """The endpoint and the ids in its address."""
    asked = path.split("/")
    for endpoint in ENDPOINTS:
        steps = endpoint.address.split("/")
        pairs = list(zip(steps, asked, strict=False))
        if endpoint.method == method and len(steps) == len(asked) and all(a == b or a[:1] == "{" for a, b in pairs):
            return endpoint, {a[1:-1]: b for a, b in pairs if a[:1] == "{"}
    raise ApiError(404, f"Unrecognized request URL ({method}: {path}).")
