"""A person's programme: what waits for an answer, each voucher with what is left of it and who comes; one voucher."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.calendar import civil_date
from contracts.kernel.errors import NotFound
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register.rules import EntryStatus
from market.catalogue import queries as catalogue
from market.placement import holder_queries, queries, service
from market.placement.holder_queries import Helper, SeenPlacement
from market.placement.rules import LIVE, OPEN, PlacementStatus, Request, RequestStatus
from market.provider.queries import is_admitted
from market.recipient import representation
from market.voucher import queries as vouchers
from market.voucher.rules import Voucher, VoucherStatus
from market.web.formats import item_names, measure
from market.web.language import _, language_of
from market.web.pages.form import EMPTY, Filled, Form, new_key, submit
from market.web.pages.recipient.person import Person, person_of, show, voucher_of
from market.web.pages.recipient.words import told_by_round
from market.web.work import Caller, TheCaller, WebRequest

DAY = timedelta(days=1)
SHOWN_VISITS = 50  # to be confirmed; who has more does those first


@dataclass(frozen=True, slots=True)
class Held:
    """A voucher as its holder knows it. ``last_on`` is the last day it can be used; ``left`` of this month, None before
    it begins; ``place``: what is offered, asked for or agreed."""

    voucher: Voucher
    last_on: date
    left: int | None
    helpers: list[Helper]
    place: SeenPlacement | None
    request: Request | None
    is_over: bool
    takes_people: bool  # whose place it is; said where an answer is awaited

    @property
    def waits(self) -> bool:
        return self.request is not None and self.request.status is RequestStatus.WAITING and not self.is_over

    @property
    def waiting_since(self) -> date | None:
        return civil_date(self.request.waiting_since) if self.request else None

    @property
    def is_offered(self) -> bool:
        return self.place is not None and self.place.placement.status is PlacementStatus.OFFERED

    @property
    def is_asked_for(self) -> bool:
        return self.place is not None and self.place.placement.status is PlacementStatus.REQUESTED

    @property
    def may_choose(self) -> bool:
        return not self.is_over and self.place is None


def held(work: Work, voucher: Voucher) -> Held:
    """Checks no role: for whoever may see the person."""
    used = holder_queries.used_in(work, voucher.recipient_id, Month.of(work.today))
    helpers = [one for one in holder_queries.helpers_of(work, voucher.recipient_id) if one.voucher_id == voucher.id]
    live = holder_queries.placements_seen(work, *holder_queries.of_recipient(voucher.recipient_id, *LIVE))
    place = next((one for one in live if one.placement.voucher_id == voucher.id), None)
    is_over = voucher.status is not VoucherStatus.ISSUED or voucher.last_until <= work.today
    begun = voucher.from_on <= work.today
    return Held(
        voucher,
        last_on=voucher.last_until - DAY,
        left=max(0, voucher.units_a_month - used.get(voucher.id, 0)) if begun and not is_over else None,
        helpers=helpers,
        place=place,
        request=_request(work, voucher),
        is_over=is_over,
        takes_people=place is None
        or place.placement.status not in OPEN
        or is_admitted(work, place.placement.provider_id, work.today),
    )


def _request(work: Work, voucher: Voucher) -> Request | None:
    try:
        return queries.request_of_voucher(work, voucher.id)
    except NotFound:
        return None


@get("/people/{number:str}", sync_to_thread=True)
def show_programme(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    person = person_of(caller, number)

    def read(work: Work) -> dict[str, Any]:
        all_held = [held(work, voucher) for voucher in vouchers.vouchers_of(work, person.id)]
        unconfirmed = holder_queries.visits_of(work, person.id, status=EntryStatus.ENTERED, limit=SHOWN_VISITS + 1)
        return {
            "current": [one for one in all_held if not one.is_over],
            "over": [one for one in all_held if one.is_over],
            "offered": [one for one in all_held if one.is_offered],
            "unconfirmed": len(unconfirmed),
            "most": SHOWN_VISITS,
            "today": work.today,
            "representatives": representation.representatives(work, person.id),
        }

    return show(request, person, "programme", **caller.read(read))


@get("/people/{number:str}/vouchers/{voucher:str}", sync_to_thread=True)
def show_voucher(
    request: WebRequest, caller: TheCaller, number: FromPath[str], voucher: FromPath[str]
) -> Response[str]:
    return _voucher_page(request, caller, person_of(caller, number), voucher, EMPTY)


def _voucher_page(request: WebRequest, caller: Caller, person: Person, voucher: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        one = held(work, voucher_of(work, person, voucher))
        return {
            "one": one, "last": last_round(work, language_of(request), one.request), "today": work.today,
            "items": _items(work, language_of(request), one.voucher),
        }  # fmt: skip

    return show(request, person, "voucher", filled=filled, key=new_key(), **caller.read(read))


@dataclass(frozen=True, slots=True)
class ItemRow:
    """What the programme grants: ``limit`` a visit, in words; how often it was done this month, and how much of it."""

    name: str
    limit: str | None
    times: int
    amount: str | None


def _items(work: Work, language: str, voucher: Voucher) -> list[ItemRow]:
    """Those that the programme names, or all of the kind."""
    named, done = vouchers.items_of(work, voucher.id), holder_queries.items_done(work, voucher, Month.of(work.today))
    rows = []
    for item in catalogue.items(work, kind=voucher.kind):
        if named is not None and item.code not in named:
            continue
        unit, own = measure(language, item.limit_unit), done.get(item.code, holder_queries.ItemDone())
        limit = f"{item.limit_amount} {unit}" if item.limit_amount else None
        amount = f"{own.amount} {unit}" if own.amount else None
        rows.append(ItemRow(item_names(language).get(item.code, item.code), limit, own.times, amount))
    return sorted(rows, key=lambda row: (-row.times, row.name))


def last_round(work: Work, language: str, request: Request | None) -> Any:
    """When the last round was that could have placed the request, and what it says; None before there was one."""
    if request is None:
        return None
    outcomes = holder_queries.outcomes_lately(work, request)
    if not outcomes:
        return None
    of = queries.round_(work, outcomes[0].round_id)
    assert of.finished_at is not None, "a round with outcomes is complete"
    return {
        "on": civil_date(of.finished_at),
        "told": told_by_round(work, language, request, outcomes[0]),
    }


@post("/people/{number:str}/vouchers/{voucher:str}/wait", sync_to_thread=True)
def wait(
    request: WebRequest, caller: TheCaller, number: FromPath[str], voucher: FromPath[str], data: Form
) -> Response[Any]:
    """On the waiting list, without wishes."""
    person = person_of(caller, number)
    return submit(
        request, caller, data, do=lambda work: _ask(work, person, voucher),
        again=lambda filled: _voucher_page(request, caller, person, voucher, filled),
        to=f"{person.address}/vouchers/{voucher}", said=_("You are on the waiting list."),
    )  # fmt: skip


def _ask(work: Work, person: Person, voucher: str) -> None:
    service.ask(work, voucher_of(work, person, voucher).id)


HANDLERS = [show_programme, show_voucher, wait]
