"""Files of visits, and which visit came with which."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "register_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("entered", sa.BigInteger(), nullable=True),
        sa.Column("wrong", sa.BigInteger(), nullable=True),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("sent_at", instant, nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", instant, nullable=True),
        sa.Column("undo_reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undo_reason IS NULL)", name=op.f("ck_register_batch_undone_with_a_reason")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_batch")),
    )
    stands = sa.text("undone_at IS NULL")
    op.create_index(
        "uq_register_batch_standing", "register_batch", ["provider_id", "digest"], unique=True,
        sqlite_where=stands, postgresql_where=stands,
    )  # fmt: skip
    # not in a batch of alter_table: on SQLite that would make the table anew and lose its triggers
    op.add_column("register_entry", sa.Column("batch_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_register_entry_batch_id"), "register_entry", ["batch_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_register_entry_batch_id"), "register_entry")
    op.drop_column("register_entry", "batch_id")
    op.drop_table("register_batch")
