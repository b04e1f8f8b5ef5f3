"""Drawing up a visit schedule, by the provider's people; approving and withdrawing it, by who speaks for it."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from contracts.audit.service import record
from contracts.contract import queries as contracts
from contracts.contract.rules import Contract, Engagement, EngagementNotFound
from contracts.kernel.errors import NotAllowed, NotFound
from contracts.kernel.ids import new_id
from contracts.kernel.work import Work
from contracts.schedule import queries
from contracts.schedule.models import ScheduleRow
from contracts.schedule.rules import (
    SCHEDULE,
    Schedule,
    ScheduleExists,
    ScheduleNotFound,
    ScheduleOutside,
    ScheduleStatus,
    Slot,
    check_free,
    check_slots,
    in_force_between,
)


class HeadNeeded(NotAllowed):
    code = "head-needed"
    title = "A visit schedule is approved by the head of the organisation"


class DrawerNeeded(NotAllowed):
    code = "person-needed"
    title = "A schedule names who drew it up"


def draw(work: Work, engagement_id: UUID, *, from_on: date, slots: Sequence[Slot]) -> UUID:
    """By the provider's people, carers too. Raises ScheduleOutside, ScheduleExists, SlotsOverlap, Malformed."""
    engagement, _contract = _own(work, engagement_id)
    week = check_slots(slots)
    if not engagement.from_on <= from_on < engagement.until_on:
        raise ScheduleOutside(pointer="/from_on", rule="inside-the-engagement")
    if work.actor.id is None:
        raise DrawerNeeded
    schedule_id = new_id()
    if not work.insert_if_new(
        ScheduleRow,
        id=schedule_id,
        engagement_id=engagement_id,
        from_on=from_on,
        slots=[slot.plain() for slot in week],
        status=ScheduleStatus.DRAWN,
        drawn_by=work.actor.id,
        drawn_at=work.now,
        approved_by=None,
        approved_at=None,
    ):
        raise ScheduleExists(pointer="/from_on", rule="one-schedule-a-day")
    record(work, "engagement", engagement_id, "schedule-drawn")
    return schedule_id


def approve(work: Work, schedule_id: UUID) -> None:
    """By the head of the organisation: who speaks for it. Raises HeadNeeded, WorkerPlannedElsewhere, WrongState."""
    found, contract = _headed(work, schedule_id)
    status = SCHEDULE.after("approved", found.status)
    queries.lock_provider(work, contract.id)
    beside = queries.planned_beside(work, contract.provider_id, found.engagement_id).values()
    day, until = max(found.from_on, work.today), _end_of(work, found)
    standing = (one for schedules in beside for one in in_force_between(schedules, day, until))
    check_free(found.week, (slot for one in standing for slot in one.week))
    work.update(ScheduleRow, schedule_id, status=status, approved_by=work.actor.id, approved_at=work.now)
    record(work, "engagement", found.engagement_id, "schedule-approved")


def _end_of(work: Work, found: Schedule) -> date:
    """The first day on which the engagement is visited by another schedule, or no longer."""
    own = queries.schedules_of(work, found.engagement_id)
    later = (one.from_on for one in own if one.status is ScheduleStatus.APPROVED and one.from_on > found.from_on)
    return min(later, default=contracts.engagement(work, found.engagement_id).until_on)


def withdraw(work: Work, schedule_id: UUID) -> None:
    """The one before it is in force again. By the head of the organisation. Raises HeadNeeded, WrongState."""
    found, _contract = _headed(work, schedule_id)
    work.update(ScheduleRow, schedule_id, status=SCHEDULE.after("withdrawn", found.status))
    record(work, "engagement", found.engagement_id, "schedule-withdrawn")


def schedules_for_reader(work: Work, engagement_id: UUID) -> list[Schedule]:
    """For whoever may read the engagement. Raises EngagementNotFound."""
    contracts.engagement_for_reader(work, engagement_id)
    return queries.schedules_of(work, engagement_id)


def _headed(work: Work, schedule_id: UUID) -> tuple[Schedule, Contract]:
    found = queries.schedule(work, schedule_id, lock=True)
    try:
        _engagement, contract = _own(work, found.engagement_id)
    except EngagementNotFound:
        raise ScheduleNotFound from None
    if work.actor.grants is not None and contract.provider_id not in work.actor.directs():
        raise HeadNeeded
    return found, contract


def _own(work: Work, engagement_id: UUID) -> tuple[Engagement, Contract]:
    engagement = contracts.engagement(work, engagement_id)
    contract = contracts.contract(work, engagement.contract_id)
    try:
        work.actor.require_provider(contract.provider_id, carers=True)
    except NotFound:
        raise EngagementNotFound from None
    return engagement, contract
