"""What leaves one of our accounts settles nothing that was ordered from another, whatever number the line bears."""

from uuid import UUID

from contracts.kernel.runner import Database
from contracts.payment import paying_accounts
from contracts.payment.rules import Channel, PaymentStatus
from contracts.reconciliation import service
from contracts.reconciliation.rules import CaseKind, Resolution
from tests.payment.houses import ordered, paid, payment
from tests.reconciliation.bank import Bank, Entry
from tests.reconciliation.houses import (
    DANA,
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
from tests.reconciliation.test_cases import agree

OTHER = "KZ56125KZT0111111113"


def other_account(database: Database, territory: str, channel: Channel = Channel.SERVER) -> UUID:
    return do(database, DANA, lambda work: paying_accounts.open_paying_account(
        work, territory=territory, name="Another treasury", iban=OTHER, channel=channel
    ))  # fmt: skip


def test_a_statement_of_another_account_does_not_settle_what_was_ordered_from_this_one(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    other_account(database, "71", Channel.FILE)
    one = ordered(database, line, total=100_00)
    sent_to_bank(database, treasury)
    elsewhere = Bank(iban=OTHER, day=bank.day)
    take_in(database, elsewhere.statement(Entry(-100_00, number(database, one))))
    assert (payment(database, one).status, paid(database, line)) == (PaymentStatus.SENT, 0)
    (case,) = cases(database)
    assert (case.kind, case.territory, case.difference_minor) == (CaseKind.PAYER_DIFFERS, "71", 100_00)
    take_in(database, bank.statement(Entry(-100_00, number(database, one))))
    assert (payment(database, one).status, paid(database, line)) == (PaymentStatus.SETTLED, 100_00)
    take_in(database, elsewhere.statement(Entry(100_00, number(database, one), returned=True)))
    assert payment(database, one).status is PaymentStatus.SETTLED, "what comes back there is not its money"
    assert kinds(database) == [CaseKind.PAYER_DIFFERS] * 2
    for each in cases(database):
        agree(database, each.number, Resolution.DECISION)
    do(database, DANA, service.reconcile)
    assert (cases(database), broken(database)) == ([], [])


def test_a_payment_of_the_server_is_found_in_its_own_account_only(database: Database, line: UUID) -> None:
    bank = office(database)
    (one,) = settled(database, line)
    other_account(database, payment(database, one).territory)
    take_in(database, Bank(iban=OTHER, day=bank.day).statement(Entry(-100_00, f"tr_{one.hex}"), days=9))
    assert CaseKind.PAYER_DIFFERS in kinds(database), "the smaller account was opened after it was ordered"
    (later,) = settled(database, line, total=200_00)
    take_in(database, bank.statement(Entry(-100_00, number(database, one)), Entry(-200_00, number(database, later))))
    found = [(case.kind, case.difference_minor) for case in cases(database) if case.bank_line_id]
    assert found == [(CaseKind.PAYER_DIFFERS, 100_00), (CaseKind.PAYER_DIFFERS, 200_00)]
    assert broken(database) == []


def test_what_was_ordered_before_any_account_was_known_may_be_in_each_around_it(database: Database, line: UUID) -> None:
    first, second = settled(database, line, 2)
    bank = office(database)
    other_account(database, payment(database, first).territory)
    take_in(
        database,
        bank.statement(Entry(-100_00, number(database, first)), days=9),
        Bank(iban=OTHER, day=bank.day).statement(Entry(-100_01, number(database, second)), days=9),
    )
    assert (cases(database), broken(database)) == ([], [])
