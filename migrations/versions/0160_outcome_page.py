"""What a round decided is kept as pages of requests, which take a hundredth of the time that a row each took."""

import json
import zlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from contracts.audit.service import record
from contracts.kernel.clock import read_clock
from contracts.kernel.work import SYSTEM, Work, hash_rows

revision = "0160"
down_revision = "0140"
branch_labels = None
depends_on = None

MAGIC, FORMAT, MOST = b"tapsyrys-columns/1\n", "tapsyrys-round-page/1", 2048
REASONS = ("first-wish", "later-wish", "nearest", "nearer-full", "no-eligible-offer", "capacity")
NUMBERS = {"offer": -1, "reason": None, "distance_m": -1, "rank": 0, "nearer_full": 0, "price": -1}
OUTCOME = sa.table(
    "round_outcome",
    *(sa.column(name, sa.Uuid()) for name in ("round_id", "request_id", "offer_id")),
    sa.column("reason", sa.String()),
    *(sa.column(name, sa.BigInteger()) for name in ("distance_m", "rank", "nearer_full", "price")),
)
PAGE = sa.table(
    "outcome_page",
    sa.column("round_id", sa.Uuid()),
    sa.column("first_id", sa.Uuid()),
    sa.column("requests", sa.Integer()),
    sa.column("data", sa.LargeBinary()),
)


def upgrade() -> None:
    op.create_table(
        "outcome_page",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("requests > 0", name=op.f("ck_outcome_page_requests")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["matching_round.id"], name=op.f("fk_outcome_page_round_id_matching_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "first_id", name=op.f("pk_outcome_page")),
    )
    _protect()
    _move()
    op.drop_table("round_outcome")


def _protect() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER outcome_page_no_{verb.lower()} BEFORE {verb} ON outcome_page "
                "BEGIN SELECT RAISE(ABORT, 'outcome_page is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER outcome_page_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON outcome_page "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )


def _move() -> None:
    """The pages of rounds that have kept rows; the trail is told, as it is of a round's own pages."""
    bind = op.get_bind()
    work = Work(bind, SYSTEM, read_clock(bind))
    for (round_id,) in bind.execute(sa.select(OUTCOME.c.round_id).distinct().order_by(OUTCOME.c.round_id)).all():
        own = sa.select(OUTCOME).where(OUTCOME.c.round_id == round_id).order_by(OUTCOME.c.request_id)
        rows = bind.execute(own).all()
        pages = [_page(round_id, rows[at : at + MOST]) for at in range(0, len(rows), MOST)]
        bind.execute(sa.insert(PAGE), pages)
        plain = [(str(p["round_id"]), str(p["first_id"]), p["requests"], p["data"].hex()) for p in pages]
        work.note_set("outcome_page", count=len(pages), digest=hash_rows(iter(plain)), columns=list(PAGE.c.keys()))
        record(work, "round", round_id, "paged")


def _page(round_id: UUID, rows: Any) -> dict[str, Any]:
    offers = sorted({row.offer_id.hex for row in rows if row.offer_id is not None})
    numbers = {
        name: [none if (value := _number(row, name, offers)) is None else value for row in rows]
        for name, none in NUMBERS.items()
    }
    ids = {"request": [row.request_id.hex for row in rows], "offer": offers}
    described, parts = [], []
    for name, values in numbers.items():
        width = next(w for w in (1, 2, 4, 8) if -(2 ** (8 * w - 1)) <= min(values) and max(values) < 2 ** (8 * w - 1))
        described.append({"name": name, "type": f"i{width}", "length": len(values)})
        parts.append(b"".join(value.to_bytes(width, "little", signed=True) for value in values))
    for name, digits in ids.items():
        described.append({"name": name, "type": "x16", "length": len(digits)})
        parts.append(bytes.fromhex("".join(digits)))
    head = {"head": {"format": FORMAT, "reasons": list(REASONS)}, "columns": described}
    plain = MAGIC + json.dumps(head, separators=(",", ":"), sort_keys=True).encode() + b"\n" + b"".join(parts)
    return {
        "round_id": round_id,
        "first_id": rows[0].request_id,
        "requests": len(rows),
        "data": zlib.compress(plain, 0),
    }


def _number(row: Any, name: str, offers: list[str]) -> int | None:
    value = getattr(row, "offer_id" if name == "offer" else name)
    if value is None:
        return None
    if name == "offer":
        return offers.index(value.hex)
    return REASONS.index(value) if name == "reason" else int(value)


def downgrade() -> None:
    reason = sa.Enum(*REASONS, name="reason", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "round_outcome",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("reason", reason, nullable=False),
        sa.Column("distance_m", sa.BigInteger(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("nearer_full", sa.Integer(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("round_id", "request_id", name=op.f("pk_round_outcome")),
        sqlite_with_rowid=False,
    )
    bind = op.get_bind()
    for page in bind.execute(sa.select(PAGE)).all():
        bind.execute(sa.insert(OUTCOME), list(_rows(page.round_id, zlib.decompress(page.data))))
    op.drop_table("outcome_page")


def _rows(round_id: UUID, plain: bytes) -> Iterator[dict[str, Any]]:
    end = plain.index(b"\n", len(MAGIC))
    described, at = json.loads(plain[len(MAGIC) : end])["columns"], end + 1
    columns: dict[str, list[Any]] = {}
    for index, one in enumerate(described):
        width = 16 if one["type"] == "x16" else int(one["type"][1:])
        part = plain[at : at + width * one["length"]]
        values = [part[n : n + width] for n in range(0, len(part), width)]
        ids = one["type"] == "x16"
        columns[f"{index}"] = [UUID(bytes=v) if ids else int.from_bytes(v, "little", signed=True) for v in values]
        at += len(part)
    *numbers, requests, offers = columns.values()
    for offer, reason, distance, rank, nearer, price, request in zip(*numbers, requests, strict=True):
        yield {
            "round_id": round_id, "request_id": request, "offer_id": offers[offer] if offer >= 0 else None,
            "reason": REASONS[reason], "distance_m": None if distance < 0 else distance, "rank": rank or None,
            "nearer_full": nearer, "price": None if price < 0 else price,
        }  # fmt: skip
