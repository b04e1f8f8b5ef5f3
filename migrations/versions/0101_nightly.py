"""What the nightly solve from scratch found, day by day."""

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "nightly_proof",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("placeable", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.BigInteger(), nullable=False),
        sa.Column("drift", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_nightly_proof")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER nightly_proof_no_{verb.lower()} BEFORE {verb} ON nightly_proof "
                "BEGIN SELECT RAISE(ABORT, 'nightly_proof is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER nightly_proof_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON nightly_proof "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )


def downgrade() -> None:
    op.drop_table("nightly_proof")
