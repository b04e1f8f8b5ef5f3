"""Accounts with running totals under CHECK, insert-only transfers, and the totals of a funding line by stage."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from contracts.ledger.rules import MAX_TOTAL, AccountKind, TransferKind

# Of accepted acts, whose money nobody has ordered yet: a handful of rows in an index of their own.
UNORDERED = "kind = 'payable' AND credits_posted > debits_posted + debits_pending"
# Of accepted acts, whose money has not arrived: the act and its figures, in an index that covers them.
UNPAID = "kind = 'payable' AND credits_posted > debits_posted"
OUTSTANDING = "account.kind = 'payable' AND account.credits_posted > account.debits_posted"


class AccountRow(Base):
    """``owner_id``: the line, voucher, engagement or act the account belongs to. ``line_id``: the funding line whose
    money it is. Totals only grow, except the pending ones, which fall when a pending transfer is resolved."""

    __tablename__ = "account"
    __table_args__ = (
        sa.UniqueConstraint("kind", "owner_id"),
        sa.CheckConstraint(
            "debits_posted >= 0 AND credits_posted >= 0 AND debits_pending >= 0 AND credits_pending >= 0",
            name="totals_not_negative",
        ),
        sa.CheckConstraint(
            "kind IN ('treasury', 'recipients') OR debits_posted + debits_pending <= credits_posted",
            name="never_overdrawn",
        ),
        sa.CheckConstraint(
            f"debits_posted <= {MAX_TOTAL} AND credits_posted <= {MAX_TOTAL} "
            f"AND debits_pending <= {MAX_TOTAL} AND credits_pending <= {MAX_TOTAL}",
            name="totals_bounded",
        ),
        sa.Index(None, "line_id", "kind", "debits_posted", "credits_posted"),
        sa.Index(
            "ix_account_unordered",
            "kind",
            "owner_id",
            sqlite_where=sa.text(UNORDERED),
            postgresql_where=sa.text(UNORDERED),
        ),
        sa.Index(
            "ix_account_outstanding",
            "kind",
            "owner_id",
            "credits_posted",
            "debits_posted",
            "debits_pending",
            sqlite_where=sa.text(UNPAID),
            postgresql_where=sa.text(UNPAID),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[AccountKind]
    owner_id: Mapped[UUID]
    line_id: Mapped[UUID | None]
    currency: Mapped[str] = mapped_column(sa.String(3))
    debits_posted: Mapped[int]
    credits_posted: Mapped[int]
    debits_pending: Mapped[int]
    credits_pending: Mapped[int]


class TransferRow(Base):
    """Debits one account and credits another with a positive amount; never changed, never deleted (triggers).

    ``resolves_id``: the pending transfer that a ``post`` or ``void`` row settles; unique, so it happens once.
    ``about_id``: the business object (voucher, placement, act, payment) that moved the money; ``reason`` the verb.
    """

    __tablename__ = "transfer"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="positive"),
        sa.CheckConstraint("debit_id <> credit_id", name="two_accounts"),
        sa.CheckConstraint("(kind IN ('post', 'void')) = (resolves_id IS NOT NULL)", name="resolution"),
        sa.Index(None, "debit_id"),
        sa.Index(None, "credit_id"),
        sa.Index(None, "about_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[TransferKind]
    debit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    credit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    amount_minor: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(64))
    about_id: Mapped[UUID]
    resolves_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("transfer.id"), unique=True)
    posted_on: Mapped[date]
    at: Mapped[datetime]


class StageTotalRow(Base):
    """What the accounts of a kind hold of a funding line's money, in parts that add up. Written by triggers of the
    account table in the transaction that moves the money. On PostgreSQL each statement appends a part of its own, so
    that bookings of one line never wait for each other; the worker adds them up into part 0, where SQLite, which has
    one writer, keeps everything."""

    __tablename__ = "stage_total"
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    balance_minor: Mapped[int]
