"""Rounds that everybody may read about, the public figures of each day, and providers by name."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from contracts.kernel import database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "public_statistics",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", database.Instant(timezone=True), nullable=False),
        sa.Column(
            "facts", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_public_statistics")),
    )
    # plain columns that may be empty: both databases add them without rewriting the table
    op.add_column("matching_round", sa.Column("published_at", database.Instant(timezone=True), nullable=True))
    op.add_column("matching_round", sa.Column("published_by", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_provider_name_id"), "provider", ["name", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_provider_name_id"), "provider")
    with op.batch_alter_table("matching_round") as batch_op:
        batch_op.drop_column("published_by")
        batch_op.drop_column("published_at")
    op.drop_table("public_statistics")
