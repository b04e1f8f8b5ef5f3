"""From asked to collected and back, against the real sandbox; every request and answer held to Stripe's description."""

import httpx
import pytest

from contracts.collection import dispatch, progress, service
from contracts.collection.dispatch import Till
from contracts.collection.models import CollectionRow
from contracts.collection.rules import CollectionStatus, NothingDue
from contracts.kernel.database import table_of
from contracts.kernel.work import SYSTEM
from contracts.payment import webhooks
from tests.collection.households import (
    CHARGE,
    DECLINED,
    FINANCE,
    GOOD,
    accepted,
    account,
    at_peer,
    broken,
    collected,
    moves,
    one_household,
    open_intent,
    paid,
    served,
    story,
    the_due,
    turn,
    work_until,
)
from tests.contracts.houses import HOLDER, House
from tests.payment.test_webhooks import SECRET as WEBHOOK_SECRET
from tests.payment.test_webhooks import event, signed
from tests.peer.sandbox import KEY, Peer


def asked(house: House, till: Till) -> "tuple[object, object]":
    engagement = one_household(house)
    dispatch.ask_due(till)
    return engagement, the_due(house, engagement).id


def test_a_recipient_pays_and_the_money_is_the_budgets(house: House, till: Till, peer: Peer) -> None:
    _, due_id = asked(house, till)
    intent = open_intent(house, till, due_id)
    assert collected(house) == 0
    house.do(HOLDER, lambda w: service.pay(w, due_id, method=GOOD))
    with pytest.raises(NothingDue):
        house.do(HOLDER, lambda w: service.pay(w, due_id, method=GOOD))
    work_until(till, lambda: account(house, due_id).left_minor == 0)
    assert story(house, due_id) == [("intent", "succeeded", CHARGE)]
    assert collected(house) == CHARGE
    (made,) = [i for i in at_peer(peer, "/v1/payment_intents") if i["metadata"].get("collection") == str(intent.id)]
    assert (made["id"], made["amount"], made["amount_received"]) == (intent.gateway_id, CHARGE, CHARGE)
    assert house.verbs("due", due_id)[2:] == [
        "intent-ordered", "intent-sending", "intent-opened", "payment-tried", "intent-succeeded",
    ]  # fmt: skip
    assert broken(house.database) == []


def test_a_declined_payer_tries_again(house: House, till: Till) -> None:
    _, due_id = asked(house, till)
    open_intent(house, till, due_id)
    house.do(HOLDER, lambda w: service.pay(w, due_id, method=DECLINED))
    work_until(till, lambda: moves(house, due_id)[-1].declined_at)
    (intent,) = moves(house, due_id)
    assert (intent.status, intent.method) == (CollectionStatus.OPEN, None)
    assert "declined" in (intent.last_error or "")
    assert collected(house) == 0
    paid(house, till, due_id)
    assert story(house, due_id) == [("intent", "succeeded", CHARGE)]
    assert "payment-declined" in house.verbs("due", due_id)
    assert broken(house.database) == []


def test_what_is_remitted_before_it_is_paid_is_asked_anew(house: House, till: Till, peer: Peer) -> None:
    _, due_id = asked(house, till)
    intent = open_intent(house, till, due_id)
    house.do(FINANCE, lambda w: service.remit(w, due_id, amount_minor=5_00, reason="assessed wrongly"))
    with pytest.raises(NothingDue):
        house.do(HOLDER, lambda w: service.pay(w, due_id, method=GOOD))
    paid(house, till, due_id)
    assert story(house, due_id) == [("intent", "canceled", CHARGE), ("intent", "succeeded", 10_00)]
    assert collected(house) == 10_00
    with httpx.Client(base_url=peer.url, auth=(KEY, "")) as client:
        assert client.get(f"/v1/payment_intents/{intent.gateway_id}").json()["status"] == "canceled"
    assert broken(house.database) == []


def test_what_is_remitted_after_it_was_paid_goes_back_and_never_more(house: House, till: Till, peer: Peer) -> None:
    _, due_id = asked(house, till)
    paid(house, till, due_id)
    house.do(FINANCE, lambda w: service.remit(w, due_id, amount_minor=5_00, reason="assessed wrongly"))
    house.do(FINANCE, lambda w: service.remit(w, due_id, amount_minor=4_00, reason="and more"))
    work_until(till, lambda: collected(house) == 6_00)
    assert story(house, due_id)[1:] == [("refund", "succeeded", 5_00), ("refund", "succeeded", 4_00)]
    assert account(house, due_id).left_minor == 0
    intent = moves(house, due_id)[0]
    back = [one["amount"] for one in at_peer(peer, "/v1/refunds") if one["payment_intent"] == intent.gateway_id]
    assert sorted(back) == [4_00, 5_00]
    for _ in range(3):
        turn(till)
    assert len(moves(house, due_id)) == 3
    assert broken(house.database) == []


def test_who_pays_in_the_moment_of_a_cancellation_has_paid_and_gets_the_rest_back(
    house: House, till: Till, peer: Peer
) -> None:
    _, due_id = asked(house, till)
    intent = open_intent(house, till, due_id)
    house.do(FINANCE, lambda w: service.remit(w, due_id, amount_minor=5_00, reason="assessed wrongly"))
    with httpx.Client(base_url=peer.url, auth=(KEY, "")) as client:
        address = f"/v1/payment_intents/{intent.gateway_id}/confirm"
        assert client.post(address, data={"payment_method": GOOD}).status_code == 200
    work_until(till, lambda: collected(house) == 10_00)
    assert story(house, due_id) == [("intent", "succeeded", CHARGE), ("refund", "succeeded", 5_00)]
    assert broken(house.database) == []


def test_more_that_a_correcting_act_asks_after_the_first_was_paid_is_a_second_intent(house: House, till: Till) -> None:
    engagement = one_household(house, charge=25_00)
    dispatch.ask_due(till)
    due_id = the_due(house, engagement).id
    paid(house, till, due_id)
    served(house, engagement, 16)
    accepted(house, engagement.contract_id)
    dispatch.ask_due(till)
    paid(house, till, due_id)
    assert story(house, due_id) == [("intent", "succeeded", 20_00), ("intent", "succeeded", 5_00)]
    house.do(FINANCE, lambda w: service.remit(w, due_id, amount_minor=22_00, reason="not served"))
    work_until(till, lambda: collected(house) == 3_00)
    assert story(house, due_id)[2:] == [("refund", "succeeded", 5_00), ("refund", "succeeded", 17_00)]
    assert broken(house.database) == []


def test_news_is_a_hint_however_often_and_in_whatever_order_it_comes(house: House, till: Till, peer: Peer) -> None:
    _, due_id = asked(house, till)
    intent = open_intent(house, till, due_id)
    with httpx.Client(base_url=peer.url, auth=(KEY, "")) as client:
        client.post(f"/v1/payment_intents/{intent.gateway_id}/confirm", data={"payment_method": GOOD})

    def far(seconds: str = "+1 day") -> None:
        rows = table_of(CollectionRow)
        with house.database.engine.begin() as connection:
            connection.execute(rows.update().values(next_try_at=moves(house, due_id)[0].moved_at.replace(year=2099)))

    def deliver(kind: str, number: str) -> None:
        body = event(kind, str(intent.gateway_id), number)

        def take(work):  # type: ignore[no-untyped-def]
            news = webhooks.receive(work, body=body, signature=signed(body), secret=WEBHOOK_SECRET)
            if news is not None:
                progress.hint(work, news.kind, news.about)

        house.do(SYSTEM, take)

    far()
    dispatch.look_due(till)
    assert collected(house) == 0, "nobody looks before it is time"
    for number, kind in enumerate(
        ("payment_intent.canceled", "payment_intent.succeeded", "payment_intent.payment_failed", "charge.refunded")
    ):
        for _ in range(3):
            deliver(kind, f"evt_{number}")
        dispatch.look_due(till)
    assert story(house, due_id) == [("intent", "succeeded", CHARGE)]
    for kind in ("payment_intent.succeeded", "payment_intent.canceled"):
        deliver(kind, f"evt_late_{kind}")
        turn(till)
    assert story(house, due_id) == [("intent", "succeeded", CHARGE)]
    assert collected(house) == CHARGE
    assert broken(house.database) == []
