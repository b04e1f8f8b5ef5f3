"""From which amount how many must approve a payment, what they decided, and which interests they declared."""

import sqlalchemy as sa
from alembic import op

from contracts.kernel.database import Instant

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None

HOLDS = sa.text("ended_at IS NULL")


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "approval_threshold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("least_minor", sa.BigInteger(), nullable=False),
        sa.Column("approvers", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("from_at", Instant(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", Instant(timezone=True), nullable=False),
        sa.CheckConstraint("least_minor > 0 AND approvers BETWEEN 0 AND 5", name=op.f("ck_approval_threshold_within")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_threshold")),
        sa.UniqueConstraint(
            "territory", "least_minor", "from_on", name=op.f("uq_approval_threshold_territory_least_minor_from_on")
        ),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", _words("subjectkind", "act", "batch"), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("verdict", _words("verdict", "approved", "rejected"), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", Instant(timezone=True), nullable=False),
        sa.CheckConstraint("verdict = 'approved' OR reason IS NOT NULL", name=op.f("ck_approval_reason")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_subject_id_id"), "approval", ["subject_id", "id"])
    op.create_table(
        "declared_interest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("declared_at", Instant(timezone=True), nullable=False),
        sa.Column("ended_at", Instant(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_interest")),
    )
    op.create_index(
        "uq_declared_interest_holds",
        "declared_interest",
        ["user_id", "provider_id"],
        unique=True,
        sqlite_where=HOLDS,
        postgresql_where=HOLDS,
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER approval_no_{verb.lower()} BEFORE {verb} ON approval "
                "BEGIN SELECT RAISE(ABORT, 'approval is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER approval_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )


def downgrade() -> None:
    op.drop_table("declared_interest")
    op.drop_table("approval")
    op.drop_table("approval_threshold")
