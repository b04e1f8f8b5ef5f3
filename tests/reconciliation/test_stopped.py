"""A payment that has its end in our books, and of which the payment server says something else, waits for people: it is
looked at again, or two people decide its case."""

from uuid import UUID

import pytest
from alembic import command

from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM
from contracts.payment import progress
from contracts.payment import service as paying
from contracts.payment.rules import NothingToTry, NotParked, PaymentStatus
from contracts.reconciliation import service
from contracts.reconciliation.rules import Resolution
from market.migrate import configuration
from tests.payment.houses import QUICK, broken, line_with_money, ordered, payment, verbs
from tests.reconciliation.houses import DANA, ERLAN, came_back, cases, do, kinds, settled

WHY = "Transfer tr_1 was reversed in part: 1 of 10000"
WAITS = ["no payment waits for a person"]


@pytest.fixture
def stopped(database: Database, line: UUID) -> UUID:
    """It was settled, and the server contradicts it."""
    (one,) = settled(database, line)
    assert do(database, SYSTEM, lambda work: progress.park(work, one, why=WHY))
    return one


def reconcile(database: Database) -> list[str]:
    """The kinds of the cases that are open then."""
    do(database, SYSTEM, service.reconcile)
    return kinds(database)


def propose(database: Database) -> str:
    (case,) = cases(database)
    do(database, DANA, lambda w: service.propose(w, case.number, resolution=Resolution.DECISION, reason="By hand"))
    return case.number


def decide(database: Database) -> None:
    number = propose(database)
    do(database, ERLAN, lambda work: service.approve(work, number))


def test_a_settled_payment_that_the_server_contradicts_waits_until_two_people_decide(
    database: Database, stopped: UUID
) -> None:
    waiting = payment(database, stopped)
    assert (waiting.status, waiting.is_parked, waiting.last_error) == (PaymentStatus.SETTLED, True, WHY)
    assert broken(database) == WAITS
    assert reconcile(database) == ["payment-stopped"]
    decide(database)
    after = payment(database, stopped)
    assert (after.status, after.is_parked, after.next_try_at) == (PaymentStatus.SETTLED, False, None)
    assert verbs(database, stopped)[-2:] == ["parked", "looked-into"]
    assert broken(database) == reconcile(database) == []


def test_what_stops_again_is_looked_into_again(database: Database, stopped: UUID) -> None:
    reconcile(database)
    decide(database)
    do(database, SYSTEM, lambda work: progress.park(work, stopped, why=WHY))
    assert reconcile(database) == ["payment-stopped"]
    decide(database)
    assert broken(database) == reconcile(database) == []


def test_what_stopped_after_two_people_were_asked_they_have_not_looked_into(database: Database, stopped: UUID) -> None:
    reconcile(database)
    number = propose(database)
    do(database, SYSTEM, lambda work: progress.park(work, stopped, why="The server has another amount"))
    do(database, ERLAN, lambda work: service.approve(work, number))
    assert payment(database, stopped).is_parked
    assert reconcile(database) == ["payment-stopped"], "and it has a case of its own"


def test_a_person_has_a_settled_payment_looked_at_again(database: Database, stopped: UUID) -> None:
    assert reconcile(database) == ["payment-stopped"]
    do(database, DANA, lambda work: paying.resume(work, stopped))
    after = payment(database, stopped)
    assert (after.is_parked, after.next_try_at is not None) == (False, True)
    assert broken(database) == reconcile(database) == [], "the cause is gone"
    with pytest.raises(NotParked):
        do(database, DANA, lambda work: paying.resume(work, stopped))


def test_a_second_transfer_beside_a_settled_one_is_not_settled_by_looking_at_the_first(
    database: Database, line: UUID
) -> None:
    (one,) = settled(database, line)
    do(database, SYSTEM, lambda work: progress.sent(work, one, "tr_second"))
    with pytest.raises(NothingToTry):
        do(database, DANA, lambda work: paying.resume(work, one))
    assert broken(database) == WAITS
    assert reconcile(database) == ["payment-stopped"]
    decide(database)
    assert broken(database) == reconcile(database) == []


def test_a_transfer_of_a_payment_that_had_failed_is_nobodys_to_try_again(database: Database, line: UUID) -> None:
    one = ordered(database, line)
    do(database, SYSTEM, lambda work: progress.claim_to_send(work, limit=1, patience=QUICK))
    do(database, SYSTEM, lambda work: progress.fail(work, one, why="No such account"))
    do(database, SYSTEM, lambda work: progress.sent(work, one, "tr_late"))
    assert (payment(database, one).status, broken(database)) == (PaymentStatus.FAILED, WAITS)
    with pytest.raises(NothingToTry):
        do(database, DANA, lambda work: paying.resume(work, one))
    reconcile(database)
    decide(database)
    assert broken(database) == []


def test_a_payment_without_an_end_is_not_released_by_a_decision(database: Database, line: UUID) -> None:
    (one,) = settled(database, line)
    do(database, SYSTEM, lambda work: came_back(work, one))
    do(database, SYSTEM, lambda work: progress.park(work, one, why=WHY))
    reconcile(database)
    decide(database)
    assert payment(database, one).is_parked
    do(database, DANA, lambda work: paying.resume(work, one))
    assert not payment(database, one).is_parked


def test_who_waited_before_the_column_was_there_waits_after_it(database_url: str) -> None:
    database = open_database(database_url)
    line = line_with_money(database)
    stopped, resumed, left_alone = settled(database, line, 3)
    for one in (stopped, resumed):
        do(database, SYSTEM, lambda work, key=one: progress.park(work, key, why=WHY))
    do(database, DANA, lambda work: paying.resume(work, resumed))
    since = payment(database, stopped).parked_at
    database.close()
    command.downgrade(configuration(database_url), "0182")
    command.upgrade(configuration(database_url), "head")
    database = open_database(database_url)
    try:
        assert [payment(database, one).parked_at for one in (stopped, resumed, left_alone)] == [since, None, None]
        assert since is not None
    finally:
        database.close()
