"""Batches of payments, the acts in them, and what orders of single acts were judged with."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from contracts.payment.batch_rules import BatchStatus, Lack, LineStatus

_HELD = sa.text("status = 'held'")


class BatchRow(Base):
    """See :class:`contracts.payment.batch_rules.Batch`."""

    __tablename__ = "payment_batch"
    __table_args__ = (
        sa.CheckConstraint("total_minor >= 0 AND ordered_minor BETWEEN 0 AND total_minor", name="within_its_total"),
        sa.CheckConstraint("(status = 'ordered') = (ordered_by IS NOT NULL)", name="ordered_by_somebody"),
        sa.CheckConstraint("day_minor >= 0 AND month_minor >= 0", name="not_negative"),
        sa.Index(None, "status", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    territory: Mapped[str] = mapped_column(sa.String(9), index=True)
    year: Mapped[int]
    status: Mapped[BatchStatus]
    total_minor: Mapped[int]
    ordered_minor: Mapped[int]
    day_minor: Mapped[int]
    month_minor: Mapped[int]
    opened_by: Mapped[UUID]
    opened_at: Mapped[datetime]
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None]
    ordered_by: Mapped[UUID | None]
    ordered_at: Mapped[datetime | None]
    dissolved_by: Mapped[UUID | None]
    dissolved_at: Mapped[datetime | None]


class BatchLineRow(Base):
    """An act in a batch, at the sum that was left of it. Held by one batch at most."""

    __tablename__ = "payment_batch_line"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="positive"),
        sa.CheckConstraint("(status = 'ordered') = (payment_id IS NOT NULL)", name="ordered_with_a_payment"),
        sa.CheckConstraint("(status = 'dropped') = (lack IS NOT NULL)", name="dropped_for_a_reason"),
        sa.Index("uq_payment_batch_line_held", "act_id", unique=True, sqlite_where=_HELD, postgresql_where=_HELD),
        sa.Index(None, "batch_id", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment_batch.id"))
    act_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act.id"), index=True)
    provider_id: Mapped[UUID]
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("funding_line.id"))
    amount_minor: Mapped[int]
    status: Mapped[LineStatus]
    lack: Mapped[Lack | None]
    payment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payment.id"), unique=True)


class ClearanceRow(Base):
    """What an order of one act was judged with besides: the sums of that day and month. Never changed, never deleted;
    orders older than the rule have none."""

    __tablename__ = "payment_clearance"
    __table_args__ = (sa.CheckConstraint("0 <= day_minor AND day_minor <= month_minor", name="a_day_of_the_month"),)
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), primary_key=True)
    day_minor: Mapped[int]
    month_minor: Mapped[int]
