"""What an advance leaves owed belongs to the line it was paid from, and so to its year: later acts of that line use it
up, acts of the next year's line do not, and what nobody serves for comes back by the bank."""

from uuid import UUID

import pytest

from contracts.budget import queries as budget
from contracts.budget import service as budgeting
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from contracts.payment import service as paying
from contracts.payment.advance_rules import Use
from contracts.payment.rules import NothingToSetOff
from tests.payment.advances import House, agree, arrived, broken, contract, free, use
from tests.payment.batches import acts, do
from tests.payment.houses import ALMATY, BUDGET, FINANCE, line_with_money, payment
from tests.payment.test_advances_at_the_bank import corrected
from tests.reconciliation.bank import Bank, Entry
from tests.reconciliation.houses import number, office, take_in

YEARS_MONEY = 10_000_00


@pytest.fixture
def line(database: Database) -> UUID:
    return line_with_money(database, YEARS_MONEY)


@pytest.fixture
def next_years(database: Database, line: UUID) -> UUID:
    """The line of the same programme, a year later."""

    def open_line(work: Work) -> UUID:
        old = budget.line(work, line)
        new = budgeting.open_line(
            work, programme=old.programme, territory=ALMATY, service_kind="domestic", year=old.year + 1
        )
        budgeting.appropriate(work, new, amount_minor=YEARS_MONEY)
        return new

    return do(database, BUDGET, open_line)


def money(database: Database, line: UUID) -> budget.Availability:
    """It adds up to what was given for the year, to the tiyn."""
    found = database.read(SYSTEM, lambda w: budget.availability(w, line))
    stages = (found.free, found.reserved, found.committed, found.payable, found.paid, found.owed)
    assert sum(stages) == found.appropriated == YEARS_MONEY
    return found


@pytest.fixture
def bank(database: Database) -> Bank:
    return office(database)


def test_the_debt_of_an_advance_stays_in_its_year_and_comes_back_by_the_bank(
    database: Database, line: UUID, next_years: UUID, house: House, bank: Bank
) -> None:
    advance_id, payment_id = arrived(database, house, contract(database, line, house, held=1000_00))
    (december, january) = (
        acts(database, one, amount, paid_to=house)[0] for one, amount in ((line, 150_00), (next_years, 90_00))
    )
    assert do(database, FINANCE, lambda w: paying.order_rest(w, december)) is None, "a late act of the same line"
    assert use(database, advance_id) == Use(50_00, 150_00)
    with pytest.raises(NothingToSetOff):
        do(database, FINANCE, lambda w: paying.set_off(w, january))
    ordered = do(database, FINANCE, lambda w: paying.order_rest(w, january))
    assert ordered is not None
    assert payment(database, ordered).amount_minor == 90_00, "the whole act: nobody's debt is kept from it"
    assert use(database, advance_id) == Use(50_00, 150_00)
    assert (money(database, line).owed, money(database, next_years).owed) == (50_00, 0)
    before, beside = free(database, line), free(database, next_years)
    name = number(database, payment_id)
    take_in(database, bank.statement(Entry(-200_00, name), days=9))
    take_in(database, bank.statement(Entry(50_00, name, returned=True), days=9))
    corrected(database)
    assert use(database, advance_id) == Use(0, 150_00)
    assert (free(database, line), free(database, next_years)) == (before + 50_00, beside)
    assert money(database, line).owed == money(database, next_years).owed == 0
    assert broken(database) == []


def test_a_debt_of_the_old_year_holds_up_no_advance_of_the_new_contract(
    database: Database, line: UUID, next_years: UUID, house: House
) -> None:
    old_one, _payment = arrived(database, house, contract(database, line, house))
    new = contract(database, next_years, house, agreed=None)
    agree(database, new, 10_00)
    new_one, _payment = arrived(database, house, new, 100_00)
    (act,) = acts(database, next_years, 100_00, paid_to=house)
    assert do(database, FINANCE, lambda w: paying.set_off(w, act)) == 100_00
    assert (use(database, old_one), use(database, new_one)) == (Use(200_00, 0), Use(0, 100_00))
    assert (money(database, line).owed, money(database, next_years).owed) == (200_00, 0)
    assert broken(database) == []
