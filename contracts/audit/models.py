"""Append-only events, one hash chain a stream. Triggers in the database refuse to change or delete an event."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base


class EventRow(Base):
    """``position`` orders events over all streams (for replay); ``sequence`` is gapless within its stream.

    ``body`` is the canonical JSON that was hashed, byte for byte.
    """

    __tablename__ = "audit_event"
    __table_args__ = (sa.UniqueConstraint("stream", "sequence"), sa.CheckConstraint("sequence > 0", name="from_one"))
    position: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    id: Mapped[UUID] = mapped_column(unique=True)
    stream: Mapped[str] = mapped_column(sa.String(80))
    sequence: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    verb: Mapped[str] = mapped_column(sa.String(64))
    body: Mapped[str] = mapped_column(sa.Text())
    previous_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))


class HeadRow(Base):
    """The last event of each stream: the row that appenders of one stream wait for."""

    __tablename__ = "audit_head"
    stream: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    sequence: Mapped[int]
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
