"""The visits behind a line of an act, and what an officer takes off it."""

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.act import deciding, queries, taken_back
from contracts.act.rules import LONGEST_REASON, Act, ActStatus, DeductionCode
from contracts.approval.queries import is_free
from contracts.contract.rules import EngagementNotFound
from contracts.kernel.work import Role, Work
from market.oversight.names import names
from market.oversight.spending import engagement_of_line, lines_of_engagement
from market.provider.queries import provider
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.acts import act_in_sight
from market.web.rendering import render
from market.web.wire import Slice
from market.web.work import Caller, Id, TheCaller, WebRequest

PERCENT = re.compile(r"\d{1,3}(\.\d{1,2})?", re.ASCII)
BASIS_POINTS = 100  # of a percent
WHOLE_BP = 10_000


@get("/acts-desk/{contract:str}/{month:str}/{engagement:str}", sync_to_thread=True)
def show_visits(
    request: WebRequest,
    caller: TheCaller,
    at: TheSlice,
    contract: FromPath[str],
    month: FromPath[str],
    engagement: FromPath[str],
) -> Response[str]:
    """The visits behind the lines of an engagement, fifty a page."""
    return _show(request, caller, at, f"{contract}/{month}", engagement, EMPTY)


def _show(
    request: WebRequest,
    caller: Caller,
    at: Slice,
    number: str,
    engagement: str,
    filled: Filled,
    line_id: UUID | None = None,
) -> Response[str]:
    """``line_id``: the line whose form was filled in."""

    def read(work: Work) -> dict[str, Any]:
        act = act_in_sight(work, number)
        lines = lines_of_engagement(work, act.id, engagement)
        if not lines:
            raise EngagementNotFound
        visits = queries.visits_of_line(work, act.id, lines[0].engagement_id, after=at.after, limit=at.limit)
        missed = queries.missed_of_line(work, act.id, lines[0].engagement_id) if at.after is None else []
        hands = [("worker", visit.worker_id) for visit in visits] + [("user", one.entered_by) for one in missed]
        people = names(work, [("recipient", lines[0].recipient_id), *hands])
        return {
            "act": act, "provider": provider(work, act.provider_id), "line": lines[0], "lines": lines,
            "visits": visits, "missed": missed, "people": people,
            "taken": taken_back.of_each(work, [*(one.id for one in visits), *(one.id for one in missed)]),
            **_may(work, act),
        }  # fmt: skip

    found = caller.read(read)
    listing = at.listing(found.pop("visits"), lambda one: one, lambda one: one.id)
    return render(
        request,
        "officer/visits.html",
        filled=filled,
        filled_line=line_id or found["line"].id,
        key=new_key(),
        listing=listing,
        reasons=list(DeductionCode),
        **found,
    )


def _may(work: Work, act: Act) -> dict[str, bool]:
    """Which forms are shown: none that its service would refuse."""
    second = work.actor.id not in {act.drafted_by, act.submitted_by}
    office, free = work.actor.has(Role.BUDGET_OFFICER, territory=act.territory), is_free(work, act.provider_id)
    would_decide = office and second and act.status is ActStatus.SUBMITTED
    would_take_back = office and act.status is ActStatus.ACCEPTED
    return {
        "may_decide": would_decide and free,
        "may_take_back": would_take_back and free,
        "tied": (would_decide or would_take_back) and not free,
    }


@post("/acts-desk/{contract:str}/{month:str}/lines/{line_id:uuid}/deduction", sync_to_thread=True)
def take_off(
    request: WebRequest,
    caller: TheCaller,
    at: TheSlice,
    contract: FromPath[str],
    month: FromPath[str],
    line_id: Id,
    data: Form,
) -> Response[Any]:
    number = f"{contract}/{month}"
    engagement = caller.read(lambda work: engagement_of_line(work, act_in_sight(work, number).id, line_id))

    def do(work: Work) -> None:
        reading = Reading(data)
        facts: dict[str, Any] = {
            "code": reading.choice("code", DeductionCode),
            "note": reading.text("note", max_length=LONGEST_REASON),
            "version": reading.number("version"),
        }
        share_bp = _share_bp(reading)
        amount_minor = 0 if share_bp else reading.money("amount")
        reading.check()
        act_id = act_in_sight(work, number).id
        if share_bp:
            deciding.deduct_share(work, act_id, line_id, share_bp=share_bp, **facts)
        else:
            deciding.deduct(work, act_id, line_id, amount_minor=amount_minor, **facts)

    return submit(
        request, caller, data, do=do,
        again=lambda filled: _show(request, caller, at, number, engagement, filled, line_id),
        to=f"/acts-desk/{number}/{engagement}", said=_("It is taken off. The organisation sees why."),
    )  # fmt: skip


def _share_bp(reading: Reading) -> int:
    """0 where it was said in tenge."""
    text = reading.text("percent", max_length=12, required=False).replace(" ", "").replace("%", "").replace(",", ".")
    if not text:
        return 0
    share = int(Decimal(text) * BASIS_POINTS) if PERCENT.fullmatch(text) else 0
    if not 0 < share <= WHOLE_BP:
        reading.wrong("percent", _("Write a share of the line from 0.01 to 100 percent, such as 12.5"))
    if reading.data.get("amount", "").strip():
        reading.wrong("percent", _("Say it in tenge or in percent, not both"))
    return share or WHOLE_BP


@post("/acts-desk/{contract:str}/{month:str}/lines/{line_id:uuid}/restoration", sync_to_thread=True)
def let_stand(
    request: WebRequest,
    caller: TheCaller,
    at: TheSlice,
    contract: FromPath[str],
    month: FromPath[str],
    line_id: Id,
    data: Form,
) -> Response[Any]:
    number = f"{contract}/{month}"
    engagement = caller.read(lambda work: engagement_of_line(work, act_in_sight(work, number).id, line_id))
    return submit(
        request, caller, data, do=lambda work: deciding.restore(work, act_in_sight(work, number).id, line_id),
        again=lambda filled: _show(request, caller, at, number, engagement, filled, line_id),
        to=f"/acts-desk/{number}/{engagement}", said=_("The whole line stands again."),
    )  # fmt: skip


HANDLERS = [show_visits, take_off, let_stand]
