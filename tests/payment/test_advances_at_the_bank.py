"""An advance in the bank's files and books: sent by file, given back by its payee, and paid otherwise than ordered."""

from uuid import UUID

import pytest

from contracts.kernel.calendar import civil_date
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from contracts.ledger import queries as ledger
from contracts.ledger.rules import AccountKind
from contracts.payment import service as paying
from contracts.payment.advance_rules import MoreThanAdvanced, Use
from contracts.payment.iso20022 import PAIN, read
from contracts.payment.paying_accounts import open_paying_account
from contracts.payment.rules import Channel, Fate, PaymentStatus
from contracts.reconciliation import bank_orders, service
from contracts.reconciliation.rules import Resolution
from tests.payment.advances import House, advance, arrived, broken, contract, free, ordered, told, use
from tests.payment.batches import acts, do
from tests.payment.houses import FINANCE, line_with_money, payable, payee, payment
from tests.reconciliation.bank import OURS, Bank, Entry
from tests.reconciliation.houses import DANA, ERLAN, cases, number, office, take_in


@pytest.fixture
def line(database: Database) -> UUID:
    return line_with_money(database, 10_000_00)


def corrected(database: Database) -> None:
    """Two people bring the books to what the bank says."""
    do(database, SYSTEM, service.reconcile)
    (case,) = cases(database)
    correction = Resolution.CORRECTION
    do(database, DANA, lambda w: service.propose(w, case.number, resolution=correction, reason="as the bank says"))
    do(database, ERLAN, lambda w: service.approve(w, case.number))


def used(database: Database, line: UUID, house: House, amount: int) -> UUID:
    (act,) = acts(database, line, amount, paid_to=house)
    do(database, FINANCE, lambda w: paying.set_off(w, act))
    return act


def test_an_advance_goes_to_the_bank_by_file_and_its_statement_settles_it(
    database: Database, line: UUID, house: House
) -> None:
    treasury = do(database, DANA, lambda w: open_paying_account(
        w, territory="75", name="Treasury", iban=OURS, channel=Channel.FILE
    ))  # fmt: skip
    advance_id, payment_id = ordered(database, house, contract(database, line, house))
    do(database, DANA, lambda w: bank_orders.make_order(w, treasury))

    def file(work: Work) -> bytes:
        (made,) = bank_orders.queries.bank_orders(work, [""], limit=1)
        return bank_orders.file_of(work, made.number)[1]

    (credit,) = read(database.read(DANA, file), PAIN).each("PmtInf/CdtTrfTxInf")
    assert credit.text("RmtInf/Ustrd") == f"ADVANCE {advance(database, advance_id).number}"
    assert payment(database, payment_id).status is PaymentStatus.SENT
    bank = Bank(day=database.read(SYSTEM, lambda w: civil_date(w.now)))
    take_in(database, bank.statement(Entry(-200_00, number(database, payment_id))))
    assert payment(database, payment_id).status is PaymentStatus.SETTLED
    assert use(database, advance_id) == Use(200_00, 0)
    used(database, line, house, 50_00)
    take_in(database, bank.statement(Entry(200_00, number(database, payment_id), returned=True)))
    assert payment(database, payment_id).status is PaymentStatus.RETURNED
    do(database, DANA, lambda w: paying.reverse(w, payment_id))
    assert use(database, advance_id) == Use(0, 0)
    assert cases(database) == []
    assert broken(database) == []


def test_what_is_left_of_an_advance_is_given_back_through_the_bank(
    database: Database, line: UUID, house: House
) -> None:
    bank, before = office(database), free(database, line)
    advance_id, payment_id = arrived(database, house, contract(database, line, house))
    used(database, line, house, 150_00)
    name = number(database, payment_id)
    take_in(database, bank.statement(Entry(-200_00, name), days=9))
    take_in(database, bank.statement(Entry(50_00, name, returned=True), days=9))
    corrected(database)
    assert use(database, advance_id) == Use(0, 150_00)
    assert free(database, line) == before - 1000_00 - 150_00
    assert broken(database) == []


@pytest.mark.parametrize(("paid", "owed", "left"), [(-190_00, 40_00, 0), (-120_00, 0, 30_00), (-230_00, 80_00, 0)])
def test_what_the_bank_paid_otherwise_is_owed_otherwise(
    database: Database, line: UUID, house: House, paid: int, owed: int, left: int
) -> None:
    bank = office(database)
    advance_id, payment_id = arrived(database, house, contract(database, line, house))
    act = used(database, line, house, 150_00)
    take_in(database, bank.statement(Entry(paid, number(database, payment_id)), days=9))
    corrected(database)
    assert use(database, advance_id) == Use(owed, 150_00 - left)
    assert payable(database, act).free == left, "more was set off than the bank had paid: the act is owed for again"
    assert broken(database) == []
    held = database.read(SYSTEM, lambda w: ledger.account_of(w, AccountKind.PAYABLE, advance_id))
    assert held is not None
    assert held.balance == 0
    if left:
        assert do(database, FINANCE, lambda w: paying.order_rest(w, act)) is not None
        assert broken(database) == []


def test_an_advance_that_was_paid_too_much_and_comes_back_leaves_what_was_too_much_owed(
    database: Database, line: UUID, house: House
) -> None:
    bank = office(database)
    advance_id, payment_id = arrived(database, house, contract(database, line, house))
    used(database, line, house, 150_00)
    take_in(database, bank.statement(Entry(-230_00, number(database, payment_id)), days=9))
    corrected(database)
    for fate in (Fate.BACK, Fate.PAID, Fate.BACK, Fate.REVERSED):
        told(database, payment_id, fate)
        assert broken(database) == [], fate
    assert use(database, advance_id) == Use(30_00, 0)


@pytest.mark.parametrize("spent", [False, True])
def test_what_comes_back_by_file_in_parts_is_owed_no_more_and_nothing_else_is(
    database: Database, line: UUID, house: House, spent: bool
) -> None:
    treasury = do(database, DANA, lambda w: open_paying_account(
        w, territory="75", name="Treasury", iban=OURS, channel=Channel.FILE
    ))  # fmt: skip
    bank, before = Bank(day=database.read(SYSTEM, lambda w: civil_date(w.now))), free(database, line)
    advance_id, payment_id = ordered(database, house, contract(database, line, house))
    do(database, DANA, lambda w: bank_orders.make_order(w, treasury))
    name = number(database, payment_id)
    take_in(database, bank.statement(Entry(-200_00, name)))
    take_in(database, bank.statement(Entry(50_00, name, returned=True)))
    corrected(database)
    if spent:
        acts(database, line, free(database, line), paid_to=do(database, SYSTEM, payee))
    take_in(database, bank.statement(Entry(150_00, name, returned=True)))
    corrected(database)
    assert use(database, advance_id) == Use(0, 0)
    assert free(database, line) == (150_00 if spent else before - 1000_00)
    assert (cases(database), broken(database)) == ([], [])


def test_more_than_the_whole_advance_that_comes_back_is_for_people_to_decide(
    database: Database, line: UUID, house: House
) -> None:
    bank = office(database)
    advance_id, payment_id = arrived(database, house, contract(database, line, house))
    used(database, line, house, 150_00)
    name = number(database, payment_id)
    take_in(database, bank.statement(Entry(-200_00, name), Entry(50_00, name, returned=True), days=9))
    corrected(database)
    take_in(database, bank.statement(Entry(150_01, name, returned=True)))
    with pytest.raises(MoreThanAdvanced):
        corrected(database)
    assert use(database, advance_id) == Use(0, 150_00)
    (case,) = cases(database)
    do(database, ERLAN, lambda w: service.refuse(w, case.number))
    do(database, DANA, lambda w: service.propose(w, case.number, resolution=Resolution.DECISION, reason="a gift"))
    do(database, ERLAN, lambda w: service.approve(w, case.number))
    assert (cases(database), broken(database)) == ([], [])
