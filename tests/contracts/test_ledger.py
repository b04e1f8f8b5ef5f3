"""Running totals stay integers: what could grow out of 63 bits is refused before, the same on both databases."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit.queries import events_of
from contracts.audit.service import record
from contracts.budget import queries as budget
from contracts.budget import service as budgeting
from contracts.budget.service import MAX_LINE, AppropriationTooLarge
from contracts.kernel.ids import new_id
from contracts.kernel.money import MAX_MINOR
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.ledger import queries, service
from contracts.ledger.rules import MAX_TOTAL, AccountKind, TotalTooLarge

OFFICER = Actor(UUID(int=7), "Gulnara", (Grant(Role.BUDGET_OFFICER, territory="75"),))


def open_line(database: Database, programme: str = "004") -> UUID:
    opening = partial(
        budgeting.open_line, programme=programme, territory="750000000", service_kind="domestic", year=2026
    )
    return database.write(OFFICER, opening)


def appropriate(database: Database, line: UUID, amount: int) -> None:
    database.write(OFFICER, partial(budgeting.appropriate, line_id=line, amount_minor=amount))


def set_treasury(database: Database, total: int) -> None:
    """As if so much had been appropriated in all; the account is opened by the first appropriation."""
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE account SET debits_posted = :t WHERE kind = 'treasury'"), {"t": total})


def kinds_of_storage(database: Database) -> set[str]:
    of = "typeof" if database.engine.dialect.name == "sqlite" else "pg_typeof"
    with database.engine.connect() as connection:
        columns = ("debits_posted", "credits_posted", "debits_pending", "credits_pending")
        return {
            str(kind)
            for column in columns
            for kind in connection.scalars(sa.text(f"SELECT DISTINCT CAST({of}({column}) AS text) FROM account"))
        }


def broken(database: Database) -> list[str]:
    return database.read(SYSTEM, lambda work: [i.name for i in queries.invariants() if work.rows(i.broken.limit(1))])


def test_all_appropriations_of_a_line_together_are_bounded(database: Database) -> None:
    line, other = open_line(database), open_line(database, "005")
    appropriate(database, line, MAX_MINOR - 1)
    with pytest.raises(AppropriationTooLarge) as refused:
        appropriate(database, line, 2)
    members = refused.value.members
    assert (members["pointer"], members["rule"]) == ("/amount", "line-total")
    appropriate(database, line, 1)
    appropriate(database, other, MAX_MINOR)  # each line has its own bound
    with pytest.raises(AppropriationTooLarge):
        appropriate(database, line, 1)
    assert database.read(SYSTEM, lambda work: budget.availability(work, line)).free == MAX_LINE
    events = database.read(SYSTEM, lambda work: events_of(work, "funding-line", line))
    assert [e.verb for e in events] == ["opened", "appropriated", "appropriated"]
    assert broken(database) == []


def test_money_that_vouchers_took_from_a_line_counts_still(database: Database) -> None:
    line = open_line(database)
    appropriate(database, line, MAX_LINE)

    def spend(work: Work) -> None:
        held = queries.account_of(work, AccountKind.APPROPRIATED, line)
        assert held is not None
        taker = service.open_account(work, AccountKind.RESERVED, new_id(), line_id=line)
        service.transfer(work, debit=held.id, credit=taker, amount_minor=MAX_LINE, reason="test", about_id=line)
        record(work, "test", line, "spent")

    database.write(SYSTEM, spend)
    with pytest.raises(AppropriationTooLarge):
        appropriate(database, line, 1)


def test_of_many_appropriations_at_once_only_what_the_line_can_hold_is_written(database: Database) -> None:
    line, together = open_line(database), Barrier(4)
    appropriate(database, line, 1)  # the treasury is there

    def one(_which: int) -> bool:
        together.wait()
        try:
            appropriate(database, line, MAX_LINE // 2)
        except AppropriationTooLarge:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [False, False, False, True]
    assert broken(database) == []


def test_a_treasury_that_has_no_room_left_refuses_and_stays_an_integer(database: Database) -> None:
    line, other = open_line(database), open_line(database, "005")
    appropriate(database, line, 1_00)
    set_treasury(database, MAX_TOTAL - 5_00)
    appropriate(database, other, 5_00)
    with pytest.raises(AppropriationTooLarge) as refused:
        appropriate(database, other, 1)
    assert refused.value.members["pointer"] == "/amount"
    assert kinds_of_storage(database) in ({"integer"}, {"bigint"})
    assert database.read(SYSTEM, lambda work: budget.availability(work, other)).free == 5_00


def test_an_account_through_which_too_much_has_passed_takes_no_more(database: Database) -> None:
    line = open_line(database)
    appropriate(database, line, 10_00)

    def fill(work: Work) -> None:
        held = queries.account_of(work, AccountKind.APPROPRIATED, line)
        assert held is not None
        full = service.open_account(work, AccountKind.RESERVED, new_id(), line_id=line)
        work.connection.execute(
            sa.text("UPDATE account SET credits_posted = :t, debits_posted = :t WHERE kind = 'reserved'"),
            {"t": MAX_TOTAL - 1},
        )
        service.transfer(work, debit=held.id, credit=full, amount_minor=2, reason="test", about_id=line)

    with pytest.raises(TotalTooLarge):
        database.write(SYSTEM, fill)
    assert database.read(SYSTEM, lambda work: budget.availability(work, line)).free == 10_00


@pytest.mark.parametrize("column", ["debits_posted", "credits_posted", "debits_pending", "credits_pending"])
@pytest.mark.parametrize("total", [MAX_TOTAL + 1, 2**63 - 1])
def test_the_database_itself_refuses_a_total_out_of_bounds(database: Database, column: str, total: int) -> None:
    appropriate(database, open_line(database), 1_00)
    write = sa.text(f"UPDATE account SET {column} = {total} WHERE kind = 'treasury'")
    with pytest.raises(sa.exc.DBAPIError), database.engine.begin() as connection:
        connection.execute(write)
    assert kinds_of_storage(database) in ({"integer"}, {"bigint"})


def test_the_books_are_summed_without_overflow_when_many_accounts_are_nearly_full(database: Database) -> None:
    lines = [open_line(database, str(n)) for n in range(12)]
    for line in lines:
        appropriate(database, line, 1_00)
    with database.engine.begin() as connection:  # as after a very long life: the turnover is large, the balances small
        turned = f"UPDATE account SET debits_posted = debits_posted + {MAX_TOTAL - 100_00}, "
        turned += f"credits_posted = credits_posted + {MAX_TOTAL - 100_00}"
        connection.execute(sa.text(turned))
    assert broken(database) == ["an account's running totals are the sums of its transfers"]
    assert database.read(SYSTEM, lambda work: budget.availability(work, lines[0])).free == 1_00
