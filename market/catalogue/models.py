"""Reference rows: territories, localities, kinds, items, dated indicators. Each with its source."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base


class TerritoryRow(Base):
    """A region by its KATO code, nine digits."""

    __tablename__ = "territory"
    code: Mapped[str] = mapped_column(sa.String(9), primary_key=True)
    iso: Mapped[str] = mapped_column(sa.String(6))
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    name_en: Mapped[str]


class LocalityRow(Base):
    """A place of the public gazetteer (id: its own); ``kato`` stays empty until an officer fills it."""

    __tablename__ = "locality"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    territory: Mapped[str] = mapped_column(sa.ForeignKey("territory.code"), index=True)
    latitude: Mapped[float] = mapped_column(sa.Double())
    longitude: Mapped[float] = mapped_column(sa.Double())
    population: Mapped[int]
    kato: Mapped[str | None] = mapped_column(sa.String(9))


class ServiceKindRow(Base):
    __tablename__ = "service_kind"
    code: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    name_en: Mapped[str]


class ServiceItemRow(Base):
    """What a visit may contain; ``limit_amount`` of ``limit_unit`` a visit where the standard sets one."""

    __tablename__ = "service_item"
    code: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.ForeignKey("service_kind.code"))
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    name_en: Mapped[str]
    limit_amount: Mapped[int | None]
    limit_unit: Mapped[str | None] = mapped_column(sa.String(16))


class IndicatorRow(Base):
    """A legal number with its days and its source: ``value`` in minor units or plain, as ``unit`` says."""

    __tablename__ = "indicator"
    __table_args__ = (sa.UniqueConstraint("code", "from_on"), sa.CheckConstraint("from_on < until_on", name="period"))
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(64))
    value: Mapped[int]
    unit: Mapped[str] = mapped_column(sa.String(16))
    from_on: Mapped[date]
    until_on: Mapped[date]
    source: Mapped[str]
