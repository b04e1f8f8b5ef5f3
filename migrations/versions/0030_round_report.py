"""What a round tells afterwards: how it treated people, where it fell short, and the grounds of each explanation."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
TABLES = ("round_report", "round_slot", "round_ground")


def upgrade() -> None:
    op.create_table(
        "round_report",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fairness", JSON, nullable=False),
        sa.Column("diagnosis", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["matching_round.id"], name=op.f("fk_round_report_round_id_matching_round")
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_round_report")),
    )
    op.create_table(
        "round_slot",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("places", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("last_tier", sa.Integer(), nullable=True),
        sa.Column("serving_price", sa.BigInteger(), nullable=False),
        sa.Column("seating_price", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_round_slot_offer_id_offer")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["matching_round.id"], name=op.f("fk_round_slot_round_id_matching_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "offer_id", name=op.f("pk_round_slot")),
    )
    op.create_table(
        "round_ground",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("wanted_id", sa.Uuid(), nullable=False),
        sa.Column("wanted_m", sa.BigInteger(), nullable=False),
        sa.Column("opens", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_round_ground_request_id_request")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["matching_round.id"], name=op.f("fk_round_ground_round_id_matching_round")
        ),
        sa.ForeignKeyConstraint(["wanted_id"], ["offer.id"], name=op.f("fk_round_ground_wanted_id_offer")),
        sa.PrimaryKeyConstraint("round_id", "request_id", name=op.f("pk_round_ground")),
    )
    for table in TABLES:
        _never_changed(table)


def _never_changed(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
