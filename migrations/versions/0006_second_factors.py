"""Second factors, how a session was opened, and the door's own bookkeeping."""

import sqlalchemy as sa
from alembic import op

from contracts.kernel import database

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MEANS = (
    "password",
    "password-and-code",
    "password-and-recovery-code",
    "password-and-passkey",
    "passkey",
    "demonstration",
)


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _instant() -> database.Instant:
    return database.Instant(timezone=True)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f(f"fk_{table}_user_id_user_account"))


def upgrade() -> None:
    with op.batch_alter_table("session") as batch:
        batch.add_column(sa.Column("means", _words("means", *MEANS), nullable=True))
        batch.add_column(sa.Column("device", sa.String(60), nullable=True))
    _factors()
    _bookkeeping()


def _factors() -> None:
    op.create_table(
        "authenticator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("confirmed_at", _instant(), nullable=True),
        sa.Column("removed_at", _instant(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        _of_user("authenticator"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authenticator")),
    )
    op.create_index(op.f("ix_authenticator_user_id"), "authenticator", ["user_id"])
    live = sa.text("confirmed_at IS NOT NULL AND removed_at IS NULL")
    op.create_index(
        "ix_authenticator_live", "authenticator", ["user_id"], unique=True, sqlite_where=live, postgresql_where=live
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("spent_at", _instant(), nullable=True),
        _of_user("recovery_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index(op.f("ix_recovery_code_user_id"), "recovery_code", ["user_id"])
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.String(1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("rp_id", sa.String(253), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("last_used_at", _instant(), nullable=True),
        sa.Column("removed_at", _instant(), nullable=True),
        _of_user("passkey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_user_id"), "passkey", ["user_id"])
    op.create_table(
        "second_factor_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("demand", _words("demand", "recommended", "required"), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor_rule")),
        sa.UniqueConstraint("from_on", name=op.f("uq_second_factor_rule_from_on")),
    )


def _bookkeeping() -> None:
    op.create_table(
        "sign_in_try",
        sa.Column("limit_name", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("limit_name", "subject", name=op.f("pk_sign_in_try")),
    )
    op.create_index(op.f("ix_sign_in_try_ends_at"), "sign_in_try", ["ends_at"])
    op.create_table(
        "half_session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", _instant(), nullable=False),
        _of_user("half_session"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_half_session")),
    )
    op.create_index(op.f("ix_half_session_expires_at"), "half_session", ["expires_at"])
    op.create_table(
        "passkey_challenge",
        sa.Column("challenge_hash", sa.String(64), nullable=False),
        sa.Column("purpose", _words("challengepurpose", "registration", "signing-in", "second-step"), nullable=False),
        sa.Column("rp_id", sa.String(253), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", _instant(), nullable=False),
        _of_user("passkey_challenge"),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_passkey_challenge")),
    )
    op.create_index(op.f("ix_passkey_challenge_expires_at"), "passkey_challenge", ["expires_at"])


def downgrade() -> None:
    for table in (
        "passkey_challenge",
        "half_session",
        "sign_in_try",
        "second_factor_rule",
        "passkey",
        "recovery_code",
        "authenticator",
    ):
        op.drop_table(table)
    with op.batch_alter_table("session") as batch:
        batch.drop_constraint(op.f("ck_session_means"), type_="check")
        batch.drop_column("device")
        batch.drop_column("means")
