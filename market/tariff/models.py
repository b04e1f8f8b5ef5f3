"""Floors and ceilings of unit prices: akimats set them by territory, setting and year."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from market.catalogue.rules import CareSetting, ServiceKind, Unit


class PriceLimitRow(Base):
    """``territory`` is a prefix; the longest that fits a place decides."""

    __tablename__ = "price_limit"
    __table_args__ = (
        sa.UniqueConstraint("territory", "kind", "setting", "unit", "from_on"),
        sa.CheckConstraint("0 < floor_minor AND floor_minor <= ceiling_minor", name="floor_below_ceiling"),
        sa.CheckConstraint("from_on < until_on", name="period"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(sa.String(9))
    kind: Mapped[ServiceKind]
    setting: Mapped[CareSetting]
    unit: Mapped[Unit]
    floor_minor: Mapped[int]
    ceiling_minor: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date]
    source: Mapped[str]
