"""What recipients owe and pay, for who answers for the money: each due with its story; remitting, and trying again."""

from collections.abc import Callable
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from contracts.approval.queries import is_free
from contracts.collection import queries, service
from contracts.collection.queries import Account, Totals
from contracts.collection.rules import LONGEST_REASON, Due, DueNotFound
from contracts.collection.service import READERS
from contracts.kernel.work import Role, Work
from market.catalogue.rules import ServiceKind
from market.oversight.names import names
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import held_by
from market.web.rendering import render
from market.web.work import Caller, TheCaller, WebRequest


@get("/payments-desk/dues", sync_to_thread=True)
def list_dues(request: WebRequest, caller: TheCaller, at: TheSlice, stopped: FromQuery[bool] = False) -> Response[str]:
    held = held_by(caller, *READERS)

    def read(work: Work) -> tuple[list[Account], Totals, dict[Any, str], list[Account]]:
        found = queries.dues_in(work, held, stopped=stopped, after=at.after, limit=at.limit + 1)
        called = names(work, [("provider", one.due.provider_id) for one in found])
        waiting = [] if stopped else queries.dues_in(work, held, stopped=True, limit=1)
        return found, queries.totals_in(work, held), called, waiting

    found, totals, called, waiting = caller.read(read)
    listing = at.listing(found, lambda one: one, lambda one: one.due.id)
    return render(
        request, "officer/dues.html", listing=listing, totals=totals, names=called, stopped=stopped,
        some_stopped=bool(waiting),
    )  # fmt: skip


@get("/payments-desk/dues/{number:str}", sync_to_thread=True)
def show_due(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, number, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        due = _in_sight(work, number)
        account, remissions = queries.account_of(work, due), queries.remissions_of(work, due.id)
        office = work.actor.has(Role.FINANCE_OFFICER, territory=due.territory)
        owner = office and is_free(work, due.provider_id)
        ids = [("engagement", due.engagement_id), ("provider", due.provider_id)]
        return {
            "account": account,
            "due": due,
            "kind": ServiceKind(due.kind),
            "parts": queries.parts_of(work, due.id),
            "moves": queries.latest_collections(work, due.id, limit=queries.PAGE),
            "remissions": remissions,
            "names": names(work, [*ids, *(("user", one.remitted_by) for one in remissions)]),
            "tied": office and not owner,
            "may_remit": owner and due.goal_minor > 0,
            "may_resume": owner and account.stopped,
        }

    return render(request, "officer/due.html", filled=filled, key=new_key(), **caller.read(read))


def _in_sight(work: Work, number: str) -> Due:
    """For officers of its territory. Raises DueNotFound."""
    due = queries.due_numbered(work, number)
    if not work.actor.has(*READERS, territory=due.territory):
        raise DueNotFound
    return due


@post("/payments-desk/dues/{number:str}/remission", sync_to_thread=True)
def remit(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        amount, reason = reading.money("amount"), reading.text("reason", max_length=LONGEST_REASON)
        reading.check()
        service.remit(work, _in_sight(work, number).id, amount_minor=amount, reason=reason)

    return _answer(request, caller, number, data, do, _("It is remitted. What was paid of it goes back."))


@post("/payments-desk/dues/{number:str}/resumption", sync_to_thread=True)
def resume(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        service.resume(work, _in_sight(work, number).id)

    return _answer(request, caller, number, data, do, _("It is tried again."))


def _answer(
    request: WebRequest, caller: Caller, number: str, data: Form, do: Callable[[Work], None], said: str
) -> Response[Any]:
    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, filled),
        to=f"/payments-desk/dues/{number}", said=said,
    )  # fmt: skip


HANDLERS = [list_dues, show_due, remit, resume]
