"""PostgreSQL keeps the pages of a round's outcomes as they are: half of a page is ids, and it tried to pack them."""

from alembic import op

revision = "0193"
down_revision = "0192"
branch_labels = None
depends_on = None


def _store(how: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE outcome_page ALTER COLUMN data SET STORAGE {how}")


def upgrade() -> None:
    _store("EXTERNAL")


def downgrade() -> None:
    _store("EXTENDED")
