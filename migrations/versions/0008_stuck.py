"""How often a payment was tried in vain in a row, and since when it stands where it is."""

import sqlalchemy as sa
from alembic import op

from contracts.kernel.database import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment", sa.Column("strikes", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("payment", sa.Column("moved_at", Instant(), nullable=True))
    op.execute("UPDATE payment SET moved_at = ordered_at")
    with op.batch_alter_table("payment") as batch:
        batch.alter_column("moved_at", existing_type=Instant(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("payment") as batch:
        batch.drop_column("moved_at")
        batch.drop_column("strikes")
