"""Queries: the two books side by side. What differs, over everything, in a handful of statements."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.calendar import start_of
from contracts.kernel.work import Work
from contracts.payee.models import PayeeVersionRow
from contracts.payment.models import PayingAccountRow, PaymentRow
from contracts.payment.queries import parked
from contracts.payment.rules import Channel, PaymentStatus
from contracts.reconciliation.models import (
    BankLineRow,
    BankOrderPaymentRow,
    BankOrderRow,
    BankStatementRow,
    CaseRow,
    CorrectionRow,
)
from contracts.reconciliation.queries import is_assigned, lines_of_payments
from contracts.reconciliation.rules import GRACE_DAYS, CaseKind, Comparison, Difference, Resolution, compare

NAMES = (PaymentRow.number, PaymentRow.gateway_transfer)  # of a payment, in a line of the bank
MOST_AT_ONCE = 10_000  # differences of one kind in one look: beyond it something larger is wrong than a payment


def differences(work: Work, payments: Sequence[UUID] = ()) -> list[Difference]:
    """With ``payments``: of these only."""
    compared = (compare(one) for one in _comparisons(work, payments))
    found = [difference for difference in compared if difference is not None]
    return found if payments else found + _unknown_lines(work) + _gaps(work)


def _comparisons(work: Work, payments: Sequence[UUID]) -> list[Comparison]:
    row = PaymentRow
    lines, corrected = _by_payment().subquery(), _corrected().subquery()
    zero = sa.func.coalesce
    covered = sa.or_(sa.false(), *_covered(work))
    paid, fixed = zero(lines.c.paid, 0), zero(corrected.c.sum, 0)
    expected = sa.or_(row.status == PaymentStatus.SETTLED, _with_bank())
    stands = sa.case((expected, row.amount_minor), else_=0) + fixed
    # whatever cannot differ is left in the database; rules decide about the rest
    maybe = sa.or_(
        sa.and_(paid != stands, sa.or_(lines.c.payment_id.is_not(None), covered)), lines.c.elsewhere > 0, parked()
    )
    if payments:
        maybe = row.id.in_(payments)
    statement = (
        sa.select(
            row.id, row.territory, row.ordered_by, row.status, row.amount_minor, row.parked_at, zero(lines.c.debits, 0),
            zero(lines.c.returns, 0), paid, zero(lines.c.elsewhere, 0), fixed, covered, row.channel,
        )
        .outerjoin(lines, lines.c.payment_id == row.id)
        .outerjoin(corrected, corrected.c.payment_id == row.id)
        .where(maybe)
        .order_by(row.id)
        .limit(None if payments else MOST_AT_ONCE)
    )  # fmt: skip
    return [_comparison(found) for found in work.rows(statement)]


def _comparison(found: Sequence[Any]) -> Comparison:
    key, territory, owner, status, amount, parked_at, debits, returns, paid, elsewhere, fixed, covered, channel = found
    sums = (int(debits), int(returns), int(paid), int(elsewhere), int(fixed))  # PostgreSQL sums to decimals
    by_file = channel is Channel.FILE
    return Comparison(key, territory, owner, status, amount, parked_at, *sums, bool(covered), by_file)


def _by_payment() -> sa.Select[*tuple[Any, ...]]:
    line, to = lines_of_payments().subquery().c, PayeeVersionRow.iban
    debit = line.amount_minor < 0
    elsewhere = sa.and_(debit, line.other_iban.is_not(None), line.other_iban != to)
    count = sa.func.sum
    return (
        sa.select(
            line.payment_id, count(sa.case((debit, 1), else_=0)).label("debits"),
            count(sa.case((debit, 0), else_=1)).label("returns"), count(-line.amount_minor).label("paid"),
            count(sa.case((elsewhere, 1), else_=0)).label("elsewhere"),
        )
        .join(PaymentRow, PaymentRow.id == line.payment_id)
        .join(PayeeVersionRow, PayeeVersionRow.id == PaymentRow.payee_version_id)
        .group_by(line.payment_id)
    )  # fmt: skip


def _corrected() -> sa.Select[*tuple[Any, ...]]:
    total = sa.func.sum(CorrectionRow.amount_minor).label("sum")
    return sa.select(CorrectionRow.payment_id, total).group_by(CorrectionRow.payment_id)


def _covered(work: Work) -> list[sa.ColumnElement[bool]]:
    """Settled, or asked for in a file, while an account's statements were being read, and long enough before the last
    of them ends that follows on without a gap: its line may stand in a statement that nobody has taken in."""
    accounts = _spans(work)
    found = []
    for territory, spans in accounts.items():
        inner = [other for other in accounts if other != territory and other.startswith(territory)]
        mine = [PaymentRow.territory.startswith(territory), *(~PaymentRow.territory.startswith(one) for one in inner)]
        settled, was_due = PaymentRow.settled_at, []
        for since, until in spans:
            last: date = until - timedelta(days=GRACE_DAYS)
            was_due += [sa.and_(settled >= start_of(since), settled < start_of(last)), _asked_between(since, last)]
        found.append(sa.and_(*mine, sa.or_(*was_due)))
    return found


def _spans(work: Work) -> dict[str, list[tuple[date, date]]]:
    """By territory of an account: from its first statement to its last, anew after each gap that people have not
    looked into."""
    steps, row = _steps(), BankStatementRow
    gaps = sa.select(steps.c.id).where(steps.c.jump != 0, ~_is_decided(steps.c.id))
    begins = sa.case((row.id.in_(gaps), 1), else_=0)
    statement = (
        sa.select(PayingAccountRow.territory, row.from_on, row.until_on, begins)
        .join(PayingAccountRow, PayingAccountRow.id == row.account_id)
        .order_by(row.account_id, row.from_on, row.until_on, row.id)
    )
    found: dict[str, list[tuple[date, date]]] = {}
    for territory, from_on, until_on, anew in work.rows(statement):
        spans = found.setdefault(territory, [])
        if anew or not spans:
            spans.append((from_on, until_on))
        else:
            spans[-1] = (spans[-1][0], max(spans[-1][1], until_on))
    return found


def _with_bank() -> sa.ColumnElement[bool]:
    return sa.and_(PaymentRow.status == PaymentStatus.SENT, PaymentRow.channel == Channel.FILE)


def _asked_between(since: date, until: date) -> sa.ColumnElement[bool]:
    of_payment = BankOrderPaymentRow.payment_id == PaymentRow.id
    orders = sa.select(BankOrderRow.id).join(BankOrderPaymentRow, BankOrderPaymentRow.order_id == BankOrderRow.id)
    due = orders.where(of_payment, BankOrderRow.pay_on >= since, BankOrderRow.pay_on < until)
    return sa.and_(_with_bank(), due.exists())


def _is_decided(subject: Any) -> sa.ColumnElement[bool]:
    """People looked at it once; a cause that went away may come again."""
    answers = [Resolution.DECISION, Resolution.CORRECTION]
    return sa.exists().where(CaseRow.subject_id == subject, CaseRow.resolution.in_(answers))


def _unknown_lines(work: Work) -> list[Difference]:
    """Money that left, or came back, and no payment has it. What comes in besides is not for payments to explain."""
    line, named = BankLineRow, sa.or_(*(sa.exists().where(name == BankLineRow.names) for name in NAMES))
    statement = (
        sa.select(
            line.id,
            line.amount_minor,
            line.statement_id,
            PayingAccountRow.territory,
            BankStatementRow.imported_by,
            sa.case((named, CaseKind.PAYER_DIFFERS.value), else_=CaseKind.LINE_UNKNOWN.value),
        )
        .join(BankStatementRow, BankStatementRow.id == line.statement_id)
        .join(PayingAccountRow, PayingAccountRow.id == line.account_id)
        .where(line.payment_id.is_(None), sa.or_(line.amount_minor < 0, line.is_return))
        .where(~_is_decided(line.id), ~is_assigned())
        .order_by(line.id)
        .limit(MOST_AT_ONCE)
    )
    return [
        Difference(CaseKind(kind), key, territory, owner, kind, -amount, bank_line_id=key, statement_id=of)
        for key, amount, of, territory, owner, kind in work.rows(statement)
    ]


def _steps() -> sa.Subquery:
    """By how much each statement of an account begins elsewhere than the one before ended."""
    row = BankStatementRow
    before = sa.func.lag(row.closing_minor).over(
        partition_by=row.account_id, order_by=(row.from_on, row.until_on, row.id)
    )
    jump = (row.opening_minor - before).label("jump")
    return sa.select(row.id, row.account_id, row.imported_by, jump).subquery()


def _gaps(work: Work) -> list[Difference]:
    """Statements of an account, each of which begins where the one before ended."""
    steps = _steps()
    statement = (
        sa.select(steps.c.id, steps.c.jump, steps.c.imported_by, PayingAccountRow.territory)
        .join(PayingAccountRow, PayingAccountRow.id == steps.c.account_id)
        .where(steps.c.jump != 0, ~_is_decided(steps.c.id))
        .order_by(steps.c.id)
        .limit(MOST_AT_ONCE)
    )
    return [
        Difference(CaseKind.STATEMENT_GAP, key, territory, owner, f"statement-gap:{jump}", jump, statement_id=key)
        for key, jump, owner, territory in work.rows(statement)
    ]
