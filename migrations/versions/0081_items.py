"""What a programme holds, and what was done at a visit: items of the catalogue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("voucher", "register_entry"):  # added in place: the register's triggers stay
        op.add_column(
            table, sa.Column("items", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
        )


def downgrade() -> None:
    for table in ("register_entry", "voucher"):
        op.drop_column(table, "items")
