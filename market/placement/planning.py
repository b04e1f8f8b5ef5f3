"""A visit schedule for workers who are there: staff lists are the market's."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from contracts.kernel.work import Work
from contracts.schedule import service
from contracts.schedule.rules import Slot
from market.placement.serving import WorkerNotOnStaff, is_on_staff, own_provider


def draw(work: Work, engagement_id: UUID, *, from_on: date, slots: Sequence[Slot]) -> UUID:
    """As ``schedule.draw``; whoever is named is on the staff list on the first day. Raises WorkerNotOnStaff."""
    provider_id = own_provider(work, engagement_id)
    for at, slot in enumerate(slots):
        if slot.worker_id is not None and not is_on_staff(work, provider_id, slot.worker_id, on=from_on):
            raise WorkerNotOnStaff(pointer=f"/slots/{at}/worker_id", rule="on-staff-that-day")
    return service.draw(work, engagement_id, from_on=from_on, slots=slots)
