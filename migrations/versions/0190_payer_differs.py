"""A line of one of our accounts that names a payment which was ordered from another."""

from alembic import op

revision = "0190"
down_revision = "0189"
branch_labels = None
depends_on = None

KINDS = (
    "paid-twice",
    "amount-differs",
    "account-differs",
    "bank-only",
    "line-missing",
    "came-back",
    "line-unknown",
    "statement-gap",
    "payment-stopped",
)


def upgrade() -> None:
    _change_kinds(*KINDS, "payer-differs")


def _change_kinds(*kinds: str) -> None:
    name = op.f("ck_reconciliation_case_casekind")
    with op.batch_alter_table("reconciliation_case") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"kind IN ({', '.join(repr(one) for one in kinds)})")


def downgrade() -> None:
    _change_kinds(*KINDS)
