"""Funding lines: what may be spent, and what its money is doing."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromQuery, JSONBody
from litestar.response import Response
from pydantic import Field

from contracts.budget import queries, service
from contracts.budget.queries import Availability, FundingLineNotFound
from contracts.kernel.work import Work
from market.catalogue import queries as catalogue
from market.catalogue.rules import KIND_CODE, ServiceKind
from market.web import queries as lists
from market.web.api.catalogue import Prefix
from market.web.lists import TheSlice
from market.web.queries import OFFICERS
from market.web.routes import reads, writes
from market.web.wire import Asked, Code, Listing, Money, Tenge, TerritoryCode, shown
from market.web.work import Id, TheCaller, TheKey

Kind = FromQuery[ServiceKind | None]


class NewFundingLine(Asked):
    programme: Code
    territory: TerritoryCode
    service_kind: ServiceKind
    year: Annotated[int, Field(ge=2000, le=2100)]


class NewAppropriation(Asked):
    amount: Tenge


class LineView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    programme: str
    territory: str
    service_kind: str
    year: int


class LineDetails(msgspec.Struct, frozen=True):
    """The stages add up to ``appropriated``; ``free`` may still be reserved; ``owed``: advances
    and what was paid too much, to be set off or given back."""

    id: UUID
    number: str
    programme: str
    territory: str
    service_kind: str
    year: int
    appropriated: Money
    free: Money
    reserved: Money
    committed: Money
    payable: Money
    paid: Money
    owed: Money


def show(work: Work, line_id: UUID) -> LineDetails:
    """To the officers of its territory. Raises FundingLineNotFound."""
    line = queries.line(work, line_id)
    if not work.actor.has(*OFFICERS, territory=line.territory):
        raise FundingLineNotFound
    stages = queries.availability(work, line_id)
    return shown(LineDetails, line, **{name: Money.of(getattr(stages, name)) for name in Availability.__slots__})


@writes("/funding-lines")
def open_line(caller: TheCaller, data: JSONBody[NewFundingLine]) -> LineDetails:
    def change(work: Work) -> LineDetails:
        line_id = service.open_line(work, **data.values(), kind_code=KIND_CODE[data.service_kind])
        catalogue.territory(work, data.territory)
        return show(work, line_id)

    return caller.write(change)


@reads("/funding-lines")
def list_lines(
    caller: TheCaller, at: TheSlice, territory: Prefix = None, service_kind: Kind = None
) -> Listing[LineView]:
    found = caller.read(lambda work: lists.funding_lines(work, at, territory=territory, kind=service_kind))
    return at.listing(found, lambda line: shown(LineView, line), lambda line: line.id)


@reads("/funding-lines/{line_id:uuid}")
def get_line(caller: TheCaller, line_id: Id) -> LineDetails:
    return caller.read(lambda work: show(work, line_id))


@writes("/funding-lines/{line_id:uuid}/appropriations")
def appropriate(
    caller: TheCaller, once: TheKey, line_id: Id, data: JSONBody[NewAppropriation]
) -> Response[LineDetails]:
    def change(work: Work) -> LineDetails:
        show(work, line_id)
        service.appropriate(work, line_id, amount_minor=data.amount.minor)
        return show(work, line_id)

    return caller.write_once(once, change)


HANDLERS = [open_line, list_lines, get_line, appropriate]
