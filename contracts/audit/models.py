"""Append-only events, one hash chain a stream, and signed checkpoints over the chains.

Triggers in the database refuse to change or delete an event, a checkpoint or a leaf.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base


class EventRow(Base):
    """``position`` orders events over all streams (for replay); ``sequence`` is gapless within its stream.

    ``body`` is the canonical JSON that was hashed, byte for byte; it says all the other columns, too.
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
    """The last event of each stream: the row that appenders of one stream wait for.

    The stream ``checkpoint`` has no events: its head is the last checkpoint, and the row that sealers wait for.
    """

    __tablename__ = "audit_head"
    stream: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    sequence: Mapped[int]
    position: Mapped[int]
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))


class CheckpointRow(Base):
    """A signed Merkle tree. Leaf 0 is the hash of the checkpoint before, the others stand in ``audit_leaf``.

    ``position``, ``horizon``: the last event and the next transaction number when it was made. ``settled``: up to here
    nothing new can appear and every stream is sealed, so the next sealer looks only at what comes after.
    """

    __tablename__ = "audit_checkpoint"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    position: Mapped[int]
    horizon: Mapped[int]
    settled: Mapped[int]
    size: Mapped[int]
    root: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    signature: Mapped[bytes] = mapped_column(sa.LargeBinary(64))


class LeafRow(Base):
    """A stream's last event when the checkpoint was made."""

    __tablename__ = "audit_leaf"
    __table_args__ = (sa.UniqueConstraint("stream", "sequence"),)
    checkpoint: Mapped[int] = mapped_column(sa.ForeignKey("audit_checkpoint.number"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stream: Mapped[str] = mapped_column(sa.String(80))
    sequence: Mapped[int]
    position: Mapped[int]
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
