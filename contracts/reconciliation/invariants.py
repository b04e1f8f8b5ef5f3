"""The sentences that must always hold of statements, cases and orders to the bank."""

from typing import Any

import sqlalchemy as sa

from contracts.kernel.database import Invariant
from contracts.ledger.models import TransferRow
from contracts.payment.models import PaymentRow
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
from contracts.reconciliation.rules import Resolution


def invariants() -> list[Invariant]:
    cases_, corrections_ = (sa.select(sa.func.count()).select_from(row) for row in (CaseRow, CorrectionRow))
    alone = sa.select(CaseRow.number).where(
        CaseRow.resolution.in_([Resolution.CORRECTION, Resolution.DECISION, Resolution.ASSIGNMENT]),
        sa.or_(CaseRow.resolved_by.is_(None), CaseRow.reason.is_(None), CaseRow.resolved_by == CaseRow.proposed_by),
    )
    unbooked = (
        sa.select(CaseRow.number)
        .outerjoin(CorrectionRow, CorrectionRow.case_id == CaseRow.id)
        .where((CaseRow.resolution == Resolution.CORRECTION) != CorrectionRow.id.is_not(None))
    )
    moved: Any = TransferRow.amount_minor
    other = (
        sa.select(CorrectionRow.id)
        .join(TransferRow, TransferRow.id == CorrectionRow.transfer_id)
        .where(sa.or_(moved != sa.func.abs(CorrectionRow.amount_minor), TransferRow.about_id != CorrectionRow.case_id))
    )
    return [
        Invariant("a case was resolved by two people and with a reason, or by its cause", cases_, alone),
        Invariant("a case resolved by a correction has one, and no other has", cases_, unbooked),
        Invariant("a correction moved its amount in the ledger", corrections_, other),
        *_assignments_hold(),
        *_statements_add_up(),
        *_orders_hold(),
    ]


def _assignments_hold() -> list[Invariant]:
    row, case_ = AssignedLineRow, CaseRow
    assigned = sa.select(sa.func.count()).select_from(row)
    by_two = sa.and_(
        case_.id == row.case_id, case_.bank_line_id == row.bank_line_id, case_.proposed_payment_id == row.payment_id,
        case_.resolution == Resolution.ASSIGNMENT, case_.resolved_by != case_.proposed_by,
    )  # fmt: skip
    named = sa.exists().where(BankLineRow.id == row.bank_line_id, BankLineRow.payment_id.is_not(None))
    wrong = sa.select(row.bank_line_id).where(sa.or_(~sa.exists().where(by_two), named))
    unassigned = sa.select(case_.number).where(
        case_.resolution == Resolution.ASSIGNMENT, ~sa.exists().where(row.case_id == case_.id)
    )
    return [
        Invariant("a bank line that names no payment is the one's that two people said", assigned, wrong),
        Invariant("a case resolved by an assignment has one", assigned, unassigned),
    ]


def _statements_add_up() -> list[Invariant]:
    statements_ = sa.select(sa.func.count()).select_from(BankStatementRow)
    sums = (
        sa.select(BankLineRow.statement_id, sa.func.sum(BankLineRow.amount_minor).label("sum"))
        .group_by(BankLineRow.statement_id)
        .subquery()
    )
    moved = BankStatementRow.closing_minor - BankStatementRow.opening_minor
    uneven = (
        sa.select(BankStatementRow.number)
        .outerjoin(sums, sums.c.statement_id == BankStatementRow.id)
        .where(sa.func.coalesce(sums.c.sum, 0) != moved)
    )
    return [Invariant("the lines of a bank statement lead from its first balance to its last", statements_, uneven)]


def _orders_hold() -> list[Invariant]:
    orders = sa.select(sa.func.count()).select_from(BankOrderRow)
    held = (
        sa.select(
            BankOrderPaymentRow.order_id,
            sa.func.count().label("count"),
            sa.func.sum(PaymentRow.amount_minor).label("sum"),
        )
        .join(PaymentRow, PaymentRow.id == BankOrderPaymentRow.payment_id)
        .group_by(BankOrderPaymentRow.order_id)
        .subquery()
    )
    other = (
        sa.select(BankOrderRow.number)
        .outerjoin(held, held.c.order_id == BankOrderRow.id)
        .where(
            sa.or_(held.c.sum.is_(None), held.c.count != BankOrderRow.payments, held.c.sum != BankOrderRow.total_minor)
        )
    )
    waits = (PaymentStatus.ORDERED, PaymentStatus.SENDING)
    in_order = sa.exists().where(BankOrderPaymentRow.payment_id == PaymentRow.id)
    by_file = PaymentRow.channel == Channel.FILE
    misplaced = sa.or_(sa.and_(by_file, PaymentRow.status.in_(waits) == in_order), sa.and_(~by_file, in_order))
    return [
        Invariant("an order to the bank is of its payments, and of their sum", orders, other),
        Invariant(
            "a payment by file is with the bank exactly when an order has it",
            orders,
            sa.select(PaymentRow.number).where(misplaced),
        ),
    ]
