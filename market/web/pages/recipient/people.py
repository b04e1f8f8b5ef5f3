"""Whom one acts for: oneself, the people one represents, and for an operator a search by number or IIN."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from contracts.kernel.errors import Malformed
from contracts.kernel.work import Role, Work
from market.placement.holder_queries import waiting_for_answers
from market.recipient import finding, queries
from market.recipient.finding import TooManySearches
from market.recipient.queries import Recipient
from market.web.language import _, carried_on, language_of, tr
from market.web.pages.form import EMPTY, Filled, Form, Said, faults_of
from market.web.pages.recipient.person import names_of
from market.web.problems import status_of
from market.web.rendering import render
from market.web.wire import PAGE
from market.web.work import Caller, TheCaller, WebRequest

ACTING = (Role.RECIPIENT, Role.REPRESENTATIVE, Role.OPERATOR)


@get("/my", sync_to_thread=True)
def my(request: WebRequest, caller: TheCaller) -> Redirect:
    """Straight to the only person somebody acts for."""
    own = [found.number for found in caller.read(lambda work: _people(work, ""))]
    address = f"/people/{own[0]}" if len(own) == 1 else "/people"
    return Redirect(carried_on(request, address), status_code=HTTP_303_SEE_OTHER)


@get("/people", sync_to_thread=True)
def people(request: WebRequest, caller: TheCaller) -> Response[str]:
    caller.actor.require(*ACTING)
    return _page(request, caller, EMPTY)


@post("/people/search", sync_to_thread=True)
def search(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    """By form and not by address: an IIN stands in no history and no log."""
    typed = {"who": data.get("who", "")[:40]}
    try:
        found = caller.write(lambda work: finding.find(work, caller.vault, typed["who"]))
    except (Malformed, TooManySearches) as error:
        faults = [Said("who", fault.text) for fault in faults_of(request, error)]
        return _page(request, caller, Filled(typed, faults), status=status_of(type(error)))
    if found is None:
        nobody = tr(
            language_of(request), _("Nobody with this number lives in your territory. Look at the number again.")
        )
        return _page(request, caller, Filled(typed, [Said("who", nobody)]), status=404)
    return Redirect(f"/people/{found.number}", status_code=HTTP_303_SEE_OTHER)


def _people(work: Work, after: str) -> list[Recipient]:
    return queries.recipients_among(work, work.actor.recipients(), after_number=after, limit=PAGE + 1)


def _page(request: WebRequest, caller: Caller, filled: Filled, *, status: int = 200) -> Response[str]:
    after = request.query_params.get("after", "")[:20]
    found = caller.read(lambda work: _people(work, after))
    shown = found[:PAGE]
    waiting = caller.read(lambda work: waiting_for_answers(work, [one.id for one in shown]))
    return render(
        request, "recipient/people.html", status=status, filled=filled, people=shown, names=names_of(caller, shown),
        waiting=waiting, next=f"/people?after={shown[-1].number}" if len(found) > PAGE else None,
        may_search=caller.actor.has(Role.OPERATOR),
    )  # fmt: skip


HANDLERS = [my, people, search]
