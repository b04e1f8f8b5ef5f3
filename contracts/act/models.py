"""The monthly act of a contract: assembled from confirmed register entries, one a contract and month."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.act.rules import ActStatus
from contracts.kernel.database import Base
from contracts.kernel.period import Month


class ActRow(Base):
    """``payee_version_id`` is frozen at acceptance: the account the money may go to."""

    __tablename__ = "act"
    __table_args__ = (
        sa.UniqueConstraint("contract_id", "month"),
        sa.CheckConstraint("total_minor >= 0", name="total"),
        sa.CheckConstraint("accepted_by IS NULL OR accepted_by <> submitted_by", name="second_person"),
        sa.Index(None, "status", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(60), unique=True)
    contract_id: Mapped[UUID] = mapped_column(sa.ForeignKey("contract.id"))
    provider_id: Mapped[UUID] = mapped_column(index=True)
    territory: Mapped[str] = mapped_column(sa.String(9), index=True)
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("funding_line.id"), index=True)
    month: Mapped[Month]
    status: Mapped[ActStatus]
    total_minor: Mapped[int]
    drafted_by: Mapped[UUID]
    drafted_at: Mapped[datetime]
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None]
    accepted_at: Mapped[datetime | None]
    return_reason: Mapped[str | None]
    payee_version_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payee_version.id"))
    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    version: Mapped[int]


class ActLineRow(Base):
    """One engagement's service in the month. ``amount_minor`` is computed once, rounded half up, and stored."""

    __tablename__ = "act_line"
    __table_args__ = (
        sa.UniqueConstraint("act_id", "engagement_id"),
        sa.CheckConstraint("amount_minor >= 0", name="amount"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    act_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act.id"))
    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id"))
    recipient_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(sa.String(32))
    setting: Mapped[str] = mapped_column(sa.String(32))
    unit: Mapped[str] = mapped_column(sa.String(32))
    entries: Mapped[int]
    quantity: Mapped[int]
    seconds: Mapped[int]
    unit_price_minor: Mapped[int]
    amount_minor: Mapped[int]


class ActEntryRow(Base):
    """Which visits a line is made of; a visit stands in one act only."""

    __tablename__ = "act_entry"
    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("register_entry.id"), primary_key=True)
    act_line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act_line.id"), index=True)
