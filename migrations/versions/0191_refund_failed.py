"""A refund that had succeeded and came back."""

from alembic import op

revision = "0191"
down_revision = "0190"
branch_labels = None
depends_on = None

STATUSES = ("ordered", "sending", "open", "succeeded", "canceled", "refused")


def upgrade() -> None:
    _change_statuses(*STATUSES, "failed")


def _change_statuses(*statuses: str) -> None:
    name = op.f("ck_collection_collectionstatus")
    with op.batch_alter_table("collection") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"status IN ({', '.join(repr(one) for one in statuses)})")


def downgrade() -> None:
    _change_statuses(*STATUSES)
