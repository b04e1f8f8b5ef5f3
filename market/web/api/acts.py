"""Monthly acts: submitted by the provider, accepted or returned by a second person, paid by a third."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromQuery, JSONBody

from contracts.act import queries, service
from contracts.act.rules import ActStatus
from contracts.kernel.work import Work
from contracts.payment import service as payments
from market.web import queries as lists
from market.web.api.catalogue import Prefix
from market.web.api.payments import PaymentView
from market.web.api.payments import show as show_payment
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.wire import Listing, Money, ReasonGiven, shown
from market.web.work import Id, TheCaller, TheKey, TheVersion, tagged

Status = FromQuery[ActStatus | None]
ContractFilter = FromQuery[UUID | None]


class ActView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    contract_id: UUID
    provider_id: UUID
    territory: str
    line_id: UUID
    month: str
    status: ActStatus
    total: Money
    drafted_at: datetime
    submitted_at: datetime | None
    accepted_at: datetime | None
    return_reason: str | None
    version: int


class ActLineView(msgspec.Struct, frozen=True):
    """One engagement's service in the month; ``amount`` was computed once, rounded half up."""

    engagement_id: UUID
    recipient_id: UUID
    kind: str
    setting: str
    unit: str
    entries: int
    quantity: int
    seconds: int
    unit_price: Money
    amount: Money


class ActDetails(ActView, frozen=True):
    lines: list[ActLineView]


def show(work: Work, act_id: UUID) -> ActDetails:
    lines = [shown(ActLineView, line) for line in queries.lines(work, act_id)]
    return shown(ActDetails, queries.act_for_reader(work, act_id), lines=lines)


@reads("/acts")
def list_acts(
    caller: TheCaller,
    at: TheSlice,
    territory: Prefix = None,
    status: Status = None,
    contract_id: ContractFilter = None,
) -> Listing[ActView]:
    found = caller.read(lambda work: lists.acts(work, at, territory=territory, status=status, contract_id=contract_id))
    return at.listing(found, lambda act: shown(ActView, act), lambda act: act.id)


@reads("/acts/{act_id:uuid}")
def get_act(caller: TheCaller, act_id: Id) -> Response[ActDetails]:
    view = caller.read(lambda work: show(work, act_id))
    return tagged(view, view.version)


@writes("/acts/{act_id:uuid}/assembly")
def redraft(caller: TheCaller, version: TheVersion, act_id: Id) -> Response[ActDetails]:
    """A draft or a returned act anew, from what is confirmed now."""
    return _do(caller, act_id, lambda work: service.redraft(work, act_id, version=version))


@writes("/acts/{act_id:uuid}/submission")
def submit(caller: TheCaller, version: TheVersion, act_id: Id) -> Response[ActDetails]:
    return _do(caller, act_id, lambda work: service.submit(work, act_id, version=version))


@writes("/acts/{act_id:uuid}/return")
def return_act(caller: TheCaller, version: TheVersion, act_id: Id, data: JSONBody[ReasonGiven]) -> Response[ActDetails]:
    return _do(caller, act_id, lambda work: service.return_act(work, act_id, reason=data.reason, version=version))


@writes("/acts/{act_id:uuid}/acceptance")
def accept(caller: TheCaller, once: TheKey, version: TheVersion, act_id: Id) -> Response[ActDetails]:
    """By a second person: the money becomes payable, and the account to be paid is frozen."""
    return caller.do_once(
        once, lambda work: service.accept(work, act_id, version=version), lambda work: show(work, act_id)
    )


@writes("/acts/{act_id:uuid}/payment")
def order_payment(caller: TheCaller, once: TheKey, act_id: Id) -> Response[PaymentView]:
    """By a third person; the worker sends it."""
    return caller.write_once(once, lambda work: show_payment(work, payments.order(work, act_id)))


def _do(caller: TheCaller, act_id: UUID, verb: Any) -> Response[ActDetails]:
    view = caller.do(verb, lambda work: show(work, act_id))
    return tagged(view, view.version)


HANDLERS = [list_acts, get_act, redraft, submit, return_act, accept, order_payment]
