"""Absences and their rules, read."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from contracts.contract.models import ContractRow, EngagementRow
from contracts.contract.queries import PAGE
from contracts.kernel.database import Invariant
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register import queries
from contracts.register.absence_rules import (
    AROUND,
    VISITS,
    Absence,
    AbsenceKind,
    AbsenceNotFound,
    AbsenceRule,
    AbsenceRuleNotSet,
)
from contracts.register.models import AbsenceRow, AbsenceRuleRow, EntryRow
from contracts.register.rules import EntryStatus


def rules(work: Work) -> list[AbsenceRule]:
    return work.find_all(AbsenceRule, AbsenceRuleRow, order_by=(AbsenceRuleRow.kind, AbsenceRuleRow.from_on))


def rule_on(work: Work, kind: AbsenceKind, on: date) -> AbsenceRule:
    """Raises AbsenceRuleNotSet."""
    row = AbsenceRuleRow
    found = work.find(AbsenceRule, row, row.kind == kind, row.from_on <= on, row.until_on > on)
    if found is None:
        raise AbsenceRuleNotSet(f"{kind} has no rule for {on}", rule="dated-rule")
    return found


def rule_running_into(work: Work, kind: AbsenceKind, day: date) -> AbsenceRule | None:
    row = AbsenceRuleRow
    return work.find(AbsenceRule, row, row.kind == kind, row.from_on < day, row.until_on > day)


def rules_sharing(work: Work, kind: AbsenceKind, from_on: date, until_on: date) -> int:
    row = AbsenceRuleRow
    shares = sa.and_(row.kind == kind, row.from_on < until_on, row.until_on > from_on)
    return int(work.scalar(sa.select(sa.func.count()).select_from(row).where(shares)))


def absence(work: Work, absence_id: UUID, *, lock: bool = False) -> Absence:
    """Raises AbsenceNotFound."""
    found = work.find(Absence, AbsenceRow, AbsenceRow.id == absence_id, lock=lock)
    if found is None:
        raise AbsenceNotFound
    return found


def absences_of(work: Work, engagement_id: UUID, *, limit: int = PAGE) -> list[Absence]:
    """The newest first, those that were taken back too."""
    where = AbsenceRow.engagement_id == engagement_id
    order_by = (AbsenceRow.from_on.desc(), AbsenceRow.id.desc())
    return work.find_all(Absence, AbsenceRow, where, order_by=order_by, limit=limit)


def absences_of_recipient(work: Work, recipient_id: UUID, *, limit: int = PAGE) -> list[Absence]:
    where = (AbsenceRow.recipient_id == recipient_id, AbsenceRow.withdrawn_at.is_(None))
    order_by = (AbsenceRow.from_on.desc(), AbsenceRow.id.desc())
    return work.find_all(Absence, AbsenceRow, *where, order_by=order_by, limit=limit)


def is_visited_on(work: Work, engagement_id: UUID, from_on: date, until_on: date) -> bool:
    """Whether a visit stands on one of these days."""
    where = (EntryRow.engagement_id == engagement_id, EntryRow.served_on >= from_on, EntryRow.served_on < until_on)
    return work.scalar(sa.select(EntryRow.id).where(*where, EntryRow.status != EntryStatus.CANCELLED)) is not None


def is_visited_at(work: Work, engagement_id: UUID, at: datetime) -> bool:
    """Whether a visit stands that had begun then, or begins within the hour."""
    where = (
        EntryRow.engagement_id == engagement_id,
        EntryRow.started_at < at + AROUND,
        EntryRow.ended_at > at,
        EntryRow.status != EntryStatus.CANCELLED,
    )
    return work.scalar(sa.select(EntryRow.id).where(*where).limit(1)) is not None


def is_absent(work: Work, engagement_id: UUID, from_on: date, until_on: date, planned_at: datetime | None) -> bool:
    """Whether an absence stands for that visit, or a stay for one of those days; for a stay, anything of its days."""
    row = AbsenceRow
    same = sa.true() if planned_at is None else sa.or_(row.planned_at.is_(None), row.planned_at == planned_at)
    where = (row.engagement_id == engagement_id, row.from_on < until_on, row.until_on > from_on, same)
    return work.scalar(sa.select(row.id).where(*where, row.withdrawn_at.is_(None)).limit(1)) is not None


def missed_from(work: Work, engagement_id: UUID, day: date) -> list[tuple[Absence, AbsenceRule]]:
    """Visits missed on that day or later that stand and are in no act, each with the rule it was noted by; locked."""
    row = AbsenceRow
    where = (row.engagement_id == engagement_id, row.from_on >= day, row.kind.in_(VISITS), row.act_id.is_(None))
    found = _locked(work, *where, row.withdrawn_at.is_(None))
    by_id = {one.id: one for one in rules(work)}
    return [(one, by_id[one.rule_id]) for one in found]


def units_missed(work: Work, engagement_id: UUID, month: Month) -> int:
    """Of visits of the month that did not take place."""
    row = AbsenceRow
    units = sa.select(sa.func.coalesce(sa.func.sum(row.quantity), 0))
    return int(
        work.scalar(units.where(row.engagement_id == engagement_id, row.month == month, row.withdrawn_at.is_(None)))
    )


def missed_times(
    work: Work, engagement_ids: Collection[UUID], first: datetime, last: datetime
) -> dict[UUID, list[datetime]]:
    """When visits of these engagements were planned that did not take place, around the time given."""
    row = AbsenceRow
    statement = sa.select(row.engagement_id, row.planned_at).where(
        row.engagement_id.in_(engagement_ids),
        row.planned_at > first - AROUND,
        row.planned_at < last,
        row.withdrawn_at.is_(None),
    )
    found: dict[UUID, list[datetime]] = defaultdict(list)
    for engagement_id, at in work.rows(statement):
        found[engagement_id].append(at)
    return found


def loose(work: Work, *which: sa.ColumnElement[bool]) -> list[Absence]:
    """Payable ones that stand, that no act has, of days on which the engagement was served; locked."""
    return _locked(work, *unpaid(), AbsenceRow.act_id.is_(None), *which)


def loose_counts(work: Work, provider_id: UUID, months: Collection[Month]) -> dict[tuple[UUID, Month], int]:
    """How many of them, by contract and month."""
    row = AbsenceRow
    own = sa.select(ContractRow.id).where(ContractRow.provider_id == provider_id)
    statement = (
        sa.select(row.contract_id, row.month, sa.func.count())
        .where(row.contract_id.in_(own), row.month.in_(months), row.act_id.is_(None), *unpaid())
        .group_by(row.contract_id, row.month)
    )
    return {(contract_id, month): int(count) for contract_id, month, count in work.rows(statement)}


def unpaid() -> tuple[sa.ColumnElement[bool], ...]:
    """Payable, standing, and of days on which the engagement was served."""
    row = AbsenceRow
    served = queries.served_within(row.engagement_id, row.from_on)
    return row.payable_minor > 0, row.withdrawn_at.is_(None), served


def of_act(work: Work, act_id: UUID) -> list[Absence]:
    """Locked."""
    return _locked(work, AbsenceRow.act_id == act_id)


def outside_engagement(work: Work, act_id: UUID) -> int:
    """How many of an act are of days on which, as we know now, nothing was to be served."""
    served = queries.served_within(AbsenceRow.engagement_id, AbsenceRow.from_on)
    count = sa.select(sa.func.count()).select_from(AbsenceRow)
    return int(work.scalar(count.where(AbsenceRow.act_id == act_id, ~served)))


def _locked(work: Work, *where: sa.ColumnElement[bool]) -> list[Absence]:
    names = [AbsenceRow.__table__.c[name] for name in Absence.__dataclass_fields__]
    statement = sa.select(*names).where(*where).order_by(AbsenceRow.id).with_for_update()
    return [Absence(*row) for row in work.rows(statement)]


def days_stood_still(work: Work, engagement_id: UUID) -> int:
    """How many days the voucher's clock has stopped in stays that are over."""
    stays = [one for one in absences_of(work, engagement_id) if one.kind is AbsenceKind.HOSPITAL]
    return sum((one.until_on - one.from_on).days for one in stays if one.withdrawn_at is None)


def days_of_voucher(work: Work, voucher_id: UUID) -> int:
    """:func:`days_stood_still` with all who served the voucher."""
    own = sa.select(EngagementRow.id).where(EngagementRow.voucher_id == voucher_id)
    return sum(days_stood_still(work, engagement_id) for (engagement_id,) in work.rows(own))


def first_day_after_all(work: Work, engagement_id: UUID) -> date | None:
    """The day after the last one on which a visit or an absence stands."""
    visits = sa.select(sa.func.max(EntryRow.served_on)).where(
        EntryRow.engagement_id == engagement_id, EntryRow.status != EntryStatus.CANCELLED
    )
    missed = sa.select(sa.func.max(AbsenceRow.until_on)).where(
        AbsenceRow.engagement_id == engagement_id, AbsenceRow.withdrawn_at.is_(None)
    )
    served, absent = work.scalar(visits), work.scalar(missed)
    days = [served and served + timedelta(days=1), absent]
    return max((day for day in days if day is not None), default=None)


def invariants() -> list[Invariant]:
    every = sa.select(sa.func.count()).select_from(AbsenceRow)
    one, other = sa.orm.aliased(AbsenceRuleRow), sa.orm.aliased(AbsenceRuleRow)
    apart = sa.and_(one.kind == other.kind, one.id < other.id)
    days = sa.and_(one.from_on < other.until_on, other.from_on < one.until_on)
    twice = sa.select(one.id).join(other, sa.and_(apart, days))
    rules_there = sa.select(sa.func.count()).select_from(AbsenceRuleRow)
    served = (
        sa.select(AbsenceRow.id)
        .join(EntryRow, EntryRow.engagement_id == AbsenceRow.engagement_id)
        .where(AbsenceRow.withdrawn_at.is_(None), AbsenceRow.kind == AbsenceKind.HOSPITAL)
        .where(EntryRow.served_on >= AbsenceRow.from_on, EntryRow.served_on < AbsenceRow.until_on)
        .where(EntryRow.status != EntryStatus.CANCELLED)
    )
    return [
        Invariant("the periods of an absence rule do not overlap", rules_there, twice),
        Invariant("nobody was visited by whoever says they were in hospital", every, served),
    ]
