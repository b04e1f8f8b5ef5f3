"""Whom a provider visits: names and addresses for the people who serve, and an event for each time they are read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from contracts.audit.service import record
from contracts.contract.rules import Engagement
from contracts.kernel.errors import NotFound
from contracts.kernel.work import Work
from contracts.register import journal
from contracts.register.journal import LastVisit
from contracts.register.rules import Entry, EntryStatus
from market.provider.rules import ProviderNotFound
from market.recipient import queries as recipients
from market.user.personal import Vault


@dataclass(frozen=True, slots=True)
class Plate:
    """As it stands at a door. ``name`` and ``address`` "" where the person was forgotten."""

    number: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Visited:
    """Somebody who is served on a day; ``last``: the latest visit, ``visits``: those of the day."""

    engagement: Engagement
    plate: Plate
    last: LastVisit | None
    visits: tuple[Entry, ...]

    @property
    def was_visited(self) -> bool:
        return any(visit.status is not EntryStatus.CANCELLED for visit in self.visits)


def people_of(
    work: Work,
    vault: Vault,
    provider_id: UUID,
    day: date,
    *,
    worker_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = journal.PAGE,
) -> list[Visited]:
    """Who is served that day, a page by engagement; with ``worker_id`` whom that worker visited last. For the
    provider's people, carers too; runs in ``database.write`` because of the event. Raises ProviderNotFound."""
    _require(work, provider_id)
    engagements = journal.served_on(work, provider_id, day, after=after, limit=limit)
    last = journal.last_visits(work, engagements, work.today + timedelta(days=1))
    if worker_id is not None:
        engagements = [one for one in engagements if one.id in last and last[one.id].worker_id == worker_id]
    ids = [engagement.id for engagement in engagements]
    of_day: dict[UUID, list[Entry]] = {engagement_id: [] for engagement_id in ids}
    for entry in journal.visits_of_day(work, ids, day):
        of_day[entry.engagement_id].append(entry)
    plates = _open(work, vault, provider_id, {engagement.recipient_id for engagement in engagements})
    return [Visited(e, plates[e.recipient_id], last.get(e.id), tuple(of_day[e.id])) for e in engagements]


def plates_of(work: Work, vault: Vault, provider_id: UUID, recipient_ids: Collection[UUID]) -> dict[UUID, Plate]:
    """Of those whom the provider serves or served; the others are left out. As :func:`people_of`."""
    _require(work, provider_id)
    served = journal.engagements_named(work, provider_id, numbers=(), recipient_ids=recipient_ids)
    return _open(work, vault, provider_id, {engagement.recipient_id for engagement in served})


def _open(work: Work, vault: Vault, provider_id: UUID, ids: Collection[UUID]) -> dict[UUID, Plate]:
    """One event for a page of people, which names them all."""
    if not ids:
        return {}
    people = vault.people(work, ids)
    plates = {
        sealed.id: Plate(
            number=sealed.number,
            name=people[sealed.id].open_text(sealed.name_sealed) if sealed.id in people else "",
            address=people[sealed.id].open_text(sealed.address_sealed) if sealed.id in people else "",
        )
        for sealed in recipients.plates(work, ids)
    }
    work.note_set("recipient", verb="revealed", count=len(plates), recipients=sorted(map(str, plates)))
    record(work, "provider", provider_id, "people-read")
    return plates


def _require(work: Work, provider_id: UUID) -> None:
    try:
        work.actor.require_provider(provider_id, carers=True)
    except NotFound:
        raise ProviderNotFound from None
