"""Who signs in, with what, and what they may do.

A person's key makes their sealed values readable; erasure destroys it.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from contracts.kernel.work import Role


class UserRow(Base):
    """``login`` is not a name. ``password_hash`` is empty for a service account that has API keys only."""

    __tablename__ = "user_account"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(sa.String(120), unique=True)
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class GrantRow(Base):
    """A dated role in a scope: one provider, one recipient, or a territory prefix. An empty period was revoked."""

    __tablename__ = "role_grant"
    __table_args__ = (
        sa.CheckConstraint("until_on IS NULL OR from_on <= until_on", name="period"),
        sa.CheckConstraint("granted_by IS NULL OR granted_by <> user_id", name="not_to_oneself"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    role: Mapped[Role]
    provider_id: Mapped[UUID | None] = mapped_column(index=True)
    recipient_id: Mapped[UUID | None] = mapped_column(index=True)
    territory: Mapped[str | None] = mapped_column(sa.String(9))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    granted_by: Mapped[UUID | None]


class ApiKeyRow(Base):
    """``key_hash``: SHA-256 of 256 random bits. ``name`` tells people which key it is."""

    __tablename__ = "api_key"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SessionRow(Base):
    __tablename__ = "session"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PersonKeyRow(Base):
    """A person's data key, wrapped by the installation's key. Without it their sealed values are noise."""

    __tablename__ = "person_key"
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes]
