"""Visit schedules of engagements, versioned by the day they begin on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade() -> None:
    words = ("drawn", "approved", "withdrawn")
    status = sa.Enum(*words, name="schedulestatus", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "visit_schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("slots", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("drawn_by", sa.Uuid(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status <> 'approved' OR approved_by IS NOT NULL", name=op.f("ck_visit_schedule_approved_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_visit_schedule_engagement_id_engagement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_schedule")),
    )
    stands = sa.text("status <> 'withdrawn'")
    op.create_index(
        "uq_visit_schedule_day", "visit_schedule", ["engagement_id", "from_on"], unique=True, sqlite_where=stands,
        postgresql_where=stands,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("visit_schedule")
