"""Advances: what was asked for, who agreed, what is still owed; and what a contract says of them."""

from collections.abc import Callable
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.approval import queries as approvals
from contracts.approval.rules import LONGEST_REASON, Verdict
from contracts.budget import queries as budget
from contracts.contract import queries as contracts
from contracts.contract.rules import LONGEST_SOURCE, Contract
from contracts.kernel.errors import DomainError
from contracts.kernel.work import Role, Work
from contracts.payee import queries as payees
from contracts.payment import advance_queries as queries
from contracts.payment import advancing
from contracts.payment import queries as payments
from contracts.payment.advance_rules import Advance, AdvanceStatus
from contracts.payment.paying_accounts import channel_of
from market.oversight.advances import advances
from market.oversight.names import names
from market.provider.queries import provider
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, faults_of, new_key, submit
from market.web.pages.officer.contracts import show_again
from market.web.pages.officer.ordering import ORDERED
from market.web.pages.officer.payments import READERS as PAYMENT_READERS
from market.web.pages.officer.sight import MONEY, held_by
from market.web.rendering import render
from market.web.work import Caller, TheCaller, WebRequest

HOME = "/advances-desk"
PERCENT = 100  # basis points in a percent
WHOLE = 100  # percent
Verb = Callable[[Work, Advance], object]


@get("/advances-desk", sync_to_thread=True)
def list_advances(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    held, asked = held_by(caller, *advancing.READERS), at.query.get("status", "")
    which = AdvanceStatus(asked) if asked in set(AdvanceStatus) else None
    found = caller.read(lambda work: advances(work, held, status=which, after=at.after, limit=at.limit))
    listing = at.listing(found, lambda one: one, lambda one: one.id)
    links = [(one, f"{HOME}?status={one}", one is which) for one in AdvanceStatus]
    return render(request, "officer/advances.html", listing=listing, which=which, links=links)


@get("/advances-desk/{number:str}", sync_to_thread=True)
def show_advance(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, number, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, filled: Filled) -> Response[str]:
    held_by(caller, *advancing.READERS)

    def read(work: Work) -> dict[str, Any]:
        advance = in_sight(work, number)
        contract = contracts.contract(work, advance.contract_id)
        said = approvals.decisions(work, advance.id, amount_minor=advance.amount_minor)
        paid = queries.payments_of(work, [advance.id]).get(advance.id)
        people = [
            advance.asked_by,
            *(one.decided_by for one in said),
            *([advance.closed_by] if advance.closed_by else []),
        ]
        return {
            "advance": advance,
            "contract": contract,
            "provider": provider(work, advance.provider_id),
            "account": payees.version(work, advance.payee_version_id),
            "allowed": queries.allowance(work, contract),
            "line": budget.line(work, advance.line_id),
            "free": budget.availability(work, advance.line_id).free,
            "payment": payments.payment(work, paid) if paid else None,
            "use": queries.uses(work, [advance.id]).get(advance.id),
            "taken": queries.acts_set_off(work, paid) if paid else [],
            "is_over": not contract.from_on <= work.today < contract.until_on,
            "decisions": said,
            "hands": names(work, [("user", one) for one in people]),
            **_may(work, advance, contract),
        }

    found = caller.read(read)
    stops = found.pop("stops")
    obstacle = faults_of(request, stops)[0].text if stops else None
    return render(
        request, "officer/advance.html", filled=filled, key=new_key(), at=f"{HOME}/{number}", obstacle=obstacle, **found
    )


def in_sight(work: Work, number: str) -> Advance:
    """For officers and auditors of its territory. Raises AdvanceNotFound."""
    return advancing.seen(work, queries.advance_numbered(work, number))


def _obstacle(work: Work, advance: Advance, contract: Contract) -> DomainError | None:
    """Why nobody can order it now."""
    try:
        advancing.check_payable(work, advance, contract)
    except DomainError as error:
        return error
    return None


def _may(work: Work, advance: Advance, contract: Contract) -> dict[str, Any]:
    """Which forms are shown: none that its service would refuse. What stands in the reader's way is said instead."""
    owner = work.actor.has(Role.FINANCE_OFFICER, territory=advance.territory)
    waits = owner and advance.status is AdvanceStatus.ASKED
    standing, person = advancing.standing_of(work, advance), work.actor.id
    tied = person is not None and approvals.is_interested(work, person, frozenset({advance.provider_id}))
    approved = any(one.decided_by == person for one in standing.approved)
    free = waits and not tied and person not in (None, advance.asked_by)
    stops = _obstacle(work, advance, contract) if advance.status is AdvanceStatus.ASKED else None
    return {
        "sees_payment": work.actor.has(*PAYMENT_READERS, territory=advance.territory),
        "standing": standing,
        "tied": waits and tied,
        "has_approved": waits and approved,
        "may_approve": free and not approved,
        "may_refuse": free,
        "may_order": free and standing.is_complete and not approved and stops is None,
        "stops": stops,
    }


def _step(request: WebRequest, caller: Caller, number: str, data: Form, verb: Verb, said: str) -> Response[Any]:
    return submit(
        request, caller, data, do=lambda work: verb(work, in_sight(work, number)),
        again=lambda filled: _show(request, caller, number, filled), to=f"{HOME}/{number}", said=said,
    )  # fmt: skip


@post("/advances-desk/{number:str}/approval", sync_to_thread=True)
def approve(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def verb(work: Work, advance: Advance) -> None:
        advancing.decide(work, advance.id, verdict=Verdict.APPROVED)

    return _step(request, caller, number, data, verb, _("You approved it."))


@post("/advances-desk/{number:str}/refusal", sync_to_thread=True)
def refuse(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def verb(work: Work, advance: Advance) -> None:
        reading = Reading(data)
        reason = reading.text("reason", max_length=LONGEST_REASON)
        reading.check()
        advancing.decide(work, advance.id, verdict=Verdict.REJECTED, reason=reason)

    return _step(request, caller, number, data, verb, _("The advance is refused. Its organisation reads why."))


@post("/advances-desk/{number:str}/order", sync_to_thread=True)
def order(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def verb(work: Work, advance: Advance) -> None:
        advancing.order(work, advance.id)

    channel = caller.read(lambda work: channel_of(work, in_sight(work, number).territory))
    return _step(request, caller, number, data, verb, ORDERED[channel])


@post("/budget/contracts/{number:str}/advances", sync_to_thread=True)
def agree(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        contract = contracts.contract_numbered(work, number, *MONEY)
        reading = Reading(data)
        percent = reading.number("percent", high=WHOLE)
        from_on = reading.day("from_on")
        source = reading.text("source", max_length=LONGEST_SOURCE)
        reading.check()
        assert from_on is not None, "a required day that passed the check is one"
        advancing.agree(work, contract.id, most_bp=percent * PERCENT, from_on=from_on, source=source)

    return submit(
        request, caller, data, do=do, again=lambda filled: show_again(request, caller, at, number, filled),
        to=f"/budget/contracts/{number}", said=_("It is written down what the contract says of advances."),
    )  # fmt: skip


HANDLERS = [list_advances, show_advance, approve, refuse, order, agree]
