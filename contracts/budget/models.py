"""Funding lines: what may be spent, on which service, where, in which year."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base


class FundingLineRow(Base):
    __tablename__ = "funding_line"
    __table_args__ = (
        sa.UniqueConstraint("programme", "territory", "service_kind", "year"),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name="year"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    programme: Mapped[str] = mapped_column(sa.String(80))
    territory: Mapped[str] = mapped_column(sa.String(9), index=True)
    service_kind: Mapped[str] = mapped_column(sa.String(32))
    year: Mapped[int] = mapped_column(sa.Integer)
