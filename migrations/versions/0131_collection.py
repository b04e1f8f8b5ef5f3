"""What recipients owe of their co-payments, and how it comes in."""

import sqlalchemy as sa
from alembic import op

from contracts.kernel import database

revision = "0131"
down_revision = "0130"
branch_labels = None
depends_on = None

APPEND_ONLY = ("due_part", "remission")
KINDS = ("treasury", "appropriated", "reserved", "committed", "payable", "paid", "recovery")
TERMS = ("copayment-collector", "signatures")
OVERDRAWN = "debits_posted + debits_pending <= credits_posted"
LIVE = sa.text("status IN ('ordered', 'sending', 'open')")
ASKING = sa.text("copayment_minor > 0")


def upgrade() -> None:
    _change_accounts(f"kind IN ('treasury', 'recipients') OR {OVERDRAWN}", *KINDS, "recipients", "due", "collected")
    _change_terms(*TERMS, "copayment-within")
    op.create_index("ix_act_line_asking", "act_line", ["act_id"], sqlite_where=ASKING, postgresql_where=ASKING)
    _add_dues()
    _add_collections()
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


def _change_accounts(overdrawn: str, *kinds: str) -> None:
    kind, bound = op.f("ck_account_accountkind"), op.f("ck_account_never_overdrawn")
    with op.batch_alter_table("account") as table:
        table.drop_constraint(kind, type_="check")
        table.create_check_constraint(kind, f"kind IN ({', '.join(repr(one) for one in kinds)})")
        table.drop_constraint(bound, type_="check")
        table.create_check_constraint(bound, overdrawn)


def _change_terms(*codes: str) -> None:
    name = op.f("ck_act_term_termcode")
    with op.batch_alter_table("act_term") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"code IN ({', '.join(repr(one) for one in codes)})")


def _add_dues() -> None:
    instant = database.Instant(timezone=True)
    op.create_table(
        "due",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("asked_minor", sa.BigInteger(), nullable=False),
        sa.Column("remitted_minor", sa.BigInteger(), nullable=False),
        sa.Column("pay_by_on", sa.Date(), nullable=False),
        sa.Column("opened_at", instant, nullable=False),
        sa.CheckConstraint("remitted_minor BETWEEN 0 AND asked_minor", name=op.f("ck_due_remitted")),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_due_engagement_id_engagement")),
        sa.ForeignKeyConstraint(["line_id"], ["funding_line.id"], name=op.f("fk_due_line_id_funding_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due")),
        sa.UniqueConstraint("engagement_id", "month", name=op.f("uq_due_engagement_id_month")),
        sa.UniqueConstraint("number", name=op.f("uq_due_number")),
    )
    op.create_index(op.f("ix_due_recipient_id_month_id"), "due", ["recipient_id", "month", "id"])
    op.create_index(op.f("ix_due_territory_id"), "due", ["territory", "id"])
    op.create_index(op.f("ix_due_line_id"), "due", ["line_id"])
    op.create_table(
        "due_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("due_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_due_part_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_due_part_act_id_act")),
        sa.ForeignKeyConstraint(["due_id"], ["due.id"], name=op.f("fk_due_part_due_id_due")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_due_part_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_part")),
        sa.UniqueConstraint("act_id", "due_id", name=op.f("uq_due_part_act_id_due_id")),
    )
    op.create_index(op.f("ix_due_part_due_id"), "due_part", ["due_id"])
    op.create_table(
        "remission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("due_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("remitted_by", sa.Uuid(), nullable=False),
        sa.Column("remitted_at", instant, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_remission_positive")),
        sa.ForeignKeyConstraint(["due_id"], ["due.id"], name=op.f("fk_remission_due_id_due")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remission")),
    )
    op.create_index(op.f("ix_remission_due_id"), "remission", ["due_id"])


def _add_collections() -> None:
    instant = database.Instant(timezone=True)
    statuses = ("ordered", "sending", "open", "succeeded", "canceled", "refused")
    kind = sa.Enum("intent", "refund", name="collectionkind", native_enum=False, create_constraint=True, length=32)
    status = sa.Enum(*statuses, name="collectionstatus", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "collection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("due_id", sa.Uuid(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("of_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("pending_transfer_id", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", instant, nullable=False),
        sa.Column("first_tried_at", instant, nullable=True),
        sa.Column("next_try_at", instant, nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("strikes", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", instant, nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("gateway_id", sa.String(length=64), nullable=True),
        sa.Column("method", sa.String(length=64), nullable=True),
        sa.Column("confirm_ordered_at", instant, nullable=True),
        sa.Column("declined_at", instant, nullable=True),
        sa.Column("cancel_ordered_at", instant, nullable=True),
        sa.Column("ended_at", instant, nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_collection_positive")),
        sa.CheckConstraint("(kind = 'refund') = (of_id IS NOT NULL)", name=op.f("ck_collection_refund_of")),
        sa.CheckConstraint("(method IS NULL) = (confirm_ordered_at IS NULL)", name=op.f("ck_collection_confirmed_how")),
        sa.ForeignKeyConstraint(["due_id"], ["due.id"], name=op.f("fk_collection_due_id_due")),
        sa.ForeignKeyConstraint(["of_id"], ["collection.id"], name=op.f("fk_collection_of_id_collection")),
        sa.ForeignKeyConstraint(
            ["pending_transfer_id"], ["transfer.id"], name=op.f("fk_collection_pending_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("gateway_id", name=op.f("uq_collection_gateway_id")),
    )
    op.create_index(op.f("ix_collection_due_id"), "collection", ["due_id"])
    op.create_index(op.f("ix_collection_status_next_try_at"), "collection", ["status", "next_try_at"])
    op.create_index(
        "uq_collection_live", "collection", ["due_id"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )


def downgrade() -> None:
    for table in ("collection", "remission", "due_part", "due"):
        op.drop_table(table)
    op.drop_index("ix_act_line_asking", "act_line")
    _change_terms(*TERMS)
    _change_accounts(f"kind = 'treasury' OR {OVERDRAWN}", *KINDS)
