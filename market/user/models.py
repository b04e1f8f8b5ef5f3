"""Who signs in, with what, and what they may do.

A person's key makes their sealed values readable; erasure destroys it.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from contracts.kernel.work import Role
from market.user.factors import ChallengePurpose, Demand, Means

PERSONAL = {"personal": True}


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
    """``means``: how it was opened; ``device``: a browser and a system by name, for its user to recognise it. Sessions
    of the first release have neither."""

    __tablename__ = "session"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    means: Mapped[Means | None]
    device: Mapped[str | None] = mapped_column(sa.String(60))


class AuthenticatorRow(Base):
    """A secret shared with the user's authenticator app, sealed with the user's own key. It counts once confirmed.
    ``last_step``: the newest time step whose code was taken, so that no code opens twice."""

    __tablename__ = "authenticator"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    secret_sealed: Mapped[bytes] = mapped_column(info=PERSONAL)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    last_step: Mapped[int | None]


sa.Index(
    "ix_authenticator_live",
    AuthenticatorRow.user_id,
    unique=True,
    sqlite_where=sa.and_(AuthenticatorRow.confirmed_at.is_not(None), AuthenticatorRow.removed_at.is_(None)),
    postgresql_where=sa.and_(AuthenticatorRow.confirmed_at.is_not(None), AuthenticatorRow.removed_at.is_(None)),
)


class RecoveryCodeRow(Base):
    """``code_hash``: SHA-256 of 80 random bits. ``spent_at``: when it was used, or replaced by newer ones."""

    __tablename__ = "recovery_code"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


class PasskeyRow(Base):
    """A public key of a device of the user. ``credential_id`` is base64url; ``rp_id`` the host that it is bound to;
    ``sign_count`` as the device told it last."""

    __tablename__ = "passkey"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    credential_id: Mapped[str] = mapped_column(sa.String(1400), unique=True)
    public_key: Mapped[bytes]
    rp_id: Mapped[str] = mapped_column(sa.String(253))
    name: Mapped[str] = mapped_column(sa.String(80))
    sign_count: Mapped[int]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class SecondFactorRuleRow(Base):
    """What is demanded of who holds an office, from a day on; the newest row of the past decides. None: recommended."""

    __tablename__ = "second_factor_rule"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    demand: Mapped[Demand]
    from_on: Mapped[date] = mapped_column(unique=True)
    source: Mapped[str] = mapped_column(sa.String(500))
    set_by: Mapped[UUID | None]


# --- bookkeeping of the door: short-lived, decides nothing afterwards, and is not in the audit trail -----------------
class TryRow(Base):
    """How often something was tried since its window opened. ``subject`` is a hash: nobody's address stands here."""

    __tablename__ = "sign_in_try"
    limit_name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    tries: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)


class HalfSessionRow(Base):
    """Somebody whose password was right and who still owes the second step. It opens nothing."""

    __tablename__ = "half_session"
    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class PasskeyChallengeRow(Base):
    """What a device is asked to sign, once. ``user_id`` empty: whoever has a passkey here."""

    __tablename__ = "passkey_challenge"
    challenge_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    purpose: Mapped[ChallengePurpose]
    rp_id: Mapped[str] = mapped_column(sa.String(253))
    user_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class PersonKeyRow(Base):
    """A person's data key, wrapped by the installation's key. Without it their sealed values are noise."""

    __tablename__ = "person_key"
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes]
