"""Who works for a provider, by name: for its own people alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import Malformed, NotFound, WrongState
from contracts.kernel.work import Work
from market.provider import queries
from market.provider.models import StaffRow
from market.provider.queries import Worker
from market.provider.rules import ProviderNotFound
from market.user.personal import Vault

MOST = 2_000  # workers of one provider whose names are opened at once: four times the largest home's


class WorkerNotFound(NotFound):
    code = "worker-not-found"
    title = "There is no such worker"


class WorkerLeft(WrongState):
    code = "worker-left"
    title = "This worker's last day is set already"


@dataclass(frozen=True, slots=True)
class Employee:
    """``name`` "" where the person was forgotten."""

    id: UUID
    name: str
    speciality: str
    from_on: date
    until_on: date | None

    def works_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


def roster(work: Work, vault: Vault, provider_id: UUID, *, on: date | None = None) -> list[Employee]:
    """Everybody ever, or those employed on the day, by name. For the provider's people, carers too."""
    _require(work, provider_id, carers=True)
    found = opened(work, vault, queries.staff_of(work, provider_id, on=on, limit=MOST))
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def opened(work: Work, vault: Vault, workers: Sequence[Worker]) -> list[Employee]:
    """With their names, in the order given. Checks no role: for whoever has."""
    people = vault.people(work, [worker.id for worker in workers])
    return [
        Employee(
            id=worker.id,
            name=people[worker.id].open_text(worker.name_sealed) if worker.id in people else "",
            speciality=worker.speciality,
            from_on=worker.from_on,
            until_on=worker.until_on,
        )
        for worker in workers
    ]


def end_employment(work: Work, worker_id: UUID, *, until_on: date) -> None:
    """From that day on the worker enters no visit. By who speaks for the provider. Raises WorkerNotFound, WorkerLeft,
    Malformed for a day before the first."""
    worker = queries.worker(work, worker_id)
    if worker is None:
        raise WorkerNotFound
    try:
        _require(work, worker.provider_id)
    except ProviderNotFound:
        raise WorkerNotFound from None
    if until_on <= worker.from_on:
        raise Malformed("A period must end after it begins", pointer="/until_on", rule="period")
    if not work.update(StaffRow, worker_id, StaffRow.until_on.is_(None), until_on=until_on):
        raise WorkerLeft(rule="last-day-once")
    record(work, "provider", worker.provider_id, "staff-left")


def _require(work: Work, provider_id: UUID, *, carers: bool = False) -> None:
    try:
        work.actor.require_provider(provider_id, carers=carers)
    except NotFound:
        raise ProviderNotFound from None
