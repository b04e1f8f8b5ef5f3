"""Payments that the payment server settled, as its worker would have found out, and the office that reads them."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from contracts.kernel.calendar import civil_date
from contracts.kernel.clock import is_travelling, move_clock, start_travelling
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.ledger import queries as ledger
from contracts.payment import paying_accounts, progress
from contracts.payment import queries as payments
from contracts.payment.gateway import Finding, SentTransfer
from contracts.payment.progress import Claim
from contracts.payment.rules import Channel, Fate
from contracts.reconciliation import bank_orders, importing, invariants, queries
from contracts.reconciliation.rules import Case, CaseStatus
from tests.payment.houses import QUICK, ordered, payment
from tests.payment.houses import broken as broken_payments
from tests.reconciliation.bank import OURS, Bank

T = TypeVar("T")
DAY = re.compile(rb"(?<=<Dt>)[0-9-]{10}(?=<)")
DANA = Actor(UUID(int=104), "Dana", (Grant(Role.FINANCE_OFFICER, territory=""),))
ERLAN = Actor(UUID(int=204), "Erlan", (Grant(Role.FINANCE_OFFICER, territory=""),))


def treasury_by_file(database: Database) -> UUID:
    """A treasury without a payment server."""
    return database.write(DANA, lambda work: paying_accounts.open_paying_account(
        work, territory="75", name="Алматы қазынашылығы", iban=OURS, channel=Channel.FILE
    ))  # fmt: skip


def sent_to_bank(database: Database, treasury: UUID) -> tuple[str, bytes]:
    """The order's number and its file."""
    database.write(DANA, lambda work: bank_orders.make_order(work, treasury))
    made = database.read(SYSTEM, lambda work: bank_orders.queries.bank_orders(work, [""], limit=1))[0]
    _, body = database.read(DANA, lambda work: bank_orders.file_of(work, made.number))
    return made.number, body


def office(database: Database) -> Bank:
    """The treasury's account is known, and its bank begins today."""
    database.write(
        DANA, lambda work: paying_accounts.open_paying_account(work, territory="75", name="Treasury", iban=OURS)
    )
    return Bank(day=database.read(SYSTEM, lambda work: civil_date(work.now)))


def settled(database: Database, line: UUID, count: int = 1, *, total: int = 100_00) -> list[UUID]:
    ids = [ordered(database, line, total=total + n) for n in range(count)]

    def fn(work: Work) -> None:
        progress.claim_to_send(work, limit=count, patience=QUICK)
        for payment_id in ids:
            follow_paid(work, payment_id)

    database.write(SYSTEM, fn)
    return ids


def follow_paid(work: Work, payment_id: UUID) -> None:
    progress.sent(work, payment_id, f"tr_{payment_id.hex}")
    told(work, payment_id, Fate.PAID)


def came_back(work: Work, payment_id: UUID) -> None:
    """The payee's bank sent it back, and the payment server says so."""
    told(work, payment_id, Fate.BACK)


def told(work: Work, payment_id: UUID, fate: Fate, *, transfer: str | None = None) -> None:
    payment_ = payments.payment(work, payment_id)
    claim = Claim(payment_, payments.destination(work, payment_.payee_version_id), work.now, work.now)
    made = SentTransfer(transfer or f"tr_{payment_id.hex}", payment_.amount_minor, 0, "kzt", None, None)
    assert progress.follow(work, claim, Finding(made, fate, "po_1"), patience=QUICK, dice=0.5)


def number(database: Database, payment_id: UUID) -> str:
    return payment(database, payment_id).number


def take_in(database: Database, *files: bytes, actor: Actor = DANA) -> list[importing.Imported]:
    """Each once its last day has come."""
    return [one for file in files for one in take_in_now(database, file, actor=actor, wait=True)]


def take_in_now(
    database: Database, file: bytes, *, actor: Actor = DANA, wait: bool = False
) -> list[importing.Imported]:
    if wait:
        _wait_until(database, max(DAY.findall(file), default=b"").decode())
    return database.write(actor, lambda work: importing.import_statements(work, file))


def _wait_until(database: Database, day: str) -> None:
    today = database.read(SYSTEM, lambda work: work.today)
    if day > str(today):
        with database.engine.begin() as connection:
            if not is_travelling(connection):
                start_travelling(connection)
            move_clock(connection, date.fromisoformat(day) - today)


def cases(database: Database, *, resolved: bool = False) -> list[Case]:
    every = database.read(SYSTEM, queries.cases)
    return [case for case in every if (case.status is CaseStatus.RESOLVED) is resolved]


def kinds(database: Database) -> list[str]:
    return sorted(str(case.kind) for case in cases(database))


def do(database: Database, actor: Actor, fn: Callable[[Work], T]) -> T:
    return database.write(actor, fn)


def broken(database: Database) -> list[str]:
    every = [*invariants.invariants(), *ledger.invariants(), *payments.invariants()]
    mine = database.read(SYSTEM, lambda work: [i.name for i in every if work.rows(i.broken.limit(1))])
    assert set(broken_payments(database)) <= set(mine)
    return mine


def amounts(database: Database, ids: Sequence[UUID]) -> list[int]:
    return [payment(database, one).amount_minor for one in ids]
