"""Contracts (a provider, a funding line, a period) and the engagements under them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.contract.rules import Basis, ContractStatus, EngagementStatus
from contracts.kernel.database import Base


class ContractRow(Base):
    """``provider_id``, ``award_id`` are opaque here; ``terms`` is the frozen copy of what was agreed."""

    __tablename__ = "contract"
    __table_args__ = (
        sa.CheckConstraint("from_on < until_on", name="period"),
        sa.UniqueConstraint("award_id"),
        sa.Index(
            "uq_contract_voucher_list",
            "provider_id",
            "line_id",
            "from_on",
            unique=True,
            sqlite_where=sa.text("basis = 'voucher-list'"),
            postgresql_where=sa.text("basis = 'voucher-list'"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    provider_id: Mapped[UUID] = mapped_column(index=True)
    payee_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payee.id"))
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("funding_line.id"))
    territory: Mapped[str] = mapped_column(sa.String(9), index=True)
    basis: Mapped[Basis]
    award_id: Mapped[UUID | None]
    from_on: Mapped[date]
    until_on: Mapped[date]
    terms: Mapped[dict[str, Any]]
    status: Mapped[ContractStatus]
    concluded_at: Mapped[datetime]
    end_reason: Mapped[str | None] = mapped_column(sa.String(500))


class EngagementRow(Base):
    """One recipient's service under a contract; its account holds the committed money."""

    __tablename__ = "engagement"
    __table_args__ = (
        sa.CheckConstraint("from_on <= until_on", name="period"),  # equal: it ended before it began
        sa.CheckConstraint("unit_price_minor > 0 AND units_a_month > 0", name="positive"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    contract_id: Mapped[UUID] = mapped_column(sa.ForeignKey("contract.id"), index=True)
    placement_id: Mapped[UUID] = mapped_column(unique=True)
    voucher_id: Mapped[UUID] = mapped_column(index=True)
    recipient_id: Mapped[UUID] = mapped_column(index=True)
    offer_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(sa.String(32))
    setting: Mapped[str] = mapped_column(sa.String(32))
    unit: Mapped[str] = mapped_column(sa.String(32))
    unit_price_minor: Mapped[int]
    units_a_month: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date]
    planned_until_on: Mapped[date | None]
    status: Mapped[EngagementStatus]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))


class SuspensionRow(Base):
    """Days within an engagement on which nothing is served."""

    __tablename__ = "engagement_suspension"
    __table_args__ = (sa.CheckConstraint("until_on IS NULL OR from_on <= until_on", name="period"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]


class EngagementPriceRow(Base):
    """The price of service from that day on, up to the next change; before the first, the engagement's own."""

    __tablename__ = "engagement_price"
    __table_args__ = (
        sa.UniqueConstraint("engagement_id", "from_on"),
        sa.CheckConstraint("unit_price_minor > 0", name="positive"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id"))
    unit_price_minor: Mapped[int]
    from_on: Mapped[date]
    source: Mapped[str] = mapped_column(sa.String(500))
    changed_by: Mapped[UUID]
    changed_at: Mapped[datetime]
