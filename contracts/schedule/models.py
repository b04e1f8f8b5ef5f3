"""Visit schedules of engagements, versioned by the day they begin on."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from contracts.schedule.rules import ScheduleStatus

_STANDS = sa.text("status <> 'withdrawn'")


class ScheduleRow(Base):
    """``slots``: rows of weekday, start, minutes and worker; never changed: what is to be otherwise is a new one."""

    __tablename__ = "visit_schedule"
    __table_args__ = (
        sa.Index(
            "uq_visit_schedule_day",
            "engagement_id",
            "from_on",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        sa.CheckConstraint("status <> 'approved' OR approved_by IS NOT NULL", name="approved_by_somebody"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id"))
    from_on: Mapped[date]
    slots: Mapped[list[Any]]
    status: Mapped[ScheduleStatus]
    drawn_by: Mapped[UUID]
    drawn_at: Mapped[datetime]
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
