"""Changes of bank account that wait: the commonest way to steal a payment is decided slowly and by a second person."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from contracts.approval.queries import interests
from contracts.kernel.work import Role, Work
from contracts.payee import queries as payees
from contracts.payee import service
from contracts.payee.rules import WAITING_TIME
from market.oversight.desk import AccountChange, account_changes
from market.provider.queries import provider
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, new_key, submit
from market.web.pages.officer.sight import held_by
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest

READERS = (Role.FINANCE_OFFICER, Role.AUDITOR)


@get("/payments-desk/accounts", sync_to_thread=True)
def list_changes(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    return _list(request, caller, at, EMPTY)


def _list(request: WebRequest, caller: Caller, at: TheSlice, filled: Filled) -> Response[str]:
    held = held_by(caller, *READERS)

    def read(work: Work) -> tuple[list[AccountChange], datetime, set[UUID]]:
        ties = {one.provider_id for one in interests(work, work.actor.id)} if work.actor.id else set()
        return account_changes(work, held, after=at.after, limit=at.limit), work.now, ties

    found, now, ties = caller.read(read)
    listing = at.listing(found, lambda one: one, lambda one: one.id)
    return render(
        request, "officer/accounts.html", listing=listing, now=now, waiting=WAITING_TIME, filled=filled, key=new_key(),
        may_decide={one.id for one in listing.items if _may_decide(caller, one)}, ties=ties,
    )  # fmt: skip


def _may_decide(caller: Caller, change: AccountChange) -> bool:
    """A second person: not the one who asked for it."""
    return caller.actor.has(Role.FINANCE_OFFICER, territory=change.territory) and caller.actor.id != change.requested_by


Verb = Callable[..., None]


def _decide(
    request: WebRequest, caller: Caller, at: TheSlice, version_id: UUID, data: Form, verb: Verb, said: str
) -> Response[Any]:
    def do(work: Work) -> None:
        payee = payees.payee(work, payees.version(work, version_id).payee_id)
        verb(work, version_id, territory=provider(work, payee.provider_id).territory)

    return submit(
        request, caller, data, do=do, again=lambda filled: _list(request, caller, at, filled),
        to="/payments-desk/accounts", said=said,
    )  # fmt: skip


@post("/payments-desk/accounts/{version_id:uuid}/approval", sync_to_thread=True)
def approve(request: WebRequest, caller: TheCaller, at: TheSlice, version_id: Id, data: Form) -> Response[Any]:
    said = _(
        "The new account is in force. Acts accepted before are still paid to the old one, until a payment comes back."
    )
    return _decide(request, caller, at, version_id, data, service.approve_change, said)


@post("/payments-desk/accounts/{version_id:uuid}/rejection", sync_to_thread=True)
def reject(request: WebRequest, caller: TheCaller, at: TheSlice, version_id: Id, data: Form) -> Response[Any]:
    said = _("The change was refused. Money goes to the old account as before.")
    return _decide(request, caller, at, version_id, data, service.reject_change, said)


HANDLERS = [list_changes, approve, reject]
