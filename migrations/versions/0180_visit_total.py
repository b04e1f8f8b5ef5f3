"""How many visits of a contract's month stand in which status is kept counted by the database itself, in the transaction
that writes the visit.

SQLite has one writer, so there a count is one row. On PostgreSQL every statement that enters visits, and every visit
whose status moves, appends a part; the worker adds the parts up. That an act takes visits moves no status: it fires
nothing, for whatever number of them.
"""

import sqlalchemy as sa
from alembic import op

from contracts.kernel import database

revision = "0180"
down_revision = "0170"
branch_labels = None
depends_on = None

TABLE, KEY = "visit_total", "contract_id, month, status"
COUNTED = f"SELECT {KEY}, {{part}}, total FROM (SELECT {KEY}, count(*) AS total FROM {{rows}} GROUP BY {KEY}) AS new"  # noqa: S608
PART = "nextval('visit_total_part')"
EVENTS = {"visit_total_insert": "INSERT", "visit_total_update": "UPDATE OF status"}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("month", database.MonthType(length=7), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "month", "status", "part", name=op.f("pk_visit_total")),
    )
    op.execute(f"INSERT INTO {TABLE} ({KEY}, part, visits) {COUNTED.format(part=0, rows='register_entry')}")
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def _on_sqlite() -> None:
    one_more, one_less = _by("NEW", 1), _by("OLD", -1)
    for name, moves in (("visit_total_insert", one_more), ("visit_total_update", f"{one_less}; {one_more}")):
        when = "" if name.endswith("insert") else "WHEN NEW.status <> OLD.status "
        op.execute(f"CREATE TRIGGER {name} AFTER {EVENTS[name]} ON register_entry {when}BEGIN {moves}; END")


def _by(row: str, count: int) -> str:
    values = f"{row}.contract_id, {row}.month, {row}.status, 0, {count}"
    into = f"INSERT INTO {TABLE} ({KEY}, part, visits) VALUES ({values})"  # noqa: S608 - our own words
    return f"{into} ON CONFLICT ({KEY}, part) DO UPDATE SET visits = visits + excluded.visits"


def _on_postgresql() -> None:
    op.execute("CREATE SEQUENCE visit_total_part")
    entered = f"INSERT INTO {TABLE} ({KEY}, part, visits) {COUNTED.format(part=PART, rows='rows_after')}"
    moved = (
        f"INSERT INTO {TABLE} ({KEY}, part, visits) VALUES "  # noqa: S608 - our own words
        f"(OLD.contract_id, OLD.month, OLD.status, {PART}, -1), (NEW.contract_id, NEW.month, NEW.status, {PART}, 1)"
    )
    for name, statement in (("visit_total_insert", entered), ("visit_total_update", moved)):
        each = (
            "REFERENCING NEW TABLE AS rows_after FOR EACH STATEMENT"
            if name.endswith("insert")
            else "FOR EACH ROW WHEN (NEW.status <> OLD.status)"
        )
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statement}; RETURN NULL; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} AFTER {EVENTS[name]} ON register_entry {each} EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in EVENTS:
        op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP TRIGGER {name} ON register_entry")
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {name}")
    if not is_sqlite:
        op.execute("DROP SEQUENCE visit_total_part")
    op.drop_table(TABLE)
