"""The journal of a house comes from the index in its order: a page of a month with 30,000 visits reads as many of them
as a page of one with ten."""

from alembic import op

revision = "0182"
down_revision = "0181"
branch_labels = None
depends_on = None

BEFORE = ("contract_id", "month", "status")
NOW = (*BEFORE, "id")


def upgrade() -> None:
    _replace(BEFORE, NOW)


def downgrade() -> None:
    _replace(NOW, BEFORE)


def _replace(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    op.create_index(f"ix_register_entry_{'_'.join(new)}", "register_entry", new)
    op.drop_index(f"ix_register_entry_{'_'.join(old)}", "register_entry")
