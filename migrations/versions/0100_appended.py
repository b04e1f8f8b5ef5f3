"""What a round writes is appended without looking anything up: its rows have no foreign keys ('market check' holds their
ids), and what it decided is one tree on SQLite."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0091"
branch_labels = None
depends_on = None

LIVE = sa.text("status IN ('offered', 'requested', 'accepted')")
OPEN = sa.text("status IN ('offered', 'requested')")
ACCEPTED = sa.text("status = 'accepted'")
KEYS = {
    "placement": {
        "request_id": "request", "voucher_id": "voucher", "recipient_id": "recipient", "offer_id": "offer",
        "provider_id": "provider", "round_id": "matching_round",
    },
    "round_outcome": {"offer_id": "offer", "request_id": "request", "round_id": "matching_round"},
}  # fmt: skip


def upgrade() -> None:
    _reindex_requests(sa.text("status <> 'closed'"))
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(keys=False)
        return
    for table, keys in KEYS.items():
        for column, other in keys.items():
            op.drop_constraint(f"fk_{table}_{column}_{other}", table, type_="foreignkey")


def downgrade() -> None:
    _reindex_requests(sa.text("status = 'waiting'"))
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(keys=True)
        return
    for table, keys in KEYS.items():
        for column, other in keys.items():
            op.create_foreign_key(f"fk_{table}_{column}_{other}", table, other, [column], ["id"])


def _reindex_requests(where: sa.TextClause) -> None:
    op.drop_index("ix_request_waiting", "request")
    op.create_index("ix_request_waiting", "request", ["territory", "kind"], sqlite_where=where, postgresql_where=where)


def _rebuild(*, keys: bool) -> None:
    """SQLite cannot drop a key: the table is made anew, filled from the old one, and takes its name."""
    for name, columns, primary, options in (
        ("placement", _placement(), ["id"], {}),
        ("round_outcome", _outcome(), ["round_id", "request_id"], {"sqlite_with_rowid": keys}),
    ):
        foreign = [
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{name}_{column}_{other}"))
            for column, other in (KEYS[name].items() if keys else ())
        ]
        key = sa.PrimaryKeyConstraint(*primary, name=op.f(f"pk_{name}"))
        op.create_table(f"{name}_anew", *columns, *foreign, key, **options)
        named = ", ".join(column.name for column in columns)
        op.execute(f"INSERT INTO {name}_anew ({named}) SELECT {named} FROM {name} ORDER BY {', '.join(primary)}")  # noqa: S608 - our own names
        op.drop_table(name)
        op.rename_table(f"{name}_anew", name)
    _index_placements()


def _index_placements() -> None:
    for columns in (["offer_id", "status"], ["provider_id", "status"], ["recipient_id"]):
        op.create_index(op.f(f"ix_placement_{'_'.join(columns)}"), "placement", columns)
    op.create_index("ix_placement_accepted", "placement", ["ends_on"], sqlite_where=ACCEPTED)
    op.create_index("ix_placement_open", "placement", ["respond_until"], sqlite_where=OPEN)
    op.create_index("uq_placement_live", "placement", ["request_id"], unique=True, sqlite_where=LIVE)


def _placement() -> list[sa.Column[object]]:
    words = ("offered", "requested", "accepted", "declined", "lapsed", "ended")
    status = sa.Enum(*words, name="placementstatus", native_enum=False, create_constraint=True, length=32)
    ids = ("id", "request_id", "voucher_id", "recipient_id", "offer_id", "provider_id")
    return [
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ids),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("size", "unit_price_minor", "distance_m")),
        sa.Column("status", status, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("respond_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.String(length=500), nullable=True),
        sa.Column("engagement_id", sa.Uuid(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
    ]


def _outcome() -> list[sa.Column[object]]:
    words = ("first-wish", "later-wish", "nearest", "nearer-full", "no-eligible-offer", "capacity")
    reason = sa.Enum(*words, name="reason", native_enum=False, create_constraint=True, length=32)
    return [
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("reason", reason, nullable=False),
        sa.Column("distance_m", sa.BigInteger(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("nearer_full", sa.Integer(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
    ]
