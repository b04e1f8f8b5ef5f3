"""When somebody is to be visited, and what of it took place."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.contract import queries as contracts
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register import delivered
from contracts.schedule import queries, service
from contracts.schedule.rules import Schedule, ScheduleStatus, Slot
from market.placement import planning
from market.web.api.engagements import MonthFilter
from market.web.routes import reads, writes
from market.web.wire import Asked, Day, Listing, shown
from market.web.work import Id, TheCaller


class NewSlot(Asked):
    """``weekday`` 0 is Monday; ``start`` by the clock on the wall; no ``worker_id``: whoever is there."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    start: Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:30"])]
    minutes: Annotated[int, Field(ge=1, le=1440)]
    worker_id: UUID | None = None


class NewSchedule(Asked):
    from_on: Day
    slots: Annotated[list[NewSlot], Field(min_length=1, max_length=21)]


class SlotView(msgspec.Struct, frozen=True):
    weekday: int
    start: str
    minutes: int
    worker_id: UUID | None


class ScheduleView(msgspec.Struct, frozen=True):
    """Approved, it is in force from ``from_on`` until the next approved one begins."""

    id: UUID
    engagement_id: UUID
    from_on: date
    slots: list[SlotView]
    status: ScheduleStatus
    drawn_at: datetime
    approved_at: datetime | None


class ExpectedView(msgspec.Struct, frozen=True):
    day: date
    start: str
    minutes: int
    worker_id: UUID | None


class ProgressView(msgspec.Struct, frozen=True):
    """Of a month, up to and with yesterday. ``missed``: days with fewer visits than planned."""

    month: str
    planned: int
    delivered: int
    missed: list[date]
    coming: list[ExpectedView]


def _view(found: Schedule) -> ScheduleView:
    return shown(ScheduleView, found, slots=[shown(SlotView, slot) for slot in found.week])


def _show(work: Work, schedule_id: UUID) -> ScheduleView:
    found = queries.schedule(work, schedule_id)
    contracts.engagement_for_reader(work, found.engagement_id)
    return _view(found)


@writes("/engagements/{engagement_id:uuid}/schedules")
def draw(caller: TheCaller, engagement_id: Id, data: JSONBody[NewSchedule]) -> ScheduleView:
    """By the provider's people; in force once the head of the organisation has approved it."""
    slots = [Slot(one.weekday, one.start, one.minutes, one.worker_id) for one in data.slots]
    return caller.write(lambda work: _show(work, planning.draw(work, engagement_id, from_on=data.from_on, slots=slots)))


@reads("/engagements/{engagement_id:uuid}/schedules")
def list_schedules(caller: TheCaller, engagement_id: Id) -> Listing[ScheduleView]:
    """In order of their days, withdrawn ones too."""
    return caller.read(lambda work: Listing([_view(one) for one in service.schedules_for_reader(work, engagement_id)]))


@writes("/schedules/{schedule_id:uuid}/approval")
def approve(caller: TheCaller, schedule_id: Id) -> ScheduleView:
    """By who speaks for the organisation. No worker is planned in two places."""
    return caller.do(lambda work: service.approve(work, schedule_id), lambda work: _show(work, schedule_id))


@writes("/schedules/{schedule_id:uuid}/withdrawal")
def withdraw(caller: TheCaller, schedule_id: Id) -> ScheduleView:
    return caller.do(lambda work: service.withdraw(work, schedule_id), lambda work: _show(work, schedule_id))


@reads("/engagements/{engagement_id:uuid}/progress")
def get_progress(caller: TheCaller, engagement_id: Id, month: MonthFilter = None) -> ProgressView:
    """Planned against delivered, and the visits still to come in the month. For its provider, recipient, officers."""

    def read(work: Work) -> ProgressView:
        engagement = contracts.engagement_for_reader(work, engagement_id)
        asked = Month.parse(month, pointer="/month") if month else Month.of(work.today)
        over = min(asked.until, max(asked.first_day, work.today))
        (found,) = delivered.progress_of(work, [engagement], asked.first_day, over)
        coming = delivered.expected_between(work, [engagement], over, asked.until)[engagement.id]
        return ProgressView(
            str(asked), found.planned, found.delivered, list(found.missed), [shown(ExpectedView, one) for one in coming]
        )

    return caller.read(read)


HANDLERS = [draw, list_schedules, approve, withdraw, get_progress]
