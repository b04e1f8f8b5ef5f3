"""Reading statements and cases, and payments in both books."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.kernel.work import Work
from contracts.payment import paying_accounts
from contracts.payment.advance_models import AdvanceRow
from contracts.payment.batch_queries import payments_of_batch
from contracts.payment.batch_rules import Batch
from contracts.payment.models import PayingAccountRow, PaymentRow
from contracts.payment.paying_accounts import PayingAccount, account_paying
from contracts.payment.queries import Payment
from contracts.payment.rules import Channel, PaymentStatus
from contracts.reconciliation.models import (
    AssignedLineRow,
    BankLineRow,
    BankOrderPaymentRow,
    BankOrderRow,
    BankStatementRow,
    CaseRow,
    CorrectionRow,
)
from contracts.reconciliation.rules import (
    BankOrderNotFound,
    Case,
    CaseNotFound,
    CaseStatus,
    Resolution,
    StatementNotFound,
)

MOST_ASKED = 500  # keys in one statement
MOST = 200  # rows in one answer


@dataclass(frozen=True, slots=True)
class BankStatement:
    id: UUID
    account_id: UUID
    number: str
    digest: str
    from_on: date
    until_on: date
    opening_minor: int
    closing_minor: int
    imported_by: UUID
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class BankOrder:
    id: UUID
    number: str
    account_id: UUID
    payments: int
    total_minor: int
    pay_on: date
    made_by: UUID
    made_at: datetime


@dataclass(frozen=True, slots=True)
class BankLine:
    id: UUID
    statement_id: UUID
    account_id: UUID
    reference: str
    amount_minor: int
    booked_on: date
    names: str | None
    other_iban: str | None
    is_return: bool
    payment_id: UUID | None


def statement_numbered(work: Work, account_id: UUID, number: str) -> BankStatement | None:
    row = BankStatementRow
    return work.find(BankStatement, row, row.account_id == account_id, row.number == number)


def of_territories(territories: Sequence[str]) -> sa.ColumnElement[bool]:
    """Statements of accounts inside one of the territories."""
    inside = sa.or_(sa.false(), *(PayingAccountRow.territory.startswith(one) for one in territories))
    return BankStatementRow.account_id.in_(sa.select(PayingAccountRow.id).where(inside))


def statement(work: Work, statement_id: UUID, territories: Sequence[str]) -> BankStatement:
    """Raises StatementNotFound, also where its account lies outside the territories."""
    mine = of_territories(territories)
    found = work.find(BankStatement, BankStatementRow, BankStatementRow.id == statement_id, mine)
    if found is None:
        raise StatementNotFound
    return found


def statements(work: Work, *where: sa.ColumnElement[bool], after: UUID | None, limit: int) -> list[BankStatement]:
    """The newest first."""
    older = () if after is None else (BankStatementRow.id < after,)
    order = (BankStatementRow.id.desc(),)
    return work.find_all(BankStatement, BankStatementRow, *where, *older, order_by=order, limit=limit)


def known_lines(work: Work, account_id: UUID, references: Sequence[str]) -> dict[str, BankLine]:
    """By reference, those of the account that were imported before."""
    row, found = BankLineRow, []
    for start in range(0, len(references), MOST_ASKED):
        some = references[start : start + MOST_ASKED]
        found += work.find_all(BankLine, row, row.account_id == account_id, row.reference.in_(some))
    return {line.reference: line for line in found}


def lines(work: Work, *where: sa.ColumnElement[bool], after: UUID | None = None, limit: int = MOST) -> list[BankLine]:
    """In the order of the statement, each with the payment that it names, or that it was assigned to."""
    later = () if after is None else (BankLineRow.id > after,)
    of = sa.func.coalesce(BankLineRow.payment_id, AssignedLineRow.payment_id)
    names = [of if name == "payment_id" else BankLineRow.__table__.c[name] for name in BankLine.__dataclass_fields__]
    statement = (
        sa.select(*names)
        .outerjoin_from(BankLineRow, AssignedLineRow, AssignedLineRow.bank_line_id == BankLineRow.id)
        .where(*where, *later)
        .order_by(BankLineRow.id)
        .limit(limit)
    )
    return [BankLine(*row) for row in work.rows(statement)]


def lines_of_payment(work: Work, payment_id: UUID) -> list[BankLine]:
    assigned = sa.select(AssignedLineRow.bank_line_id).where(AssignedLineRow.payment_id == payment_id)
    named = lines(work, BankLineRow.payment_id == payment_id)
    return sorted(named + lines(work, BankLineRow.id.in_(assigned)), key=lambda line: line.id)


def lines_of_payments() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Every line that is of a payment, with it."""
    line, assigned = BankLineRow, AssignedLineRow
    named = sa.select(line.payment_id, line.amount_minor, line.other_iban).where(line.payment_id.is_not(None))
    by_people = sa.select(assigned.payment_id, line.amount_minor, line.other_iban).join(
        line, line.id == assigned.bank_line_id
    )
    return named.union_all(by_people)


def is_assigned() -> sa.ColumnElement[bool]:
    return sa.exists().where(AssignedLineRow.bank_line_id == BankLineRow.id)


def payments_named(work: Work, names: Sequence[str]) -> dict[str, UUID]:
    """Which payment a line means: by its number, or by its transfer's name at the payment server."""
    found: dict[str, UUID] = {}
    for start in range(0, len(names), MOST_ASKED):
        some = names[start : start + MOST_ASKED]
        for column in (PaymentRow.number, PaymentRow.gateway_transfer):
            found |= {
                str(name): key for name, key in work.rows(sa.select(column, PaymentRow.id).where(column.in_(some)))
            }
    return found


def ordered_from(work: Work, payment_ids: Sequence[UUID]) -> dict[UUID, frozenset[UUID]]:
    """By payment, the account that it leaves from: that of its order to the bank, else the one of the smallest
    territory around it when it was ordered; several where none was known then."""
    row, order, known = PaymentRow, BankOrderRow, paying_accounts.accounts(work)
    found: dict[UUID, frozenset[UUID]] = {}
    for start in range(0, len(payment_ids), MOST_ASKED):
        statement = (
            sa.select(row.id, row.territory, row.ordered_at, order.account_id)
            .outerjoin(BankOrderPaymentRow, BankOrderPaymentRow.payment_id == row.id)
            .outerjoin(order, order.id == BankOrderPaymentRow.order_id)
            .where(row.id.in_(payment_ids[start : start + MOST_ASKED]))
        )
        for payment_id, territory, at, account_id in work.rows(statement):
            of_order = account_id and frozenset({account_id})
            found[payment_id] = of_order or paying_accounts.payers_at(known, territory, at)
    return found


# --- orders to the bank -----------------------------------------------------------------------------------------------
def waiting_for_file(work: Work, account: PayingAccount, limit: int, *, batch_id: UUID | None = None) -> list[Payment]:
    """Ordered, by file, and in no order to the bank yet; the oldest first, and held. All, or those of a batch."""
    row = PaymentRow
    mine = sa.true() if batch_id is None else row.id.in_(payments_of_batch(batch_id))
    names = [row.__table__.c[name] for name in Payment.__dataclass_fields__]
    statement = (
        sa.select(*names)
        .where(row.status == PaymentStatus.ORDERED, row.channel == Channel.FILE)
        .where(row.territory.startswith(account.territory), mine)
        .order_by(row.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = [Payment(*values) for values in work.rows(statement)]
    return [one for one in found if account_paying(work, one.territory) == account]


def account_for_file(work: Work, batch: Batch) -> PayingAccount | None:
    """From which the bank can be asked to pay this batch in a file of its own; None where nothing of it waits."""
    row = PaymentRow
    waits = (row.status == PaymentStatus.ORDERED, row.channel == Channel.FILE)
    found = work.scalar(sa.select(row.id).where(row.id.in_(payments_of_batch(batch.id)), *waits).limit(1))
    return None if found is None else account_paying(work, batch.territory)


def bank_order(work: Work, number: str) -> BankOrder:
    found = work.find(BankOrder, BankOrderRow, BankOrderRow.number == number)
    if found is None:
        raise BankOrderNotFound
    return found


def orders_named(work: Work, account_id: UUID, names: Sequence[str]) -> dict[str, BankOrder]:
    """Of an account, by number."""
    row, found = BankOrderRow, []
    for start in range(0, len(names), MOST_ASKED):
        some = names[start : start + MOST_ASKED]
        found += work.find_all(BankOrder, row, row.account_id == account_id, row.number.in_(some))
    return {one.number: one for one in found}


def bank_order_with(work: Work, order_id: UUID) -> BankOrder:
    found = work.find(BankOrder, BankOrderRow, BankOrderRow.id == order_id)
    assert found is not None
    return found


def bank_orders(work: Work, territories: Sequence[str], *, after: UUID | None = None, limit: int) -> list[BankOrder]:
    """The newest first."""
    inside = sa.or_(sa.false(), *(PayingAccountRow.territory.startswith(one) for one in territories))
    mine = BankOrderRow.account_id.in_(sa.select(PayingAccountRow.id).where(inside))
    older = () if after is None else (BankOrderRow.id < after,)
    return work.find_all(BankOrder, BankOrderRow, mine, *older, order_by=(BankOrderRow.id.desc(),), limit=limit)


def payments_of_order(work: Work, order_id: UUID) -> list[tuple[Payment, str]]:
    """With the number of their act or advance, in the order of the file."""
    names = [PaymentRow.__table__.c[name] for name in Payment.__dataclass_fields__]
    statement = (
        sa.select(*names, sa.func.coalesce(ActRow.number, AdvanceRow.number))
        .join(BankOrderPaymentRow, BankOrderPaymentRow.payment_id == PaymentRow.id)
        .outerjoin(ActRow, ActRow.id == PaymentRow.act_id)
        .outerjoin(AdvanceRow, AdvanceRow.id == PaymentRow.advance_id)
        .where(BankOrderPaymentRow.order_id == order_id)
        .order_by(PaymentRow.id)
    )
    return [(Payment(*values[:-1]), str(values[-1])) for values in work.rows(statement)]


# --- cases ------------------------------------------------------------------------------------------------------------
def case(work: Work, number: str, *, lock: bool = False) -> Case:
    found = work.find(Case, CaseRow, CaseRow.number == number, lock=lock)
    if found is None:
        raise CaseNotFound
    return found


def open_case_of(work: Work, payment_id: UUID) -> Case | None:
    return work.find(Case, CaseRow, CaseRow.subject_id == payment_id, CaseRow.status != CaseStatus.RESOLVED)


def open_cases(work: Work, *, lock: bool = False) -> list[Case]:
    unresolved = CaseRow.status != CaseStatus.RESOLVED
    if not lock:
        return work.find_all(Case, CaseRow, unresolved, order_by=(CaseRow.id,))
    names = [CaseRow.__table__.c[name] for name in Case.__dataclass_fields__]
    return [Case(*row) for row in work.rows(sa.select(*names).where(unresolved).order_by(CaseRow.id).with_for_update())]


def cases(work: Work, *where: sa.ColumnElement[bool], after: UUID | None = None, limit: int = MOST) -> list[Case]:
    """The oldest first."""
    later = () if after is None else (CaseRow.id > after,)
    return work.find_all(Case, CaseRow, *where, *later, order_by=(CaseRow.id,), limit=limit)


def cases_of_territories(
    work: Work, territories: Sequence[str], *, resolved: bool, after: UUID | None = None, limit: int
) -> list[Case]:
    """The oldest first."""
    state = CaseRow.status == CaseStatus.RESOLVED
    inside = sa.or_(sa.false(), *(CaseRow.territory.startswith(one) for one in territories))
    return cases(work, state if resolved else ~state, inside, after=after, limit=limit)


def open_in(work: Work, territories: Sequence[str], *, limit: int) -> int:
    """How many cases wait, counted up to ``limit``."""
    return len(cases_of_territories(work, territories, resolved=False, limit=limit))


def decided(work: Work, subjects: Collection[UUID]) -> set[tuple[UUID, str]]:
    """What people answered before, as (subject, fingerprint). A cause that went away may come again."""
    found, every = set(), sorted(subjects)
    for start in range(0, len(every), MOST_ASKED):
        some = every[start : start + MOST_ASKED]
        chosen = sa.select(CaseRow.subject_id, CaseRow.fingerprint)
        resolved = CaseRow.resolution.in_([Resolution.DECISION, Resolution.CORRECTION])
        found |= {(key, mark) for key, mark in work.rows(chosen.where(CaseRow.subject_id.in_(some), resolved))}
    return found


def corrections(work: Work, payment_id: UUID) -> int:
    """The sum of what was corrected of a payment, in minor units."""
    total = sa.func.coalesce(sa.func.sum(CorrectionRow.amount_minor), 0)
    return int(work.scalar(sa.select(total).where(CorrectionRow.payment_id == payment_id)))
