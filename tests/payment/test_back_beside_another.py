"""The payment server says that settled money came back, and our books have gone on meanwhile."""

from uuid import UUID

import pytest

from contracts.audit.service import record
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from contracts.ledger import queries as ledger_queries
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from contracts.payment import service as paying
from contracts.payment.dispatch import Desk, look_due, send_due
from contracts.payment.rules import PaymentStatus
from contracts.reconciliation import service
from contracts.reconciliation.rules import Resolution
from tests.chain.world import Server
from tests.payment.batches import do
from tests.payment.houses import ACT_TOTAL, FINANCE, broken, ordered, paid, payable, payment, verbs
from tests.reconciliation.bank import Entry
from tests.reconciliation.houses import DANA, ERLAN, cases, number, office, take_in

LESS = 500


def settled(told: Desk, server: Server, payment_id: UUID) -> UUID:
    send_due(told)
    server.fates[payment_id] = "paid"
    look_due(told)
    assert payment(told.database, payment_id).status is PaymentStatus.SETTLED
    return payment_id


def corrected(database: Database, payment_id: UUID) -> None:
    """The bank paid less, and two people brought the books to it."""
    bank = office(database)
    take_in(database, bank.statement(Entry(LESS - ACT_TOTAL, number(database, payment_id)), days=9))
    decided(database, payment_id, Resolution.CORRECTION)


def decided(database: Database, payment_id: UUID, how: Resolution) -> None:
    do(database, SYSTEM, service.reconcile)
    (case,) = (one for one in cases(database) if one.payment_id == payment_id)
    do(database, DANA, lambda w: service.propose(w, case.number, resolution=how, reason="as the bank says"))
    do(database, ERLAN, lambda w: service.approve(w, case.number))


def more_is_owed(database: Database, line: UUID, act_id: UUID) -> None:
    """As where what an act was set off with is owed again."""

    def fn(work: Work) -> None:
        free = ledger_queries.account_of(work, AccountKind.APPROPRIATED, line)
        owed = ledger_queries.account_of(work, AccountKind.PAYABLE, act_id)
        assert free is not None
        assert owed is not None
        reason = "set-off-undone"
        ledger.transfer(work, debit=free.id, credit=owed.id, amount_minor=LESS, reason=reason, about_id=act_id)
        record(work, "act", act_id, reason)

    database.write(SYSTEM, fn)


@pytest.mark.parametrize("has_rest", [False, True])
def test_what_people_booked_of_it_is_not_counted_twice(told: Desk, server: Server, line: UUID, has_rest: bool) -> None:
    database = told.database
    settled(told, server, ordered(database, line))  # other money of the line has been paid, too
    first = settled(told, server, ordered(database, line))
    corrected(database, first)
    act_id = payment(database, first).act_id
    assert act_id is not None
    if has_rest:
        settled(told, server, do(database, FINANCE, lambda w: paying.order(w, act_id)))
    before = payable(database, act_id), paid(database, line)
    server.fates[first] = "back"
    look_due(told)
    after = payment(database, first)
    assert (after.status, after.is_contradicted) == (PaymentStatus.SETTLED, True)
    assert (payable(database, act_id), paid(database, line)) == before
    assert before[0].free == (0 if has_rest else LESS)
    assert broken(database) == ["no payment waits for a person"]
    decided(database, first, Resolution.DECISION)
    assert broken(database) == []


def test_what_people_booked_of_it_is_called_back(told: Desk, server: Server, line: UUID) -> None:
    """The payee has not been paid out: the server gives back more than is with it by our books."""
    database = told.database
    settled(told, server, ordered(database, line))
    first = settled(told, server, ordered(database, line))
    corrected(database, first)
    do(database, FINANCE, lambda w: paying.reverse(w, first))
    server.fates[first] = "back"
    look_due(told)
    after = payment(database, first)
    assert (after.status, after.is_contradicted) == (PaymentStatus.SETTLED, True)
    assert server.fates[first] == "reversed"
    assert verbs(database, first)[-2:] == ["reversal-ordered", "parked"]
    decided(database, first, Resolution.DECISION)
    assert broken(database) == []


def test_the_rest_of_an_act_comes_back_as_any_payment_does(told: Desk, server: Server, line: UUID) -> None:
    database = told.database
    first = settled(told, server, ordered(database, line))
    corrected(database, first)
    act_id = payment(database, first).act_id
    assert act_id is not None
    rest = settled(told, server, do(database, FINANCE, lambda w: paying.order(w, act_id)))
    server.fates[rest] = "back"
    look_due(told)
    assert payment(database, rest).status is PaymentStatus.RETURNED
    assert payable(database, act_id).free == LESS
    assert broken(database) == []


def test_it_waits_for_people_while_more_of_its_act_is_on_its_way(told: Desk, server: Server, line: UUID) -> None:
    database = told.database
    first = settled(told, server, ordered(database, line))
    act_id = payment(database, first).act_id
    assert act_id is not None
    more_is_owed(database, line, act_id)
    second = do(database, FINANCE, lambda w: paying.order(w, act_id))
    send_due(told)
    server.fates[first] = "back"
    look_due(told)
    parked = payment(database, first)
    assert (parked.status, parked.is_parked) == (PaymentStatus.SETTLED, True)
    assert payment(database, second).number in (parked.last_error or "")
    settled(told, server, second)
    do(database, FINANCE, lambda w: paying.resume(w, first))
    look_due(told)
    assert payment(database, first).status is PaymentStatus.RETURNED
    assert payable(database, act_id).free == ACT_TOTAL
    assert verbs(database, first)[-3:] == ["parked", "resumed", "returned"]
