"""Lines of the bank that name no payment, and whose they are as two people say."""

import sqlalchemy as sa
from alembic import op

from contracts.kernel.database import Instant

revision = "0189"
down_revision = "0188"
branch_labels = None
depends_on = None

TABLE = "assigned_line"
NAMED = "ck_reconciliation_case_names_its_payment"
KEY = "fk_reconciliation_case_proposed_payment_id_payment"


def upgrade() -> None:
    _change_answers("correction", "decision", "assignment", "vanished")
    with op.batch_alter_table("reconciliation_case") as table:
        table.add_column(sa.Column("proposed_payment_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f(KEY), "payment", ["proposed_payment_id"], ["id"])
        table.create_check_constraint(
            op.f(NAMED), "(coalesce(proposal, '') = 'assignment') = (proposed_payment_id IS NOT NULL)"
        )
    keys = {"bank_line_id": "bank_line", "payment_id": "payment", "case_id": "reconciliation_case"}
    op.create_table(
        TABLE,
        *[sa.Column(name, sa.Uuid(), nullable=False) for name in keys],
        sa.Column("assigned_at", Instant(timezone=True), nullable=False),
        *[
            sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{TABLE}_{name}_{other}"))
            for name, other in keys.items()
        ],
        sa.PrimaryKeyConstraint("bank_line_id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("case_id", name=op.f(f"uq_{TABLE}_case_id")),
    )
    op.create_index(op.f(f"ix_{TABLE}_payment_id"), TABLE, ["payment_id"])
    _never_changed(TABLE)


def _never_changed(table: str) -> None:
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


def _change_answers(*answers: str) -> None:
    with op.batch_alter_table("reconciliation_case") as table:
        for column in ("proposal", "resolution"):
            name = op.f(f"ck_reconciliation_case_{column}")
            table.drop_constraint(name, type_="check")
            table.create_check_constraint(name, f"{column} IN ({', '.join(repr(one) for one in answers)})")


def downgrade() -> None:
    op.drop_table(TABLE)
    with op.batch_alter_table("reconciliation_case") as table:
        table.drop_constraint(op.f(NAMED), type_="check")
        table.drop_constraint(op.f(KEY), type_="foreignkey")
        table.drop_column("proposed_payment_id")
    _change_answers("correction", "decision", "vanished")
