"""The runner owns transactions: all of a use case or nothing, whoever else is committed with it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit import queries as audit
from contracts.audit.service import record
from contracts.budget import queries as budget
from contracts.budget import service as budgeting
from contracts.kernel.clock import move_clock, read_clock, start_travelling
from contracts.kernel.idempotency import IdempotencyKeyReused, Once, once
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.ledger import queries as ledger_queries
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind, AlreadyResolved, InsufficientFunds

OFFICER = Actor(UUID(int=7), "Aigul", (Grant(Role.BUDGET_OFFICER, territory=""),))


def line_with_money(work: Work, amount: int = 100_00) -> UUID:
    line = budgeting.open_line(work, programme="004", territory="750000000", service_kind="domestic", year=2026)
    budgeting.appropriate(work, line, amount_minor=amount)
    return line


def voucher_like(work: Work, line: UUID) -> UUID:
    account = ledger.open_account(work, AccountKind.RESERVED, new_id(), line_id=line)
    record(work, "test", line, "opened")
    return account


def test_a_refused_use_case_writes_nothing_and_others_in_the_group_are_kept(database: Database) -> None:
    line = database.write(OFFICER, line_with_money)

    def use_case(number: int) -> str:
        def fn(work: Work) -> str:
            budgeting.appropriate(work, line, amount_minor=1_00)
            if number % 2:
                raise InsufficientFunds
            return "kept"

        return database.write(OFFICER, fn)

    with ThreadPoolExecutor(16) as pool:
        futures = [pool.submit(use_case, n) for n in range(40)]
    kept = [f for f in futures if f.exception() is None]
    assert len(kept) == 20
    assert database.read(SYSTEM, lambda work: budget.availability(work, line)).free == 100_00 + 20_00
    verdict = database.read(SYSTEM, audit.verify)
    assert verdict.first_fault is None
    assert verdict.events == 2 + 20


def test_a_write_that_nobody_recorded_is_refused(database: Database) -> None:
    with pytest.raises(AssertionError, match="not recorded"):
        database.write(SYSTEM, lambda work: ledger.open_account(work, AccountKind.TREASURY, UUID(int=1), line_id=None))
    assert database.read(SYSTEM, budget.treasury_id) is None


def test_many_that_take_the_last_money_leave_the_account_at_zero(database: Database) -> None:
    line = database.write(OFFICER, lambda work: line_with_money(work, 10_00))
    accounts = [database.write(SYSTEM, lambda work: voucher_like(work, line)) for _ in range(4)]
    source = database.read(SYSTEM, lambda w: ledger_queries.account_of(w, AccountKind.APPROPRIATED, line))
    assert source is not None
    start = threading.Barrier(32)

    def take(number: int) -> None:
        def fn(work: Work) -> None:
            ledger.transfer(
                work, debit=source.id, credit=accounts[number % 4], amount_minor=1_00, reason="t", about_id=line
            )
            record(work, "test", line, "took")

        start.wait()
        database.write(SYSTEM, fn)

    with ThreadPoolExecutor(32) as pool:
        outcomes = [f.exception() for f in [pool.submit(take, n) for n in range(32)]]
    assert sum(o is None for o in outcomes) == 10
    assert all(isinstance(o, InsufficientFunds) for o in outcomes if o is not None)
    broken = database.read(SYSTEM, lambda w: [i.name for i in ledger_queries.invariants() if w.rows(i.broken.limit(1))])
    assert broken == []


def test_a_pending_transfer_is_resolved_exactly_once(database: Database) -> None:
    line = database.write(OFFICER, line_with_money)
    target = database.write(SYSTEM, lambda work: voucher_like(work, line))

    def hold(work: Work) -> UUID:
        source = ledger_queries.account_of(work, AccountKind.APPROPRIATED, line)
        assert source is not None
        held = ledger.transfer(
            work, debit=source.id, credit=target, amount_minor=60_00, reason="t", about_id=line, pending=True
        )
        record(work, "test", line, "held")
        return held

    held = database.write(SYSTEM, hold)

    def resolve(verb: str) -> None:
        def fn(work: Work) -> None:
            (ledger.post if verb == "post" else ledger.void)(work, held, reason=verb)
            record(work, "test", line, verb)

        database.write(SYSTEM, fn)

    with ThreadPoolExecutor(8) as pool:
        outcomes = [f.exception() for f in [pool.submit(resolve, v) for v in ["post", "void"] * 4]]
    assert sum(o is None for o in outcomes) == 1
    assert all(isinstance(o, AlreadyResolved) for o in outcomes if o is not None)
    account = database.read(SYSTEM, lambda w: ledger_queries.account(w, target))
    assert account.credits_pending == 0
    assert account.balance in {0, 60_00}


def test_the_database_itself_refuses_to_overdraw_and_to_change_the_past(database: Database) -> None:
    line = database.write(OFFICER, line_with_money)
    for statement in (
        "UPDATE account SET debits_posted = credits_posted + 1 WHERE kind = 'appropriated'",
        "UPDATE transfer SET amount_minor = 1",
        "DELETE FROM transfer",
        "UPDATE audit_event SET verb = 'nothing'",
        "DELETE FROM audit_event",
    ):
        with pytest.raises(sa.exc.DBAPIError), database.engine.begin() as connection:
            connection.execute(sa.text(statement))
    assert database.read(SYSTEM, lambda w: budget.availability(w, line)).free == 100_00


def test_a_key_used_again_is_answered_with_the_first_answer_and_another_request_is_refused(database: Database) -> None:
    line = database.write(OFFICER, line_with_money)
    first = Once.of("appropriate", "k-1", b"5")

    def use(request: Once) -> tuple[dict[str, object], bool]:
        def fn(work: Work) -> dict[str, object]:
            return {"transfer": str(budgeting.appropriate(work, line, amount_minor=5_00))}

        return database.write(OFFICER, lambda work: once(work, request, fn))

    with ThreadPoolExecutor(16) as pool:
        answers = [f.result() for f in [pool.submit(use, first) for _ in range(16)]]
    assert sum(not replayed for _, replayed in answers) == 1
    assert len({str(answer) for answer, _ in answers}) == 1
    assert database.read(SYSTEM, lambda w: budget.availability(w, line)).free == 105_00
    with pytest.raises(IdempotencyKeyReused):
        use(Once.of("appropriate", "k-1", b"6"))


def test_the_clock_stands_still_for_a_real_installation_and_travels_for_a_demonstration(database: Database) -> None:
    with database.engine.begin() as connection:
        real = read_clock(connection)
        start_travelling(connection)
        shown = move_clock(connection, timedelta(days=40))
        assert shown - real >= timedelta(days=40)
        assert read_clock(connection) - real < timedelta(days=40, minutes=1)


def test_what_a_writer_may_have_to_take_back_is_not_walked_in_memory(database: Database) -> None:
    """SQLite walks a journal that it keeps in memory after every statement with a trigger: quadratic in a bulk load."""
    if database.engine.dialect.name != "sqlite":
        pytest.skip("how SQLite takes statements back")
    kept = database.write(SYSTEM, lambda work: work.connection.exec_driver_sql("PRAGMA temp_store").scalar_one())
    assert kept != 2  # MEMORY
