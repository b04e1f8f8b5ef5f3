"""Every answer here has passed Stripe's OpenAPI description on its way."""

import httpx
import pytest

from tests.peer.sandbox import BANK, KEY, Peer, open_account, transfer


def refusal(answer: httpx.Response) -> tuple[int, str | None, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error.get("code"), error.get("param")


def test_an_account_is_opened_read_changed_and_listed(client: httpx.Client) -> None:
    warm_home = open_account(client, **{"business_profile[name]": "Warm Home", "metadata[bin]": "010140000017"})
    client.post(
        f"/v1/accounts/{warm_home}", data={"metadata[office]": "Taldykorgan", "company[tax_id]": "010140000017"}
    )
    account = client.get(f"/v1/accounts/{warm_home}").json()
    assert account["payouts_enabled"]
    assert account["capabilities"] == {"transfers": "active"}
    assert account["metadata"] == {"bin": "010140000017", "office": "Taldykorgan"}
    assert account["company"]["tax_id_provided"]
    assert account["external_accounts"]["data"][0]["last4"] == "0100"
    assert client.get("/v1/accounts", params={"limit": "1"}).json()["data"][0]["id"] == warm_home


def test_metadata_is_unset_by_empty_strings(client: httpx.Client) -> None:
    account = open_account(client, **{"metadata[a]": "1", "metadata[b]": "2"})
    assert client.post(f"/v1/accounts/{account}", data={"metadata[a]": ""}).json()["metadata"] == {"b": "2"}
    assert client.post(f"/v1/accounts/{account}", data={"metadata": ""}).json()["metadata"] == {}


def test_a_bank_account_is_added_and_listed(client: httpx.Client) -> None:
    account = client.post("/v1/accounts", data={"controller[fees][payer]": "application", "country": "KZ"}).json()
    assert not account["payouts_enabled"]
    added = client.post(f"/v1/accounts/{account['id']}/external_accounts", data=BANK | {"metadata[of]": "head"}).json()
    assert (added["currency"], added["metadata"]) == ("kzt", {"of": "head"})
    listed = client.get(f"/v1/accounts/{account['id']}/external_accounts").json()["data"]
    assert [bank["id"] for bank in listed] == [added["id"]]
    assert client.get(f"/v1/accounts/{account['id']}").json()["payouts_enabled"]


def test_an_account_without_money_is_deleted_and_one_with_money_is_not(client: httpx.Client) -> None:
    empty, paid = open_account(client), open_account(client, **{"settings[payouts][schedule][interval]": "manual"})
    transfer(client, paid)
    assert client.delete(f"/v1/accounts/{empty}").json()["deleted"] is True
    assert refusal(client.get(f"/v1/accounts/{empty}")) == (404, "resource_missing", "id")
    assert client.delete(f"/v1/accounts/{paid}").status_code == 400


def test_a_transfer_moves_money_from_the_platform_to_the_account(client: httpx.Client) -> None:
    account = open_account(client, **{"settings[payouts][schedule][interval]": "manual"})
    before = client.get("/v1/balance").json()["available"][0]["amount"]
    made = transfer(client, account, 125_000, **{"transfer_group": "act-7", "metadata[act]": "7"}).json()
    assert client.get("/v1/balance").json()["available"][0]["amount"] == before - 125_000
    theirs = client.get("/v1/balance", headers={"Stripe-Account": account}).json()
    assert theirs["available"] == [{"amount": 125_000, "currency": "kzt", "source_types": {"card": 125_000}}]
    assert client.get(f"/v1/transfers/{made['id']}").json() == made
    ours = client.get(f"/v1/balance_transactions/{made['balance_transaction']}").json()
    assert (ours["amount"], ours["type"], ours["source"]) == (-125_000, "transfer", made["id"])
    changed = client.post(f"/v1/transfers/{made['id']}", data={"description": "April", "metadata[month]": "4"}).json()
    assert (changed["description"], changed["metadata"]) == ("April", {"act": "7", "month": "4"})


def test_transfers_are_listed_by_group_destination_and_time_page_by_page(client: httpx.Client) -> None:
    account = open_account(client)
    made = [transfer(client, account, 100 + n, transfer_group="batch-1").json() for n in range(5)]
    transfer(client, account, 999, transfer_group="batch-2")
    first = client.get("/v1/transfers", params={"transfer_group": "batch-1", "limit": "2"}).json()
    assert ([t["amount"] for t in first["data"]], first["has_more"]) == ([104, 103], True)
    after = {"transfer_group": "batch-1", "starting_after": first["data"][-1]["id"]}
    rest = client.get("/v1/transfers", params=after).json()
    assert ([t["amount"] for t in rest["data"]], rest["has_more"]) == ([102, 101, 100], False)
    back = client.get(
        "/v1/transfers", params={"transfer_group": "batch-1", "ending_before": made[2]["id"], "limit": "1"}
    )
    assert [t["amount"] for t in back.json()["data"]] == [103]
    assert len(client.get("/v1/transfers", params={"destination": account}).json()["data"]) == 6
    late = {"destination": account, "created[gt]": str(made[0]["created"] + 3600)}
    assert client.get("/v1/transfers", params=late).json()["data"] == []


def test_a_transfer_is_reversed_in_parts_but_not_beyond_its_amount(client: httpx.Client) -> None:
    account = open_account(client, **{"settings[payouts][schedule][interval]": "manual"})
    made = transfer(client, account, 1000).json()
    address = f"/v1/transfers/{made['id']}/reversals"
    part = client.post(address, data={"amount": "400", "metadata[why]": "overpaid"}).json()
    assert client.get(f"{address}/{part['id']}").json() == part
    assert refusal(client.post(address, data={"amount": "601"})) == (400, None, "amount")
    rest = client.post(address).json()
    assert rest["amount"] == 600
    assert client.post(address).status_code == 400
    assert [reversal["id"] for reversal in client.get(address).json()["data"]] == [rest["id"], part["id"]]
    after = client.get(f"/v1/transfers/{made['id']}").json()
    assert (after["amount_reversed"], after["reversed"], len(after["reversals"]["data"])) == (1000, True, 2)
    balance = client.get("/v1/balance", headers={"Stripe-Account": account}).json()
    assert balance["available"][0]["amount"] == 0


def test_what_the_account_no_longer_has_cannot_be_reversed(client: httpx.Client) -> None:
    account = open_account(client, **{"settings[payouts][schedule][interval]": "manual"})
    made = transfer(client, account, 1000).json()
    client.post("/v1/payouts", data={"amount": "1", "currency": "kzt"}, headers={"Stripe-Account": account})
    assert refusal(client.post(f"/v1/transfers/{made['id']}/reversals")) == (400, "balance_insufficient", None)


def test_the_platform_cannot_transfer_more_than_it_has(client: httpx.Client) -> None:
    account = open_account(client)
    assert refusal(transfer(client, account, 1000, currency="usd")) == (400, "balance_insufficient", None)
    client.post("/v1/topups", data={"amount": "1500", "currency": "usd"})
    assert transfer(client, account, 1000, currency="usd").status_code == 200
    assert refusal(transfer(client, account, 501, currency="usd")) == (400, "balance_insufficient", None)


def test_an_account_without_the_capability_receives_nothing(client: httpx.Client) -> None:
    account = client.post("/v1/accounts", data={"type": "custom"}).json()["id"]
    assert refusal(transfer(client, account))[1] == "insufficient_capabilities_for_transfer"


def test_a_payment_intent_is_paid_and_funds_a_transfer_and_a_refund(client: httpx.Client) -> None:
    account = open_account(client)
    asked = {"amount": "9000", "currency": "kzt", "payment_method": "pm_card_visa", "transfer_group": "copay-1"}
    asked |= {"automatic_payment_methods[enabled]": "true", "automatic_payment_methods[allow_redirects]": "never"}
    intent = client.post("/v1/payment_intents", data=asked).json()
    assert intent["status"] == "requires_confirmation"
    paid = client.post(f"/v1/payment_intents/{intent['id']}/confirm").json()
    assert (paid["status"], paid["amount_received"]) == ("succeeded", 9000)
    moved = transfer(client, account, 8000, source_transaction=paid["latest_charge"]).json()
    assert moved["transfer_group"] == "copay-1"
    assert transfer(client, account, 1001, source_transaction=paid["latest_charge"]).status_code == 400
    refund = client.post("/v1/refunds", data={"payment_intent": intent["id"], "amount": "3000"}).json()
    assert client.get(f"/v1/refunds/{refund['id']}").json()["status"] == "succeeded"
    assert client.post("/v1/refunds", data={"charge": paid["latest_charge"]}).json()["amount"] == 6000
    assert refusal(client.post("/v1/refunds", data={"payment_intent": intent["id"]}))[1] == "charge_already_refunded"
    assert len(client.get("/v1/refunds", params={"payment_intent": intent["id"]}).json()["data"]) == 2
    assert refusal(client.post(f"/v1/payment_intents/{intent['id']}/cancel"))[1] == "payment_intent_unexpected_state"


def test_a_declined_card_leaves_the_intent_open(client: httpx.Client) -> None:
    asked = {"amount": "9000", "currency": "kzt", "payment_method": "pm_card_chargeDeclined", "confirm": "true"}
    declined = client.post("/v1/payment_intents", data=asked)
    assert refusal(declined)[:2] == (402, "card_declined")
    address = f"/v1/payment_intents/{declined.json()['error']['payment_intent']['id']}"
    assert client.get(address).json()["status"] == "requires_payment_method"
    assert client.post(f"{address}/confirm", data={"payment_method": "pm_card_visa"}).json()["status"] == "succeeded"


def test_an_intent_is_canceled(client: httpx.Client) -> None:
    intent = client.post("/v1/payment_intents", data={"amount": "1", "currency": "kzt"}).json()
    canceled = client.post(f"/v1/payment_intents/{intent['id']}/cancel", data={"cancellation_reason": "abandoned"})
    assert canceled.json()["status"] == "canceled"
    assert client.get("/v1/payment_intents", params={"limit": "1"}).json()["data"] == [canceled.json()]


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"currency": "kzt", "destination": "acct_1"}, "parameter_missing", "amount"),
        ({"amount": "1", "currency": "kzt"}, "parameter_missing", "destination"),
        ({"amount": "1", "destination": "acct_1"}, "parameter_missing", "currency"),
        ({"amount": "1", "currency": "kzt", "destination": "acct_1"}, "resource_missing", "destination"),
        ({"amount": "12.50", "currency": "kzt", "destination": "acct_1"}, "parameter_invalid_integer", "amount"),
        ({"amount": "1e3", "currency": "kzt", "destination": "acct_1"}, "parameter_invalid_integer", "amount"),
        ({"amount": "١٢", "currency": "kzt", "destination": "acct_1"}, "parameter_invalid_integer", "amount"),
        ({"amount": "0", "currency": "kzt", "destination": "acct_1"}, "parameter_invalid_integer", "amount"),
        ({"amount": "-5", "currency": "kzt", "destination": "acct_1"}, "parameter_invalid_integer", "amount"),
        ({"amount": "9" * 13, "currency": "kzt", "destination": "acct_1"}, "amount_too_large", "amount"),
        ({"amount": "", "currency": "kzt", "destination": "acct_1"}, "parameter_invalid_integer", "amount"),
        ({"amount": "1", "currency": "tng", "destination": "acct_1"}, None, "currency"),
        ({"amount": "1", "currency": "kzt", "destination": ""}, "parameter_invalid_empty", "destination"),
        ({"amount": "1", "currency": "kzt", "destination": "acct_1", "act": "7"}, "parameter_unknown", "act"),
        ({"amount": "1", "currency": "kzt", "destination": "a", "metadata[a][b]": "1"}, None, "metadata[a]"),
        ({"amount": "1", "currency": "kzt", "destination": "a", "metadata[a]": "x" * 501}, None, "metadata[a]"),
    ],
)
def test_a_malformed_transfer_is_refused_by_name(
    careless: httpx.Client, form: dict[str, str], code: str | None, param: str
) -> None:
    assert refusal(careless.post("/v1/transfers", data=form)) == (400, code, param)


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"limit": "0"}, "parameter_invalid_integer", "limit"),
        ({"limit": "101"}, "amount_too_large", "limit"),
        ({"created[since]": "1"}, "parameter_unknown", "created[since]"),
        ({"starting_after": "tr_unknown"}, "resource_missing", "starting_after"),
    ],
)
def test_a_malformed_listing_is_refused_by_name(
    careless: httpx.Client, params: dict[str, str], code: str, param: str
) -> None:
    assert refusal(careless.get("/v1/transfers", params=params)) == (400, code, param)


@pytest.mark.parametrize("address", ["accounts", "transfers", "payouts", "events", "refunds", "balance_transactions"])
def test_what_does_not_exist_is_404(client: httpx.Client, address: str) -> None:
    assert refusal(client.get(f"/v1/{address}/xx_unknown")) == (404, "resource_missing", "id")


def test_only_the_secret_key_opens_the_door(shared: Peer) -> None:
    with shared.client() as client:
        for auth in (("sk_test_wrong", ""), None):
            client.auth = auth
            answer = client.get("/v1/balance")
            assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")
        assert client.get("/v1/balance", headers={"Authorization": f"Bearer {KEY}"}).status_code == 200
        assert client.get("/v1/balance", headers={"Authorization": "Basic ::"}).status_code == 401


def test_a_foreign_account_in_the_header_is_refused(client: httpx.Client) -> None:
    assert refusal(client.get("/v1/balance", headers={"Stripe-Account": "acct_foreign"}))[:2] == (
        403,
        "account_invalid",
    )


def test_an_unknown_address_is_refused_in_the_envelope(shared: Peer) -> None:
    with shared.client(checked=False) as client:
        assert client.get("/v1/charities").json()["error"]["type"] == "invalid_request_error"
        assert client.put("/v1/transfers").status_code == 404
        assert client.post("/v1/transfers", content=b"x" * 1_100_000).status_code == 413


def test_events_are_listed_by_type(client: httpx.Client) -> None:
    made = transfer(client, open_account(client)).json()
    listed = client.get("/v1/events", params={"type": "transfer.created", "limit": "1"}).json()["data"]
    assert listed[0]["data"]["object"] == made
    assert client.get(f"/v1/events/{listed[0]['id']}").json() == listed[0]
    both = {"types[0]": "transfer.created", "types[1]": "topup.succeeded", "limit": "1"}
    assert client.get("/v1/events", params=both).json()["data"] == listed


def test_webhook_endpoints_are_made_read_switched_off_and_deleted(client: httpx.Client) -> None:
    asked = {"url": "http://127.0.0.1:9/hooks", "enabled_events[]": "payout.paid", "connect": "true"}
    made = client.post("/v1/webhook_endpoints", data=asked).json()
    address = f"/v1/webhook_endpoints/{made['id']}"
    assert made["secret"].startswith("whsec_")
    assert "secret" not in client.get(address).json()
    assert client.post(address, data={"disabled": "true"}).json()["status"] == "disabled"
    assert made["id"] in [endpoint["id"] for endpoint in client.get("/v1/webhook_endpoints").json()["data"]]
    assert client.delete(address).json() == {"id": made["id"], "object": "webhook_endpoint", "deleted": True}
    assert client.get(address).status_code == 404
