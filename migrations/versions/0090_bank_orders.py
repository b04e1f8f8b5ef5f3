"""Payments through the bank's files, what is left of an act, and what a payee had too much."""

import sqlalchemy as sa
from alembic import op

from contracts.kernel import database

revision = "0090"
down_revision = "0082"
branch_labels = None
depends_on = None

APPEND_ONLY = ("bank_order", "bank_order_payment", "set_off")
LIVE = sa.text("status NOT IN ('failed', 'reversed')")
OPEN_ENDED = sa.text("status IN ('ordered', 'sending', 'sent', 'returned')")


def _channel() -> sa.Enum:
    return sa.Enum("server", "file", name="channel", native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    _add_bank_orders()
    _add_set_offs()
    op.drop_index("uq_payment_live_act", "payment")
    for name in ("paying_account", "payment"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("channel", _channel(), server_default="server", nullable=False))
    op.create_index(
        "uq_payment_open_act", "payment", ["act_id"], unique=True, sqlite_where=OPEN_ENDED, postgresql_where=OPEN_ENDED
    )
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


def _add_bank_orders() -> None:
    op.create_table(
        "bank_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("payments", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("pay_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["paying_account.id"], name=op.f("fk_bank_order_account_id_paying_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_order")),
        sa.UniqueConstraint("number", name=op.f("uq_bank_order_number")),
    )
    op.create_index(op.f("ix_bank_order_account_id"), "bank_order", ["account_id"])
    op.create_table(
        "bank_order_payment",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["bank_order.id"], name=op.f("fk_bank_order_payment_order_id_bank_order")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_bank_order_payment_payment_id_payment")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_bank_order_payment")),
    )
    op.create_index(op.f("ix_bank_order_payment_order_id"), "bank_order_payment", ["order_id"])


def _add_set_offs() -> None:
    op.create_table(
        "set_off",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("recovery_id", sa.Uuid(), nullable=False),
        sa.Column("set_off_by", sa.Uuid(), nullable=False),
        sa.Column("set_off_at", database.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_set_off_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_set_off_act_id_act")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_set_off_payment_id_payment")),
        sa.ForeignKeyConstraint(["recovery_id"], ["transfer.id"], name=op.f("fk_set_off_recovery_id_transfer")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_set_off_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_off")),
    )
    for column in ("act_id", "payment_id"):
        op.create_index(op.f(f"ix_set_off_{column}"), "set_off", [column])


def downgrade() -> None:
    op.drop_index("uq_payment_open_act", "payment")
    for name in ("payment", "paying_account"):
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(f"ck_{name}_channel"), type_="check")
            table.drop_column("channel")
    op.create_index("uq_payment_live_act", "payment", ["act_id"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
    for table in ("set_off", "bank_order_payment", "bank_order"):
        op.drop_table(table)
