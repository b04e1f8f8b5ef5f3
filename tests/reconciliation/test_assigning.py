"""A line that names no payment is one's, once two people say so; then it counts as if it had named it."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.approval.rules import InterestDeclared
from contracts.approval.service import declare_interest
from contracts.audit import queries as audit
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from contracts.payment import paying_accounts
from contracts.payment.rules import Channel, PaymentStatus
from contracts.reconciliation import queries, service
from contracts.reconciliation.rules import (
    Case,
    CaseKind,
    CaseReasonMissing,
    CaseSecondPerson,
    LineNotOfPayment,
    LinePaymentUnknown,
    NothingToAssign,
    Resolution,
)
from tests.payment.houses import ordered, paid, payable, payment, verbs
from tests.reconciliation.bank import Bank, Entry
from tests.reconciliation.houses import (
    DANA,
    ERLAN,
    broken,
    cases,
    do,
    kinds,
    number,
    office,
    sent_to_bank,
    settled,
    take_in,
)

CITY = "KZ56125KZT0111111113"


def propose(database: Database, case: Case, payment_number: str | None) -> None:
    do(database, DANA, lambda work: service.propose(
        work, case.number, resolution=Resolution.ASSIGNMENT, reason="the bank lost the number", payment=payment_number
    ))  # fmt: skip


def assigned(database: Database, case: Case, payment_id: UUID) -> None:
    propose(database, case, number(database, payment_id))
    do(database, ERLAN, lambda work: service.approve(work, case.number))
    do(database, SYSTEM, service.reconcile)


def test_a_line_without_a_name_settles_the_payment_that_two_people_say_it_is_of(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    one = ordered(database, line, total=100_00)
    sent_to_bank(database, treasury)
    take_in(database, bank.statement(Entry(-100_00)))
    (case,) = cases(database)
    assert (case.kind, payment(database, one).status) == (CaseKind.LINE_UNKNOWN, PaymentStatus.SENT)
    propose(database, case, f" {number(database, one).lower()} ")
    assert payment(database, one).status is PaymentStatus.SENT, "one person moves nothing"
    with pytest.raises(CaseSecondPerson):
        do(database, DANA, lambda work: service.approve(work, case.number))
    do(database, ERLAN, lambda work: service.approve(work, case.number))
    assert (cases(database), payment(database, one).status) == ([], PaymentStatus.SETTLED)
    (closed,) = cases(database, resolved=True)
    assert (closed.resolution, closed.resolved_by) == (Resolution.ASSIGNMENT, ERLAN.id)
    assert closed.proposed_payment_id == one
    assert (paid(database, line), verbs(database, one)) == (100_00, ["ordered", "sent", "settled"])
    told = database.read(SYSTEM, lambda work: audit.events_of(work, "reconciliation-case", case.id))
    assert [event.verb for event in told] == ["opened", "proposed", "assigned", "resolved"]
    assert "assigned_line" in told[2].body
    do(database, SYSTEM, service.reconcile)
    assert (cases(database), broken(database)) == ([], [])


def test_money_that_was_booked_back_without_a_name_returns_the_payment(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    one = ordered(database, line, total=100_00)
    sent_to_bank(database, treasury)
    take_in(database, bank.statement(Entry(-100_00, number(database, one))))
    take_in(database, bank.statement(Entry(100_00, None, None, returned=True)))
    (case,) = cases(database)
    assigned(database, case, one)
    assert (payment(database, one).status, paid(database, line)) == (PaymentStatus.RETURNED, 0)
    act_id = payment(database, one).act_id
    assert act_id is not None
    assert payable(database, act_id).free == 100_00, "the act is owed again"
    assert (cases(database), broken(database)) == ([], [])


def test_a_settled_payment_of_the_server_misses_its_line_no_more(database: Database, line: UUID) -> None:
    bank = office(database)
    (one,) = settled(database, line)
    take_in(database, bank.statement(Entry(-100_00), days=9))
    assert kinds(database) == [CaseKind.LINE_MISSING, CaseKind.LINE_UNKNOWN]
    assigned(database, next(case for case in cases(database) if case.bank_line_id), one)
    assert (cases(database), broken(database)) == ([], [])
    (found,) = database.read(SYSTEM, lambda work: queries.lines_of_payment(work, one))
    assert found.payment_id == one


def test_a_line_of_another_sum_side_day_or_account_is_not_of_the_payment(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    right, waits, named = (ordered(database, line, total=total) for total in (100_00, 100_00, 100_00))
    do(database, DANA, lambda work: paying_accounts.open_paying_account(
        work, territory="7510", name="City", iban=CITY, channel=Channel.FILE
    ))  # fmt: skip
    sent_to_bank(database, treasury)
    late = ordered(database, line, total=100_00)
    take_in(database, bank.statement(Entry(-100_00, number(database, named)), Entry(-99_99), Entry(-100_00)))
    take_in(database, bank.statement(Entry(100_00, None, None, returned=True)))
    take_in(database, Bank(iban=CITY, day=bank.day).statement(Entry(-100_00)))
    less, whole, back, of_city = cases(database)
    for case, one in ((less, right), (whole, named), (whole, late), (back, right), (of_city, right)):
        with pytest.raises(LineNotOfPayment):
            propose(database, case, number(database, one))
    for unknown in (None, "", "P-AAAAA-BBBBB"):
        with pytest.raises(LinePaymentUnknown):
            propose(database, whole, unknown)
    assert {payment(database, one).status for one in (right, waits)} == {PaymentStatus.SENT}
    assert all(case.proposal is None for case in cases(database))


def test_a_line_that_was_booked_before_the_order_is_not_its(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    take_in(database, Bank(day=bank.day.replace(year=bank.day.year - 1)).statement(Entry(-100_00)))
    one = ordered(database, line, total=100_00)
    sent_to_bank(database, treasury)
    (case,) = cases(database)
    with pytest.raises(LineNotOfPayment):
        propose(database, case, number(database, one))


def test_two_lines_are_not_both_the_one_payment_of_their_sum(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    one = ordered(database, line, total=100_00)
    sent_to_bank(database, treasury)
    take_in(database, bank.statement(Entry(-100_00), Entry(-100_00)))
    first, second = cases(database)
    for case in (first, second):
        propose(database, case, number(database, one))
    do(database, ERLAN, lambda work: service.approve(work, first.number))
    with pytest.raises(LineNotOfPayment):
        do(database, ERLAN, lambda work: service.approve(work, second.number))
    assert (paid(database, line), broken(database)) == (100_00, [])
    do(database, ERLAN, lambda work: service.refuse(work, second.number))
    assert cases(database)[0].proposed_payment_id is None


def test_only_a_line_is_assigned_with_a_reason_and_by_who_is_free(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    one, less = (ordered(database, line, total=100_00) for _ in range(2))
    sent_to_bank(database, treasury)
    take_in(database, bank.statement(Entry(-99_00, number(database, less)), Entry(-100_00)))
    differs, unknown = sorted(cases(database), key=lambda case: case.bank_line_id is not None)
    with pytest.raises(NothingToAssign):
        propose(database, differs, number(database, one))
    with pytest.raises(CaseReasonMissing):
        do(database, DANA, lambda work: service.propose(
            work, unknown.number, resolution=Resolution.ASSIGNMENT, reason=" ", payment=number(database, one)
        ))  # fmt: skip
    propose(database, unknown, number(database, one))
    provider_id = payment(database, one).provider_id
    do(database, ERLAN, lambda work: declare_interest(work, provider_id=provider_id, reason="a cousin"))
    with pytest.raises(InterestDeclared):
        do(database, ERLAN, lambda work: service.approve(work, unknown.number))
    assert payment(database, one).status is PaymentStatus.SENT


def test_what_a_line_was_assigned_to_is_never_changed(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    one = ordered(database, line, total=100_00)
    sent_to_bank(database, treasury)
    take_in(database, bank.statement(Entry(-100_00)))
    assigned(database, cases(database)[0], one)
    for statement in ("DELETE FROM assigned_line", "UPDATE assigned_line SET case_id = case_id"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.engine.begin() as connection:
            connection.execute(sa.text(statement))


def test_the_check_finds_an_assignment_that_nobody_confirmed(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    one = ordered(database, line, total=100_00)
    sent_to_bank(database, treasury)
    take_in(database, bank.statement(Entry(-100_00)))
    (case,) = cases(database)
    propose(database, case, number(database, one))
    with database.engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO assigned_line SELECT bank_line_id, proposed_payment_id, id, opened_at "
                    "FROM reconciliation_case")
        )  # fmt: skip
    assert broken(database) == ["a bank line that names no payment is the one's that two people said"]
