"""Officers' desks: what a line's money is doing, the acts of a line, the acts that wait, without a walk over a table."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UNORDERED = "kind = 'payable' AND credits_posted > debits_posted + debits_pending"


def upgrade() -> None:
    op.create_index(
        op.f("ix_account_line_id_kind_debits_posted_credits_posted"),
        "account",
        ["line_id", "kind", "debits_posted", "credits_posted"],
    )
    op.drop_index(op.f("ix_account_line_id_kind"), table_name="account")
    op.create_index(
        "ix_account_unordered",
        "account",
        ["kind", "owner_id"],
        sqlite_where=sa.text(UNORDERED),
        postgresql_where=sa.text(UNORDERED),
    )
    op.create_index(op.f("ix_act_line_id"), "act", ["line_id"])
    op.create_index(op.f("ix_act_status_id"), "act", ["status", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_act_status_id"), table_name="act")
    op.drop_index(op.f("ix_act_line_id"), table_name="act")
    op.drop_index("ix_account_unordered", table_name="account")
    op.create_index(op.f("ix_account_line_id_kind"), "account", ["line_id", "kind"])
    op.drop_index(op.f("ix_account_line_id_kind_debits_posted_credits_posted"), table_name="account")
