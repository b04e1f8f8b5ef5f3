"""What the bank said, kept as it came, and the differences between its books and ours."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from contracts.reconciliation.rules import CaseKind, CaseStatus, Resolution

_PROPOSAL = sa.Enum(
    Resolution,
    name="proposal",
    native_enum=False,
    create_constraint=True,
    length=32,
    values_callable=lambda kind: [member.value for member in kind],
)
_NAMES_ITS_PAYMENT = "(coalesce(proposal, '') = 'assignment') = (proposed_payment_id IS NOT NULL)"
_OPEN = sa.text("status <> 'resolved'")


class BankStatementRow(Base):
    """Never changed, never deleted. ``digest`` is over what the statement says, not over how its file is written."""

    __tablename__ = "bank_statement"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "number"),
        sa.CheckConstraint("from_on < until_on", name="period"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("paying_account.id"))
    number: Mapped[str] = mapped_column(sa.String(35))
    digest: Mapped[str] = mapped_column(sa.String(64))
    from_on: Mapped[date]
    until_on: Mapped[date]
    opening_minor: Mapped[int]
    closing_minor: Mapped[int]
    imported_by: Mapped[UUID]
    imported_at: Mapped[datetime]


class BankLineRow(Base):
    """Never changed, never deleted. ``amount_minor`` is negative where our account was debited; ``names``: the
    payment's number, as the bank carried it through; ``payment_id``: the payment that it names. A line that names none
    may be of one by :class:`AssignedLineRow`."""

    __tablename__ = "bank_line"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "reference"),
        sa.CheckConstraint("amount_minor <> 0", name="moves"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    statement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_statement.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("paying_account.id"))
    reference: Mapped[str] = mapped_column(sa.String(80))
    amount_minor: Mapped[int]
    booked_on: Mapped[date]
    names: Mapped[str | None] = mapped_column(sa.String(35))
    other_iban: Mapped[str | None] = mapped_column(sa.String(34))
    is_return: Mapped[bool]
    payment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payment.id"), index=True)


class CaseRow(Base):
    """One difference. ``subject_id``: the payment, the line or the statement that it is about; at most one case of a
    subject is open. ``fingerprint``: what was found, so that what was decided once is not asked again.
    ``proposed_payment_id``: the payment that its line is said to be of."""

    __tablename__ = "reconciliation_case"
    __table_args__ = (
        sa.Index(None, "subject_id", "fingerprint"),
        sa.Index("uq_reconciliation_case_open", "subject_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index(None, "status", "id"),
        sa.CheckConstraint("resolved_by IS NULL OR resolved_by <> proposed_by", name="second_person"),
        sa.CheckConstraint("(status = 'resolved') = (resolution IS NOT NULL)", name="answered"),
        sa.CheckConstraint(_NAMES_ITS_PAYMENT, name="names_its_payment"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    kind: Mapped[CaseKind]
    territory: Mapped[str] = mapped_column(sa.String(9), index=True)
    subject_id: Mapped[UUID]
    payment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payment.id"))
    bank_line_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_line.id"))
    statement_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_statement.id"))
    fingerprint: Mapped[str] = mapped_column(sa.String(120))
    difference_minor: Mapped[int]
    status: Mapped[CaseStatus]
    owner_id: Mapped[UUID]
    opened_at: Mapped[datetime]
    proposal: Mapped[Resolution | None] = mapped_column(_PROPOSAL)
    proposed_payment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payment.id"))
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    proposed_by: Mapped[UUID | None]
    proposed_at: Mapped[datetime | None]
    resolution: Mapped[Resolution | None]
    resolved_by: Mapped[UUID | None]
    resolved_at: Mapped[datetime | None]


class CorrectionRow(Base):
    """What was booked to bring our books to the bank's. ``amount_minor``: positive where the bank paid more than our
    books said (the payee owes it), negative where it paid less (we do). Never changed, never deleted."""

    __tablename__ = "correction"
    __table_args__ = (sa.CheckConstraint("amount_minor <> 0", name="moves"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reconciliation_case.id"), unique=True)
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    amount_minor: Mapped[int]
    transfer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("transfer.id"))
    booked_at: Mapped[datetime]


class AssignedLineRow(Base):
    """A line that names no payment, and the payment that it is of as two people say. Never changed, never deleted."""

    __tablename__ = "assigned_line"
    bank_line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_line.id"), primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reconciliation_case.id"), unique=True)
    assigned_at: Mapped[datetime]


class BankOrderRow(Base):
    """An order to the bank to pay, as a file that can be made again, byte for byte."""

    __tablename__ = "bank_order"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("paying_account.id"), index=True)
    payments: Mapped[int]
    total_minor: Mapped[int]
    pay_on: Mapped[date]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]


class BankOrderPaymentRow(Base):
    """A payment stands in one order only."""

    __tablename__ = "bank_order_payment"
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_order.id"), index=True)
