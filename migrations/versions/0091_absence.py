"""Absences, and dated rules of what they cost and take."""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kinds = ("hospital", "no-show", "short-notice")
    kind = sa.Enum(*kinds, name="absencekind", native_enum=False, create_constraint=True, length=32)
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "absence_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("payable_percent", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("notice_hours", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.CheckConstraint("from_on < until_on", name=op.f("ck_absence_rule_period")),
        sa.CheckConstraint(
            "payable_percent BETWEEN 0 AND 100 AND notice_hours >= 0", name=op.f("ck_absence_rule_bounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_rule")),
        sa.UniqueConstraint("kind", "from_on", name=op.f("uq_absence_rule_kind_from_on")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("planned_at", instant, nullable=True),
        sa.Column("told_at", instant, nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("payable_minor", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", instant, nullable=False),
        sa.Column("withdrawn_at", instant, nullable=True),
        sa.Column("withdraw_reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint("from_on < until_on", name=op.f("ck_absence_period")),
        sa.CheckConstraint("(kind = 'hospital') = (planned_at IS NULL)", name=op.f("ck_absence_visit_or_stay")),
        sa.CheckConstraint("payable_minor >= 0 AND quantity >= 0", name=op.f("ck_absence_not_negative")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdraw_reason IS NULL)", name=op.f("ck_absence_withdrawn_with_a_reason")
        ),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_absence_engagement_id_engagement")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_absence_contract_id_contract")),
        sa.ForeignKeyConstraint(["rule_id"], ["absence_rule.id"], name=op.f("fk_absence_rule_id_absence_rule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_engagement_id_from_on"), "absence", ["engagement_id", "from_on"])
    op.create_index(op.f("ix_absence_recipient_id_from_on"), "absence", ["recipient_id", "from_on"])


def downgrade() -> None:
    op.drop_table("absence")
    op.drop_table("absence_rule")
