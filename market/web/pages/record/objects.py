"""A list and a page for every object, and the forms on it; finding one by its number."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from contracts.contract.queries import contract
from contracts.contract.queries import engagement as engagement_
from contracts.contract.rules import EngagementStatus
from contracts.kernel.work import NOBODY, Role, Work
from market.competition.queries import READERS as TENDER_READERS
from market.oversight.names import find_numbered, names
from market.oversight.trail import READERS as TRAIL_READERS
from market.web.formats import NOTHING, Formats
from market.web.language import _, carried_on, language_of, tr
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Said, new_key, submit
from market.web.pages.officer.engaged import may_change
from market.web.pages.officer.sight import MONEY
from market.web.pages.record.course import goes_on, may_end, may_interrupt
from market.web.pages.record.nouns import NOUNS, Noun
from market.web.pages.record.queries import openable
from market.web.pages.record.show import KINDS, PAGES, Rows, Sayer, Table, View, ids_in
from market.web.pages.record.verbs import VERBS, Verb, buttons, is_tied
from market.web.queries import PAYMENT_READERS
from market.web.rendering import render
from market.web.wire import PAGE, Slice
from market.web.work import Caller, Id, TheCaller, WebRequest

PUBLIC: dict[str, Any] = {"public": True}
DESKS: Mapping[str, tuple[str, tuple[Role, ...]]] = {  # where officers work on such things, and who does
    "acts": ("/acts-desk", MONEY),
    "contracts": ("/budget/contracts", MONEY),
    "payments": ("/payments-desk", PAYMENT_READERS),
    "providers": ("/registry", MONEY),
    "tenders": ("/tenders-desk", TENDER_READERS),
}
OFFICERS = (Role.BUDGET_OFFICER, Role.FINANCE_OFFICER, Role.PROCUREMENT_OFFICER, Role.AUDITOR)


def _object_page(noun: Noun) -> HTTPRouteHandler:
    @get(f"/{noun.path}/{{object_id:uuid}}", sync_to_thread=True, opt={"public": noun.public})
    def show_object(request: WebRequest, caller: TheCaller, at: TheSlice, object_id: Id) -> Response[str]:
        return _show(request, caller, noun, at, object_id, EMPTY)

    return show_object


def _show(
    request: WebRequest, caller: Caller, noun: Noun, at: Slice, object_id: UUID, filled: Filled
) -> Response[str]:  # fmt: skip
    def read(work: Work) -> dict[str, Any]:
        view = noun.show(work, object_id)
        beside = [rows for rows in noun.beside(work, view, at) if rows.views]
        say = _sayer(request, work, [view], *beside)
        return {
            "facts": say.facts(view, but=noun.inside),
            "tables": [say.table(rows) for rows in beside],
            "name": _name(say, view),
            "verbs": _offered(noun, work, view, beside),
            "tied": is_tied(noun.path, work, view),
            "offers": _choices(say, beside),
            "trail": _trail_of(noun, work, view, object_id),
            "desk": _desk_of(noun, work, view),
            "grants_to": _grants_to(noun, work, view),
            "terms": _terms_of(noun, work, view),
            "course": _course_of(noun, work, view),
        }

    found = caller.read(read)
    return render(
        request, "record/object.html", noun=noun, object_id=object_id, filled=filled, key=new_key(), **found
    )  # fmt: skip


def _sayer(request: WebRequest, work: Work, views: list[View], *tables: Rows) -> Sayer:
    wanted = ids_in([*views, *(one for rows in tables for one in rows.views)])
    rows_themselves = {(KINDS[rows.page], one.id) for rows in tables if rows.page in KINDS for one in rows.views}
    return Sayer(Formats(language_of(request)), names(work, wanted), openable(work, wanted | rows_themselves))


def _name(say: Sayer, view: View) -> str:
    """What the heading adds to the kind of thing: its name or number."""
    for field in ("name", "title", "number", "sequence"):
        if hasattr(view, field):
            text = say.fact(field, getattr(view, field)).text
            return "" if text == NOTHING else text
    return ""


def _offered(noun: Noun, work: Work, view: View, beside: list[Rows]) -> list[Verb]:
    found = buttons(noun.path, work, view)
    free = any(card.places > 0 for card in _cards(beside))
    return [verb for verb in found if verb.needs != "offer_id" or free]


def _cards(beside: list[Rows]) -> list[View]:
    return [one for rows in beside for one in rows.views if hasattr(one, "places") and hasattr(one, "offer_id")]


def _choices(say: Sayer, beside: list[Rows]) -> list[tuple[str, str]]:
    def told(card: View) -> str:
        said = (say.fact(name, getattr(card, name)) for name in ("provider_name", "price", "distance_m"))
        return ", ".join(fact.text for fact in said)

    return [(str(card.offer_id), told(card)) for card in _cards(beside) if card.places > 0]


def _trail_of(noun: Noun, work: Work, view: View, object_id: UUID) -> str | None:
    """The address of the object's history, for whoever may read it."""
    roles = (Role.AUDITOR, *TRAIL_READERS.get(noun.stream, ()))
    if work.actor is NOBODY or not work.actor.has(*roles, territory=getattr(view, "territory", None)):
        return None
    return f"/audit/{noun.stream}/{view.tender_id if noun.path == 'lots' else object_id}"


def _desk_of(noun: Noun, work: Work, view: View) -> str | None:
    if noun.path not in DESKS or work.actor is NOBODY:
        return None
    desk, readers = DESKS[noun.path]
    return f"{desk}/{view.number}" if work.actor.has(*readers, territory=view.territory) else None


def _grants_to(noun: Noun, work: Work, view: View) -> str | None:
    """Where a budget officer issues a voucher to this person."""
    mine = noun.path == "recipients" and work.actor.has(Role.BUDGET_OFFICER, territory=view.territory)
    return f"/vouchers/new?recipient={view.number}" if mine and view.died_on is None else None


def _terms_of(noun: Noun, work: Work, view: View) -> str | None:
    """Where an officer changes the price of this service, or assesses what the person pays of it."""
    if noun.path != "engagements" or not may_change(work, contract(work, view.contract_id).territory):
        return None
    return f"/engagements/{view.id}/terms"


def _course_of(noun: Noun, work: Work, view: View) -> list[tuple[str, str]]:
    """Where this reader may interrupt the service, take it up again or end it: addresses with their words."""
    if noun.path != "engagements":
        return []
    engagement = engagement_(work, view.id)
    of_it, there = contract(work, view.contract_id), f"/engagements/{view.id}"
    links = []
    if engagement.status is EngagementStatus.SUSPENDED and may_interrupt(work, engagement, of_it):
        links.append((f"{there}/suspension", _("Take the service up again")))
    elif goes_on(work, engagement) and may_interrupt(work, engagement, of_it):
        links.append((f"{there}/suspension", _("Interrupt the service")))
    if goes_on(work, engagement) and may_end(work, engagement, of_it):
        links.append((f"{there}/end", _("End the service")))
    return links


def _list_page(noun: Noun) -> HTTPRouteHandler:
    every, view = noun.every, noun.view
    assert every is not None
    assert view is not None

    @get(f"/{noun.path}", sync_to_thread=True, opt={"public": noun.public})
    def list_objects(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
        def read(work: Work) -> Table:
            listing = at.listing(every(work, at), view, lambda found: found.id)
            rows = Rows(noun.many, listing.items, noun.columns, noun.path, listing.next)
            return _sayer(request, work, [], rows).table(rows)

        return render(request, "record/list.html", title=noun.many, table=caller.read(read))

    return list_objects


def _verb_form(noun: Noun, verb: Verb) -> HTTPRouteHandler:
    @post(f"/{verb.noun}/{{object_id:uuid}}/{verb.name}", sync_to_thread=True)
    def carry_out(request: WebRequest, caller: TheCaller, object_id: Id, data: Form) -> Response[Any]:
        """Sent twice, done once: the page gave the form a key of its own."""
        address = f"/{verb.noun}/{object_id}"

        def do(work: Work) -> None:
            verb.carry_out(work, object_id, data)

        def again(filled: Filled) -> Response[str]:
            return _show(request, caller, noun, Slice(address, {}, None, PAGE), object_id, filled)

        return submit(request, caller, data, do=do, again=again, to=address, said=verb.said)

    return carry_out


@get("/records", sync_to_thread=True, opt=PUBLIC)
def list_lists(request: WebRequest, caller: TheCaller) -> Response[Any]:
    """Every list, and for offices the way to one thing by its number; whether it is theirs, its page says."""
    number = " ".join(request.query_params.get("number", "").split())
    may_search = caller.actor is not NOBODY and caller.actor.has(*OFFICERS, Role.OPERATOR)
    found = caller.read(lambda work: find_numbered(work, number)) if number and may_search else None
    if found is not None:
        return Redirect(carried_on(request, f"/{PAGES[found[0]]}/{found[1]}"), status_code=HTTP_303_SEE_OTHER)
    faults = [Said("number", tr(language_of(request), _("Nothing has this number")))] if number else []
    filled = Filled({"number": number}, faults)
    open_lists = [noun for noun in NOUNS if noun.every and (noun.public or caller.actor.id)]
    return render(request, "record/lists.html", nouns=open_lists, filled=filled, may_search=may_search)


_BY_PATH = {noun.path: noun for noun in NOUNS}
HANDLERS: list[HTTPRouteHandler] = [
    *(_object_page(noun) for noun in NOUNS),
    *(_list_page(noun) for noun in NOUNS if noun.every),
    *(_verb_form(_BY_PATH[verb.noun], verb) for verb in VERBS),
    list_lists,
]
