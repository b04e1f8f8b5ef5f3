"""A server that refuses, is silent, or says something else: looked up before it is asked again, and never guessed."""

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from contracts.collection import dispatch, invariants, queries, service
from contracts.collection.dispatch import Till
from contracts.collection.rules import CollectionStatus, NothingStopped
from contracts.collection.stripe import StripeTill
from contracts.kernel.database import Invariant
from contracts.kernel.work import SYSTEM
from tests.collection.households import (
    CHARGE,
    FINANCE,
    account,
    at_peer,
    broken,
    collected,
    moves,
    one_household,
    paid,
    story,
    the_due,
    turn,
    work_until,
)
from tests.contracts.houses import House
from tests.payment.houses import QUICK
from tests.peer.sandbox import KEY, Peer

Answer = Callable[[httpx.Request], httpx.Response]


def asked(house: House) -> UUID:
    engagement = one_household(house)
    house.do(SYSTEM, service.ask)
    return the_due(house, engagement).id


def till_of(house: House, answer: Answer) -> Till:
    gateway = StripeTill("http://server.test", KEY, transport=httpx.MockTransport(answer))
    return Till(house.database, gateway, QUICK)


def refusing(_: httpx.Request) -> httpx.Response:
    error = {"type": "invalid_request_error", "code": "amount_too_small", "message": "Amount must be more."}
    return httpx.Response(400, json={"error": error})


def test_what_the_server_refuses_is_not_asked_again_until_a_person_says_so(house: House, till: Till) -> None:
    due_id = asked(house)
    heard: list[str] = []

    def server(request: httpx.Request) -> httpx.Response:
        heard.append(request.method)
        return refusing(request)

    refused = till_of(house, server)
    for _ in range(4):
        turn(refused)
    assert (story(house, due_id), heard) == ([("intent", "refused", CHARGE)], ["POST"])
    assert account(house, due_id).stopped
    assert [one.due.id for one in house.see(lambda w: queries.dues_in(w, [""], stopped=True))] == [due_id]
    house.do(FINANCE, lambda w: service.resume(w, due_id))
    with pytest.raises(NothingStopped):
        house.do(FINANCE, lambda w: service.resume(w, due_id))
    paid(house, till, due_id)
    assert story(house, due_id)[1:] == [("intent", "succeeded", CHARGE)]
    assert broken(house.database) == []


def test_an_answer_that_was_lost_is_looked_up_and_not_asked_again(house: House, till: Till, peer: Peer) -> None:
    due_id = asked(house)
    posted: list[bytes] = []
    network = httpx.HTTPTransport()

    class Deaf(httpx.BaseTransport):
        """Everything arrives, and of what was asked for the first time no answer comes back."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = network.handle_request(request)
            if request.method == "POST":
                posted.append(request.read())
                answer.read()
                answer.close()
                raise httpx.ReadTimeout("late")
            return answer

    deaf = Till(house.database, StripeTill(peer.url, KEY, transport=Deaf()), QUICK)
    dispatch.send_due(deaf)
    assert moves(house, due_id)[0].status is CollectionStatus.SENDING, "it may have happened"
    work_until(till, lambda: moves(house, due_id)[0].status is CollectionStatus.OPEN)
    name = str(moves(house, due_id)[0].id)
    made = [one for one in at_peer(peer, "/v1/payment_intents") if one["metadata"].get("collection") == name]
    assert (len(posted), len(made)) == (1, 1)
    deaf.gateway.close()
    network.close()
    assert broken(house.database) == []


def test_a_server_that_tells_another_amount_waits_for_a_person(house: House, till: Till) -> None:
    due_id = asked(house)

    def server(request: httpx.Request) -> httpx.Response:
        (name,) = [pair for pair in request.content.decode().split("&") if pair.startswith("metadata%5Bcollection")]
        told = {"id": "pi_1", "amount": CHARGE + 1, "currency": "kzt", "status": "requires_payment_method"}
        return httpx.Response(200, json=told | {"metadata": {"collection": name.partition("=")[2]}})

    wrong = till_of(house, server)
    for _ in range(3):
        turn(wrong)
    (intent,) = moves(house, due_id)
    assert intent.is_parked
    assert "amount is 1501" in (intent.last_error or "")
    assert "parked" in house.verbs("due", due_id)
    assert "no collection waits longer than it should, or for a person" in broken(house.database)
    house.do(FINANCE, lambda w: service.resume(w, due_id))
    paid(house, till, due_id)
    assert collected(house) == CHARGE
    assert broken(house.database) == []


@pytest.mark.parametrize(
    "planted",
    [
        "UPDATE collection SET status = 'succeeded'",
        "UPDATE collection SET amount_minor = amount_minor + 1",
        "UPDATE due SET asked_minor = asked_minor + 1",
        "UPDATE due SET remitted_minor = 1",
        "UPDATE act_line SET copayment_minor = copayment_minor - 1",
        "UPDATE collection SET status = 'open', next_try_at = NULL",
        "DELETE FROM collection",
    ],
)
def test_the_check_finds_what_was_changed_behind_the_services(house: House, planted: str) -> None:
    asked(house)
    assert broken(house.database) == []
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql(planted)

    def found(one: Invariant) -> bool:
        return bool(house.see(lambda w: w.rows(one.broken.limit(1))))

    assert any(found(one) for one in invariants.invariants()), planted
