"""Competitions: a tender with lots, bids that stay sealed until the opening, an award by a second person."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromQuery, JSONBody
from pydantic import Field

from contracts.kernel.work import Work
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.competition import queries, service
from market.competition.queries import READERS, Tender
from market.competition.rules import NewLot as LotTerms
from market.competition.rules import NewTender as TenderTerms
from market.competition.rules import TenderNotFound, TenderStatus
from market.web import queries as lists
from market.web.api.catalogue import Prefix
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.sight import check_seen
from market.web.wire import Asked, Count, Day, Listing, Moment, Money, ReasonGiven, Tenge, TerritoryCode, Text, shown
from market.web.work import Id, TheCaller, TheVersion, tagged

MAX_LOTS = 100
Status = FromQuery[TenderStatus | None]


class NewLot(Asked):
    """``ceiling``: the highest admissible unit price; ``units``: volume over the whole period."""

    line_id: UUID
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    units: Count
    ceiling: Tenge
    from_on: Day
    until_on: Day


class NewTender(Asked):
    title: Text
    territory: TerritoryCode
    deadline_at: Moment
    lots: Annotated[list[NewLot], Field(min_length=1, max_length=MAX_LOTS)]


class NewDeadline(Asked):
    deadline_at: Moment


class TenderView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    title: str
    territory: str
    status: TenderStatus
    deadline_at: datetime
    published_at: datetime | None
    opened_at: datetime | None
    cancellation_reason: str | None
    version: int


class LotView(msgspec.Struct, frozen=True):
    id: UUID
    tender_id: UUID
    sequence: int
    line_id: UUID
    territory: str
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    units: int
    ceiling: Money
    from_on: date
    until_on: date


class TenderDetails(TenderView, frozen=True):
    lots: list[LotView]


def seen_tender(work: Work, tender_id: UUID) -> Tender:
    """Published ones are public; a draft is its office's."""
    found = queries.tender(work, tender_id)
    if found.status is TenderStatus.DRAFT:
        check_seen(work.actor, TenderNotFound, territory=found.territory, officers=READERS)
    return found


def show(work: Work, tender_id: UUID) -> TenderDetails:
    lots = [shown(LotView, lot) for lot in queries.lots(work, tender_id)]
    return shown(TenderDetails, seen_tender(work, tender_id), lots=lots)


@writes("/tenders")
def create_tender(caller: TheCaller, data: JSONBody[NewTender]) -> TenderDetails:
    terms = TenderTerms(
        title=data.title,
        territory=data.territory,
        deadline_at=data.deadline_at,
        lots=tuple(LotTerms(**lot.values()) for lot in data.lots),
    )
    return caller.write(lambda work: show(work, service.create_tender(work, terms)))


@reads("/tenders", public=True)
def list_tenders(
    caller: TheCaller, at: TheSlice, territory: Prefix = None, status: Status = None
) -> Listing[TenderView]:
    found = caller.read(lambda work: lists.tenders(work, at, territory=territory, status=status))
    return at.listing(found, lambda tender: shown(TenderView, tender), lambda tender: tender.id)


@reads("/tenders/{tender_id:uuid}", public=True)
def get_tender(caller: TheCaller, tender_id: Id) -> Response[TenderDetails]:
    view = caller.read(lambda work: show(work, tender_id))
    return tagged(view, view.version)


@writes("/tenders/{tender_id:uuid}/deadline")
def reschedule(
    caller: TheCaller, version: TheVersion, tender_id: Id, data: JSONBody[NewDeadline]
) -> Response[TenderDetails]:
    """Of a draft: from the publication on no condition changes."""
    view = caller.do(
        lambda work: service.reschedule(work, tender_id, deadline_at=data.deadline_at, version=version),
        lambda work: show(work, tender_id),
    )
    return tagged(view, view.version)


@writes("/tenders/{tender_id:uuid}/publication")
def publish(caller: TheCaller, tender_id: Id) -> TenderDetails:
    return caller.do(lambda work: service.publish(work, tender_id), lambda work: show(work, tender_id))


@writes("/tenders/{tender_id:uuid}/opening")
def open_bids(caller: TheCaller, tender_id: Id) -> TenderDetails:
    """Once, from the deadline on."""
    return caller.do(lambda work: service.open_bids(work, tender_id), lambda work: show(work, tender_id))


@writes("/tenders/{tender_id:uuid}/cancellation")
def cancel(caller: TheCaller, tender_id: Id, data: JSONBody[ReasonGiven]) -> TenderDetails:
    return caller.do(
        lambda work: service.cancel(work, tender_id, reason=data.reason), lambda work: show(work, tender_id)
    )


HANDLERS = [create_tender, list_tenders, get_tender, reschedule, publish, open_bids, cancel]
