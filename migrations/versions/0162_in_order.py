"""What a provider reads of its places comes from the index in its order: a page of a house with thousands of them reads
as many rows as a page of one with ten."""

import sqlalchemy as sa
from alembic import op

revision = "0162"
down_revision = "0161"
branch_labels = None
depends_on = None

NAME, TOLD = "ix_placement_provider_id_status", sa.text("status <> 'offered'")


def upgrade() -> None:
    _index("provider_id", "status", "id")


def downgrade() -> None:
    _index("provider_id", "status")


def _index(*columns: str) -> None:
    op.drop_index(NAME, "placement")
    op.create_index(NAME, "placement", columns, sqlite_where=TOLD, postgresql_where=TOLD)
