"""What a funding line's money is doing is kept added up: by the database, in the transaction that moves the money, so
that a page reads a handful of rows for whatever number of vouchers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from contracts.audit.service import record
from contracts.budget import queries as budget
from contracts.budget import service as budgeting
from contracts.budget.queries import Availability
from contracts.kernel.bulk import copy_rows, new_ids
from contracts.kernel.ids import new_id
from contracts.kernel.money import KZT
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.ledger import queries, service
from contracts.ledger.models import AccountRow, StageTotalRow
from contracts.ledger.rules import AccountKind, InsufficientFunds
from market.migrate import keep_triggers
from market.worker import AddingUp

OFFICER = Actor(UUID(int=7), "Gulnara", (Grant(Role.BUDGET_OFFICER, territory="75"),))
GIVEN = 100_00


@dataclass(frozen=True)
class Purse:
    """A funding line with GIVEN on it."""

    database: Database
    line: UUID

    def stages(self) -> Availability:
        return self.database.read(SYSTEM, lambda work: budget.availability(work, self.line))

    def opened(self, kind: AccountKind) -> UUID:
        return self.do(partial(service.open_account, kind=kind, owner_id=new_id(), line_id=self.line))

    def move(self, kind: AccountKind, credit: UUID, amount: int, *, pending: bool = False) -> UUID:
        """From the line's own account of that kind."""

        def do(work: Work) -> UUID:
            source = queries.account_of(work, kind, self.line)
            assert source is not None
            return service.transfer(
                work, debit=source.id, credit=credit, amount_minor=amount, reason="test", about_id=self.line,
                pending=pending,
            )  # fmt: skip

        return self.do(do)

    def do(self, fn: Callable[[Work], UUID]) -> UUID:
        def do(work: Work) -> UUID:
            found = fn(work)
            record(work, "test", self.line, "moved")
            return found

        return self.database.write(SYSTEM, do)

    def parts(self) -> list[int]:
        rows = sa.select(StageTotalRow.part).where(StageTotalRow.line_id == self.line)
        return [row.part for row in self.database.read(SYSTEM, lambda work: work.rows(rows))]

    def broken(self) -> list[str]:
        return self.database.read(
            SYSTEM, lambda work: [i.name for i in queries.invariants() if work.rows(i.broken.limit(1))]
        )


@pytest.fixture
def purse(database: Database) -> Purse:
    opening = partial(budgeting.open_line, programme="004", territory="750000000", service_kind="domestic", year=2026)
    line = database.write(OFFICER, opening)
    database.write(OFFICER, partial(budgeting.appropriate, line_id=line, amount_minor=GIVEN))
    return Purse(database, line)


def test_money_that_moves_changes_its_stages_in_the_same_transaction(purse: Purse) -> None:
    voucher = purse.opened(AccountKind.RESERVED)
    purse.move(AccountKind.APPROPRIATED, voucher, 40_00)
    assert purse.stages() == Availability(GIVEN, 60_00, 40_00, 0, 0, 0)
    with pytest.raises(InsufficientFunds):
        purse.move(AccountKind.APPROPRIATED, voucher, 60_01)
    assert purse.stages() == Availability(GIVEN, 60_00, 40_00, 0, 0, 0)
    assert purse.broken() == []


def test_money_that_waits_on_the_outside_has_not_changed_its_stage(purse: Purse) -> None:
    voucher = purse.opened(AccountKind.RESERVED)
    sent = purse.move(AccountKind.APPROPRIATED, voucher, 10_00, pending=True)
    assert purse.stages().free == GIVEN
    purse.do(partial(service.post, pending_id=sent, reason="arrived"))
    assert purse.stages() == Availability(GIVEN, 90_00, 10_00, 0, 0, 0)
    assert purse.broken() == []


def test_accounts_written_as_a_set_count_too(purse: Purse) -> None:
    columns = (
        "id", "kind", "owner_id", "line_id", "currency", "debits_posted", "credits_posted", "debits_pending",
        "credits_pending",
    )  # fmt: skip

    def load(work: Work) -> None:
        copy_rows(work, AccountRow, columns, (
            (one, AccountKind.COMMITTED, one, purse.line, KZT, 1, n, 0, 0) for n, one in enumerate(new_ids(9), 1)
        ))  # fmt: skip
        record(work, "test", purse.line, "loaded")

    purse.database.write(SYSTEM, load)
    assert purse.stages().committed == sum(range(1, 10)) - 9


def test_who_moves_money_of_one_line_at_once_loses_nothing(purse: Purse) -> None:
    vouchers = [purse.opened(AccountKind.RESERVED) for _ in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: purse.move(AccountKind.APPROPRIATED, one, 5_00), vouchers))
    assert purse.stages() == Availability(GIVEN, 60_00, 40_00, 0, 0, 0)


def test_nobody_waits_for_who_moves_other_money_of_the_line(purse: Purse) -> None:
    if purse.database.engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time by its nature")
    vouchers = [purse.opened(AccountKind.RESERVED) for _ in range(2)]
    places = [purse.opened(AccountKind.COMMITTED) for _ in range(2)]
    for one in vouchers:
        purse.move(AccountKind.APPROPRIATED, one, 5_00)

    def book(n: int, work: Work) -> UUID:
        return service.transfer(
            work, debit=vouchers[n], credit=places[n], amount_minor=5_00, reason="test", about_id=purse.line
        )

    def first(work: Work) -> UUID:
        booked = book(0, work)
        with ThreadPoolExecutor(1) as other:
            other.submit(purse.do, partial(book, 1)).result(timeout=30)
        return booked

    purse.do(first)
    assert purse.stages() == Availability(GIVEN, 90_00, 0, 10_00, 0, 0)


def test_a_table_of_accounts_that_is_built_anew_goes_on_counting(purse: Purse, database_url: str) -> None:
    engine = sa.create_engine(sa.make_url(database_url).set(drivername=purse.database.engine.url.drivername))
    with engine.begin() as connection:  # as a migration has it: without the engine's own foreign keys
        if connection.dialect.name == "sqlite":
            keep_triggers(connection)
        with Operations(MigrationContext.configure(connection)).batch_alter_table("account") as table:
            table.create_check_constraint("ck_account_known", "currency <> 'USD'")
    engine.dispose()
    purse.move(AccountKind.APPROPRIATED, purse.opened(AccountKind.RESERVED), 5_00)
    assert purse.stages() == Availability(GIVEN, 95_00, 5_00, 0, 0, 0)


def test_parts_added_up_are_one_and_say_the_same(purse: Purse) -> None:
    voucher = purse.opened(AccountKind.RESERVED)
    for _ in range(3):
        purse.move(AccountKind.APPROPRIATED, voucher, 5_00)
    before = purse.stages()
    AddingUp()(purse.database)
    assert purse.stages() == before
    assert set(purse.parts()) == {0}
    purse.move(AccountKind.APPROPRIATED, voucher, 5_00)
    AddingUp()(purse.database)
    assert purse.stages() == Availability(GIVEN, 80_00, 20_00, 0, 0, 0)
    assert len(purse.parts()) == 2
    assert purse.broken() == []


@pytest.mark.parametrize("damage", [
    "UPDATE stage_total SET balance_minor = balance_minor + 1",
    "DELETE FROM stage_total",
])  # fmt: skip
def test_a_kept_total_that_is_not_what_the_accounts_hold_is_reported(purse: Purse, damage: str) -> None:
    assert purse.broken() == []
    with purse.database.engine.begin() as connection:
        connection.execute(sa.text(damage))
    assert "what is kept of a line by stage is what its accounts hold" in purse.broken()
