"""The checker finds what it is there to find: planted faults in requests and answers."""

import asyncio
import copy
from typing import Any

import httpx
import pytest

from tests.stripe_contract import CheckedTransport, ContractBroken, StripeContract, stripe_contract

TRANSFER: dict[str, Any] = {
    "id": "tr_1",
    "object": "transfer",
    "amount": 125_000,
    "amount_reversed": 0,
    "created": 1_790_000_000,
    "currency": "kzt",
    "description": None,
    "destination": "acct_1",
    "livemode": False,
    "metadata": {"act": "7"},
    "reversals": {"object": "list", "data": [], "has_more": False, "url": "/v1/transfers/tr_1/reversals"},
    "reversed": False,
}


@pytest.fixture(scope="module")
def contract() -> StripeContract:
    return stripe_contract()


@pytest.mark.parametrize(
    ("method", "form"),
    [
        ("POST", "amount=125000&currency=kzt&destination=acct_1&metadata%5Bact%5D=7"),
        ("POST", {"amount": "1", "currency": "kzt", "destination": "acct_1", "transfer_group": "act-7"}),
        ("GET", "limit=3&created[gte]=1790000000&transfer_group=act-7"),
        ("GET", ""),
    ],
)
def test_a_good_request_passes(contract: StripeContract, method: str, form: str | dict[str, str]) -> None:
    contract.check_request(method, "/v1/transfers", form)


@pytest.mark.parametrize(
    ("method", "form", "fault"),
    [
        ("POST", "amount=1&currency=kzt", "'destination' is a required property"),
        ("POST", "amount=12.5&currency=kzt&destination=acct_1", "'12.5' is not of type 'integer'"),
        ("POST", "amount=1&currency=kzt&destination=acct_1&act=7", "'act' was unexpected"),
        ("POST", "amount=1&currency=kzt&destination=acct_1&metadata[a][b]=7", "not of type 'string'"),
        ("POST", "amount=1&currency=kzt&destination=acct_1&source_type=cash", "not one of"),
        ("GET", "limit=many", "'many' is not of type 'integer'"),
        ("GET", "payee=acct_1", "'payee' was unexpected"),
    ],
)
def test_a_faulty_request_is_found(contract: StripeContract, method: str, form: str, fault: str) -> None:
    with pytest.raises(ContractBroken, match=fault):
        contract.check_request(method, "/v1/transfers", form)


def test_an_address_stripe_does_not_have_is_found(contract: StripeContract) -> None:
    assert contract.knows("GET", "/v1/payouts/po_1")
    assert not contract.knows("PUT", "/v1/payouts/po_1")
    with pytest.raises(ContractBroken):
        contract.check_request("POST", "/v1/charities")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"amount": "125000"}, "not of type 'integer'"),
        ({"amount": None}, "not of type 'integer'"),
        ({"paid": True}, "'paid' was unexpected"),
        ({"object": "payment"}, "not one of"),
        ({"reversals": {"object": "list"}}, "required property"),
    ],
)
def test_a_faulty_answer_is_found(contract: StripeContract, change: dict[str, Any], fault: str) -> None:
    contract.check_response("POST", "/v1/transfers", 200, TRANSFER)
    with pytest.raises(ContractBroken, match=fault):
        contract.check_response("POST", "/v1/transfers", 200, TRANSFER | change)


def test_every_missing_member_is_found(contract: StripeContract) -> None:
    optional = {"description", "destination"}
    for name in TRANSFER.keys() - optional:
        without = {member: value for member, value in TRANSFER.items() if member != name}
        with pytest.raises(ContractBroken, match=f"'{name}' is a required property"):
            contract.check_response("GET", "/v1/transfers/tr_1", 200, without)


def test_an_error_has_its_own_shape(contract: StripeContract) -> None:
    contract.check_response(
        "POST", "/v1/transfers", 400, {"error": {"type": "invalid_request_error", "param": "amount"}}
    )
    for faulty in ({"error": {"type": "rate"}}, {"error": {}}, {"detail": "no"}):
        with pytest.raises(ContractBroken):
            contract.check_response("POST", "/v1/transfers", 400, faulty)


def test_an_event_is_checked_with_what_it_tells_of(contract: StripeContract) -> None:
    event: dict[str, Any] = {"id": "evt_1", "object": "event", "created": 1, "livemode": False, "pending_webhooks": 1}
    event |= {"type": "transfer.created", "data": {"object": copy.deepcopy(TRANSFER)}}
    contract.check_event(event)
    del event["data"]["object"]["amount"]
    with pytest.raises(ContractBroken, match="'amount' is a required property"):
        contract.check_event(event)


def test_the_transport_checks_both_ways_for_both_kinds_of_client(contract: StripeContract) -> None:
    inner = httpx.MockTransport(lambda request: httpx.Response(200, json=TRANSFER | {"amount": "1"}))
    good = {"amount": "1", "currency": "kzt", "destination": "acct_1"}

    async def ask(form: dict[str, str]) -> None:
        async with httpx.AsyncClient(
            base_url="http://stripe.test", transport=CheckedTransport(contract, inner)
        ) as client:
            await client.post("/v1/transfers", data=form)

    with httpx.Client(base_url="http://stripe.test", transport=CheckedTransport(contract, inner)) as client:
        for form, fault in ((good, "POST /v1/transfers 200"), ({"amount": "1"}, "POST /v1/transfers form")):
            with pytest.raises(ContractBroken, match=fault):
                client.post("/v1/transfers", data=form)
            with pytest.raises(ContractBroken, match=fault):
                asyncio.run(ask(form))
        with pytest.raises(ContractBroken, match="not application/x-www-form-urlencoded"):
            client.post("/v1/transfers", json=good)
