"""Advances, the rules and the contracts' terms that limit them, and set-offs that were undone."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from contracts.payment.advance_rules import BASIS_POINTS, LONGEST_PURPOSE, AdvanceStatus

_ASKED = sa.text("status = 'asked'")
_SHARE = f"most_bp BETWEEN 0 AND {BASIS_POINTS}"


class AdvanceRow(Base):
    """See :class:`contracts.payment.advance_rules.Advance`."""

    __tablename__ = "advance"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="positive"),
        sa.CheckConstraint(
            "status NOT IN ('ordered', 'unpaid') OR (base_minor IS NOT NULL AND share_bp IS NOT NULL "
            "AND ceiling_minor IS NOT NULL AND amount_minor <= ceiling_minor)",
            name="within_its_limit",
        ),
        sa.Index("uq_advance_asked", "contract_id", unique=True, sqlite_where=_ASKED, postgresql_where=_ASKED),
        sa.Index(None, "status", "id"),
        sa.Index(None, "contract_id", "id"),
        sa.Index(None, "provider_id", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    contract_id: Mapped[UUID] = mapped_column(sa.ForeignKey("contract.id"))
    provider_id: Mapped[UUID]
    territory: Mapped[str] = mapped_column(sa.String(9))
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("funding_line.id"))
    payee_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payee_version.id"))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    amount_minor: Mapped[int]
    purpose: Mapped[str] = mapped_column(sa.String(LONGEST_PURPOSE))
    status: Mapped[AdvanceStatus]
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    base_minor: Mapped[int | None]
    share_bp: Mapped[int | None]
    ceiling_minor: Mapped[int | None]
    closed_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]


class AdvanceRuleRow(Base):
    """``territory`` is a prefix. In force from ``from_at``, the day's first moment, until the same territory sets
    another. Never changed, never deleted."""

    __tablename__ = "advance_rule"
    __table_args__ = (sa.UniqueConstraint("territory", "from_on"), sa.CheckConstraint(_SHARE, name="share"))
    id: Mapped[UUID] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(sa.String(9))
    most_bp: Mapped[int]
    from_on: Mapped[date]
    from_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(sa.String(500))
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]


class AdvanceTermRow(Base):
    """What a contract, or an agreement that supplements it, says from that day on. Never changed, never deleted."""

    __tablename__ = "advance_term"
    __table_args__ = (sa.UniqueConstraint("contract_id", "from_on"), sa.CheckConstraint(_SHARE, name="share"))
    id: Mapped[UUID] = mapped_column(primary_key=True)
    contract_id: Mapped[UUID] = mapped_column(sa.ForeignKey("contract.id"))
    most_bp: Mapped[int]
    from_on: Mapped[date]
    from_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(sa.String(500))
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]


class SetOffUndoneRow(Base):
    """So much of a set-off no longer holds: its payment came back, and the act is owed for again; or a visit of the act
    was untrue. Never changed, never deleted."""

    __tablename__ = "set_off_undone"
    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="positive"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    set_off_id: Mapped[UUID] = mapped_column(sa.ForeignKey("set_off.id"), index=True)
    amount_minor: Mapped[int]
    transfer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("transfer.id"))
    undone_at: Mapped[datetime]
