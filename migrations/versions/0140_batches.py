"""Batches of payments, what orders were judged with, and over what a threshold counts. Thresholds set before count one
order at a time, as they did when they were set."""

import sqlalchemy as sa
from alembic import op

from contracts.kernel.database import Instant

revision = "0140"
down_revision = "0132"
branch_labels = None
depends_on = None

HELD = sa.text("status = 'held'")
CLEARANCE = "payment_clearance"


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    counted = sa.Column(
        "counted_over", _words("countedover", "order", "day", "month"), server_default="order", nullable=False
    )
    with op.batch_alter_table("approval_threshold") as table:
        table.add_column(counted)
    _add_batches()
    _add_lines()
    op.create_table(
        CLEARANCE,
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("day_minor", sa.BigInteger(), nullable=False),
        sa.Column("month_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "0 <= day_minor AND day_minor <= month_minor", name=op.f("ck_payment_clearance_a_day_of_the_month")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_clearance_payment_id_payment")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payment_clearance")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {CLEARANCE}_no_{verb.lower()} BEFORE {verb} ON {CLEARANCE} "
                f"BEGIN SELECT RAISE(ABORT, '{CLEARANCE} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {CLEARANCE}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {CLEARANCE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )


def _add_batches() -> None:
    instant = Instant(timezone=True)
    op.create_table(
        "payment_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("status", _words("batchstatus", "draft", "submitted", "ordered", "dissolved"), nullable=False),
        *[
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("total_minor", "ordered_minor", "day_minor", "month_minor")
        ],
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", instant, nullable=False),
        *[
            sa.Column(f"{verb}_{what}", kind, nullable=True)
            for verb in ("submitted", "ordered", "dissolved")
            for what, kind in (("by", sa.Uuid()), ("at", instant))
        ],
        sa.CheckConstraint(
            "total_minor >= 0 AND ordered_minor BETWEEN 0 AND total_minor",
            name=op.f("ck_payment_batch_within_its_total"),
        ),
        sa.CheckConstraint(
            "(status = 'ordered') = (ordered_by IS NOT NULL)", name=op.f("ck_payment_batch_ordered_by_somebody")
        ),
        sa.CheckConstraint("day_minor >= 0 AND month_minor >= 0", name=op.f("ck_payment_batch_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_batch")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_batch_number")),
    )
    op.create_index(op.f("ix_payment_batch_territory"), "payment_batch", ["territory"])
    op.create_index(op.f("ix_payment_batch_status_id"), "payment_batch", ["status", "id"])


def _add_lines() -> None:
    lacks = ("rejected", "payment", "paid", "debt", "amount")
    statuses = ("held", "removed", "ordered", "dropped", "released")
    keys = {"batch_id": "payment_batch", "act_id": "act", "line_id": "funding_line", "payment_id": "payment"}
    op.create_table(
        "payment_batch_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        *[sa.Column(name, sa.Uuid(), nullable=False) for name in ("batch_id", "act_id", "provider_id", "line_id")],
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("status", _words("linestatus", *statuses), nullable=False),
        sa.Column("lack", _words("lack", *lacks), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_batch_line_positive")),
        sa.CheckConstraint(
            "(status = 'ordered') = (payment_id IS NOT NULL)", name=op.f("ck_payment_batch_line_ordered_with_a_payment")
        ),
        sa.CheckConstraint(
            "(status = 'dropped') = (lack IS NOT NULL)", name=op.f("ck_payment_batch_line_dropped_for_a_reason")
        ),
        *[
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_payment_batch_line_{name}_{table}"))
            for name, table in keys.items()
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_batch_line")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_payment_batch_line_payment_id")),
    )
    op.create_index(op.f("ix_payment_batch_line_act_id"), "payment_batch_line", ["act_id"])
    op.create_index(op.f("ix_payment_batch_line_batch_id_id"), "payment_batch_line", ["batch_id", "id"])
    op.create_index(
        "uq_payment_batch_line_held", "payment_batch_line", ["act_id"], unique=True, sqlite_where=HELD,
        postgresql_where=HELD,
    )  # fmt: skip


def downgrade() -> None:
    for table in (CLEARANCE, "payment_batch_line", "payment_batch"):
        op.drop_table(table)
    with op.batch_alter_table("approval_threshold") as table:
        table.drop_constraint(op.f("ck_approval_threshold_countedover"), type_="check")
        table.drop_column("counted_over")
