"""Queries of the visit journal: what stands of many visits at once, who is served, what a day looks like."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from contracts.contract.models import ContractRow, EngagementRow, SuspensionRow
from contracts.contract.rules import Engagement, Suspension
from contracts.kernel.calendar import start_of
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register.models import BatchRow, EntryRow, VisitTotalRow
from contracts.register.rules import LONGEST_VISIT, Entry, EntryStatus

PAGE = 50
PILES_AT_ONCE = 400  # contracts and statuses: SQLite takes 500 parts of a union, and a house has a dozen
REMEMBERED = timedelta(days=62)  # a visit longer ago says little of the next one, and the index is read for two months
ClientKey = tuple[UUID, str]  # engagement and the provider's own id of the visit


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody's time: a visit that was not cancelled."""

    worker_id: UUID
    recipient_id: UUID
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class LastVisit:
    """The latest visit of an engagement that was not cancelled: what the next one is likely to look like."""

    engagement_id: UUID
    worker_id: UUID
    started_at: datetime
    ended_at: datetime
    place: str
    quantity: int


@dataclass(frozen=True, slots=True)
class MonthSums:
    """Visits of a contract's month by status."""

    contract_id: UUID
    month: Month
    entered: int
    confirmed: int


# --- many visits at once ---------------------------------------------------------------------------------------------
def providers_of(work: Work, contract_ids: Collection[UUID]) -> set[UUID]:
    rows = work.rows(sa.select(ContractRow.provider_id).where(ContractRow.id.in_(contract_ids)).distinct())
    return {row.provider_id for row in rows}


def suspensions_of(work: Work, engagement_ids: Collection[UUID]) -> dict[UUID, list[Suspension]]:
    found: dict[UUID, list[Suspension]] = defaultdict(list)
    for one in work.find_all(Suspension, SuspensionRow, SuspensionRow.engagement_id.in_(engagement_ids)):
        found[one.engagement_id].append(one)
    return found


def standing(work: Work, keys: Iterable[ClientKey]) -> dict[ClientKey, Entry]:
    """The entries that stand under these ids, cancelled ones too."""
    wanted = set(keys)
    engagement_ids, client_ids = {key[0] for key in wanted}, {key[1] for key in wanted}
    where = (EntryRow.engagement_id.in_(engagement_ids), EntryRow.client_id.in_(client_ids))
    found = {(entry.engagement_id, entry.client_id): entry for entry in work.find_all(Entry, EntryRow, *where)}
    return {key: entry for key, entry in found.items() if key in wanted}


def taken_back(work: Work, engagement_ids: Collection[UUID], first: date, last: date) -> dict[ClientKey, str | None]:
    """Under which ids visits of these days were cancelled, and why; None: with the whole file they came in."""
    whole = sa.and_(BatchRow.undone_at.is_not(None), BatchRow.undo_reason == EntryRow.cancel_reason)
    statement = (
        sa.select(EntryRow.engagement_id, EntryRow.client_id, EntryRow.cancel_reason, whole.label("with_file"))
        .outerjoin(BatchRow, BatchRow.id == EntryRow.batch_id)
        .where(
            EntryRow.engagement_id.in_(engagement_ids),
            EntryRow.served_on.between(first, last),
            EntryRow.status == EntryStatus.CANCELLED,
        )
    )
    found = work.rows(statement)
    return {(row.engagement_id, row.client_id): None if row.with_file else row.cancel_reason or "" for row in found}


def busy_times(
    work: Work, workers: Collection[UUID], recipients: Collection[UUID], first: datetime, last: datetime
) -> list[Busy]:
    """Of any of these people, whatever touches the time from ``first`` to ``last``."""
    statement = sa.select(EntryRow.worker_id, EntryRow.recipient_id, EntryRow.started_at, EntryRow.ended_at).where(
        sa.or_(EntryRow.worker_id.in_(workers), EntryRow.recipient_id.in_(recipients)),
        EntryRow.started_at > first - LONGEST_VISIT,
        EntryRow.started_at < last,
        EntryRow.status != EntryStatus.CANCELLED,
    )
    return [Busy(*row) for row in work.rows(statement)]


# --- the provider's day ----------------------------------------------------------------------------------------------
def served_on(
    work: Work, provider_id: UUID, day: date, *, after: UUID | None = None, limit: int = PAGE
) -> list[Engagement]:
    """Whose service the provider gives that day, suspended ones left out, by engagement."""
    away = sa.exists().where(
        SuspensionRow.engagement_id == EngagementRow.id,
        SuspensionRow.from_on <= day,
        sa.or_(SuspensionRow.until_on.is_(None), SuspensionRow.until_on > day),
    )
    where = [_of(provider_id), EngagementRow.from_on <= day, EngagementRow.until_on > day, ~away]
    if after is not None:
        where.append(EngagementRow.id > after)
    return work.find_all(Engagement, EngagementRow, *where, order_by=(EngagementRow.id,), limit=limit)


def count_served_on(work: Work, provider_id: UUID, day: date) -> int:
    where = (_of(provider_id), EngagementRow.from_on <= day, EngagementRow.until_on > day)
    return int(work.scalar(sa.select(sa.func.count()).select_from(EngagementRow).where(*where)))


def engagements_named(
    work: Work, provider_id: UUID, *, numbers: Collection[str], recipient_ids: Collection[UUID]
) -> list[Engagement]:
    """The provider's engagements with these numbers, and those of these recipients, ended ones too."""
    named = sa.or_(EngagementRow.number.in_(numbers), EngagementRow.recipient_id.in_(recipient_ids))
    return work.find_all(Engagement, EngagementRow, _of(provider_id), named, order_by=(EngagementRow.id,))


def last_visits(work: Work, engagements: Sequence[Engagement], before: date) -> dict[UUID, LastVisit]:
    """Of each engagement that had one in the weeks that count, up to, not including, the day ``before``."""
    lived = (
        EntryRow.recipient_id.in_({engagement.recipient_id for engagement in engagements}),
        EntryRow.started_at >= start_of(before - REMEMBERED),
        EntryRow.started_at < start_of(before),
        EntryRow.status != EntryStatus.CANCELLED,
    )
    latest = (
        sa.select(EntryRow.engagement_id, sa.func.max(EntryRow.started_at).label("started_at"))
        .where(EntryRow.engagement_id.in_({engagement.id for engagement in engagements}), *lived)
        .group_by(EntryRow.engagement_id)
        .subquery()
    )
    begins = EntryRow.started_at == latest.c.started_at
    same = sa.and_(EntryRow.engagement_id == latest.c.engagement_id, begins, *lived)
    names = LastVisit.__dataclass_fields__
    statement = sa.select(*[EntryRow.__table__.c[name] for name in names]).join(latest, same)
    return {row.engagement_id: LastVisit(*row) for row in work.rows(statement)}


def visits_of_day(work: Work, engagement_ids: Collection[UUID], day: date) -> list[Entry]:
    where = (EntryRow.engagement_id.in_(engagement_ids), EntryRow.served_on == day)
    return work.find_all(Entry, EntryRow, *where, order_by=(EntryRow.started_at, EntryRow.id))


def entries_of_provider(
    work: Work,
    provider_id: UUID,
    month: Month,
    *,
    status: EntryStatus | None = None,
    after: UUID | None = None,
    limit: int = PAGE,
) -> list[Entry]:
    """A month of the journal in the order in which it was written: of each contract and status the first visits after
    the mark, which an index knows, and of those the first."""
    later = [] if after is None else [EntryRow.id > after]
    first = [
        sa.select(EntryRow.id)
        .where(EntryRow.contract_id == contract_id, EntryRow.month == month, EntryRow.status == stands, *later)
        .order_by(EntryRow.id)
        .limit(limit)
        .subquery()
        for contract_id, stands in _piles(work, provider_id, month, status)
    ]
    found: list[Entry] = []
    for begin in range(0, len(first), PILES_AT_ONCE):
        ids = sa.union_all(*(sa.select(one.c.id) for one in first[begin : begin + PILES_AT_ONCE]))
        found += work.find_all(Entry, EntryRow, EntryRow.id.in_(ids), order_by=(EntryRow.id,), limit=limit)
    return sorted(found, key=lambda entry: entry.id)[:limit]


def _piles(work: Work, provider_id: UUID, month: Month, status: EntryStatus | None) -> list[tuple[UUID, EntryStatus]]:
    """In which contracts and statuses the provider has visits of the month."""
    total = VisitTotalRow
    key = (total.contract_id, total.status)
    where = [total.contract_id.in_(_contracts(provider_id)), total.month == month]
    if status is not None:
        where.append(total.status == status.value)
    counted = sa.select(*key).where(*where).group_by(*key).having(sa.func.sum(total.visits) > 0)
    return [(contract_id, EntryStatus(stands)) for contract_id, stands in work.rows(counted)]


def month_sums(work: Work, provider_id: UUID, months: Sequence[Month]) -> list[MonthSums]:
    """The newest month first; contracts without a visit in a month have no row. Kept counts: no visit is looked at."""
    total = VisitTotalRow
    key = (total.contract_id, total.month)
    counted = (EntryStatus.ENTERED, EntryStatus.CONFIRMED)
    sums = (sa.func.sum(sa.case((total.status == one.value, total.visits), else_=0)) for one in counted)
    statement = (
        sa.select(*key, *sums)
        .where(total.contract_id.in_(_contracts(provider_id)), total.month.in_(months))
        .group_by(*key)
        .order_by(total.month.desc(), total.contract_id)
    )
    return [MonthSums(row[0], row[1], int(row[2]), int(row[3])) for row in work.rows(statement)]


def _contracts(provider_id: UUID) -> sa.Select[UUID]:
    return sa.select(ContractRow.id).where(ContractRow.provider_id == provider_id)


def _of(provider_id: UUID) -> sa.ColumnElement[bool]:
    return EngagementRow.contract_id.in_(_contracts(provider_id))
