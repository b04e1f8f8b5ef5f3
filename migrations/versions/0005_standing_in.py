"""Who speaks for whom, and on what ground; how a visit was confirmed, and which codes were wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HOW = sa.Enum("tap", "code", "operator", name="confirmation", native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "representation",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["role_grant.id"], name=op.f("fk_representation_grant_id_role_grant")),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name=op.f("fk_representation_recipient_id_recipient")
        ),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_representation")),
    )
    op.create_index(op.f("ix_representation_recipient_id"), "representation", ["recipient_id"])
    op.create_table(
        "wrong_visit_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("wrong", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("wrong > 0", name=op.f("ck_wrong_visit_code_counted")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_wrong_visit_code_engagement_id_engagement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_visit_code")),
        sa.UniqueConstraint("engagement_id", "served_on", name=op.f("uq_wrong_visit_code_engagement_id_served_on")),
    )
    with op.batch_alter_table("register_entry") as table:
        table.add_column(sa.Column("confirmed_how", HOW, nullable=True))
    op.create_index(op.f("ix_act_line_recipient_id"), "act_line", ["recipient_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_act_line_recipient_id"), "act_line")
    with op.batch_alter_table("register_entry") as table:
        table.drop_constraint(op.f("ck_register_entry_confirmation"), type_="check")
        table.drop_column("confirmed_how")
    op.drop_table("wrong_visit_code")
    op.drop_table("representation")
