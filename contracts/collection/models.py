"""What recipients owe, and how it comes in. A collection's row is its queue; its id is the key at the server."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.collection.rules import CollectionKind, CollectionStatus
from contracts.kernel.database import Base
from contracts.kernel.period import Month

_LIVE = sa.text("status IN ('ordered', 'sending', 'open')")


class DueRow(Base):
    """``asked_minor`` is the sum of its parts, ``remitted_minor`` of its remissions."""

    __tablename__ = "due"
    __table_args__ = (
        sa.UniqueConstraint("engagement_id", "month"),
        sa.CheckConstraint("remitted_minor BETWEEN 0 AND asked_minor", name="remitted"),
        sa.Index(None, "recipient_id", "month", "id"),
        sa.Index(None, "territory", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id"))
    recipient_id: Mapped[UUID]
    provider_id: Mapped[UUID]
    territory: Mapped[str] = mapped_column(sa.String(9))
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("funding_line.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(32))
    month: Mapped[Month]
    currency: Mapped[str] = mapped_column(sa.String(3))
    asked_minor: Mapped[int]
    remitted_minor: Mapped[int]
    pay_by_on: Mapped[date]
    opened_at: Mapped[datetime]


class DuePartRow(Base):
    """What one accepted act asks of the recipient. Never changed, never deleted."""

    __tablename__ = "due_part"
    __table_args__ = (
        sa.UniqueConstraint("act_id", "due_id"),
        sa.CheckConstraint("amount_minor > 0", name="positive"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    act_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act.id"))
    due_id: Mapped[UUID] = mapped_column(sa.ForeignKey("due.id"), index=True)
    amount_minor: Mapped[int]
    transfer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("transfer.id"))


class RemissionRow(Base):
    """What an officer took off a due, and why: an accepted act is never changed. Never changed, never deleted."""

    __tablename__ = "remission"
    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="positive"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    due_id: Mapped[UUID] = mapped_column(sa.ForeignKey("due.id"), index=True)
    amount_minor: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(500))
    remitted_by: Mapped[UUID]
    remitted_at: Mapped[datetime]


class CollectionRow(Base):
    """``pending_transfer_id``: due -> collected of an intent, collected -> due of a refund. ``method``: how the
    recipient wants to pay, until the server has said yes or no; ``declined_at``: it said no last. ``next_try_at``: when
    a worker takes the row next, by the real clock; empty: nothing is due, or, without an end, a person must look."""

    __tablename__ = "collection"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="positive"),
        sa.CheckConstraint("(kind = 'refund') = (of_id IS NOT NULL)", name="refund_of"),
        sa.CheckConstraint("(method IS NULL) = (confirm_ordered_at IS NULL)", name="confirmed_how"),
        sa.Index("uq_collection_live", "due_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        sa.Index(None, "status", "next_try_at"),
        sa.Index(None, "due_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    due_id: Mapped[UUID] = mapped_column(sa.ForeignKey("due.id"))
    kind: Mapped[CollectionKind]
    of_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("collection.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(sa.String(3))
    status: Mapped[CollectionStatus]
    pending_transfer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("transfer.id"))
    ordered_at: Mapped[datetime]
    first_tried_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    attempts: Mapped[int]
    strikes: Mapped[int]
    moved_at: Mapped[datetime]
    last_error: Mapped[str | None]
    gateway_id: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    method: Mapped[str | None] = mapped_column(sa.String(64))
    confirm_ordered_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    cancel_ordered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
