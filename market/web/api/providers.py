"""Organisations: registered by themselves, admitted by an officer, listed for everybody."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromQuery, JSONBody
from pydantic import Field

from contracts.kernel.work import Work
from market.provider import queries, service
from market.provider.rules import NewProvider as Registration
from market.provider.rules import OrganisationType, ProviderNotFound, ProviderStatus, Sector
from market.web import queries as lists
from market.web.api.catalogue import Prefix
from market.web.lists import TheSlice
from market.web.queries import OFFICERS
from market.web.routes import reads, writes
from market.web.sight import check_seen
from market.web.wire import Asked, Code, Day, Listing, ReasonGiven, TerritoryCode, Text, shown
from market.web.work import Id, TheCaller, tagged

Status = FromQuery[ProviderStatus | None]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class NewProvider(Asked):
    """With ``iban`` the organisation is a payee from the start, under ``legal_name`` (else ``name``)."""

    bin: Annotated[str, Field(min_length=12, max_length=12)]
    name: Text
    sector: Sector
    organisation_type: OrganisationType
    territory: TerritoryCode
    iban: Annotated[str, Field(max_length=40)] | None = None
    legal_name: Text | None = None


class NewLicence(Asked):
    number: Annotated[str, Field(min_length=1, max_length=60)]
    from_on: Day
    until_on: Day | None = None


class NewServicePoint(Asked):
    """Without coordinates it stands in the middle of its locality."""

    name: Text
    locality_id: Annotated[int, Field(ge=0)]
    address: Text
    latitude: Degrees | None = None
    longitude: Degrees | None = None


class NewWorker(Asked):
    name: Text
    speciality: Code
    from_on: Day
    until_on: Day | None = None


class ProviderView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    bin: str
    name: str
    sector: Sector
    organisation_type: OrganisationType
    territory: str
    status: ProviderStatus
    registered_at: datetime
    version: int


class LicenceView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    from_on: date
    until_on: date | None


class ServicePointView(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    locality_id: int
    territory: str
    latitude: float
    longitude: float
    address: str


class ProviderDetails(ProviderView, frozen=True):
    decided_at: datetime | None
    decision_reason: str | None
    licences: list[LicenceView]
    service_points: list[ServicePointView]


class WorkerView(msgspec.Struct, frozen=True):
    """``name`` for the organisation's own people only."""

    id: UUID
    name: str | None
    speciality: str
    from_on: date
    until_on: date | None


def show(work: Work, provider_id: UUID) -> ProviderDetails:
    """Everybody sees who is admitted or was; who is registered is seen by themselves and officers."""
    found = queries.provider(work, provider_id)
    if found.status is ProviderStatus.REGISTERED:
        check_seen(work.actor, ProviderNotFound, territory=found.territory, provider_id=found.id)
    return shown(
        ProviderDetails,
        found,
        licences=[shown(LicenceView, licence) for licence in queries.licences(work, provider_id)],
        service_points=[shown(ServicePointView, point) for point in queries.service_points(work, provider_id)],
    )


@writes("/providers")
def register(caller: TheCaller, data: JSONBody[NewProvider]) -> ProviderDetails:
    return caller.write(lambda work: show(work, service.register(work, Registration(**data.values()))))


@reads("/providers", public=True)
def list_providers(
    caller: TheCaller, at: TheSlice, territory: Prefix = None, status: Status = None
) -> Listing[ProviderView]:
    found = caller.read(lambda work: lists.providers(work, at, territory=territory, status=status))
    return at.listing(found, lambda provider: shown(ProviderView, provider), lambda provider: provider.id)


@reads("/providers/{provider_id:uuid}", public=True)
def get_provider(caller: TheCaller, provider_id: Id) -> Response[ProviderDetails]:
    view = caller.read(lambda work: show(work, provider_id))
    return tagged(view, view.version)


@writes("/providers/{provider_id:uuid}/admission")
def admit(caller: TheCaller, provider_id: Id) -> ProviderDetails:
    return caller.do(lambda work: service.admit(work, provider_id), lambda work: show(work, provider_id))


@writes("/providers/{provider_id:uuid}/suspension")
def suspend(caller: TheCaller, provider_id: Id, data: JSONBody[ReasonGiven]) -> ProviderDetails:
    return caller.do(
        lambda work: service.suspend(work, provider_id, reason=data.reason), lambda work: show(work, provider_id)
    )


@writes("/providers/{provider_id:uuid}/readmission")
def readmit(caller: TheCaller, provider_id: Id) -> ProviderDetails:
    return caller.do(lambda work: service.readmit(work, provider_id), lambda work: show(work, provider_id))


@writes("/providers/{provider_id:uuid}/licences")
def add_licence(caller: TheCaller, provider_id: Id, data: JSONBody[NewLicence]) -> ProviderDetails:
    return caller.do(
        lambda work: service.add_licence(work, provider_id, **data.values()), lambda work: show(work, provider_id)
    )


@writes("/providers/{provider_id:uuid}/service-points")
def add_service_point(caller: TheCaller, provider_id: Id, data: JSONBody[NewServicePoint]) -> ProviderDetails:
    return caller.do(
        lambda work: service.add_service_point(work, provider_id, **data.values()),
        lambda work: show(work, provider_id),
    )


def staff(caller: TheCaller, work: Work, provider_id: UUID) -> Listing[WorkerView]:
    found = queries.provider(work, provider_id)
    check_seen(work.actor, ProviderNotFound, territory=found.territory, provider_id=provider_id, officers=OFFICERS)
    own = provider_id in work.actor.directs()
    return Listing(
        [
            shown(
                WorkerView,
                worker,
                name=caller.vault.person(work, worker.id).open_text(worker.name_sealed) if own else None,
            )
            for worker in queries.staff(work, provider_id)
        ]
    )


@writes("/providers/{provider_id:uuid}/staff")
def add_staff(caller: TheCaller, provider_id: Id, data: JSONBody[NewWorker]) -> Listing[WorkerView]:
    return caller.do(
        lambda work: service.add_staff(work, caller.vault, provider_id, **data.values()),
        lambda work: staff(caller, work, provider_id),
    )


@reads("/providers/{provider_id:uuid}/staff")
def list_staff(caller: TheCaller, provider_id: Id) -> Listing[WorkerView]:
    return caller.read(lambda work: staff(caller, work, provider_id))


HANDLERS = [
    register, list_providers, get_provider, admit, suspend, readmit,
    add_licence, add_service_point, add_staff, list_staff,
]  # fmt: skip
