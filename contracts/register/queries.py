"""Register entries, and what they add up to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from contracts.contract.models import EngagementRow, SuspensionRow
from contracts.contract.queries import PAGE
from contracts.kernel.database import Invariant
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register.codes import MAX_WRONG
from contracts.register.models import BatchRow, EntryRow, VisitTotalRow, WrongCodeRow
from contracts.register.rules import LONGEST_VISIT, Confirmation, Entry, EntryNotFound, EntryStatus, Visit


class seconds_between(GenericFunction[int]):  # noqa: N801 - it is written as a function in SQL
    """Whole seconds from one instant to another: the two databases keep instants differently."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(seconds_between, "postgresql")
def _on_postgresql(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM {end} - {start}) AS BIGINT)"


@compiles(seconds_between, "sqlite")
def _on_sqlite(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(CAST(strftime('%s', {end}) AS INTEGER) - CAST(strftime('%s', {start}) AS INTEGER))"


def entry(work: Work, entry_id: UUID, *, lock: bool = False) -> Entry:
    """Raises EntryNotFound."""
    found = work.find(Entry, EntryRow, EntryRow.id == entry_id, lock=lock)
    if found is None:
        raise EntryNotFound
    return found


def entry_of_client(work: Work, engagement_id: UUID, client_id: str) -> Entry | None:
    return work.find(Entry, EntryRow, EntryRow.engagement_id == engagement_id, EntryRow.client_id == client_id)


def is_busy(work: Work, column: sa.ColumnElement[UUID] | Any, who: UUID, visit: Visit) -> bool:
    """Whether an entry with ``column == who`` overlaps the visit. No visit is longer than a day, so the index on
    (who, start) is read for one day only."""
    overlap = sa.select(EntryRow.id).where(
        column == who,
        EntryRow.started_at > visit.started_at - LONGEST_VISIT,
        EntryRow.started_at < visit.ended_at,
        EntryRow.ended_at > visit.started_at,
        EntryRow.status != EntryStatus.CANCELLED,
    )
    return work.scalar(overlap.limit(1)) is not None


def entries_of_engagement(
    work: Work, engagement_id: UUID, *, month: Month | None = None, limit: int = PAGE
) -> list[Entry]:
    where = [EntryRow.engagement_id == engagement_id] + ([EntryRow.month == month] if month else [])
    return work.find_all(Entry, EntryRow, *where, order_by=(EntryRow.started_at, EntryRow.id), limit=limit)


def of_act(act_id: UUID, contract_id: UUID, month: Month) -> tuple[sa.ColumnElement[bool], ...]:
    """The visits that an act has taken: all of its contract and month, which an index knows."""
    return EntryRow.contract_id == contract_id, EntryRow.month == month, EntryRow.act_id == act_id


def waiting_for(work: Work, recipient_id: UUID, *, limit: int = PAGE) -> list[Entry]:
    """What the recipient has still to confirm, oldest first."""
    where = (EntryRow.recipient_id == recipient_id, EntryRow.status == EntryStatus.ENTERED)
    return work.find_all(Entry, EntryRow, *where, order_by=(EntryRow.started_at, EntryRow.id), limit=limit)


@dataclass(frozen=True, slots=True)
class WrongCodes:
    """How many were given for an engagement and day."""

    id: UUID
    wrong: int


def wrong_codes(work: Work, engagement_id: UUID, day: date) -> WrongCodes | None:
    row = WrongCodeRow
    return work.find(WrongCodes, row, row.engagement_id == engagement_id, row.served_on == day)


@dataclass(frozen=True, slots=True)
class Batch:
    """A file of visits. ``rows``, ``entered``, ``wrong`` None: it was not read to its end."""

    id: UUID
    provider_id: UUID
    digest: str
    name: str
    form: str
    rows: int | None
    entered: int | None
    wrong: int | None
    sent_by: UUID
    sent_at: datetime
    undone_by: UUID | None
    undone_at: datetime | None
    undo_reason: str | None


def batch(work: Work, batch_id: UUID, *, lock: bool = False) -> Batch | None:
    return work.find(Batch, BatchRow, BatchRow.id == batch_id, lock=lock)


def standing_batch(work: Work, provider_id: UUID, digest: str) -> Batch | None:
    where = (BatchRow.provider_id == provider_id, BatchRow.digest == digest, BatchRow.undone_at.is_(None))
    return work.find(Batch, BatchRow, *where)


def batches(work: Work, provider_id: UUID, *, after: UUID | None = None, limit: int = PAGE) -> list[Batch]:
    """The newest first."""
    where = [BatchRow.provider_id == provider_id] + ([] if after is None else [BatchRow.id < after])
    return work.find_all(Batch, BatchRow, *where, order_by=(BatchRow.id.desc(),), limit=limit)


def count_of_batch(work: Work, batch_id: UUID) -> int:
    """Visits that came with it, cancelled ones too."""
    return int(work.scalar(sa.select(sa.func.count()).select_from(EntryRow).where(EntryRow.batch_id == batch_id)))


def is_batch_in_act(work: Work, batch_id: UUID) -> bool:
    acted = sa.select(EntryRow.id).where(EntryRow.batch_id == batch_id, EntryRow.act_id.is_not(None))
    return work.scalar(acted.limit(1)) is not None


def codes_spent(work: Work, engagement_id: UUID, day: date) -> int:
    """How many visits of the day were confirmed by code, also those that were cancelled since."""
    by_code = (EntryRow.served_on == day, EntryRow.confirmed_how == Confirmation.CODE)
    count = sa.select(sa.func.count()).select_from(EntryRow)
    return int(work.scalar(count.where(EntryRow.engagement_id == engagement_id, *by_code)))


def served_within_engagement() -> sa.ColumnElement[bool]:
    """Of an entry: its engagement was served on that day, as we know now (it may have been ended or suspended for
    that day after the entry was made)."""
    return served_within(EntryRow.engagement_id, EntryRow.served_on)


def served_within(engagement_id: Any, day: Any) -> sa.ColumnElement[bool]:
    """Whether the engagement of that column was served on the day of that one."""
    open_ended = SuspensionRow.until_on.is_(None)
    suspended = sa.exists().where(
        SuspensionRow.engagement_id == engagement_id,
        SuspensionRow.from_on <= day,
        sa.or_(open_ended, day < SuspensionRow.until_on),
    )
    inside = sa.exists().where(
        EngagementRow.id == engagement_id, EngagementRow.from_on <= day, day < EngagementRow.until_on
    )
    return sa.and_(inside, ~suspended)


def outside_engagement(work: Work, act_id: UUID, contract_id: UUID, month: Month) -> int:
    """How many entries of an act are of days on which, as we know now, nothing was to be served. Looked for where it
    can be: in engagements that the month does not fill, or that paused in it."""
    one = EngagementRow
    paused = sa.exists().where(
        SuspensionRow.engagement_id == one.id,
        SuspensionRow.from_on < month.until,
        sa.or_(SuspensionRow.until_on.is_(None), SuspensionRow.until_on > month.first_day),
    )
    partly = sa.or_(one.from_on > month.first_day, one.until_on < month.until, paused)
    doubtful = sa.select(one.id).where(one.contract_id == contract_id, partly)
    where = (EntryRow.engagement_id.in_(doubtful), EntryRow.act_id == act_id, ~served_within_engagement())
    return int(work.scalar(sa.select(sa.func.count()).select_from(EntryRow).where(*where)))


def invariants() -> list[Invariant]:
    entries = sa.select(sa.func.count()).select_from(EntryRow)
    acted = entries.where(EntryRow.act_id.is_not(None))
    unconfirmed = sa.select(EntryRow.id).where(
        EntryRow.act_id.is_not(None),
        sa.or_(EntryRow.status != EntryStatus.CONFIRMED, EntryRow.confirmed_by.is_(None)),
    )
    foreign = (
        sa.select(EntryRow.id)
        .join(EngagementRow, EngagementRow.id == EntryRow.engagement_id)
        .where(
            sa.or_(
                EntryRow.contract_id != EngagementRow.contract_id, EntryRow.recipient_id != EngagementRow.recipient_id
            )
        )
    )
    own = sa.select(EntryRow.id).where(EntryRow.confirmed_by == EntryRow.entered_by)
    code = EntryRow.confirmed_how == Confirmation.CODE
    untold = sa.select(EntryRow.id).where(code, EntryRow.confirmed_by != EntryRow.recipient_id)
    guesses = sa.select(sa.func.count()).select_from(WrongCodeRow)
    patient = sa.select(WrongCodeRow.engagement_id).where(WrongCodeRow.wrong > MAX_WRONG)
    undone = sa.select(EntryRow.id).join(BatchRow, BatchRow.id == EntryRow.batch_id)
    undone = undone.where(BatchRow.undone_at.is_not(None), EntryRow.status != EntryStatus.CANCELLED)
    batched = entries.where(EntryRow.batch_id.is_not(None))
    lost = sa.select(EntryRow.id).where(
        EntryRow.batch_id.is_not(None), EntryRow.batch_id.not_in(sa.select(BatchRow.id))
    )
    return [
        Invariant("nothing of a file that was taken back stands", batched, undone),
        Invariant("a visit that came with a file names it", batched, lost),
        Invariant("an entry in an act is confirmed", acted, unconfirmed),
        Invariant("an entry names its engagement's contract and recipient", entries, foreign),
        Invariant("nobody confirmed his own entry", entries, own),
        Invariant("a code is the recipient's own word", entries.where(code), untold),
        Invariant("no more wrong codes were looked at than a day allows", guesses, patient),
        Invariant("no worker is in two places at once", entries, _overlaps(EntryRow.worker_id)),
        Invariant("no recipient is served twice at once", entries, _overlaps(EntryRow.recipient_id)),
        Invariant("the visits counted of a month are those in the register", entries, _counts_that_differ()),
    ]


def _counts_that_differ() -> sa.Select[Any]:
    """Contracts whose kept counts are not what stands in the register."""
    total = VisitTotalRow
    key = (EntryRow.contract_id, EntryRow.month, EntryRow.status.cast(sa.String(32)).label("status"))
    stands = sa.select(*key, sa.func.count().label("visits")).group_by(*key)
    kept = sa.select(total.contract_id, total.month, total.status, -total.visits)
    both = stands.union_all(kept).subquery()
    grouped = sa.select(both.c.contract_id).group_by(both.c.contract_id, both.c.month, both.c.status)
    return grouped.having(sa.func.sum(both.c.visits) != 0)


def _overlaps(who: Any) -> sa.Select[Any]:
    """Sorted by start, every visit must end before the next of the same person starts. The furthest end so far is
    compared, not the last one: a long visit may cover several."""
    so_far = sa.func.max(EntryRow.ended_at).over(
        partition_by=who, order_by=(EntryRow.started_at, EntryRow.id), rows=(None, -1)
    )
    visits = (
        sa.select(EntryRow.id, EntryRow.started_at, so_far.label("busy_until"))
        .where(EntryRow.status != EntryStatus.CANCELLED)
        .subquery()
    )
    return sa.select(visits.c.id).where(visits.c.started_at < visits.c.busy_until)
