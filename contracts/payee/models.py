"""Who is paid, and into which account: versioned, because a change of bank account is how money is stolen."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from contracts.payee.rules import VersionStatus


class PayeeRow(Base):
    """One a provider; ``provider_id`` is opaque here."""

    __tablename__ = "payee"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(unique=True)
    bin: Mapped[str] = mapped_column(sa.String(12), unique=True)


class PayeeVersionRow(Base):
    """``active`` is the one that is paid; ``waiting`` needs a second person. ``connected_account`` is the id of the
    payee's account at the payment server, filled by the worker before the first payment."""

    __tablename__ = "payee_version"
    __table_args__ = (
        sa.UniqueConstraint("payee_id", "version"),
        sa.Index(
            "uq_payee_version_active",
            "payee_id",
            unique=True,
            sqlite_where=sa.text("status = 'active'"),
            postgresql_where=sa.text("status = 'active'"),
        ),
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> requested_by", name="second_person"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    payee_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payee.id"))
    version: Mapped[int] = mapped_column(sa.Integer)
    legal_name: Mapped[str]
    iban: Mapped[str] = mapped_column(sa.String(20))
    status: Mapped[VersionStatus]
    requested_by: Mapped[UUID]
    requested_at: Mapped[datetime]
    approved_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    connected_account: Mapped[str | None] = mapped_column(sa.String(64))
