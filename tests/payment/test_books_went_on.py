"""What a bank or a server says of a payment that people have corrected, or whose money is not where it was."""

from uuid import UUID

import pytest

from contracts.kernel.calendar import civil_date
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from contracts.ledger import queries as ledger
from contracts.ledger.rules import AccountKind
from contracts.payment import service as paying
from contracts.payment.dispatch import Desk, look_due
from contracts.payment.rules import MoreThanPaid, PaymentExists, PaymentStatus
from contracts.reconciliation import bank_orders, service
from contracts.reconciliation.rules import CaseKind, Resolution
from tests.chain.world import Server
from tests.payment.advances import House, broken, contract, free, use
from tests.payment.advances import ordered as advanced
from tests.payment.batches import acts, do
from tests.payment.houses import FINANCE, ordered, paid, payable, payee, payment
from tests.payment.test_back_beside_another import decided, settled
from tests.reconciliation.bank import Bank, Entry
from tests.reconciliation.houses import DANA, ERLAN, cases, number, office, take_in, treasury_by_file

ELSEWHERE = "KZ56125KZT0111111113"


@pytest.fixture
def treasury(database: Database) -> UUID:
    return treasury_by_file(database)


@pytest.fixture
def bank(database: Database) -> Bank:
    return Bank(day=database.read(SYSTEM, lambda w: civil_date(w.now)))


def corrected(database: Database, payment_id: UUID) -> None:
    decided(database, payment_id, Resolution.CORRECTION)


def act_of(database: Database, payment_id: UUID) -> UUID:
    act_id = payment(database, payment_id).act_id
    assert act_id is not None
    return act_id


def by_file(database: Database, treasury: UUID, payment_id: UUID) -> UUID:
    do(database, DANA, lambda w: bank_orders.make_order(w, treasury))
    assert payment(database, payment_id).status is PaymentStatus.SENT
    return payment_id


# --- an advance -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("spent", [False, True])
def test_an_advance_that_was_given_back_in_part_comes_back_by_the_hands_of_people(
    told: Desk, server: Server, line: UUID, house: House, spent: bool
) -> None:
    """The part may have been promised to somebody else meanwhile."""
    database = told.database
    bank, before = office(database), free(database, line)
    advance_id, payment_id = advanced(database, house, contract(database, line, house))
    settled(told, server, payment_id)
    name = number(database, payment_id)
    take_in(database, bank.statement(Entry(-200_00, name), Entry(50_00, name, returned=True), days=9))
    corrected(database, payment_id)
    if spent:
        acts(database, line, free(database, line), paid_to=do(database, SYSTEM, payee))
    server.fates[payment_id] = "back"
    look_due(told)
    waits = payment(database, payment_id)
    assert (waits.status, waits.is_contradicted) == (PaymentStatus.SETTLED, True)
    take_in(database, bank.statement(Entry(150_00, name, returned=True)))
    corrected(database, payment_id)
    assert use(database, advance_id).owed_minor == 0
    assert free(database, line) == (150_00 if spent else before - 1000_00)
    decided_if_it_waits(database, payment_id)
    assert (cases(database), broken(database)) == ([], [])


def decided_if_it_waits(database: Database, payment_id: UUID) -> None:
    if payment(database, payment_id).is_parked:
        decided(database, payment_id, Resolution.DECISION)


# --- by file ----------------------------------------------------------------------------------------------------------
def test_a_statement_with_money_that_came_back_is_taken_in_while_more_of_its_act_is_on_its_way(
    database: Database, line: UUID, house: House, treasury: UUID, bank: Bank
) -> None:
    _advance, before = advanced(database, house, contract(database, line, house))
    by_file(database, treasury, before)
    take_in(database, bank.statement(Entry(-200_00, number(database, before))))
    (act_id,) = acts(database, line, 250_00, paid_to=house)
    first = do(database, FINANCE, lambda w: paying.order_rest(w, act_id))
    assert first is not None
    by_file(database, treasury, first)
    take_in(database, bank.statement(Entry(-50_00, number(database, first))))
    take_in(database, bank.statement(Entry(200_00, number(database, before), returned=True)))
    do(database, FINANCE, lambda w: paying.reverse(w, before))
    second = do(database, FINANCE, lambda w: paying.order(w, act_id))
    take_in(database, bank.statement(Entry(50_00, number(database, first), returned=True)))
    assert payment(database, first).status is PaymentStatus.SETTLED
    (case,) = cases(database)
    assert (case.kind, case.difference_minor) == (CaseKind.CAME_BACK, -50_00)
    corrected(database, first)
    by_file(database, treasury, second)
    take_in(database, bank.statement(Entry(-200_00, number(database, second))))
    third = do(database, FINANCE, lambda w: paying.order(w, act_id))
    assert payment(database, third).amount_minor == 50_00
    assert (cases(database), broken(database)) == ([], [])


@pytest.mark.parametrize(("sum_", "unpaid", "owed"), [(-95_00, 5_00, 0), (-130_00, 0, 30_00)])
def test_another_sum_than_the_file_asked_for_has_arrived_once_two_people_book_it(
    database: Database, line: UUID, treasury: UUID, bank: Bank, sum_: int, unpaid: int, owed: int
) -> None:
    one = by_file(database, treasury, ordered(database, line, total=100_00))
    take_in(database, bank.statement(Entry(sum_, number(database, one))))
    (case,) = cases(database)
    assert (case.kind, case.difference_minor) == (CaseKind.AMOUNT_DIFFERS, -sum_ - 100_00)
    corrected(database, one)
    assert payment(database, one).status is PaymentStatus.SETTLED
    act_id = act_of(database, one)
    assert (payable(database, act_id).free, paid(database, line)) == (unpaid, 100_00 - unpaid)
    assert recovery(database, one) == owed
    assert do(database, SYSTEM, service.reconcile) == 0
    assert (cases(database), broken(database)) == ([], [])


def test_another_sum_than_an_advance_by_file_is_owed_once_two_people_book_it(
    database: Database, line: UUID, house: House, treasury: UUID, bank: Bank
) -> None:
    advance_id, payment_id = advanced(database, house, contract(database, line, house))
    by_file(database, treasury, payment_id)
    take_in(database, bank.statement(Entry(-190_00, number(database, payment_id))))
    corrected(database, payment_id)
    assert payment(database, payment_id).status is PaymentStatus.SETTLED
    assert use(database, advance_id).owed_minor == 190_00
    assert (cases(database), broken(database)) == ([], [])


def recovery(database: Database, payment_id: UUID) -> int:
    found = database.read(SYSTEM, lambda w: ledger.account_of(w, AccountKind.RECOVERY, payment_id))
    return 0 if found is None else found.balance


def test_what_went_to_another_account_has_arrived_once_two_people_say_so(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    one = by_file(database, treasury, ordered(database, line, total=100_00))
    take_in(database, bank.statement(Entry(-100_00, number(database, one), ELSEWHERE)))
    assert payment(database, one).status is PaymentStatus.SENT
    decided(database, one, Resolution.DECISION)
    assert payment(database, one).status is PaymentStatus.SETTLED
    assert do(database, SYSTEM, service.reconcile) == 0
    take_in(database, bank.statement(Entry(100_00, number(database, one), returned=True)))
    assert payment(database, one).status is PaymentStatus.RETURNED
    assert [case.kind for case in cases(database)] == [CaseKind.ACCOUNT_DIFFERS], "what it had to do there"
    assert broken(database) == []


def test_what_the_bank_never_paid_of_a_file_is_given_up_once_two_people_say_so(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    one = by_file(database, treasury, ordered(database, line, total=100_00))
    take_in(database, bank.statement(days=2))
    assert cases(database) == []
    take_in(database, bank.statement(days=5))
    (case,) = cases(database)
    assert (case.kind, case.difference_minor) == (CaseKind.LINE_MISSING, -100_00)
    with pytest.raises(MoreThanPaid):
        corrected(database, one)
    do(database, ERLAN, lambda w: service.refuse(w, case.number))
    decided(database, one, Resolution.DECISION)
    assert payment(database, one).status is PaymentStatus.RETURNED
    with pytest.raises(PaymentExists):
        do(database, FINANCE, lambda w: paying.order(w, act_of(database, one)))
    do(database, FINANCE, lambda w: paying.reverse(w, one))
    again = by_file(database, treasury, do(database, FINANCE, lambda w: paying.order(w, act_of(database, one))))
    take_in(database, bank.statement(Entry(-100_00, number(database, again))))
    assert payment(database, again).status is PaymentStatus.SETTLED
    assert (cases(database), broken(database)) == ([], [])
    take_in(database, bank.statement(Entry(-100_00, number(database, one))))
    (late,) = cases(database)
    assert (late.kind, late.difference_minor) == (CaseKind.BANK_ONLY, 100_00)


def test_what_the_bank_pays_of_a_file_at_last_needs_nobody_any_more(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    one = by_file(database, treasury, ordered(database, line, total=100_00))
    take_in(database, bank.statement(days=7))
    (case,) = cases(database)
    reason = "the bank says that it lost the file"
    do(database, DANA, lambda w: service.propose(w, case.number, resolution=Resolution.DECISION, reason=reason))
    take_in(database, bank.statement(Entry(-100_00, number(database, one))))
    assert payment(database, one).status is PaymentStatus.SETTLED
    assert (cases(database), broken(database)) == ([], [])


# --- more than was paid -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("is_back", [False, True])
def test_no_more_is_put_back_onto_an_act_than_was_paid_of_it(
    told: Desk, server: Server, line: UUID, is_back: bool
) -> None:
    """The first statement tells that it came back, and nothing of how it left."""
    database = told.database
    for _ in range(2):
        settled(told, server, ordered(database, line))  # other money of the line
    one = settled(told, server, ordered(database, line, total=100_00))
    if is_back:
        server.fates[one] = "back"
        look_due(told)
    bank = office(database)
    take_in(database, bank.statement(Entry(100_00, number(database, one), returned=True)))
    before = payable(database, act_of(database, one)), paid(database, line)
    with pytest.raises(MoreThanPaid):
        corrected(database, one)
    assert (payable(database, act_of(database, one)), paid(database, line)) == before
    (case,) = cases(database)
    do(database, ERLAN, lambda w: service.refuse(w, case.number))
    decided(database, one, Resolution.DECISION)
    assert (cases(database), broken(database)) == ([], [])


def test_an_act_is_owed_for_once_where_others_paid_off_what_its_payee_had_too_much(
    told: Desk, server: Server, line: UUID, house: House
) -> None:
    database = told.database
    bank = office(database)
    one = settled(told, server, ordered(database, line, total=100_00, paid_to=house))
    name, act_id = number(database, one), act_of(database, one)
    take_in(database, bank.statement(Entry(-105_00, name), days=9))
    corrected(database, one)
    (other,) = acts(database, line, 50_00, paid_to=house)
    rest = do(database, FINANCE, lambda w: paying.order_rest(w, other))
    assert rest is not None
    settled(told, server, rest)
    take_in(database, bank.statement(Entry(-45_00, number(database, rest)), Entry(5_00, name, returned=True)))
    corrected(database, one)
    assert payable(database, act_id).free == 5_00
    server.fates[one] = "back"
    look_due(told)
    assert payment(database, one).is_contradicted
    take_in(database, bank.statement(Entry(100_00, name, returned=True)))
    corrected(database, one)
    assert [payable(database, each).free for each in (act_id, other)] == [100_00, 5_00]
    for each in (act_id, other):
        do(database, FINANCE, lambda w, key=each: paying.order(w, key))
    decided_if_it_waits(database, one)
    assert (cases(database), broken(database)) == ([], [])
