"""Advances: the rules and terms that limit them, payments of them, and set-offs that were undone."""

import sqlalchemy as sa
from alembic import op

from contracts.kernel.database import Instant

revision = "0170"
down_revision = "0162"
branch_labels = None
depends_on = None

ASKED = sa.text("status = 'asked'")
APPEND_ONLY = ("advance_rule", "advance_term", "set_off_undone")
ONE_THING = "(act_id IS NULL) <> (advance_id IS NULL)"
WITHIN = (
    "status NOT IN ('ordered', 'unpaid') OR (base_minor IS NOT NULL AND share_bp IS NOT NULL "
    "AND ceiling_minor IS NOT NULL AND amount_minor <= ceiling_minor)"
)


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    _add_advances()
    _add_shares("advance_rule", sa.Column("territory", sa.String(length=9), nullable=False))
    _add_shares("advance_term", sa.Column("contract_id", sa.Uuid(), nullable=False), "contract")
    _add_undone()
    with op.batch_alter_table("payment") as table:
        table.alter_column("act_id", existing_type=sa.Uuid(), nullable=True)
        table.add_column(sa.Column("advance_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_payment_advance_id_advance"), "advance", ["advance_id"], ["id"])
        table.create_unique_constraint(op.f("uq_payment_advance_id"), ["advance_id"])
        table.create_check_constraint(op.f("ck_payment_of_one_thing"), ONE_THING)
    _change_subjects("act", "batch", "advance")
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
            )


def _change_subjects(*kinds: str) -> None:
    name = op.f("ck_approval_subjectkind")
    with op.batch_alter_table("approval") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"kind IN ({', '.join(repr(one) for one in kinds)})")


def _keys(table: str, **keys: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_{other}"))
        for name, other in keys.items()
    ]


def _add_advances() -> None:
    instant = Instant(timezone=True)
    keys = {"contract_id": "contract", "line_id": "funding_line", "payee_version_id": "payee_version"}
    ids = ("contract_id", "provider_id", "line_id", "payee_version_id", "account_id", "asked_by")
    op.create_table(
        "advance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        *[sa.Column(name, sa.Uuid(), nullable=False) for name in ids],
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=False),
        sa.Column(
            "status", _words("advancestatus", "asked", "withdrawn", "refused", "ordered", "unpaid"), nullable=False
        ),
        sa.Column("asked_at", instant, nullable=False),
        *[sa.Column(name, sa.BigInteger(), nullable=True) for name in ("base_minor", "share_bp", "ceiling_minor")],
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", instant, nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_advance_positive")),
        sa.CheckConstraint(WITHIN, name=op.f("ck_advance_within_its_limit")),
        *_keys("advance", **keys, account_id="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advance")),
        sa.UniqueConstraint("number", name=op.f("uq_advance_number")),
    )
    for name in ("status", "contract_id", "provider_id"):
        op.create_index(op.f(f"ix_advance_{name}_id"), "advance", [name, "id"])
    op.create_index(
        "uq_advance_asked", "advance", ["contract_id"], unique=True, sqlite_where=ASKED, postgresql_where=ASKED
    )


def _add_shares(table: str, of: sa.Column[object], key: str | None = None) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        of,
        sa.Column("most_bp", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("from_at", Instant(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", Instant(timezone=True), nullable=False),
        sa.CheckConstraint("most_bp BETWEEN 0 AND 10000", name=op.f(f"ck_{table}_share")),
        *([] if key is None else _keys(table, **{of.name: key})),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(of.name, "from_on", name=op.f(f"uq_{table}_{of.name}_from_on")),
    )


def _add_undone() -> None:
    table = "set_off_undone"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("set_off_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("undone_at", Instant(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f(f"ck_{table}_positive")),
        *_keys(table, set_off_id="set_off", transfer_id="transfer"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_set_off_id"), table, ["set_off_id"])


def downgrade() -> None:
    _change_subjects("act", "batch")
    with op.batch_alter_table("payment") as table:
        table.drop_constraint(op.f("ck_payment_of_one_thing"), type_="check")
        table.drop_constraint(op.f("uq_payment_advance_id"), type_="unique")
        table.drop_constraint(op.f("fk_payment_advance_id_advance"), type_="foreignkey")
        table.drop_column("advance_id")
        table.alter_column("act_id", existing_type=sa.Uuid(), nullable=False)
    for table in ("set_off_undone", "advance_term", "advance_rule", "advance"):
        op.drop_table(table)
