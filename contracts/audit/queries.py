"""Reading the trail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.audit.models import CheckpointRow, EventRow, HeadRow, LeafRow
from contracts.audit.rules import CHECKPOINTS, Sealed, Statement
from contracts.audit.verification import Verdict, verify
from contracts.kernel.work import AnyRow, Work

__all__ = ["Event", "Verdict", "events_of", "verify"]

PAGE = 200
STREAMED = 2_000  # rows fetched at a time
RECENT = 64  # checkpoints: a transaction older than all of these delays settling, never sealing


@dataclass(frozen=True, slots=True)
class Event:
    position: int
    id: UUID
    stream: str
    sequence: int
    at: datetime
    actor_id: UUID | None
    verb: str
    body: str


def events_of(work: Work, stream: str, about: UUID | str, *, after: int = 0, limit: int = PAGE) -> list[Event]:
    """In order, those after the sequence number ``after``."""
    mine = (EventRow.stream == f"{stream}:{about}", EventRow.sequence > after)
    return work.find_all(Event, EventRow, *mine, order_by=(EventRow.sequence,), limit=limit)


def times_since(work: Work, stream: str, about: UUID | str, *, verb: str, since: datetime) -> int:
    """How often the actor did this to it."""
    own = (EventRow.stream == f"{stream}:{about}", EventRow.verb == verb, EventRow.actor_id == work.actor.id)
    return int(work.scalar(sa.select(sa.func.count()).select_from(EventRow).where(*own, EventRow.at >= since)))


def happened_since(work: Work, stream: str, about: UUID | str, *, verb: str, since: datetime) -> bool:
    return times_since(work, stream, about, verb=verb, since=since) > 0


def event(work: Work, event_id: UUID) -> AnyRow | None:
    return work.connection.execute(sa.select(EventRow.__table__).where(EventRow.id == event_id)).one_or_none()


def bodies_after(work: Work, stream: str, sequence: int, until: int) -> list[str]:
    """What the events of a stream say after ``sequence``, up to and with ``until``."""
    between = sa.and_(EventRow.stream == stream, EventRow.sequence > sequence, EventRow.sequence <= until)
    rows = work.rows(sa.select(EventRow.body).where(between).order_by(EventRow.sequence))
    return [row.body for row in rows]


def bodies(work: Work) -> Iterator[str]:
    """What every event says, in order of position, a few in memory at a time."""
    statement = sa.select(EventRow.body).order_by(EventRow.position)
    with work.connection.execute(statement, execution_options={"yield_per": STREAMED}) as result:
        yield from result.scalars()


def rows_of(
    work: Work, table: sa.Table, *, by: str = "key", having: tuple[str, object] | None = None
) -> Iterator[AnyRow]:
    """All rows of any table, by its key or in the order in which they were inserted (as far as the database knows)."""
    order: Sequence[Any]
    if by == "key":
        order = list(table.primary_key)
    elif work.connection.dialect.name != "sqlite":
        order = [sa.literal_column("ctid")]
    elif table.dialect_options["sqlite"]["with_rowid"]:
        order = [sa.literal_column("rowid")]
    else:  # it knows no other order than its key's
        order = list(table.primary_key)
    statement = sa.select(table).order_by(*order)
    if having is not None:
        name, value = having
        id_or_word = UUID(str(value)) if isinstance(table.c[name].type, sa.Uuid) else value
        statement = statement.where(table.c[name] == id_or_word)
    with work.connection.execute(statement, execution_options={"yield_per": STREAMED}) as result:
        yield from result


# --- checkpoints -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Moment:
    """``position``: the last event one sees now. Transactions below ``oldest`` are over; those that could have written
    an event seen now, or one before it, are below ``horizon``. SQLite has one writer: both are 0.

    Who draws a position has a transaction number already, so a number drawn after looking is above all of theirs. The
    end of the snapshot is not: it follows the last that is over, and others beyond it may be writing."""

    position: int
    oldest: int
    horizon: int


def moment(work: Work) -> Moment:
    last = sa.select(sa.func.coalesce(sa.func.max(EventRow.position), 0)).scalar_subquery()
    if work.connection.dialect.name == "sqlite":
        return Moment(int(work.scalar(sa.select(last))), 0, 0)
    oldest = _number_of(sa.func.pg_snapshot_xmin(sa.func.pg_current_snapshot()))
    mine = _number_of(sa.func.pg_current_xact_id_if_assigned())
    position, over, drawn = work.connection.execute(sa.select(last, oldest, mine)).one()
    assert drawn is None, "a number drawn before looking is no bound"
    return Moment(position, over, int(work.scalar(sa.select(_number_of(sa.func.pg_current_xact_id())))))


def _number_of(transaction: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.cast(sa.cast(transaction, sa.Text), sa.BigInteger)


def last_checkpoint(work: Work, *, lock: bool = False) -> AnyRow:
    """The head of the checkpoints: its ``sequence`` is the last number."""
    statement = sa.select(HeadRow.__table__).where(HeadRow.stream == CHECKPOINTS)
    return work.connection.execute(statement.with_for_update() if lock else statement).one()


def settled(work: Work, last: int, now: Moment) -> tuple[int, int]:
    """Up to which position the checkpoint ``last`` had settled, and up to which one can settle now."""
    if last == 0:
        return 0, now.position if now.horizon == 0 else 0
    before = work.scalar(sa.select(CheckpointRow.settled).where(CheckpointRow.number == last))
    if now.horizon == 0:
        return int(before), now.position
    over = work.scalar(
        sa.select(sa.func.max(CheckpointRow.position)).where(
            CheckpointRow.number > last - RECENT, CheckpointRow.horizon <= now.oldest
        )
    )
    return int(before), max(int(over or 0), int(before))


def unsealed(work: Work, after: int, *, limit: int) -> list[Sealed]:
    """The last event of every stream that has one after that position which no checkpoint covers, in order."""
    newest = (
        sa.select(EventRow.stream, sa.func.max(EventRow.sequence).label("sequence"))
        .where(EventRow.position > after)
        .group_by(EventRow.stream)
        .subquery()
    )
    covered = sa.exists().where(LeafRow.stream == newest.c.stream, LeafRow.sequence >= newest.c.sequence)
    statement = (
        sa.select(EventRow.stream, EventRow.sequence, EventRow.position, EventRow.hash)
        .join(newest, sa.and_(newest.c.stream == EventRow.stream, newest.c.sequence == EventRow.sequence))
        .where(~covered)
        .order_by(EventRow.position)
        .limit(limit)
    )
    return [Sealed(*row) for row in work.rows(statement)]


def covering_leaf(work: Work, stream: str, sequence: int) -> AnyRow | None:
    """The first leaf that binds the event: its own, or that of a later event of its stream."""
    covers = sa.and_(LeafRow.stream == stream, LeafRow.sequence >= sequence)
    return work.connection.execute(
        sa.select(LeafRow.__table__).where(covers).order_by(LeafRow.sequence).limit(1)
    ).one_or_none()


def leaves_of(work: Work, checkpoint: int) -> list[Sealed]:
    row = LeafRow
    wanted: list[Any] = [row.stream, row.sequence, row.position, row.hash]
    return [Sealed(*r) for r in work.rows(sa.select(*wanted).where(row.checkpoint == checkpoint).order_by(row.place))]


def statement_of(work: Work, number: int) -> tuple[Statement, bytes]:
    """What a checkpoint says, and its signature."""
    row = work.connection.execute(sa.select(CheckpointRow.__table__).where(CheckpointRow.number == number)).one()
    said = Statement(
        row.number, row.at.isoformat(), row.position, row.horizon, row.settled, row.size, row.root.hex()
    )  # fmt: skip
    return said, row.signature
