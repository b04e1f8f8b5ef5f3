"""The money of an absence may be taken back as that of a visit: a row stands for the one or the other, under its id."""

import sqlalchemy as sa
from alembic import op

from contracts.kernel.database import Instant

revision = "0192"
down_revision = "0191"
branch_labels = None
depends_on = None

TABLE, KEPT = "take_back", "take_back_kept"
CODES = ("never-took-place", "shorter-than-written", "somebody-else", "counted-twice", "other-finding")
CHECKS = {
    "second_person": "decided_by IS NULL OR decided_by <> proposed_by",
    "decided": "(status = 'proposed') = (decided_by IS NULL)",
    "taken": "(status = 'taken') = (amount_minor IS NOT NULL) AND (status = 'taken') = (copayment_minor IS NOT NULL)",
    "amount": "amount_minor IS NULL OR (amount_minor >= 0 AND copayment_minor >= 0 "
    "AND amount_minor + copayment_minor > 0)",
}
OF_ONE = {
    "of_one": "(entry_id IS NULL) <> (absence_id IS NULL)",
    "by_its_id": "id = COALESCE(entry_id, absence_id)",
}
VISIT, ABSENCE = {"entry_id": "register_entry"}, {"absence_id": "absence"}
KEYS = {"act_id": "act", "act_line_id": "act_line", "line_id": "funding_line"}


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _create(key: str, about: dict[str, str], codes: tuple[str, ...], checks: dict[str, str]) -> None:
    op.create_table(
        TABLE,
        *[sa.Column(name, sa.Uuid(), nullable=name in about and name != key) for name in {key: "", **about, **KEYS}],
        sa.Column("status", _words("takebackstatus", "proposed", "taken", "refused"), nullable=False),
        sa.Column("code", _words("takebackcode", *codes), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("flag_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(timezone=True), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("copayment_minor", sa.BigInteger(), nullable=True),
        *[sa.CheckConstraint(check, name=op.f(f"ck_{TABLE}_{name}")) for name, check in checks.items()],
        *[
            sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{TABLE}_{name}_{other}"))
            for name, other in {**about, **KEYS}.items()
        ],
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{TABLE}")),
    )
    for name in KEYS:
        op.create_index(op.f(f"ix_{TABLE}_{name}"), TABLE, [name])


def upgrade() -> None:
    _put_aside()
    _create("id", VISIT | ABSENCE, (*CODES, "not-missed"), CHECKS | OF_ONE)
    _put_back("id, entry_id", "entry_id, entry_id")


def _put_aside() -> None:
    op.execute(f"CREATE TABLE {KEPT} AS SELECT * FROM {TABLE}")  # noqa: S608 - no input
    op.drop_table(TABLE)


def _put_back(into: str, of: str) -> None:
    rest = (
        "act_id, act_line_id, line_id, status, code, note, flag_id, proposed_by, proposed_at, decided_by, decided_at, "
        "amount_minor, copayment_minor"
    )
    op.execute(f"INSERT INTO {TABLE} ({into}, {rest}) SELECT {of}, {rest} FROM {KEPT}")  # noqa: S608 - no input
    op.execute(f"DROP TABLE {KEPT}")


def downgrade() -> None:
    """There is no place for absences in the table before: with one there, nothing is done."""
    _put_aside()
    _create("entry_id", VISIT, CODES, CHECKS)
    _put_back("entry_id", "entry_id")
