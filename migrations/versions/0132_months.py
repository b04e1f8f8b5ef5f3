"""The months of a funding line are read from indexes that cover them: what its acts came to, and the accounts on which
their money is left; payments and flags of a status in the order of their lists."""

import sqlalchemy as sa
from alembic import op

revision = "0132"
down_revision = "0131"
branch_labels = None
depends_on = None

UNSETTLED = "status NOT IN ('settled', 'reversed')"
UNPAID = "kind = 'payable' AND credits_posted > debits_posted"
LISTED = ("payment", "visit_flag")
FIGURES = ("line_id", "month", "status", "total_minor")


def upgrade() -> None:
    op.create_index(f"ix_act_{'_'.join(FIGURES)}", "act", FIGURES)
    op.drop_index("ix_act_line_id", "act")
    op.create_index(
        "ix_account_outstanding",
        "account",
        ("kind", "owner_id", "credits_posted", "debits_posted", "debits_pending"),
        sqlite_where=sa.text(UNPAID),
        postgresql_where=sa.text(UNPAID),
    )
    for table in LISTED:
        op.create_index(f"ix_{table}_status_id", table, ("status", "id"))
    op.create_index(
        "ix_payment_unsettled", "payment", ["id"], sqlite_where=sa.text(UNSETTLED), postgresql_where=sa.text(UNSETTLED)
    )


def downgrade() -> None:
    op.drop_index("ix_payment_unsettled", "payment")
    for table in LISTED:
        op.drop_index(f"ix_{table}_status_id", table)
    op.drop_index("ix_account_outstanding", "account")
    op.create_index("ix_act_line_id", "act", ["line_id"])
    op.drop_index(f"ix_act_{'_'.join(FIGURES)}", "act")
