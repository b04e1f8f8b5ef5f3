"""Banks book several payments as one sum, and tell little of each: nobody's payment is taken for another's."""

import re
from uuid import UUID

import pytest

from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from contracts.payment.rules import PaymentStatus
from contracts.reconciliation import service
from contracts.reconciliation.rules import CaseKind, Resolution, StatementDiffers
from contracts.reconciliation.statement_file import StatementDoesNotAddUp, statements
from tests.payment.houses import ordered, paid, payable, payment
from tests.reconciliation.bank import Bank, Entry
from tests.reconciliation.houses import broken, cases, do, kinds, number, sent_to_bank, take_in
from tests.reconciliation.test_cases import agree


def together(file: bytes, *details: bytes) -> bytes:
    """The file's one line with these details."""
    return re.sub(rb"<NtryDtls>.*</NtryDtls>", b"<NtryDtls>" + b"".join(details) + b"</NtryDtls>", file)


def one(names: str, *said: bytes) -> bytes:
    refs = f"<Refs><EndToEndId>{names}</EndToEndId></Refs>".encode()
    return b"<TxDtls>" + refs + b"".join(said) + b"</TxDtls>"


SAID = {
    "no side of its own": b'<Amt Ccy="KZT">%s</Amt>',
    "all": b'<Amt Ccy="KZT">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd>',
    "in the details of the amount": b'<AmtDtls><TxAmt><Amt Ccy="KZT">%s</Amt></TxAmt></AmtDtls>',
    "in two currencies": b'<Amt Ccy="USD">1.00</Amt><AmtDtls><TxAmt><Amt Ccy="KZT">%s</Amt></TxAmt></AmtDtls>',
}


def amount(tenge: str) -> bytes:
    return f'<Amt Ccy="KZT">{tenge}</Amt>'.encode()


def of_order(name: str) -> bytes:
    return f"<Btch><PmtInfId>{name}</PmtInfId></Btch>".encode()


def test_a_sum_of_several_without_their_amounts_is_not_the_first_ones(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    first, second = (ordered(database, line, total=total) for total in (100_00, 40_00))
    sent_to_bank(database, treasury)
    names = [number(database, each) for each in (first, second)]
    take_in(database, together(bank.statement(Entry(-140_00)), *[one(name) for name in names]))
    assert [payment(database, each).status for each in (first, second)] == [PaymentStatus.SENT] * 2
    assert kinds(database) == [CaseKind.LINE_UNKNOWN], "people look whose it is"
    assert (paid(database, line), broken(database)) == (0, [])


@pytest.mark.parametrize("how", SAID)
def test_each_of_several_is_told_apart_however_the_bank_says_its_amount(
    database: Database, line: UUID, treasury: UUID, bank: Bank, how: str
) -> None:
    first, second = (ordered(database, line, total=total) for total in (100_00, 40_00))
    sent_to_bank(database, treasury)
    details = [
        one(number(database, each), SAID[how] % tenge) for each, tenge in ((first, b"100.00"), (second, b"40.00"))
    ]
    take_in(database, together(bank.statement(Entry(-140_00)), *details))
    assert [payment(database, each).status for each in (first, second)] == [PaymentStatus.SETTLED] * 2
    assert (paid(database, line), cases(database), broken(database)) == (140_00, [], [])


def test_an_order_that_is_booked_as_one_sum_pays_every_payment_of_it(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    ids = [ordered(database, line, total=total) for total in (100_00, 40_00, 7_01)]
    name, _ = sent_to_bank(database, treasury)
    file = together(bank.statement(Entry(-147_01, reference="B1")), of_order(name))
    take_in(database, file)
    assert {payment(database, each).status for each in ids} == {PaymentStatus.SETTLED}
    assert (paid(database, line), cases(database)) == (147_01, [])
    (again,) = take_in(database, file)
    assert not again.new
    with pytest.raises(StatementDiffers):
        take_in(
            database, together(Bank(day=bank.day).statement(Entry(-147_01, reference="B1"), number="X"), of_order(name))
        )
    back = together(bank.statement(Entry(147_01, reference="B2")), of_order(name))
    take_in(database, back.replace(b"</CdtDbtInd><Sts>", b"</CdtDbtInd><RvslInd>true</RvslInd><Sts>"))
    assert {payment(database, each).status for each in ids} == {PaymentStatus.RETURNED}
    assert sum(payable(database, payment(database, each).act_id).free for each in ids) == 147_01  # type: ignore[arg-type]
    assert (paid(database, line), cases(database), broken(database)) == (0, [], [])


def test_an_order_that_is_booked_with_another_sum_is_for_people_to_look_at(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    ids = [ordered(database, line, total=total) for total in (100_00, 40_00)]
    name, _ = sent_to_bank(database, treasury)
    take_in(database, together(bank.statement(Entry(-100_00)), of_order(name)))
    assert {payment(database, each).status for each in ids} == {PaymentStatus.SENT}
    assert kinds(database) == [CaseKind.LINE_UNKNOWN]
    assert broken(database) == []


def test_where_the_bank_keeps_only_the_payers_own_id_that_names_the_payment(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    payment_id = ordered(database, line, total=100_00)
    sent_to_bank(database, treasury)
    refs = f"<Refs><InstrId>{number(database, payment_id)}</InstrId>".encode()
    file = bank.statement(Entry(-100_00)).replace(b"<Refs>", refs)
    assert b"NOTPROVIDED" in file
    take_in(database, file)
    assert payment(database, payment_id).status is PaymentStatus.SETTLED
    assert (cases(database), broken(database)) == ([], [])


def test_who_sends_money_back_says_in_words_what_it_is_of(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    """A payee has a name of its own for its transfer, and the bank carries that one through."""
    first, second = (ordered(database, line, total=100_00) for _ in range(2))
    sent_to_bank(database, treasury)
    names = [number(database, each) for each in (first, second)]
    take_in(database, bank.statement(*[Entry(-100_00, name) for name in names]))
    words = f"<RmtInf><Ustrd>Қайтару / возврат {names[0].lower()}, act 3</Ustrd></RmtInf></TxDtls>".encode()
    take_in(database, bank.statement(Entry(100_00, "OWN-17")).replace(b"</TxDtls>", words))
    assert payment(database, first).status is PaymentStatus.RETURNED
    both = f"<RmtInf><Ustrd>{' and '.join(names)}</Ustrd></RmtInf></TxDtls>".encode()
    take_in(database, bank.statement(Entry(100_00, "OWN-18")).replace(b"</TxDtls>", both))
    assert payment(database, second).status is PaymentStatus.SETTLED, "it says two, and nobody can tell which"
    assert (paid(database, line), cases(database), broken(database)) == (100_00, [], [])


def test_a_line_is_not_missed_while_a_statement_is(database: Database, line: UUID, treasury: UUID, bank: Bank) -> None:
    payment_id = ordered(database, line, total=100_00)
    sent_to_bank(database, treasury)
    first, lost = bank.statement(), bank.statement(Entry(-100_00, number(database, payment_id)))
    last = bank.statement(days=9)
    take_in(database, first, last)
    assert kinds(database) == [CaseKind.STATEMENT_GAP], "two people could give up what the bank has paid"
    take_in(database, lost)
    assert payment(database, payment_id).status is PaymentStatus.SETTLED
    assert (cases(database), broken(database)) == ([], [])


def test_a_line_is_missed_once_people_have_looked_into_the_gap(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    ordered(database, line, total=100_00)
    sent_to_bank(database, treasury)
    take_in(database, bank.statement(), bank.statement(days=9, opening=bank.balance + 6_00))
    (gap,) = cases(database)
    agree(database, gap.number, Resolution.DECISION)
    do(database, SYSTEM, service.reconcile)
    assert kinds(database) == [CaseKind.LINE_MISSING]


def test_parts_that_do_not_make_their_line_are_refused_whichever_way_they_are_said() -> None:
    file = Bank().statement(Entry(-9_00))
    with pytest.raises(StatementDoesNotAddUp):
        statements(together(file, one("P-1", amount("4.00")), one("P-2", amount("4.00"))))
