"""What every answer, and every missing answer, means: refused, unavailable or unknown. Nothing is guessed."""

from collections.abc import Callable
from contextlib import closing

import httpx
import pytest

from contracts.kernel.ids import new_id
from contracts.payment import stripe
from contracts.payment.gateway import (
    Disagreement,
    GatewayRefused,
    GatewayUnavailable,
    Holder,
    OutcomeUnknown,
    TransferOrder,
    check_echo,
)
from contracts.payment.rules import Fate
from contracts.payment.stripe import StripeGateway
from tests.payment.houses import GOOD_IBAN
from tests.peer.sandbox import KEY, Peer

HOLDER = Holder(new_id(), "Warm Home", "010140000017", GOOD_IBAN)
Answer = Callable[[httpx.Request], httpx.Response]


def order(destination: str = "acct_1", amount: int = 125_000) -> TransferOrder:
    return TransferOrder(new_id(), "P-AAAAA-BBBBB", new_id(), amount, "KZT", destination)


def answering(answer: Answer) -> StripeGateway:
    return StripeGateway("http://server.test", KEY, transport=httpx.MockTransport(answer))


def stripe_error(status: int, kind: str = "invalid_request_error", code: str = "", **headers: str) -> httpx.Response:
    error = {"type": kind, "message": "No.", **({"code": code} if code else {})}
    return httpx.Response(status, json={"error": error}, headers=headers)


def test_one_key_makes_one_transfer_and_the_group_finds_it(gateway: StripeGateway) -> None:
    wanted = order(gateway.create_account(HOLDER, key=str(new_id())))
    made = gateway.create_transfer(wanted, key=str(wanted.payment_id))
    assert gateway.create_transfer(wanted, key=str(wanted.payment_id)) == made
    assert gateway.find_transfers(wanted.payment_id) == [made]
    assert check_echo(wanted, made) is made
    assert gateway.find_transfers(new_id()) == []


def test_an_account_is_found_by_the_version_it_was_made_for(gateway: StripeGateway) -> None:
    holder = Holder(new_id(), "Тёплый дом «Үміт»", "010140000017", GOOD_IBAN)
    assert gateway.find_account(holder.payee_version_id) is None
    account = gateway.create_account(holder, key=str(holder.payee_version_id))
    assert gateway.create_account(holder, key=str(holder.payee_version_id)) == account
    assert gateway.find_account(holder.payee_version_id) == account


def test_the_servers_lists_are_read_to_their_end(gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "PAGE", 2)
    wanted = order(gateway.create_account(HOLDER, key=str(new_id())), amount=1)
    for n in range(5):
        gateway.create_transfer(wanted, key=f"{wanted.payment_id}-{n}")
    assert len(gateway.find_transfers(wanted.payment_id)) == 5
    monkeypatch.setattr(stripe, "MAX_PAGES", 2)
    with pytest.raises(GatewayUnavailable):
        gateway.find_transfers(wanted.payment_id)


def test_a_transfer_that_no_payout_took_waits_and_one_taken_back_is_reversed(gateway: StripeGateway) -> None:
    wanted = order(gateway.create_account(HOLDER, key=str(new_id())))
    made = gateway.create_transfer(wanted, key=str(wanted.payment_id))
    gateway.reverse(made.id, amount_minor=wanted.amount_minor, key=f"{wanted.payment_id}/reversal")
    gateway.reverse(made.id, amount_minor=wanted.amount_minor, key=f"{wanted.payment_id}/reversal")
    assert gateway.find_out(made.id).fate is Fate.REVERSED
    with pytest.raises(GatewayRefused):
        gateway.reverse(made.id, amount_minor=wanted.amount_minor, key=str(new_id()))


def test_a_key_used_for_something_else_is_a_disagreement(gateway: StripeGateway) -> None:
    account = gateway.create_account(HOLDER, key=str(new_id()))
    gateway.create_transfer(order(account), key=(key := str(new_id())))
    with pytest.raises(Disagreement, match="same parameters"):
        gateway.create_transfer(order(account), key=key)


def test_an_unknown_destination_is_refused(gateway: StripeGateway) -> None:
    with pytest.raises(GatewayRefused, match="resource_missing"):
        gateway.create_transfer(order("acct_nobody"), key=str(new_id()))


def test_a_wrong_key_of_ours_fails_nobodys_payment(peer: Peer) -> None:
    with closing(StripeGateway(peer.url, "sk_test_wrong")) as gateway, pytest.raises(GatewayUnavailable, match="401"):
        gateway.create_transfer(order(), key=str(new_id()))


def test_a_server_that_is_not_there_is_unavailable() -> None:
    absent = StripeGateway("http://127.0.0.1:9", KEY)
    with closing(absent) as gateway, pytest.raises(GatewayUnavailable, match="ConnectError"):
        gateway.create_transfer(order(), key=str(new_id()))


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (stripe_error(400), GatewayRefused),
        (stripe_error(402, "card_error", "balance_insufficient"), GatewayRefused),
        (stripe_error(404, code="resource_missing"), GatewayRefused),
        (stripe_error(404), GatewayUnavailable),
        (stripe_error(400, "idempotency_error"), Disagreement),
        (stripe_error(401), GatewayUnavailable),
        (stripe_error(403), GatewayUnavailable),
        (stripe_error(429), GatewayUnavailable),
        (stripe_error(409), OutcomeUnknown),
        (stripe_error(500, "api_error"), OutcomeUnknown),
        (stripe_error(503, "api_error"), OutcomeUnknown),
        (httpx.Response(400, text="<h1>Bad request</h1>"), OutcomeUnknown),
        (httpx.Response(502, text="<h1>Bad gateway</h1>"), OutcomeUnknown),
        (httpx.Response(302, headers={"Location": "http://elsewhere.test/"}), OutcomeUnknown),
        (httpx.Response(200, text='{"id": "tr_1", "amou'), OutcomeUnknown),
        (httpx.Response(200, text="[]"), OutcomeUnknown),
        (httpx.Response(201, json={"id": "tr_1"}), OutcomeUnknown),
        (httpx.Response(200, json={"id": "tr_1", "amount": 1.5}), OutcomeUnknown),
    ],
)
def test_what_an_answer_means(answer: httpx.Response, meaning: type[Exception]) -> None:
    asked: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer

    with pytest.raises(meaning) as found:
        answering(server).create_transfer(order(), key="k")
    assert type(found.value) is meaning
    assert len(asked) == 1, "no redirect is followed and nothing is tried again behind the caller's back"


@pytest.mark.parametrize("amount", ["125000.0", "1.25e5", "true", '"125000"', "NaN", "null"])
def test_an_amount_that_is_not_an_integer_is_not_an_answer(amount: str) -> None:
    body = f'{{"id":"tr_1","amount":{amount},"amount_reversed":0,"currency":"kzt","created":1}}'
    with pytest.raises(OutcomeUnknown):
        answering(lambda _: httpx.Response(200, text=body)).create_transfer(order(), key="k")


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (httpx.ConnectError("refused"), GatewayUnavailable),
        (httpx.ConnectTimeout("late"), GatewayUnavailable),
        (httpx.ReadTimeout("late"), OutcomeUnknown),
        (httpx.WriteTimeout("late"), OutcomeUnknown),
        (httpx.RemoteProtocolError("cut"), OutcomeUnknown),
        (httpx.ReadError("reset"), OutcomeUnknown),
    ],
)
def test_what_silence_means(error: Exception, meaning: type[Exception]) -> None:
    def server(_: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(meaning):
        answering(server).create_transfer(order(), key="k")


def test_only_a_replayed_error_of_the_servers_own_spends_a_key() -> None:
    fresh = answering(lambda _: stripe_error(500, "api_error"))
    replayed = answering(lambda _: stripe_error(500, "api_error", **{"Idempotent-Replayed": "true"}))
    for gateway, spent in ((fresh, False), (replayed, True)):
        with pytest.raises(OutcomeUnknown) as unknown:
            gateway.create_transfer(order(), key="k")
        assert unknown.value.replayed is spent


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "LARGEST_ANSWER", 1000)
    with pytest.raises(OutcomeUnknown, match="no end"):
        answering(lambda _: httpx.Response(200, content=b" " * 5000)).create_transfer(order(), key="k")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"amount": 124_999}, "amount"),
        ({"currency": "usd"}, "currency"),
        ({"destination": "acct_2"}, "destination"),
        ({"transfer_group": "another"}, "transfer group"),
    ],
)
def test_an_echo_that_differs_names_what_differs(change: dict[str, object], named: str) -> None:
    wanted = order()
    told = {"id": "tr_1", "amount": 125_000, "amount_reversed": 0, "currency": "kzt", "created": 1}
    told |= {"destination": "acct_1", "transfer_group": str(wanted.payment_id)}
    gateway = answering(lambda _: httpx.Response(200, json=told | change))
    with pytest.raises(Disagreement, match=named):
        check_echo(wanted, gateway.create_transfer(wanted, key="k"))


def test_the_key_of_the_house_is_sent_as_a_bearer_and_nowhere_else() -> None:
    seen: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"data": [], "has_more": False})

    answering(server).find_transfers(new_id())
    assert seen[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in str(seen[0].url)
    assert seen[0].headers["stripe-version"] == stripe.API_VERSION
