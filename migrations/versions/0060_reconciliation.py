"""What the bank said, the differences between its books and ours, and what was booked about them."""

import sqlalchemy as sa
from alembic import op

from contracts.kernel import database

revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None

APPEND_ONLY = ("bank_statement", "bank_line", "correction")
KINDS = ("treasury", "appropriated", "reserved", "committed", "payable", "paid")


def upgrade() -> None:
    _change_account_kinds(*KINDS, "recovery")
    _create_tables()
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


def _change_account_kinds(*kinds: str) -> None:
    name = op.f("ck_account_accountkind")
    with op.batch_alter_table("account") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"kind IN ({', '.join(repr(kind) for kind in kinds)})")


def _create_tables() -> None:
    op.create_table(
        "paying_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=140), nullable=False),
        sa.Column("iban", sa.String(length=20), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paying_account")),
        sa.UniqueConstraint("iban", name=op.f("uq_paying_account_iban")),
        sa.UniqueConstraint("territory", name=op.f("uq_paying_account_territory")),
    )
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=35), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=False),
        sa.Column("closing_minor", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.Uuid(), nullable=False),
        sa.Column("imported_at", database.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("from_on < until_on", name=op.f("ck_bank_statement_period")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["paying_account.id"], name=op.f("fk_bank_statement_account_id_paying_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint("account_id", "number", name=op.f("uq_bank_statement_account_id_number")),
    )
    op.create_table(
        "bank_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("names", sa.String(length=35), nullable=True),
        sa.Column("other_iban", sa.String(length=34), nullable=True),
        sa.Column("is_return", sa.Boolean(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_bank_line_moves")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["paying_account.id"], name=op.f("fk_bank_line_account_id_paying_account")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_bank_line_payment_id_payment")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name=op.f("fk_bank_line_statement_id_bank_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
        sa.UniqueConstraint("account_id", "reference", name=op.f("uq_bank_line_account_id_reference")),
    )
    with op.batch_alter_table("bank_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_line_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_line_statement_id"), ["statement_id"], unique=False)

    op.create_table(
        "reconciliation_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "paid-twice",
                "amount-differs",
                "account-differs",
                "bank-only",
                "line-missing",
                "came-back",
                "line-unknown",
                "statement-gap",
                "payment-stopped",
                name="casekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("bank_line_id", sa.Uuid(), nullable=True),
        sa.Column("statement_id", sa.Uuid(), nullable=True),
        sa.Column("fingerprint", sa.String(length=120), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open", "proposed", "resolved", name="casestatus", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", database.Instant(timezone=True), nullable=False),
        sa.Column(
            "proposal",
            sa.Enum(
                "correction",
                "decision",
                "vanished",
                name="proposal",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", database.Instant(timezone=True), nullable=True),
        sa.Column(
            "resolution",
            sa.Enum(
                "correction",
                "decision",
                "vanished",
                name="resolution",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", database.Instant(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'resolved') = (resolution IS NOT NULL)", name=op.f("ck_reconciliation_case_answered")
        ),
        sa.CheckConstraint(
            "resolved_by IS NULL OR resolved_by <> proposed_by", name=op.f("ck_reconciliation_case_second_person")
        ),
        sa.ForeignKeyConstraint(
            ["bank_line_id"], ["bank_line.id"], name=op.f("fk_reconciliation_case_bank_line_id_bank_line")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_reconciliation_case_payment_id_payment")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name=op.f("fk_reconciliation_case_statement_id_bank_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_case")),
        sa.UniqueConstraint("number", name=op.f("uq_reconciliation_case_number")),
    )
    with op.batch_alter_table("reconciliation_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reconciliation_case_status_id"), ["status", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_reconciliation_case_subject_id_fingerprint"), ["subject_id", "fingerprint"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_reconciliation_case_territory"), ["territory"], unique=False)
        batch_op.create_index(
            "uq_reconciliation_case_open",
            ["subject_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'resolved'"),
            postgresql_where=sa.text("status <> 'resolved'"),
        )

    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("booked_at", database.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_correction_moves")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["reconciliation_case.id"], name=op.f("fk_correction_case_id_reconciliation_case")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_correction_payment_id_payment")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_correction_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("case_id", name=op.f("uq_correction_case_id")),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_payment_id"), ["payment_id"], unique=False)


def downgrade() -> None:
    for table in ("correction", "reconciliation_case", "bank_line", "bank_statement", "paying_account"):
        op.drop_table(table)
    _change_account_kinds(*KINDS)
