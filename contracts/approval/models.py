"""Dated thresholds, what people decided, and the interests they declared."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.approval.rules import MOST_APPROVERS, CountedOver, SubjectKind, Verdict
from contracts.kernel.database import Base

_HOLDS = sa.text("ended_at IS NULL")


class ThresholdRow(Base):
    """``territory`` is a prefix. In force from ``from_at``, the day's first moment, until the same amount of the same
    territory is set anew."""

    __tablename__ = "approval_threshold"
    __table_args__ = (
        sa.UniqueConstraint("territory", "least_minor", "from_on"),
        sa.CheckConstraint(f"least_minor > 0 AND approvers BETWEEN 0 AND {MOST_APPROVERS}", name="within"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(sa.String(9))
    least_minor: Mapped[int]
    approvers: Mapped[int]
    counted_over: Mapped[CountedOver] = mapped_column(server_default="order")
    from_on: Mapped[date]
    from_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(sa.String(500))
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]


class ApprovalRow(Base):
    """One person's word on one amount, never changed; who thinks again says so again."""

    __tablename__ = "approval"
    __table_args__ = (
        sa.CheckConstraint("verdict = 'approved' OR reason IS NOT NULL", name="reason"),
        sa.Index(None, "subject_id", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[SubjectKind]
    subject_id: Mapped[UUID]
    amount_minor: Mapped[int]
    verdict: Mapped[Verdict]
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    decided_by: Mapped[UUID]
    decided_at: Mapped[datetime]


class InterestRow(Base):
    """``provider_id``, ``user_id`` are opaque here."""

    __tablename__ = "declared_interest"
    __table_args__ = (
        sa.Index(
            "uq_declared_interest_holds",
            "user_id",
            "provider_id",
            unique=True,
            sqlite_where=_HOLDS,
            postgresql_where=_HOLDS,
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    provider_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(sa.String(500))
    declared_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]
