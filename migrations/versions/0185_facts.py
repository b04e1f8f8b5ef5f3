"""What was entered of a visit is never changed and no visit is deleted: the database itself refuses. A mistake is
corrected by a counter-entry; that a visit is confirmed, cancelled, taken by an act or let go is not its facts."""

from alembic import op

revision = "0185"
down_revision = "0183"
branch_labels = None
depends_on = None

FACTS = (
    "id", "month", "engagement_id", "contract_id", "recipient_id", "worker_id", "client_id", "served_on", "started_at",
    "ended_at", "place", "quantity", "entered_by", "entered_at",
)  # fmt: skip
COLUMNS = ", ".join(FACTS)
REFUSED = "register_entry: the facts of a visit are never changed"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def _on_sqlite() -> None:
    changed = " OR ".join(f"NEW.{one} IS NOT OLD.{one}" for one in FACTS)
    op.execute(
        f"CREATE TRIGGER register_entry_facts BEFORE UPDATE OF {COLUMNS} ON register_entry WHEN {changed} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    )
    op.execute(
        "CREATE TRIGGER register_entry_no_delete BEFORE DELETE ON register_entry "
        "BEGIN SELECT RAISE(ABORT, 'register_entry: no visit is deleted'); END"
    )


def _on_postgresql() -> None:
    """That an act takes or lets go visits names none of the columns: it fires nothing."""
    changed = " OR ".join(f"NEW.{one} IS DISTINCT FROM OLD.{one}" for one in FACTS)
    op.execute(
        "CREATE FUNCTION register_entry_facts() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE FUNCTION register_entry_no_delete() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'register_entry: no visit is deleted' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER register_entry_facts BEFORE UPDATE OF {COLUMNS} ON register_entry FOR EACH ROW "
        f"WHEN ({changed}) EXECUTE FUNCTION register_entry_facts()"
    )
    op.execute(
        "CREATE TRIGGER register_entry_no_delete BEFORE DELETE OR TRUNCATE ON register_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION register_entry_no_delete()"
    )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in ("register_entry_facts", "register_entry_no_delete"):
        op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP TRIGGER {name} ON register_entry")
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {name}")
