"""The advances of one of the organisation's contracts: what may be asked for, what is left of what it has."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.approval.queries import decisions
from contracts.contract.queries import contract
from contracts.contract.rules import Contract, ContractNotFound
from contracts.kernel.work import Work
from contracts.payment import advance_queries as queries
from contracts.payment import advancing
from contracts.payment.advance_rules import LONGEST_PURPOSE, Advance, AdvanceNotFound, AdvanceStatus
from contracts.payment.queries import statuses_of
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.work import Caller, Id, TheCaller, WebRequest

ROOM = "/contracts"


@get("/organisations/{number:str}/contracts/{contract_id:uuid}/advances", sync_to_thread=True)
def show_advances(request: WebRequest, caller: TheCaller, number: FromPath[str], contract_id: Id) -> Response[str]:
    return _show(request, caller, number, contract_id, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, contract_id: UUID, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        of = _own_contract(work, number, contract_id)
        every = queries.advances_of_contract(work, contract_id)
        paid = queries.payments_of(work, [one.id for one in every])
        allowed, is_open = queries.allowance(work, of), queries.is_open(work, contract_id)
        return {
            "house": house_of(work, number),
            "contract": of,
            "allowed": allowed,
            "is_open": is_open,
            "is_running": allowed.is_running,
            "advances": every,
            "uses": queries.uses(work, list(paid)),
            "payments": statuses_of(work, paid),
            "refusals": {one.id: _why(work, one) for one in every if one.status is AdvanceStatus.REFUSED},
            "may_ask": not is_open and allowed.ceiling_minor > 0,
        }

    found = caller.read(read)
    return desk_page(request, "advances", found.pop("house"), ROOM, filled=filled, key=new_key(), **found)


def _own_contract(work: Work, number: str, contract_id: UUID) -> Contract:
    """Raises ContractNotFound where it is another organisation's."""
    found = contract(work, contract_id)
    if found.provider_id != house_of(work, number).id:
        raise ContractNotFound
    return found


def _why(work: Work, advance: Advance) -> str:
    said = decisions(work, advance.id, amount_minor=advance.amount_minor)
    return next((one.reason for one in reversed(said) if one.reason), "")


@post("/organisations/{number:str}/contracts/{contract_id:uuid}/advances", sync_to_thread=True)
def ask(request: WebRequest, caller: TheCaller, number: FromPath[str], contract_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        of, reading = _own_contract(work, number, contract_id), Reading(data)
        amount = reading.money("amount")
        purpose = reading.text("purpose", max_length=LONGEST_PURPOSE)
        reading.check()
        advancing.ask(work, of.id, amount_minor=amount, purpose=purpose)

    return _step(request, caller, number, contract_id, data, do, _("You asked for the advance. Officers decide on it."))


@post(
    "/organisations/{number:str}/contracts/{contract_id:uuid}/advances/{advance_id:uuid}/withdrawal",
    sync_to_thread=True,
)
def withdraw(
    request: WebRequest, caller: TheCaller, number: FromPath[str], contract_id: Id, advance_id: Id, data: Form
) -> Response[Any]:
    def do(work: Work) -> None:
        if queries.advance(work, advance_id).contract_id != _own_contract(work, number, contract_id).id:
            raise AdvanceNotFound
        advancing.withdraw(work, advance_id)

    return _step(request, caller, number, contract_id, data, do, _("You withdrew it."))


def _step(
    request: WebRequest, caller: Caller, number: str, contract_id: UUID, data: Form, do: Any, said: str
) -> Response[Any]:
    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, contract_id, filled),
        to=address_of(number, f"{ROOM}/{contract_id}/advances"), said=said,
    )  # fmt: skip


HANDLERS = [show_advances, ask, withdraw]
