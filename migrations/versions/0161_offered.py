"""A placement that a round offers goes into the three indexes that somebody reads it by; the others take it up when it
is answered. Conditions are comparisons in a row: SQLite builds a table for every list in brackets, row by row."""

import sqlalchemy as sa
from alembic import op

revision = "0161"
down_revision = "0160"
branch_labels = None
depends_on = None

Indexes = dict[str, tuple[list[str], str | None]]
WORDS = ("offered", "requested", "accepted", "declined", "lapsed", "ended")
IN_A_ROW = [" OR ".join(f"status = '{word}'" for word in words) for words in (WORDS, WORDS[:3], WORDS[:2], WORDS[3:])]
ALL, LIVE, OPEN, PAST = IN_A_ROW
ACCEPTED, TOLD = "status = 'accepted'", "status <> 'offered'"
INDEXES: Indexes = {
    "uq_placement_live": (["recipient_id", "request_id"], LIVE),
    "ix_placement_open": (["respond_until"], OPEN),
    "ix_placement_accepted": (["ends_on"], ACCEPTED),
    "ix_placement_past": (["recipient_id"], PAST),
    "ix_placement_provider_id_status": (["provider_id", "status"], TOLD),
    "ix_placement_offer_id_status": (["offer_id", "status"], TOLD),
}
BEFORE: Indexes = {
    "uq_placement_live": (["request_id"], "status IN ('offered', 'requested', 'accepted')"),
    "ix_placement_open": (["respond_until"], "status IN ('offered', 'requested')"),
    "ix_placement_accepted": (["ends_on"], ACCEPTED),
    "ix_placement_recipient_id": (["recipient_id"], None),
    "ix_placement_provider_id_status": (["provider_id", "status"], None),
    "ix_placement_offer_id_status": (["offer_id", "status"], None),
}
IN_BRACKETS = f"status IN ({', '.join(map(repr, WORDS))})"


def upgrade() -> None:
    _change(BEFORE, ALL, INDEXES)


def downgrade() -> None:
    _change(INDEXES, IN_BRACKETS, BEFORE)


def _change(old: Indexes, condition: str, new: Indexes) -> None:
    for name in old:
        op.drop_index(name, "placement")
    _bind_status(condition)
    for name, (columns, where) in new.items():
        only = sa.text(where) if where else None
        unique = name.startswith("uq")
        op.create_index(name, "placement", columns, unique=unique, sqlite_where=only, postgresql_where=only)


def _bind_status(condition: str) -> None:
    """SQLite makes the table anew and forgets its one check on the way."""
    name = op.f("ck_placement_placementstatus")
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("placement", recreate="always") as table:
            table.create_check_constraint(name, sa.text(condition))
        return
    op.drop_constraint(name, "placement", type_="check")
    op.create_check_constraint(name, "placement", sa.text(condition))
