"""What the acts of a funding line come to, by month of service and status, is kept added up by the database itself, in
the transaction that writes the act.

SQLite has one writer, so there a sum is one row. On PostgreSQL every statement that draws up acts, and every act that
moves, appends a part; the worker adds the parts up.
"""

import sqlalchemy as sa
from alembic import op

from contracts.kernel import database

revision = "0181"
down_revision = "0180"
branch_labels = None
depends_on = None

TABLE, KEY = "act_total", "line_id, month, status"
ADDED = (
    f"SELECT {KEY}, {{part}}, total FROM (SELECT {KEY}, sum(total_minor) AS total FROM {{rows}} GROUP BY {KEY}) AS new"  # noqa: S608
)
PART = "nextval('act_total_part')"
MOVED = "NEW.status <> OLD.status OR NEW.total_minor <> OLD.total_minor"
EVENTS = {"act_total_insert": "INSERT", "act_total_update": "UPDATE OF status, total_minor"}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("month", database.MonthType(length=7), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", "month", "status", "part", name=op.f("pk_act_total")),
    )
    op.execute(f"INSERT INTO {TABLE} ({KEY}, part, total_minor) {ADDED.format(part=0, rows='act')}")
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def _on_sqlite() -> None:
    more, less = _by("NEW", ""), _by("OLD", "-")
    for name, when, moves in (
        ("act_total_insert", "", more),
        ("act_total_update", f"WHEN {MOVED} ", f"{less}; {more}"),
    ):
        op.execute(f"CREATE TRIGGER {name} AFTER {EVENTS[name]} ON act {when}BEGIN {moves}; END")


def _by(row: str, sign: str) -> str:
    values = f"{row}.line_id, {row}.month, {row}.status, 0, {sign}{row}.total_minor"
    into = f"INSERT INTO {TABLE} ({KEY}, part, total_minor) VALUES ({values})"  # noqa: S608 - our own words
    return f"{into} ON CONFLICT ({KEY}, part) DO UPDATE SET total_minor = total_minor + excluded.total_minor"


def _on_postgresql() -> None:
    op.execute("CREATE SEQUENCE act_total_part")
    drawn_up = f"INSERT INTO {TABLE} ({KEY}, part, total_minor) {ADDED.format(part=PART, rows='rows_after')}"
    moved = (
        f"INSERT INTO {TABLE} ({KEY}, part, total_minor) VALUES "  # noqa: S608 - our own words
        f"(OLD.line_id, OLD.month, OLD.status, {PART}, -OLD.total_minor), "
        f"(NEW.line_id, NEW.month, NEW.status, {PART}, NEW.total_minor)"
    )
    for name, each, statement in (
        ("act_total_insert", "REFERENCING NEW TABLE AS rows_after FOR EACH STATEMENT", drawn_up),
        ("act_total_update", f"FOR EACH ROW WHEN ({MOVED})", moved),
    ):
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statement}; RETURN NULL; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} AFTER {EVENTS[name]} ON act {each} EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in EVENTS:
        op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP TRIGGER {name} ON act")
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {name}")
    if not is_sqlite:
        op.execute("DROP SEQUENCE act_total_part")
    op.drop_table(TABLE)
