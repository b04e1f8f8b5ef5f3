"""What rounds are held to: dated decisions of the offices."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0060"
branch_labels = None
depends_on = None

CODE = sa.Enum(
    "worst-distance", "continuity", "by-address", "place-cap", "money-cap", name="roundrulecode", native_enum=False,
    create_constraint=True, length=32,
)  # fmt: skip
KIND = sa.Enum(
    "domestic", "medical", "psychological", "pedagogical", "labour", "cultural", "economic", "legal",
    name="servicekind", native_enum=False, create_constraint=True, length=32,
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "round_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("kind", KIND, nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.CheckConstraint("from_on < until_on", name=op.f("ck_round_rule_period")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_round_rule_value")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_round_rule_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_rule")),
    )


def downgrade() -> None:
    op.drop_table("round_rule")
