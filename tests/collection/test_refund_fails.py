"""A refund that succeeded and failed later: the recipient's bank sent it back, and the money is owed to them again."""

from uuid import UUID

import pytest

from contracts.collection import progress, queries, service
from contracts.collection.dispatch import Till
from contracts.collection.rules import NothingStopped
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
from tests.contracts.houses import ALMATY, House
from tests.peer.sandbox import Peer

FAILS = "pm_card_refundFail"
BACK = ("refund", "failed", 5_00)


@pytest.fixture
def failed(house: House, till: Till, peer: Peer) -> UUID:
    """Five tenge were remitted of what was paid; they went back, and came to us again."""
    engagement = one_household(house)
    house.do(SYSTEM, service.ask)
    due_id = the_due(house, engagement).id
    paid(house, till, due_id, FAILS)
    house.do(FINANCE, lambda w: service.remit(w, due_id, amount_minor=5_00, reason="a visit too many"))
    given_back_and_failed(house, till, due_id, peer)
    return due_id


def given_back_and_failed(house: House, till: Till, due_id: UUID, peer: Peer) -> None:
    """The server calls it succeeded, and an hour later failed."""
    work_until(till, lambda: story(house, due_id)[-1] == ("refund", "succeeded", 5_00))
    with peer.client(checked=False) as client:
        client.post("/sandbox/clock", json={"advance": 3600})
    work_until(till, lambda: story(house, due_id)[-1] == BACK)


def test_a_refund_that_came_back_is_owed_again_and_waits_for_a_person(house: House, till: Till, failed: UUID) -> None:
    assert story(house, failed) == [("intent", "succeeded", CHARGE), BACK]
    assert (account(house, failed).returned_minor, account(house, failed).stopped) == (0, True)
    assert [one.due.id for one in house.see(lambda w: queries.dues_in(w, [""], stopped=True))] == [failed]
    assert collected(house) == CHARGE, "its money is with us"
    assert house.verbs("due", failed)[-3:] == ["refund-succeeded", "taken-off", "refund-failed"]
    for _ in range(5):
        turn(till)
    assert story(house, failed)[1:] == [BACK], "nothing is tried by itself"
    totals = house.see(lambda w: queries.totals_in(w, [ALMATY]))
    assert (totals.asked_minor, totals.remitted_minor) == (CHARGE, 0)
    assert (totals.collected_minor, totals.refunded_minor) == (CHARGE, 0)
    assert broken(house.database) == []


def test_a_person_has_it_tried_again_and_it_goes_back_once(house: House, till: Till, failed: UUID, peer: Peer) -> None:
    intent = moves(house, failed)[0].gateway_id
    house.do(FINANCE, lambda w: service.resume(w, failed))
    with pytest.raises(NothingStopped):
        house.do(FINANCE, lambda w: service.resume(w, failed))
    work_until(till, lambda: story(house, failed)[1:] == [BACK, ("refund", "succeeded", 5_00)])
    assert (collected(house), account(house, failed).stopped, broken(house.database)) == (CHARGE - 5_00, False, [])
    totals = house.see(lambda w: queries.totals_in(w, [ALMATY]))
    assert (totals.remitted_minor, totals.refunded_minor) == (5_00, 5_00)
    given_back_and_failed(house, till, failed, peer)
    there = [one for one in at_peer(peer, "/v1/refunds") if one["payment_intent"] == intent]
    assert [(one["status"], one["amount"]) for one in there] == [("failed", 5_00)] * 2, "one after the other"
    assert (collected(house), broken(house.database)) == (CHARGE, [])


def test_news_of_a_refund_has_it_looked_at_however_long_ago_it_was(house: House, till: Till) -> None:
    engagement = one_household(house)
    house.do(SYSTEM, service.ask)
    due_id = the_due(house, engagement).id
    paid(house, till, due_id)
    house.do(FINANCE, lambda w: service.remit(w, due_id, amount_minor=5_00, reason="a visit too many"))
    work_until(till, lambda: story(house, due_id)[-1] == ("refund", "succeeded", 5_00))
    refund = moves(house, due_id)[-1]
    assert refund.gateway_id is not None
    assert refund.next_try_at is not None, "it is looked at now and then"
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE collection SET next_try_at = NULL")
    house.do(SYSTEM, lambda w: progress.hint(w, "refund.failed", str(refund.gateway_id)))
    paid_, given_back = moves(house, due_id)
    assert (paid_.next_try_at is None, given_back.next_try_at is None) == (True, False)
    turn(till)
    assert story(house, due_id)[-1] == ("refund", "succeeded", 5_00), "what a message says is not believed"
    assert (collected(house), broken(house.database)) == (CHARGE - 5_00, [])


def test_the_check_finds_a_failed_refund_whose_money_was_not_collected_again(
    house: House, till: Till, failed: UUID
) -> None:
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE collection SET status = 'succeeded' WHERE status = 'failed'")
    assert "a refund that came back is collected again, once" in broken(house.database)
