"""When somebody is to be visited: slots of a week, in force from a day on, once the head of the organisation agreed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from contracts.contract.rules import Engagement, Suspension, is_served_on
from contracts.kernel.calendar import ALMATY
from contracts.kernel.errors import Conflict, Malformed, NotFound, RuleBroken
from contracts.kernel.lifecycle import Lifecycle

MOST_SLOTS = 21  # a week: morning, noon and evening of every day
LONGEST_SLOT = 24 * 60  # minutes
WEEKDAYS = range(7)
_WEEK = 7 * 24 * 60


class ScheduleStatus(StrEnum):
    DRAWN = "drawn"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


SCHEDULE: Lifecycle[ScheduleStatus] = Lifecycle(
    "visit schedule",
    {
        "approved": (frozenset({ScheduleStatus.DRAWN}), ScheduleStatus.APPROVED),
        "withdrawn": (frozenset({ScheduleStatus.DRAWN, ScheduleStatus.APPROVED}), ScheduleStatus.WITHDRAWN),
    },
)


class ScheduleNotFound(NotFound):
    code = "schedule-not-found"
    title = "There is no such visit schedule"


class ScheduleExists(Conflict):
    code = "schedule-exists"
    title = "Another schedule begins on that day already"


class ScheduleOutside(RuleBroken):
    code = "schedule-outside-engagement"
    title = "A schedule begins on a day of the engagement"


class SlotsOverlap(RuleBroken):
    code = "schedule-slots-overlap"
    title = "Two visits of the schedule are at the same time"


class WorkerPlannedElsewhere(Conflict):
    code = "worker-planned-elsewhere"
    title = "The worker has another visit planned at that time"


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """``weekday`` 0 is Monday; ``start`` by the clock on the wall; ``worker_id`` None: whoever is there."""

    weekday: int
    start: str
    minutes: int
    worker_id: UUID | None = None

    @property
    def begins(self) -> int:
        """Minutes since the week began."""
        hour, minute = self.start.split(":")
        return self.weekday * 24 * 60 + int(hour) * 60 + int(minute)

    def plain(self) -> list[Any]:
        return [self.weekday, self.start, self.minutes, str(self.worker_id) if self.worker_id else None]

    @classmethod
    def of(cls, plain: Sequence[Any]) -> "Slot":
        weekday, start, minutes, worker = plain
        return cls(weekday, start, minutes, UUID(worker) if worker else None)


@dataclass(frozen=True, slots=True)
class Schedule:
    """In force from ``from_on`` until the next approved one begins."""

    id: UUID
    engagement_id: UUID
    from_on: date
    slots: list[Any]
    status: ScheduleStatus
    drawn_by: UUID
    drawn_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None

    @property
    def week(self) -> list[Slot]:
        return [Slot.of(plain) for plain in self.slots]


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """A visit that is to be, by the schedule of its day."""

    day: date
    start: str
    minutes: int
    worker_id: UUID | None

    @property
    def started_at(self) -> datetime:
        return datetime.combine(self.day, time.fromisoformat(self.start), ALMATY)


def check_slots(slots: Sequence[Slot]) -> list[Slot]:
    """In the order of the week. Raises Malformed, SlotsOverlap."""
    if not 0 < len(slots) <= MOST_SLOTS:
        raise Malformed(f"A week has 1 to {MOST_SLOTS} visits", pointer="/slots", rule="slots-number")
    for at, one in enumerate(slots):
        if one.weekday not in WEEKDAYS:
            raise Malformed("A weekday is 0 (Monday) to 6", pointer=f"/slots/{at}/weekday", rule="weekday")
        if not _is_time(one.start):
            raise Malformed("A time is written 09:30", pointer=f"/slots/{at}/start", rule="time-form")
        if not 0 < one.minutes <= LONGEST_SLOT:
            raise Malformed(f"A visit takes 1 to {LONGEST_SLOT} minutes", pointer=f"/slots/{at}/minutes", rule="length")
    week = sorted(slots, key=lambda one: one.begins)
    for one, following in zip(week, [*week[1:], week[0]], strict=True):
        if one is not following and overlap(one, following):
            raise SlotsOverlap(pointer="/slots", rule="one-visit-at-a-time")
    return week


def _is_time(text: str) -> bool:
    try:
        return time.fromisoformat(text).isoformat("minutes") == text
    except ValueError:
        return False


def overlap(one: Slot, other: Slot) -> bool:
    """Also over the end of the week: Sunday night runs into Monday."""
    gap = (other.begins - one.begins) % _WEEK
    return gap < one.minutes or _WEEK - gap < other.minutes


def check_free(slots: Iterable[Slot], planned: Iterable[Slot]) -> None:
    """No worker is planned in two places. Raises WorkerPlannedElsewhere."""
    elsewhere = list(planned)
    for one in slots:
        if one.worker_id is None:
            continue
        if any(other.worker_id == one.worker_id and overlap(one, other) for other in elsewhere):
            raise WorkerPlannedElsewhere(pointer="/slots", rule="one-place-at-a-time", start=one.start)


def in_force(schedules: Iterable[Schedule], day: date) -> Schedule | None:
    """The approved one that began last. Of two that begin on one day there is only one."""
    begun = [one for one in schedules if one.status is ScheduleStatus.APPROVED and one.from_on <= day]
    return max(begun, key=lambda one: one.from_on, default=None)


def in_force_between(schedules: Sequence[Schedule], first: date, until: date) -> list[Schedule]:
    """Those that are in force on some day from ``first`` up to, not including, ``until``."""
    if until <= first:
        return []
    begun = in_force(schedules, first)
    later = [one for one in schedules if one.status is ScheduleStatus.APPROVED and first < one.from_on < until]
    return later if begun is None else [begun, *later]


def expected(
    engagement: Engagement, suspensions: Sequence[Suspension], schedules: Sequence[Schedule], first: date, until: date
) -> Iterator[Expected]:
    """Every visit that is to be on the days from ``first`` up to, not including, ``until``."""
    day = max(first, engagement.from_on)
    while day < min(until, engagement.until_on):
        schedule = in_force(schedules, day)
        if schedule is not None and is_served_on(engagement, suspensions, day):
            for slot in schedule.week:
                if slot.weekday == day.weekday():
                    yield Expected(day, slot.start, slot.minutes, slot.worker_id)
        day += timedelta(days=1)
