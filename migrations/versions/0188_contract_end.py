"""Why a contract ended before its time."""

import sqlalchemy as sa
from alembic import op

revision = "0188"
down_revision = "0187"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contract", sa.Column("end_reason", sa.String(length=500), nullable=True))


def downgrade() -> None:
    op.drop_column("contract", "end_reason")
