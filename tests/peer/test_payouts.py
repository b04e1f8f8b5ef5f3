"""From a connected account's balance to its bank, by itself or by hand."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.peer.sandbox import BANK, eventually, open_account, running, transfer

MANUAL = {"settings[payouts][schedule][interval]": "manual"}


def payouts_of(client: httpx.Client, account: str, **params: str) -> list[dict[str, Any]]:
    answer = client.get("/v1/payouts", params=params, headers={"Stripe-Account": account})
    return answer.json()["data"]  # type: ignore[no-any-return]


def paid_by(client: httpx.Client, account: str, payout: str) -> list[dict[str, Any]]:
    """What an automatic payout took, the payout's own line left out."""
    params = {"payout": payout, "limit": "100"}
    listed = client.get("/v1/balance_transactions", params=params, headers={"Stripe-Account": account}).json()["data"]
    assert [line["source"] for line in listed if line["type"] == "payout"] == [payout]
    assert sum(line["net"] for line in listed) == 0
    return [line for line in listed if line["type"] != "payout"]


def balance_of(client: httpx.Client, account: str) -> int:
    answer = client.get("/v1/balance", headers={"Stripe-Account": account}).json()
    return sum(line["amount"] for line in answer["available"])


def test_an_automatic_payout_pays_what_came_and_tells_which_transfers(client: httpx.Client) -> None:
    account = open_account(client, **MANUAL)
    made = [transfer(client, account, amount).json() for amount in (1000, 2500)]
    taken_back = client.post(f"/v1/transfers/{made[1]['id']}/reversals", data={"amount": "500"}).json()
    client.post(f"/v1/accounts/{account}", data={"settings[payouts][schedule][interval]": "daily"})
    (payout,) = eventually(lambda: payouts_of(client, account, status="paid"))
    assert (payout["amount"], payout["automatic"], payout["type"]) == (3000, True, "bank_account")
    lines = {line["source"]: line["amount"] for line in paid_by(client, account, payout["id"])}
    assert lines == {
        made[0]["destination_payment"]: 1000,
        made[1]["destination_payment"]: 2500,
        taken_back["destination_payment_refund"]: -500,
    }
    assert balance_of(client, account) == 0


def test_each_transfer_is_in_exactly_one_payout(client: httpx.Client) -> None:
    account = open_account(client)
    made = []
    for _ in range(3):
        made += [transfer(client, account, 10 + n).json()["destination_payment"] for n in range(5)]
        eventually(lambda: balance_of(client, account) == 0)
    lines = [
        line["source"] for payout in payouts_of(client, account) for line in paid_by(client, account, payout["id"])
    ]
    assert sorted(lines) == sorted(made)


@pytest.mark.parametrize(
    ("ending", "code"),
    [("111111116", "no_account"), ("111111113", "account_closed"), ("333333335", "debit_not_authorized")],
)
def test_a_bank_account_number_can_make_the_payout_fail(client: httpx.Client, ending: str, code: str) -> None:
    account = open_account(client, **{"bank_account[account_number]": f"KZ861250000{ending}"})
    transfer(client, account, 700)
    (failed,) = eventually(lambda: payouts_of(client, account, status="failed"))
    assert failed["failure_code"] == code
    assert balance_of(client, account) == 700
    assert not client.get(f"/v1/accounts/{account}").json()["payouts_enabled"]
    lines = client.get("/v1/balance_transactions", headers={"Stripe-Account": account}).json()["data"]
    assert [line["type"] for line in lines] == ["payout_failure", "payout", "payment"]
    assert lines[0]["id"] == failed["failure_balance_transaction"]


def test_after_a_failure_nothing_is_paid_until_there_is_another_bank_account(client: httpx.Client) -> None:
    account = open_account(client, **{"bank_account[account_number]": "KZ861250000111111116"})
    transfer(client, account, 700)
    (failed,) = eventually(lambda: payouts_of(client, account, status="failed"))
    transfer(client, account, 40)
    time.sleep(0.4)  # several times the delay of a payout
    assert len(payouts_of(client, account)) == 1
    client.post(f"/v1/accounts/{account}/external_accounts", data=BANK)
    (paid,) = eventually(lambda: payouts_of(client, account, status="paid"))
    assert paid["amount"] == 740
    assert failed["id"] in [line["source"] for line in paid_by(client, account, paid["id"])]


def test_a_payout_can_fail_after_it_was_paid(client: httpx.Client) -> None:
    account = open_account(client, **{"metadata[sandbox_payout]": "failed_after_paid"})
    transfer(client, account, 700)
    (payout,) = eventually(lambda: payouts_of(client, account, status="failed"))
    told = client.get("/v1/events", headers={"Stripe-Account": account}).json()["data"]
    history = [event["type"] for event in told if event["data"]["object"]["id"] == payout["id"]]
    assert history == ["payout.failed", "payout.paid", "payout.updated", "payout.created"]
    assert balance_of(client, account) == 700


def test_a_held_payout_stays_in_transit(client: httpx.Client) -> None:
    account = open_account(client, **{"metadata[sandbox_payout]": "held"})
    transfer(client, account, 700)
    (payout,) = eventually(lambda: payouts_of(client, account, status="in_transit"))
    client.post(f"/v1/payouts/{payout['id']}", data={"metadata[seen]": "1"}, headers={"Stripe-Account": account})
    assert payouts_of(client, account)[0]["metadata"] == {"seen": "1"}


def test_a_manual_payout_carries_metadata_and_does_not_say_what_it_took(client: httpx.Client) -> None:
    account = open_account(client, **MANUAL)
    transfer(client, account, 700)
    asked = {"amount": "300", "currency": "kzt", "metadata[act]": "7", "statement_descriptor": "ACT 7"}
    made = client.post("/v1/payouts", data=asked, headers={"Stripe-Account": account}).json()
    assert (made["automatic"], made["status"], made["metadata"]) == (False, "pending", {"act": "7"})
    assert balance_of(client, account) == 400
    eventually(lambda: payouts_of(client, account, status="paid"))
    params = {"payout": made["id"]}
    answer = client.get("/v1/balance_transactions", params=params, headers={"Stripe-Account": account})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "payout")


def test_a_pending_manual_payout_is_canceled_and_a_paid_one_is_not(file: Path) -> None:
    with running(file, payout_step=3600, control=True) as peer, peer.client() as client:
        account = open_account(client, **MANUAL)
        transfer(client, account, 700)
        headers = {"Stripe-Account": account}
        made = client.post("/v1/payouts", data={"amount": "300", "currency": "kzt"}, headers=headers).json()
        assert client.post(f"/v1/payouts/{made['id']}/cancel", headers=headers).json()["status"] == "canceled"
        assert balance_of(client, account) == 700
        client.post("/v1/payouts", data={"amount": "700", "currency": "kzt"}, headers=headers)
        for status in ("in_transit", "paid"):
            client.post("/sandbox/clock", json={"advance": 3600})
            (payout,) = eventually(lambda status=status: payouts_of(client, account, status=status))  # type: ignore[misc]
        assert client.post(f"/v1/payouts/{payout['id']}/cancel", headers=headers).status_code == 400


def test_more_than_the_balance_or_without_a_bank_is_not_paid_out(client: httpx.Client) -> None:
    account = open_account(client, **MANUAL)
    headers = {"Stripe-Account": account}
    asked = {"amount": "1", "currency": "kzt"}
    poor = client.post("/v1/payouts", data=asked, headers=headers)
    assert poor.json()["error"]["code"] == "balance_insufficient"
    assert client.post("/v1/payouts", data=asked | {"destination": "ba_x"}, headers=headers).status_code == 400
    assert client.post("/v1/payouts", data=asked).status_code == 400  # the platform has no bank account here


def test_another_accounts_payout_is_not_seen(client: httpx.Client) -> None:
    account, other = open_account(client), open_account(client)
    transfer(client, account, 700)
    (payout,) = eventually(lambda: payouts_of(client, account))
    assert client.get(f"/v1/payouts/{payout['id']}", headers={"Stripe-Account": other}).status_code == 404
    assert client.get(f"/v1/payouts/{payout['id']}").status_code == 404
