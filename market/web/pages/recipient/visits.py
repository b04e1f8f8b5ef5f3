"""Visits: confirmed by one button, or by the code of the day that is told to who comes; and what was paid for them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.act import taken_back
from contracts.act.take_back import TakeBack, TakeBackStatus
from contracts.contract.rules import EngagementNotFound, EngagementStatus
from contracts.kernel.errors import Malformed
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register import absences, confirming
from contracts.register import service as register
from contracts.register.queries import entry
from contracts.register.rules import LONGEST_PAGE, EntryNotFound, EntryStatus
from market.placement import holder_queries
from market.placement.holder_queries import Helper
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit, told_apart
from market.web.pages.recipient.person import Person, check_own, person_of, show
from market.web.pages.recipient.words import CONFIRMED, money_said
from market.web.wire import PAGE
from market.web.work import Caller, Id, TheCaller, WebRequest

DAY = timedelta(days=1)


@get("/people/{number:str}/visits", sync_to_thread=True)
def show_visits(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _page(request, caller, person_of(caller, number), EMPTY)


def _page(request: WebRequest, caller: Caller, person: Person, filled: Filled) -> Response[str]:
    before = _mark(request.query_params.get("before", ""))

    def read(work: Work) -> dict[str, Any]:
        visits = holder_queries.visits_of(work, person.id, before=before, limit=PAGE + 1)
        missed = absences.absences_of_recipient(work, person.id)
        serving = [one for one in holder_queries.helpers_of(work, person.id) if _serves_today(work, one)]
        return {
            "waiting": holder_queries.visits_of(work, person.id, status=EntryStatus.ENTERED),
            "visits": visits[:PAGE],
            "untrue": _taken_back(work, [*(one.id for one in visits), *(one.id for one in missed)]),
            "following": _next(visits) if len(visits) > PAGE else None,
            "serving": serving,
            "absences": missed,
            "codes": {} if person.by_office else _codes(work, caller, serving),
            "today": work.today,
        }

    fields = [fault.field for fault in filled.faults if fault.field.startswith("paper_page-")]
    return show(
        request, person, "visits", filled=filled, fields=fields, key=new_key(), confirmed=CONFIRMED,
        is_later=before is not None, one_day=DAY,
        **caller.read(read),
    )  # fmt: skip


def _taken_back(work: Work, about_ids: list[UUID]) -> dict[UUID, TakeBack]:
    found = taken_back.of_each(work, about_ids)
    return {about_id: one for about_id, one in found.items() if one.status is TakeBackStatus.TAKEN}


def _serves_today(work: Work, one: Helper) -> bool:
    return one.status is EngagementStatus.ACTIVE and one.from_on <= work.today < one.until_on


def _codes(work: Work, caller: Caller, serving: list[Helper]) -> dict[UUID, str]:
    """To the recipient's own side they are simply there; an operator asks for one, which leaves an event."""
    own = {one.engagement_id: one.provider_id for one in serving}
    return {
        engagement_id: confirming.code_today(work, caller.vault.visit_key, engagement_id)
        for engagement_id, provider_id in own.items()
        if provider_id not in work.actor.providers()
    }


def _mark(text: str) -> tuple[datetime, UUID] | None:
    """Where a page of visits ended. Raises Malformed."""
    if not text:
        return None
    moment, _space, visit = text[:80].partition("_")
    try:
        found = datetime.fromisoformat(moment), UUID(visit)
    except ValueError:
        raise Malformed("This is not where a page ended", pointer="/before", rule="page-mark") from None
    if found[0].tzinfo is None:
        raise Malformed("This is not where a page ended", pointer="/before", rule="page-mark")
    return found


def _next(visits: list[holder_queries.SeenVisit]) -> str:
    last = visits[PAGE - 1]
    return f"{last.started_at:%Y-%m-%dT%H:%M:%S}Z_{last.id}"


@post("/people/{number:str}/visits/{visit_id:uuid}/confirm", sync_to_thread=True)
def confirm(request: WebRequest, caller: TheCaller, number: FromPath[str], visit_id: Id, data: Form) -> Response[Any]:
    person = person_of(caller, number)

    def do(work: Work) -> None:
        check_own(entry(work, visit_id).recipient_id, person, EntryNotFound)
        register.confirm(work, visit_id)

    return submit(
        request, caller, data, do=do, again=lambda filled: _page(request, caller, person, filled),
        to=f"{person.address}/visits", said=_("The visit is confirmed. Thank you."),
    )  # fmt: skip


@post("/people/{number:str}/visits/{visit_id:uuid}/paper", sync_to_thread=True)
def confirm_by_paper(
    request: WebRequest, caller: TheCaller, number: FromPath[str], visit_id: Id, data: Form
) -> Response[Any]:
    """An operator has the page that the recipient signed."""
    person = person_of(caller, number)

    def do(work: Work) -> None:
        reading = Reading(data)
        page = reading.text("paper_page", max_length=LONGEST_PAGE)
        reading.check()
        check_own(entry(work, visit_id).recipient_id, person, EntryNotFound)
        register.confirm_by_paper(work, visit_id, page=page)

    def again(filled: Filled) -> Response[str]:
        return _page(request, caller, person, told_apart(filled, visit_id, "paper_page"))

    return submit(
        request, caller, data, do=do, again=again,
        to=f"{person.address}/visits", said=_("The visit is confirmed by the signed page."),
    )  # fmt: skip


@post("/people/{number:str}/visits/code/{engagement_id:uuid}", sync_to_thread=True)
def tell_code(request: WebRequest, caller: TheCaller, number: FromPath[str], engagement_id: Id) -> Response[str]:
    """For an operator who has the recipient on the telephone. Asking leaves an event, so it is a button."""
    person = person_of(caller, number)
    one = _served(caller, person, engagement_id)
    code = caller.write(lambda work: confirming.code_today(work, caller.vault.visit_key, engagement_id))
    return show(request, person, "code", one=one, code=code, today=caller.read(lambda work: work.today))


@post("/people/{number:str}/visits/sheet/{engagement_id:uuid}", sync_to_thread=True)
def print_sheet(request: WebRequest, caller: TheCaller, number: FromPath[str], engagement_id: Id) -> Response[str]:
    """Codes of a month on paper, for somebody without a telephone. Leaves an event."""
    person = person_of(caller, number)
    one = _served(caller, person, engagement_id)
    sheet = caller.write(lambda work: confirming.codes_on_paper(work, caller.vault.visit_key, engagement_id))
    return show(request, person, "sheet", one=one, sheet=sheet)


def _served(caller: Caller, person: Person, engagement_id: UUID) -> Helper:
    helpers = caller.read(lambda work: holder_queries.helpers_of(work, person.id))
    one = next((h for h in helpers if h.engagement_id == engagement_id), None)
    if one is None:
        raise EngagementNotFound
    return one


@get("/people/{number:str}/payments", sync_to_thread=True)
def show_payments(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    person = person_of(caller, number)
    before = month_mark(request.query_params.get("before", ""))
    found = caller.read(lambda work: holder_queries.paid_for(work, person.id, before=before, limit=PAGE + 1))
    shown = found[:PAGE]
    following = f"{shown[-1].month}_{shown[-1].line_id}" if len(found) > PAGE else None
    return show(request, person, "payments", months=shown, following=following, money_said=money_said)


def month_mark(text: str) -> tuple[Month, UUID] | None:
    if not text:
        return None
    month, _dash, line = text[:60].partition("_")
    try:
        return Month.parse(month, pointer="/before"), UUID(line)
    except ValueError:
        raise Malformed("This is not where a page ended", pointer="/before", rule="page-mark") from None


HANDLERS = [show_visits, confirm, confirm_by_paper, tell_code, print_sheet, show_payments]
