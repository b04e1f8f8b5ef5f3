"""An act takes its visits without touching their indexes: none knows the act, and on PostgreSQL a page of the register
has room for what an act writes into its rows. Pages written before stay as they are."""

from alembic import op

revision = "0103"
down_revision = "0102"
branch_labels = None
depends_on = None

HALF = 50  # percent of a page that new visits fill


def upgrade() -> None:
    op.drop_index("ix_register_entry_act_id", "register_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE register_entry SET (fillfactor = {HALF})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE register_entry RESET (fillfactor)")
    op.create_index("ix_register_entry_act_id", "register_entry", ["act_id"])
