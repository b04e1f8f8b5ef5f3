"""What everybody may know about the whole, made safe before it is kept; and what about visits looks untrue."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from market.oversight.suspicion import FlagStatus, Suspicion


class PublicStatisticsRow(Base):
    """The public figures of one day. Small counts were taken out before this was written: nothing here needs hiding."""

    __tablename__ = "public_statistics"
    day: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]


class VisitFlagRow(Base):
    """A visit that looks untrue: why, and what a person found. Never taken away; the visit is as it was."""

    __tablename__ = "visit_flag"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "suspicion"),
        sa.CheckConstraint("(status = 'open') = (decided_by IS NULL)", name="decided_by_somebody"),
        sa.CheckConstraint("(status = 'open') = (note IS NULL)", name="decided_with_a_note"),
        sa.Index(None, "status", "territory"),
        sa.Index(None, "status", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("register_entry.id"))
    suspicion: Mapped[Suspicion]
    territory: Mapped[str] = mapped_column(sa.String(9))
    provider_id: Mapped[UUID] = mapped_column(index=True)
    recipient_id: Mapped[UUID]
    worker_id: Mapped[UUID]
    served_on: Mapped[date]
    facts: Mapped[dict[str, Any]]
    raised_at: Mapped[datetime]
    status: Mapped[FlagStatus]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(sa.String(500))


class LookRow(Base):
    """How far the register was looked over: ids rise with time. ``began_on``: the day on which the look began."""

    __tablename__ = "oversight_look"
    name: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    last_id: Mapped[UUID]
    began_on: Mapped[date]
