"""Contracts, and the engagements under them."""

from datetime import date
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromQuery, JSONBody

from contracts.act import service as acts
from contracts.contract import queries, service
from contracts.contract.rules import Basis, Contract, ContractStatus, Engagement, EngagementStatus
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from market.placement import service as placement
from market.web import queries as lists
from market.web.api.acts import ActDetails
from market.web.api.acts import show as show_act
from market.web.api.catalogue import Prefix
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.wire import Asked, Day, Listing, Money, MonthText, shown
from market.web.work import Id, TheCaller, TheKey

Status = FromQuery[ContractStatus | None]
ProviderFilter = FromQuery[UUID | None]


class NewAct(Asked):
    month: MonthText


class Termination(Asked):
    """No service from that day on."""

    on: Day
    reason: str


class ContractView(msgspec.Struct, frozen=True):
    """``end_reason``: of one that was ended before its time."""

    id: UUID
    number: str
    provider_id: UUID
    payee_id: UUID
    line_id: UUID
    territory: str
    basis: Basis
    award_id: UUID | None
    from_on: date
    until_on: date
    status: ContractStatus
    unit_price: Money | None
    end_reason: str | None


class EngagementView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    contract_id: UUID
    placement_id: UUID
    voucher_id: UUID
    recipient_id: UUID
    offer_id: UUID
    kind: str
    setting: str
    unit: str
    unit_price: Money
    units_a_month: int
    from_on: date
    until_on: date
    status: EngagementStatus


def show(work: Work, contract_id: UUID) -> ContractView:
    return view(queries.contract_for_reader(work, contract_id))


def view(contract: Contract) -> ContractView:
    """An award fixed the price; on the voucher list each engagement has its own."""
    minor = contract.terms.get("unit_price_minor")
    return shown(ContractView, contract, unit_price=None if minor is None else Money.of(minor))


@reads("/contracts")
def list_contracts(
    caller: TheCaller,
    at: TheSlice,
    territory: Prefix = None,
    status: Status = None,
    provider_id: ProviderFilter = None,
) -> Listing[ContractView]:
    found = caller.read(
        lambda work: lists.contracts(work, at, territory=territory, status=status, provider_id=provider_id)
    )
    return at.listing(found, view, lambda contract: contract.id)


@reads("/contracts/{contract_id:uuid}")
def get_contract(caller: TheCaller, contract_id: Id) -> ContractView:
    return caller.read(lambda work: show(work, contract_id))


@writes("/contracts/{contract_id:uuid}/signature")
def sign(caller: TheCaller, contract_id: Id) -> ContractView:
    """The provider's own people accept the contract of an award."""
    return caller.do(lambda work: service.sign(work, contract_id), lambda work: show(work, contract_id))


@writes("/contracts/{contract_id:uuid}/cancellation")
def cancel(caller: TheCaller, contract_id: Id) -> ContractView:
    """A contract that was never signed."""
    return caller.do(lambda work: service.cancel(work, contract_id), lambda work: show(work, contract_id))


@writes("/contracts/{contract_id:uuid}/completion")
def complete(caller: TheCaller, contract_id: Id) -> ContractView:
    return caller.do(lambda work: service.complete(work, contract_id), lambda work: show(work, contract_id))


@writes("/contracts/{contract_id:uuid}/termination")
def terminate(caller: TheCaller, once: TheKey, contract_id: Id, data: JSONBody[Termination]) -> Response[ContractView]:
    """Its services end on that day: their places are free, their money goes back to the vouchers."""

    def verb(work: Work) -> None:
        placement.terminate(work, contract_id, on=data.on, reason=data.reason)

    return caller.do_once(once, verb, lambda work: show(work, contract_id))


@reads("/contracts/{contract_id:uuid}/engagements")
def list_engagements(caller: TheCaller, at: TheSlice, contract_id: Id) -> Listing[EngagementView]:
    def read(work: Work) -> list[Engagement]:
        show(work, contract_id)
        return lists.engagements(work, at, contract_id=contract_id)

    return at.listing(caller.read(read), lambda one: shown(EngagementView, one), lambda one: one.id)


@writes("/contracts/{contract_id:uuid}/acts")
def draft_act(caller: TheCaller, contract_id: Id, data: JSONBody[NewAct]) -> ActDetails:
    """The act of a month that is over, assembled from the confirmed visits."""
    month = Month.parse(data.month, pointer="/month")
    return caller.write(lambda work: show_act(work, acts.draft(work, contract_id, month=month)))


HANDLERS = [list_contracts, get_contract, sign, cancel, complete, terminate, list_engagements, draft_act]
