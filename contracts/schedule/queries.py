"""Schedules of engagements, of workers, and what holds over them."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from contracts.contract.models import ContractRow, EngagementRow
from contracts.contract.rules import EngagementStatus
from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from contracts.schedule.models import ScheduleRow
from contracts.schedule.rules import Schedule, ScheduleNotFound, ScheduleStatus


def schedule(work: Work, schedule_id: UUID, *, lock: bool = False) -> Schedule:
    """Raises ScheduleNotFound."""
    found = work.find(Schedule, ScheduleRow, ScheduleRow.id == schedule_id, lock=lock)
    if found is None:
        raise ScheduleNotFound
    return found


def schedules_of(work: Work, engagement_id: UUID) -> list[Schedule]:
    """Withdrawn ones too, in order of their days."""
    return schedules_of_all(work, [engagement_id])[engagement_id]


def schedules_of_all(work: Work, engagement_ids: Collection[UUID]) -> dict[UUID, list[Schedule]]:
    order = (ScheduleRow.engagement_id, ScheduleRow.from_on, ScheduleRow.id)
    found: dict[UUID, list[Schedule]] = defaultdict(list)
    where = ScheduleRow.engagement_id.in_(engagement_ids)
    for one in work.find_all(Schedule, ScheduleRow, where, order_by=order):
        found[one.engagement_id].append(one)
    return found


def planned_beside(work: Work, provider_id: UUID, engagement_id: UUID) -> dict[UUID, list[Schedule]]:
    """The approved schedules of the provider's other engagements that go on."""
    others = (
        sa.select(EngagementRow.id)
        .join(ContractRow, ContractRow.id == EngagementRow.contract_id)
        .where(
            ContractRow.provider_id == provider_id,
            EngagementRow.id != engagement_id,
            EngagementRow.status != EngagementStatus.ENDED,
        )
    )
    found: dict[UUID, list[Schedule]] = defaultdict(list)
    where = (ScheduleRow.engagement_id.in_(others), ScheduleRow.status == ScheduleStatus.APPROVED)
    for one in work.find_all(Schedule, ScheduleRow, *where):
        found[one.engagement_id].append(one)
    return found


def lock_provider(work: Work, contract_id: UUID) -> None:
    """Who approves a schedule of this provider waits for whoever is approving one."""
    provider = sa.select(ContractRow.provider_id).where(ContractRow.id == contract_id).scalar_subquery()
    own = sa.select(ContractRow.id).where(ContractRow.provider_id == provider).order_by(ContractRow.id).limit(1)
    work.rows(own.with_for_update())


def invariants() -> list[Invariant]:
    every = sa.select(sa.func.count()).select_from(ScheduleRow)
    outside = (
        sa.select(ScheduleRow.id)
        .join(EngagementRow, EngagementRow.id == ScheduleRow.engagement_id)
        .where(ScheduleRow.from_on < EngagementRow.from_on)
    )
    return [Invariant("a visit schedule begins within its engagement", every, outside)]
