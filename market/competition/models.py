"""Tenders with lots, bids and awards."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.competition.rules import AwardStatus, BidStatus, TenderStatus


class TenderRow(Base):
    """``deadline_at`` is the one deadline: bids are taken before it, opening is possible from it on."""

    __tablename__ = "tender"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    title: Mapped[str] = mapped_column(sa.String(300))
    territory: Mapped[str] = mapped_column(sa.ForeignKey("territory.code"), index=True)
    status: Mapped[TenderStatus]
    deadline_at: Mapped[datetime]
    created_by: Mapped[UUID]
    published_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[UUID | None]
    cancellation_reason: Mapped[str | None] = mapped_column(sa.String(500))
    version: Mapped[int]


class LotRow(Base):
    """``ceiling_minor``: the highest admissible unit price; ``units``: volume over the whole period."""

    __tablename__ = "lot"
    __table_args__ = (
        sa.UniqueConstraint("tender_id", "sequence"),
        sa.CheckConstraint("units > 0 AND ceiling_minor > 0", name="positive"),
        sa.CheckConstraint("from_on < until_on", name="period"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    tender_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tender.id"))
    sequence: Mapped[int] = mapped_column(sa.Integer)
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("funding_line.id"))
    territory: Mapped[str] = mapped_column(sa.String(9))
    kind: Mapped[ServiceKind]
    setting: Mapped[CareSetting]
    unit: Mapped[Unit]
    units: Mapped[int]
    ceiling_minor: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date]


class BidRow(Base):
    """One live bid a provider and lot. ``unit_price_minor`` is hidden from everyone but the bidder until opening."""

    __tablename__ = "bid"
    __table_args__ = (
        sa.Index(
            "uq_bid_live",
            "lot_id",
            "provider_id",
            unique=True,
            sqlite_where=sa.text("status <> 'withdrawn'"),
            postgresql_where=sa.text("status <> 'withdrawn'"),
        ),
        sa.CheckConstraint("unit_price_minor > 0", name="positive"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    provider_id: Mapped[UUID] = mapped_column(sa.ForeignKey("provider.id"), index=True)
    unit_price_minor: Mapped[int]
    status: Mapped[BidStatus]
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[UUID]
    rejection_reason: Mapped[str | None]


class AwardRow(Base):
    """What was decided for a lot; without bid, provider and price where the lot was unsuccessful."""

    __tablename__ = "award"
    __table_args__ = (
        sa.Index(
            "uq_award_live",
            "lot_id",
            unique=True,
            sqlite_where=sa.text("status <> 'cancelled'"),
            postgresql_where=sa.text("status <> 'cancelled'"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    bid_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bid.id"))
    provider_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("provider.id"))
    unit_price_minor: Mapped[int | None]
    status: Mapped[AwardStatus]
    decided_by: Mapped[UUID]
    decided_at: Mapped[datetime]
