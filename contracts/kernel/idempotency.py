"""A request that moves money or a place is carried out once, however often it arrives.

The key belongs to an actor and an operation and is kept for good, in the same transaction as the effect. The same key
with another request is refused; the same key with the same request is answered with the first answer. Terms of the
IETF draft "The Idempotency-Key HTTP Header Field".
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base, table_of
from contracts.kernel.errors import Malformed, RuleBroken
from contracts.kernel.work import Work, insert_ignoring

MAX_KEY = 255


class IdempotencyKeyReused(RuleBroken):
    code = "idempotency-key-reused"
    title = "This idempotency key was used for another request"


class IdempotencyRow(Base):
    __tablename__ = "idempotency"
    actor: Mapped[str] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(MAX_KEY), primary_key=True)
    request_hash: Mapped[str]
    answer: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Once:
    """What makes a request the same request: the caller's key and the hash of what was asked."""

    operation: str
    key: str
    request_hash: str

    @classmethod
    def of(cls, operation: str, key: str | None, body: bytes) -> "Once":
        if not key or len(key) > MAX_KEY or not key.isascii() or not key.isprintable():
            raise Malformed(
                "Send an Idempotency-Key header of 1 to 255 printable ASCII characters", pointer="/Idempotency-Key"
            )
        return cls(operation, key, hashlib.sha256(operation.encode() + b"\0" + body).hexdigest())


def once(work: Work, request: Once, fn: Callable[[Work], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """``(answer, replayed)``. ``fn`` runs at most once for the key; two at the same time wait for each other."""
    table = table_of(IdempotencyRow)
    owner = str(work.actor.id)
    claim = insert_ignoring(work.connection.dialect.name, table).returning(table.c.key)
    claimed = work.execute(
        claim,
        {
            "actor": owner,
            "operation": request.operation,
            "key": request.key,
            "request_hash": request.request_hash,
            "answer": None,
            "created_at": work.now,
        },
    )
    same = sa.and_(table.c.actor == owner, table.c.operation == request.operation, table.c.key == request.key)
    if claimed.one_or_none() is None:
        stored = work.connection.execute(sa.select(table.c.request_hash, table.c.answer).where(same)).one()
        if stored.request_hash != request.request_hash:
            raise IdempotencyKeyReused
        return stored.answer, True
    answer = fn(work)
    work.execute(sa.update(table).where(same).values(answer=answer))
    return answer, False
