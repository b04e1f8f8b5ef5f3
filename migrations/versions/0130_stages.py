"""What the money of a funding line is doing, kept added up: the database itself carries every change of an account over
to its stage, in the same transaction.

SQLite has one writer, so there a stage is one row. On PostgreSQL every statement appends a part, so that nobody waits
for anybody who moves money of the same line; the worker adds the parts up.
"""

import sqlalchemy as sa
from alembic import op

revision = "0130"
down_revision = "0103"
branch_labels = None
depends_on = None

BY = "NEW.credits_posted - NEW.debits_posted"
BY_MORE = f"{BY} - OLD.credits_posted + OLD.debits_posted"
# when on SQLite, and by how much
ON_SQLITE = {
    "account_stage_insert": ("INSERT", BY),
    "account_stage_update": ("UPDATE OF debits_posted, credits_posted", BY_MORE),
}
MOVED = (
    "INSERT INTO stage_total (line_id, kind, part, balance_minor) "
    "SELECT line_id, kind, nextval('stage_total_part'), total FROM ("
    "SELECT line_id, kind, sum(balance)::bigint AS total FROM ({changes}) AS change "
    "WHERE line_id IS NOT NULL GROUP BY line_id, kind) AS moved WHERE total <> 0"
)
BALANCES = "SELECT line_id, kind, {sign}(credits_posted - debits_posted) AS balance FROM {rows}"
AFTER, BEFORE = BALANCES.format(sign="", rows="rows_after"), BALANCES.format(sign="-", rows="rows_before")


def upgrade() -> None:
    op.create_table(
        "stage_total",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", "kind", "part", name=op.f("pk_stage_total")),
    )
    op.execute(
        "INSERT INTO stage_total (line_id, kind, part, balance_minor) "
        "SELECT line_id, kind, 0, sum(credits_posted - debits_posted) FROM account "
        "WHERE line_id IS NOT NULL GROUP BY line_id, kind HAVING sum(credits_posted - debits_posted) <> 0"
    )
    if op.get_bind().dialect.name == "sqlite":
        for name, (event, by) in ON_SQLITE.items():
            op.execute(_carried_over(name, event, by))
        return
    op.execute("CREATE SEQUENCE stage_total_part")
    for verb, seen, changes in (
        ("insert", "NEW TABLE AS rows_after", AFTER),
        ("update", "NEW TABLE AS rows_after OLD TABLE AS rows_before", f"{AFTER} UNION ALL {BEFORE}"),
    ):
        name = f"account_stage_{verb}"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {MOVED.format(changes=changes)}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {verb.upper()} ON account REFERENCING {seen} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def _carried_over(name: str, event: str, by: str) -> str:
    into = f"INSERT INTO stage_total (line_id, kind, part, balance_minor) VALUES (NEW.line_id, NEW.kind, 0, {by})"  # noqa: S608 - our own words
    once_more = "ON CONFLICT (line_id, kind, part) DO UPDATE SET balance_minor = balance_minor + excluded.balance_minor"
    moves = f"WHEN NEW.line_id IS NOT NULL AND {by} <> 0"
    return f"CREATE TRIGGER {name} AFTER {event} ON account {moves} BEGIN {into} {once_more}; END"


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in ON_SQLITE:
        op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP TRIGGER {name} ON account")
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {name}")
    if not is_sqlite:
        op.execute("DROP SEQUENCE stage_total_part")
    op.drop_table("stage_total")
