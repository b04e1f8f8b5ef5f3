"""A budget office in Almaty: a funding line with money, price limits, and people to grant vouchers to."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from contracts.audit.service import record
from contracts.budget import queries as budget
from contracts.budget import service as budgeting
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.ledger import queries as ledger
from contracts.ledger import service as ledgering
from contracts.ledger.rules import AccountKind
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.tariff import service as tariffs
from market.voucher import queries
from market.voucher import service as vouchers
from market.voucher.rules import NewVoucher, Voucher
from tests.recipient.homes import ALMATY, settle

OFFICER = Actor(UUID(int=31), "Saule at the budget office", (Grant(Role.BUDGET_OFFICER, territory="75"),))
OFFICER_ELSEWHERE = Actor(UUID(int=32), "Bolat in Astana", (Grant(Role.BUDGET_OFFICER, territory="71"),))
NATIONAL = Actor(UUID(int=33), "the ministry", (Grant(Role.BUDGET_OFFICER, territory=""),))
CEILING = 1_500_00


def year(database: Database) -> int:
    return database.read(SYSTEM, lambda work: work.today.year)


def open_office(database: Database) -> None:
    """Reference rows, and price limits for home care of this year and the next."""
    settle(database)
    this = year(database)
    for unit in (Unit.VISIT, Unit.HOUR):
        database.write(NATIONAL, partial(
            tariffs.set_price_limit, territory="", kind=ServiceKind.DOMESTIC, setting=CareSetting.HOME, unit=unit,
            floor_minor=500_00, ceiling_minor=CEILING, from_on=date(this, 1, 1), until_on=date(this + 2, 1, 1),
            source="a test's own act",
        ))  # fmt: skip


def line_with(
    database: Database, amount: int, *, territory: str = ALMATY, in_year: int | None = None, programme: str = "004"
) -> UUID:
    def fn(work: Work) -> UUID:
        line = budgeting.open_line(
            work, programme=programme, territory=territory, service_kind="domestic", year=in_year or work.today.year
        )
        budgeting.appropriate(work, line, amount_minor=amount)
        return line

    return database.write(NATIONAL, fn)


def programme(database: Database, recipient_id: UUID, line_id: UUID, /, **changes: Any) -> NewVoucher:
    """Eight visits a month of help at home, from today to the end of the year's last full month (one month)."""
    today = database.read(SYSTEM, lambda work: work.today)
    new = NewVoucher(
        recipient_id, line_id, ServiceKind.DOMESTIC, CareSetting.HOME, Unit.VISIT, 8, 1_000_00, today,
        date(today.year + today.month // 12, today.month % 12 + 1, 1),
    )  # fmt: skip
    return replace(new, **changes)


def issue(database: Database, recipient_id: UUID, line_id: UUID, /, **changes: Any) -> UUID:
    new = programme(database, recipient_id, line_id, **changes)
    return database.write(OFFICER, lambda work: vouchers.issue(work, new))


def voucher(database: Database, voucher_id: UUID) -> Voucher:
    return database.read(SYSTEM, lambda work: queries.voucher(work, voucher_id))


def money(database: Database, line_id: UUID) -> tuple[int, int, int]:
    """What is free, reserved and committed on the line."""
    stages = database.read(SYSTEM, lambda work: budget.availability(work, line_id))
    return stages.free, stages.reserved, stages.committed


def commit(database: Database, voucher_id: UUID, amount: int) -> UUID:
    """As an engagement does it: money moves from the voucher to an account of its own, whose id is returned."""

    def fn(work: Work) -> UUID:
        held = queries.voucher(work, voucher_id)
        engagement = new_id()
        account = ledgering.open_account(work, AccountKind.COMMITTED, engagement, line_id=held.line_id)
        ledgering.transfer(
            work, debit=held.account_id, credit=account, amount_minor=amount, reason="engagement", about_id=engagement
        )
        record(work, "engagement", engagement, "engaged")
        return account

    return database.write(SYSTEM, fn)


def come_back(database: Database, voucher_id: UUID, account_id: UUID) -> None:
    """As an engagement that ended gives back what it did not need."""

    def fn(work: Work) -> None:
        held = queries.voucher(work, voucher_id)
        left = ledger.account(work, account_id).free
        ledgering.transfer(
            work, debit=account_id, credit=held.account_id, amount_minor=left, reason="ended", about_id=voucher_id
        )
        record(work, "engagement", account_id, "ended")

    database.write(SYSTEM, fn)


def broken(database: Database) -> list[str]:
    """The names of the sentences that do not hold, of vouchers and of the books."""
    sentences = [*queries.invariants(), *ledger.invariants()]
    return database.read(SYSTEM, lambda work: [i.name for i in sentences if work.rows(i.broken.limit(1))])
