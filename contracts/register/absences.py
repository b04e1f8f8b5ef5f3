"""Absences and their rules, read."""

from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from contracts.contract.queries import PAGE
from contracts.kernel.database import Invariant
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register.absence_rules import Absence, AbsenceKind, AbsenceNotFound, AbsenceRule, AbsenceRuleNotSet
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
        EntryRow.started_at < at + timedelta(hours=1),
        EntryRow.ended_at > at,
        EntryRow.status != EntryStatus.CANCELLED,
    )
    return work.scalar(sa.select(EntryRow.id).where(*where).limit(1)) is not None


def is_absent(work: Work, engagement_id: UUID, from_on: date, until_on: date, planned_at: datetime | None) -> bool:
    """Whether an absence stands for that visit, or a stay for one of those days."""
    row = AbsenceRow
    same = row.planned_at.is_(None) if planned_at is None else sa.or_(
        row.planned_at.is_(None), row.planned_at == planned_at
    )  # fmt: skip
    where = (row.engagement_id == engagement_id, row.from_on < until_on, row.until_on > from_on, same)
    return work.scalar(sa.select(row.id).where(*where, row.withdrawn_at.is_(None)).limit(1)) is not None


def days_stood_still(work: Work, engagement_id: UUID) -> int:
    """How many days the voucher's clock has stopped in stays that are over."""
    stays = [one for one in absences_of(work, engagement_id) if one.kind is AbsenceKind.HOSPITAL]
    return sum((one.until_on - one.from_on).days for one in stays if one.withdrawn_at is None)


def payable_in(work: Work, contract_id: UUID, month: Month) -> int:
    """What absences of a contract's month come to by their rules."""
    row = AbsenceRow
    total = sa.select(sa.func.coalesce(sa.func.sum(row.payable_minor), 0)).where(
        row.contract_id == contract_id,
        row.month == month,
        row.withdrawn_at.is_(None),
    )
    return int(work.scalar(total))


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
