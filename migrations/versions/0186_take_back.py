"""Visits of accepted acts whose money is taken back: one row a visit."""

import sqlalchemy as sa
from alembic import op

from contracts.kernel.database import Instant

revision = "0186"
down_revision = "0185"
branch_labels = None
depends_on = None

TABLE = "take_back"
CODES = ("never-took-place", "shorter-than-written", "somebody-else", "counted-twice", "other-finding")
CHECKS = {
    "second_person": "decided_by IS NULL OR decided_by <> proposed_by",
    "decided": "(status = 'proposed') = (decided_by IS NULL)",
    "taken": "(status = 'taken') = (amount_minor IS NOT NULL) AND (status = 'taken') = (copayment_minor IS NOT NULL)",
    "amount": "amount_minor IS NULL OR (amount_minor >= 0 AND copayment_minor >= 0 "
    "AND amount_minor + copayment_minor > 0)",
}
KEYS = {"entry_id": "register_entry", "act_id": "act", "act_line_id": "act_line", "line_id": "funding_line"}


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        TABLE,
        *[sa.Column(name, sa.Uuid(), nullable=False) for name in KEYS],
        sa.Column("status", _words("takebackstatus", "proposed", "taken", "refused"), nullable=False),
        sa.Column("code", _words("takebackcode", *CODES), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("flag_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(timezone=True), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("copayment_minor", sa.BigInteger(), nullable=True),
        *[sa.CheckConstraint(check, name=op.f(f"ck_{TABLE}_{name}")) for name, check in CHECKS.items()],
        *[
            sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{TABLE}_{name}_{other}"))
            for name, other in KEYS.items()
        ],
        sa.PrimaryKeyConstraint("entry_id", name=op.f(f"pk_{TABLE}")),
    )
    for name in ("act_id", "act_line_id", "line_id"):
        op.create_index(op.f(f"ix_{TABLE}_{name}"), TABLE, [name])


def downgrade() -> None:
    op.drop_table(TABLE)
