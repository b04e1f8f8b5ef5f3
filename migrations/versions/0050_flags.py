"""Visits that look untrue: why, and what a person found. A flag is never taken away."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0050"
down_revision = "0040"
branch_labels = None
depends_on = None

SUSPICIONS = (
    "impossible-travel", "over-volume", "after-death", "after-end", "after-expiry", "own-relative", "during-stay",
    "too-regular",
)  # fmt: skip


def upgrade() -> None:
    kinds = sa.Enum(*SUSPICIONS, name="suspicion", native_enum=False, create_constraint=True, length=32)
    statuses = ("open", "explained", "confirmed")
    status = sa.Enum(*statuses, name="flagstatus", native_enum=False, create_constraint=True, length=32)
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "visit_flag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("suspicion", kinds, nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("raised_at", instant, nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", instant, nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.CheckConstraint("(status = 'open') = (decided_by IS NULL)", name=op.f("ck_visit_flag_decided_by_somebody")),
        sa.CheckConstraint("(status = 'open') = (note IS NULL)", name=op.f("ck_visit_flag_decided_with_a_note")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["register_entry.id"], name=op.f("fk_visit_flag_entry_id_register_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_flag")),
        sa.UniqueConstraint("entry_id", "suspicion", name=op.f("uq_visit_flag_entry_id_suspicion")),
    )
    op.create_index(op.f("ix_visit_flag_status_territory"), "visit_flag", ["status", "territory"])
    op.create_index(op.f("ix_visit_flag_provider_id"), "visit_flag", ["provider_id"])
    op.create_table(
        "oversight_look",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_oversight_look")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER visit_flag_no_delete BEFORE DELETE ON visit_flag "
            "BEGIN SELECT RAISE(ABORT, 'visit_flag is append-only'); END"
        )
        return
    op.execute(
        "CREATE TRIGGER visit_flag_append_only BEFORE DELETE OR TRUNCATE ON visit_flag "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )


def downgrade() -> None:
    op.drop_table("oversight_look")
    op.drop_table("visit_flag")
