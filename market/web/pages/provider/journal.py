"""The visit journal: a month of visits by status; one visit, its confirmation by code, and taking it back."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from contracts.act import queries as acts
from contracts.act import service as acting
from contracts.act.rules import is_open
from contracts.contract import queries as contracts
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register import confirming, journal, queries
from contracts.register.codes import MAX_WRONG
from contracts.register.items import MOST_OF_AN_ITEM, items_of
from contracts.register.items import Item as Done
from contracts.register.rules import LONGEST_REASON, Entry, EntryNotFound, EntryStatus
from market.catalogue.queries import Item
from market.catalogue.rules import ServiceKind, Unit
from market.placement import items
from market.placement.visiting import plates_of
from market.provider.queries import Provider
from market.provider.roster import roster
from market.web.formats import item_names, item_said, measure
from market.web.language import _, language_of, tr
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, Said, new_key, submit
from market.web.pages.provider.home import months_back
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.work import Caller, Id, TheCaller, WebRequest

HERE = "/journal"
MONTHS_OFFERED = 12
MonthAsked = Annotated[str | None, QueryParameter(name="month", pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")]
Left = Annotated[int | None, QueryParameter(name="left", ge=0, le=MAX_WRONG)]
LONGEST_CODE = 20  # six digits and the spaces people put between them
Show = Annotated[EntryStatus | None, QueryParameter(name="show", required=False)]


@get("/organisations/{number:str}/journal", sync_to_thread=True)
def show_journal(
    request: WebRequest,
    caller: TheCaller,
    at: TheSlice,
    number: FromPath[str],
    month: MonthAsked = None,
    show: Show = None,
) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number, carers=True)
        asked = Month.parse(month) if month else Month.of(work.today)
        found = journal.entries_of_provider(work, house.id, asked, status=show, after=at.after, limit=at.limit + 1)
        entries = at.listing(found, lambda one: one, lambda one: one.id)
        plates = plates_of(work, caller.vault, house.id, {entry.recipient_id for entry in entries.items})
        workers = {one.id: one.name for one in roster(work, caller.vault, house.id)}
        return {
            "house": house, "month": asked, "entries": entries, "plates": plates, "workers": workers,
            "months": months_back(work.today, MONTHS_OFFERED),
        }  # fmt: skip

    found = caller.write(read)  # to read names leaves an event
    return desk_page(request, "journal", found.pop("house"), HERE, show=show, statuses=list(EntryStatus), **found)


@get("/organisations/{number:str}/journal/{entry_id:uuid}", sync_to_thread=True)
def show_visit(
    request: WebRequest, caller: TheCaller, number: FromPath[str], entry_id: Id, left: Left = None
) -> Response[str]:
    if left is None:
        return _show(request, caller, number, entry_id, EMPTY)
    sentence = _("This is not the code of this visit; ask the recipient once more. Tries left today: %(left)s")
    said = tr(language_of(request), sentence, left=left)
    return _show(request, caller, number, entry_id, Filled({}, [Said("code", said)]))


def _show(request: WebRequest, caller: Caller, number: str, entry_id: Id, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house, entry = _entry_in(work, number, entry_id)
        engagement = contracts.engagement(work, entry.engagement_id)
        plates = plates_of(work, caller.vault, house.id, [entry.recipient_id])
        names = {one.id: one.name for one in roster(work, caller.vault, house.id)}
        return {
            "house": house, "entry": entry, "engagement": engagement, "plate": plates.get(entry.recipient_id),
            "worker": names.get(entry.worker_id, ""), "kind": ServiceKind(engagement.kind),
            "unit": Unit(engagement.unit),
            "may_note": entry.items is None and entry.status is not EntryStatus.CANCELLED and entry.act_id is None,
            "offered": _offered(work, entry),
            "done": items_of(entry),
            "may_take_back": _may_take_back(work, entry),
        }  # fmt: skip

    found = caller.write(read)
    language = language_of(request)
    said = [item_said(language, one.code, one.amount) for one in found.pop("done")]
    choices = [
        (one, item_names(language).get(one.code, one.code), measure(language, one.limit_unit))
        for one in found.pop("offered")
    ]
    return desk_page(
        request, "visit", found.pop("house"), HERE, filled=filled, key=new_key(), done=said, choices=choices, **found
    )


def _offered(work: Work, entry: Entry) -> list[Item]:
    """What may be noted: items of the kind that the programme names."""
    known, named = items.offered(work, entry.engagement_id)
    return [one for one in known if named is None or one.code in named]


def _entry_in(work: Work, number: str, entry_id: Id) -> tuple[Provider, Entry]:
    house, entry = house_of(work, number, carers=True), queries.entry(work, entry_id)
    if contracts.contract(work, entry.contract_id).provider_id != house.id:
        raise EntryNotFound
    return house, entry


def _may_take_back(work: Work, entry: Entry) -> bool:
    """The service decides for good: not out of an act that an officer has."""
    held = entry.act_id and not is_open(acts.act(work, entry.act_id))
    return entry.status is not EntryStatus.CANCELLED and not held


@post("/organisations/{number:str}/journal/{entry_id:uuid}/cancellation", sync_to_thread=True)
def take_back(request: WebRequest, caller: TheCaller, number: FromPath[str], entry_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        reason = reading.text("reason", max_length=LONGEST_REASON)
        reading.check()
        _entry_in(work, number, entry_id)
        acting.strike(work, entry_id, reason=reason)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, entry_id, filled),
        to=address_of(number, HERE), said=_("The visit is taken back. Nothing is paid for it."),
    )  # fmt: skip


@post("/organisations/{number:str}/journal/{entry_id:uuid}/items", sync_to_thread=True)
def note_items(
    request: WebRequest, caller: TheCaller, number: FromPath[str], entry_id: Id, data: Form
) -> Response[Any]:
    """What was done at the visit: ticked, and how much of what has a limit."""
    there = address_of(number, f"{HERE}/{entry_id}")

    def do(work: Work) -> None:
        _house, entry = _entry_in(work, number, entry_id)
        reading, done = Reading(data), []
        for one in _offered(work, entry):
            if reading.flag(f"item-{one.code}"):
                amount = reading.number(f"amount-{one.code}", low=1, high=MOST_OF_AN_ITEM) if one.limit_amount else None
                done.append(Done(one.code, amount))
        if not done:
            reading.wrong("", _("Tick what was done"))
        reading.check()
        items.note(work, entry_id, done)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, entry_id, filled), to=there,
        said=_("What was done is noted."),
    )  # fmt: skip


@post("/organisations/{number:str}/journal/{entry_id:uuid}/confirmation", sync_to_thread=True)
def confirm(request: WebRequest, caller: TheCaller, number: FromPath[str], entry_id: Id, data: Form) -> Response[Any]:
    """By the code that the recipient told. A wrong one is counted, so the form has its effect, and the page that
    follows says what it was."""
    there = address_of(number, f"{HERE}/{entry_id}")

    def do(work: Work) -> str:
        reading = Reading(data)
        code = reading.text("code", max_length=LONGEST_CODE)
        reading.check()
        _entry_in(work, number, entry_id)
        wrong = confirming.confirm_by_code(work, caller.vault.visit_key, entry_id, code=code)
        return there if wrong is None else f"{there}?left={wrong.members['left']}"

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, entry_id, filled), to=there
    )


HANDLERS = [show_journal, show_visit, note_items, take_back, confirm]
