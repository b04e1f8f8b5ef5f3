"""Acts have lines of visits that did not take place and are paid in part."""

import sqlalchemy as sa
from alembic import op

revision = "0102"
down_revision = "0101"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("absence", sa.Column("act_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_absence_act_id"), "absence", ["act_id"])
    words = ("visits", "no-show", "short-notice")
    what = sa.Enum(*words, name="lineof", native_enum=False, create_constraint=True, length=32)
    with op.batch_alter_table("act_line") as table:
        table.add_column(sa.Column("what", what, server_default="visits", nullable=False))
        table.drop_constraint("uq_act_line_act_id_engagement_id_unit_price_minor", type_="unique")
        table.create_unique_constraint(
            op.f("uq_act_line_act_id_engagement_id_what_unit_price_minor"),
            ["act_id", "engagement_id", "what", "unit_price_minor"],
        )


def downgrade() -> None:
    with op.batch_alter_table("act_line") as table:
        table.drop_constraint(op.f("ck_act_line_lineof"), type_="check")
        table.drop_constraint(op.f("uq_act_line_act_id_engagement_id_what_unit_price_minor"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_act_line_act_id_engagement_id_unit_price_minor"), ["act_id", "engagement_id", "unit_price_minor"]
        )
        table.drop_column("what")
    op.drop_index(op.f("ix_absence_act_id"), "absence")
    op.drop_column("absence", "act_id")
