"""Planned against delivered: what of the schedule took place."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from contracts.contract.rules import Engagement
from contracts.kernel.work import Work
from contracts.register import journal
from contracts.register.models import EntryRow
from contracts.register.rules import EntryStatus
from contracts.schedule import queries as schedules
from contracts.schedule.rules import Expected, expected


@dataclass(frozen=True, slots=True)
class Progress:
    """Of one engagement, on the days asked for. ``missed``: days on which fewer visits were entered than planned."""

    engagement: Engagement
    planned: int
    delivered: int
    missed: tuple[date, ...]

    @property
    def is_planned(self) -> bool:
        return self.planned > 0


def progress_of(work: Work, engagements: Sequence[Engagement], first: date, until: date) -> list[Progress]:
    """Days from ``first`` up to, not including, ``until``: ask for days that are over."""
    ids = [one.id for one in engagements]
    plans = expected_between(work, engagements, first, until)
    done = _visits(work, ids, first, until)
    found = []
    for one in engagements:
        planned = Counter(visit.day for visit in plans[one.id])
        delivered = done.get(one.id, Counter())
        missed = tuple(sorted(day for day, count in planned.items() if delivered[day] < count))
        found.append(Progress(one, planned.total(), delivered.total(), missed))
    return found


def expected_between(
    work: Work, engagements: Sequence[Engagement], first: date, until: date
) -> dict[UUID, list[Expected]]:
    """Who is to be visited on these days, and when."""
    ids = [one.id for one in engagements]
    suspensions, plans = journal.suspensions_of(work, ids), schedules.schedules_of_all(work, ids)
    return {
        one.id: list(expected(one, suspensions.get(one.id, []), plans.get(one.id, []), first, until))
        for one in engagements
    }


def _visits(work: Work, ids: Collection[UUID], first: date, until: date) -> dict[UUID, Counter[date]]:
    statement = (
        sa.select(EntryRow.engagement_id, EntryRow.served_on, sa.func.count())
        .where(
            EntryRow.engagement_id.in_(ids),
            EntryRow.served_on >= first,
            EntryRow.served_on < until,
            EntryRow.status != EntryStatus.CANCELLED,
        )
        .group_by(EntryRow.engagement_id, EntryRow.served_on)
    )
    found: dict[UUID, Counter[date]] = {}
    for engagement_id, day, count in work.rows(statement):
        found.setdefault(engagement_id, Counter())[day] = int(count)
    return found
