"""Days of a stay in hospital are given back at the end: of a voucher and of an engagement it is kept until when their
money was planned."""

import sqlalchemy as sa
from alembic import op

revision = "0187"
down_revision = "0186"
branch_labels = None
depends_on = None

COLUMNS = {"voucher": "granted_until_on", "engagement": "planned_until_on"}


def upgrade() -> None:
    for table, name in COLUMNS.items():
        op.add_column(table, sa.Column(name, sa.Date(), nullable=True))


def downgrade() -> None:
    for table, name in COLUMNS.items():
        op.drop_column(table, name)
