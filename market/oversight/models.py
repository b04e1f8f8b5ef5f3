"""What everybody may know about the whole: made once a day, and made safe before it is kept."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base


class PublicStatisticsRow(Base):
    """The public figures of one day. Small counts were taken out before this was written: nothing here needs hiding."""

    __tablename__ = "public_statistics"
    day: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
