"""An offer has closed: who is served there, where they could go, and the officer's decision; they answer themselves."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from contracts.kernel.errors import Conflict, Malformed, RuleBroken, Unavailable, WrongState
from contracts.kernel.work import Work
from market.oversight.names import names
from market.placement.ending import OFFICERS
from market.placement.rehousing import MOST_MOVES, DecidedMove, ProposedMove, check_closed, rehouse
from market.placement.rehousing_queries import served_under
from market.placement.report_queries import offers_named
from market.provider import queries as providers
from market.web.asking import rehousing_plan
from market.web.language import _
from market.web.pages.form import EMPTY, Fault, Filled, Form, Incomplete, faults_of, new_key, submit
from market.web.problems import status_of
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest

MOVE = "move-"  # begins the name of a person's box: the rest is the placement, its value the offer they would go to


@get("/rehousing/{offer_id:uuid}", sync_to_thread=True)
def show_closed(request: WebRequest, caller: TheCaller, offer_id: Id) -> Response[str]:
    return _show(request, caller, offer_id, EMPTY)


def _show(
    request: WebRequest, caller: Caller, offer_id: UUID, filled: Filled, plan: Sequence[ProposedMove] | None = None
) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        check_closed(work, offer_id)
        closed = providers.offer(work, offer_id)
        leaving = served_under(work, offer_id, limit=MOST_MOVES)
        return {
            "offer": closed,
            "provider": providers.provider(work, closed.provider_id),
            "leaving": {one.placement.id: one for one in leaving},
            "people": names(work, [("recipient", one.placement.recipient_id) for one in leaving]),
            "offers": offers_named(work, [one.offer_id for one in plan or () if one.offer_id]),
        }

    return render(
        request, "officer/rehousing.html", filled=filled, key=new_key(), plan=plan, box=MOVE, **caller.read(read)
    )  # fmt: skip


@post("/rehousing/{offer_id:uuid}/plan", sync_to_thread=True, status_code=200)
def plan(request: WebRequest, caller: TheCaller, offer_id: Id, data: Form) -> Response[str]:
    """The answer is the page: nothing of it is kept, so there is no address to go on to."""
    caller.actor.require(*OFFICERS)
    caller.read(lambda work: check_closed(work, offer_id))
    try:
        moves = rehousing_plan(caller.site.settings, offer_id)
    except (Malformed, RuleBroken, WrongState, Conflict, Unavailable) as error:
        page = _show(request, caller, offer_id, Filled(dict(data), faults_of(request, error)))
        page.status_code = status_of(type(error))
        return page
    return _show(request, caller, offer_id, Filled(dict(data)), moves)


@post("/rehousing/{offer_id:uuid}", sync_to_thread=True)
def decide(request: WebRequest, caller: TheCaller, offer_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        rehouse(work, offer_id, _chosen(data))

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, offer_id, filled),
        to=f"/rehousing/{offer_id}", said=_("The places are offered. Each person answers within five working days."),
    )  # fmt: skip


def _chosen(data: Mapping[str, str]) -> list[DecidedMove]:
    """Raises Incomplete."""
    try:
        found = [DecidedMove(UUID(name[len(MOVE) :]), UUID(to)) for name, to in data.items() if name.startswith(MOVE)]
    except ValueError:
        found = []
    if not found:
        raise Incomplete([Fault("", _("Choose whom a place is offered to"))])
    return found


HANDLERS = [show_closed, plan, decide]
