"""A contract ends: before its time (a day and a reason, then a yes to what follows), unsigned, or with its last day."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.approval.queries import is_free
from contracts.contract import queries as contracts
from contracts.contract import service as contracting
from contracts.contract.rules import MAX_REASON, UNUSED_KEPT, Contract, ContractNotFound, ContractStatus
from contracts.contract.service import CONCLUDERS
from contracts.kernel.errors import Malformed, RuleBroken, WrongState
from contracts.kernel.work import Work
from contracts.payment import advance_queries as advances
from market.oversight.spending import committed_to
from market.placement import ending_queries as endings
from market.placement import service as placement
from market.placement.terminating import can_be_chosen, foresee
from market.provider.queries import provider
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, faults_of, new_key, parse_day, submit
from market.web.pages.officer.sight import MONEY
from market.web.problems import status_of
from market.web.rendering import render
from market.web.work import Caller, TheCaller, WebRequest

DAY = timedelta(days=1)
CONFIRMED = "confirmed"
TERMINATED = _(
    "The contract is ended from that day on. What its services do not need any more went back to the vouchers."
)


class End(NamedTuple):
    """``status``: only of such a contract."""

    title: str
    status: ContractStatus


ENDS = {
    "termination": End(_("End the contract before its time"), ContractStatus.ACTIVE),
    "cancellation": End(_("Cancel the contract"), ContractStatus.PENDING),
    "completion": End(_("Close the contract"), ContractStatus.ACTIVE),
}


class Asked(NamedTuple):
    """What waits for a yes. ``services``: how many would end."""

    on: date
    reason: str
    services: int


def ends_of(work: Work, contract: Contract) -> list[tuple[str, str]]:
    """The pages on which this officer may end it now, with their words."""
    if not _may_end(work, contract):
        return []
    over = work.today >= contract.until_on
    late = {"termination": over, "completion": not over}
    there = f"/budget/contracts/{contract.number}"
    return [
        (f"{there}/{name}", end.title)
        for name, end in ENDS.items()
        if contract.status is end.status and not late.get(name)
    ]


def _may_end(work: Work, contract: Contract) -> bool:
    return work.actor.has(*CONCLUDERS, territory=contract.territory) and is_free(work, contract.provider_id)


@get("/budget/contracts/{number:str}/termination", sync_to_thread=True)
def show_termination(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _page(request, caller, number, "termination", EMPTY)


@get("/budget/contracts/{number:str}/cancellation", sync_to_thread=True)
def show_cancellation(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _page(request, caller, number, "cancellation", EMPTY)


@get("/budget/contracts/{number:str}/completion", sync_to_thread=True)
def show_completion(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _page(request, caller, number, "completion", EMPTY)


def _page(
    request: WebRequest, caller: Caller, number: str, name: str, filled: Filled, asked: Asked | None = None
) -> Response[str]:  # fmt: skip
    refused_on = parse_day(filled.value("on")) if filled.faults else None

    def read(work: Work) -> dict[str, Any]:
        contract = contracts.contract_numbered(work, number, *MONEY)
        uses = advances.uses(work, [one.id for one in advances.advances_of_contract(work, contract.id)])
        return {
            "contract": contract,
            "last_on": contract.until_on - DAY,
            "provider": provider(work, contract.provider_id),
            "committed": committed_to(work, contract.id),
            "services": endings.count_served_from(work, contract.id, work.today),
            "owed": sum(use.owed_minor for use in uses.values()),
            "confirmed_on": endings.last_confirmed_under(work, contract.id, refused_on) if refused_on else None,
            "on_list": can_be_chosen(work, contract),
            "kept": UNUSED_KEPT,
            "is_over": work.today >= contract.until_on,
            "decides": work.actor.has(*CONCLUDERS, territory=contract.territory),
            "tied": not is_free(work, contract.provider_id),
            "fits": contract.status is ENDS[name].status,
        }

    return render(
        request, f"officer/{name}.html", title=ENDS[name].title, filled=filled, asked=asked, key=new_key(),
        **caller.read(read),
    )  # fmt: skip


@post("/budget/contracts/{number:str}/termination", sync_to_thread=True)
def terminate(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    if data.get(CONFIRMED) != "yes":
        return _ask(request, caller, number, data)

    def do(work: Work, contract: Contract) -> None:
        on, reason = _read(data)
        placement.terminate(work, contract.id, on=on, reason=reason)

    return _answer(request, caller, number, "termination", data, do, TERMINATED)


def _ask(request: WebRequest, caller: Caller, number: str, data: Form) -> Response[str]:
    """Shows what would follow, and changes nothing."""

    def read(work: Work) -> Asked:
        on, reason = _read(data)
        contract = contracts.contract_numbered(work, number, *MONEY)
        if not _may_end(work, contract):
            raise ContractNotFound
        return Asked(on, reason, foresee(work, contract, on=on))

    try:
        asked = caller.read(read)
    except (Malformed, RuleBroken, WrongState) as error:
        typed = {name: data.get(name, "") for name in ("on", "reason")}
        page = _page(request, caller, number, "termination", Filled(typed, faults_of(request, error)))
        page.status_code = status_of(type(error))
        return page
    return _page(request, caller, number, "termination", EMPTY, asked)


def _read(data: Form) -> tuple[date, str]:
    reading = Reading(data)
    on, reason = reading.day("on"), reading.text("reason", max_length=MAX_REASON)
    reading.check()
    assert on is not None, "a required day that passed the check is one"
    return on, reason


@post("/budget/contracts/{number:str}/cancellation", sync_to_thread=True)
def cancel(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work, contract: Contract) -> None:
        contracting.cancel(work, contract.id)

    return _answer(request, caller, number, "cancellation", data, do, _("The contract is cancelled."))


@post("/budget/contracts/{number:str}/completion", sync_to_thread=True)
def complete(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work, contract: Contract) -> None:
        contracting.complete(work, contract.id)

    return _answer(request, caller, number, "completion", data, do, _("The contract is closed."))


def _answer(
    request: WebRequest, caller: Caller, number: str, name: str, data: Form, do: Callable[[Work, Contract], None],
    said: str,
) -> Response[Any]:  # fmt: skip
    return submit(
        request, caller, data, do=lambda work: do(work, contracts.contract_numbered(work, number, *MONEY)),
        again=lambda filled: _page(request, caller, number, name, filled),
        to=f"/budget/contracts/{number}", said=said,
    )  # fmt: skip


HANDLERS = [show_termination, terminate, show_cancellation, cancel, show_completion, complete]
