"""Offers as a calendar: what is free now and in the months to come, each capacity to be changed where it stands."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.errors import StaleVersion
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from market.placement import incoming
from market.provider import board, queries, service
from market.provider.board import DatedPrice
from market.provider.queries import Offer
from market.provider.rules import MAX_CAPACITY, CapacityBelowTaken
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Fault, Filled, Form, Incomplete, Reading, new_key, submit
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.work import Caller, TheCaller, WebRequest

HERE = "/offers"
MONTHS_AHEAD = 4  # beside today: what a screen of a clerk shows without moving


@dataclass(frozen=True, slots=True)
class Row:
    """An offer with its price today (None: none is in force), the next one, and what is free on each day of the
    table, as far as ends of placements are known."""

    offer: Offer
    point: str
    price_minor: int | None
    next_price: DatedPrice | None
    free: list[int]


@get("/organisations/{number:str}/offers", sync_to_thread=True)
def show_offers(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, at, number, EMPTY)


def _show(request: WebRequest, caller: Caller, at: TheSlice, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number)
        offers = board.offers_page(work, house.id, after=at.after, limit=at.limit + 1)
        days = [work.today, *_first_days(work.today, MONTHS_AHEAD)]
        return {"house": house, "rows": rows_of(work, offers, days), "days": days}

    found = caller.read(read)
    rows = at.listing(found.pop("rows"), lambda one: one, lambda one: one.offer.id)
    return desk_page(request, "offers", found.pop("house"), HERE, filled=filled, key=new_key(), rows=rows, **found)


def rows_of(work: Work, offers: list[Offer], days: list[date]) -> list[Row]:
    ids = [offer.id for offer in offers]
    held, prices = incoming.held_on(work, ids, days), board.prices_of(work, ids)
    points = {point.id: point.name for point in _points(work, offers)}
    found = []
    for offer in offers:
        past = [price for price in prices[offer.id] if price.from_on <= days[0]]
        coming = [price for price in prices[offer.id] if price.from_on > days[0]]
        found.append(
            Row(
                offer=offer,
                point=points[offer.service_point_id],
                price_minor=past[-1].price_minor if past else None,
                next_price=coming[0] if coming else None,
                free=[offer.capacity - size for size in held[offer.id]],
            )
        )
    return found


def _points(work: Work, offers: list[Offer]) -> list[queries.ServicePoint]:
    return [queries.service_point(work, one) for one in {offer.service_point_id for offer in offers}]


def _first_days(day: date, count: int) -> list[date]:
    days, month = [], Month.of(day)
    for _ahead in range(count):
        month = month.next
        days.append(month.first_day)
    return days


@post("/organisations/{number:str}/offers", sync_to_thread=True)
def set_capacities(
    request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form
) -> Response[Any]:
    """Every capacity that was changed, all of them or none. Of an offer that somebody else changed since the page was
    shown, the other's number is told, and the next pressing takes ours."""
    changed_by_others: dict[str, str] = {}

    def do(work: Work) -> None:
        house = house_of(work, number)
        wishes = _wishes(work, house.id, data)
        faults = []
        for offer, capacity, version in wishes:
            try:
                service.set_capacity(work, offer.id, capacity=capacity, version=version)
            except StaleVersion:
                changed_by_others[f"version-{offer.number}"] = str(offer.version)
                said = _("Somebody else has set this to %(capacity)s meanwhile. Press again if yours is right.")
                faults.append(Fault(f"capacity-{offer.number}", said, {"capacity": offer.capacity}))
            except CapacityBelowTaken:
                said = _("%(taken)s are taken already: the capacity cannot be less")
                faults.append(Fault(f"capacity-{offer.number}", said, {"taken": offer.taken}))
        if faults:
            raise Incomplete(faults)

    def again(filled: Filled) -> Response[str]:
        typed = {**filled.typed, **changed_by_others}
        return _show(request, caller, at, number, Filled(typed, filled.faults))

    return submit(
        request, caller, data, do=do, again=again, to=address_of(number, HERE), said=_("The capacities are saved.")
    )  # fmt: skip


def _wishes(work: Work, provider_id: Any, data: Form) -> list[tuple[Offer, int, int]]:
    """The offers whose capacity is not what the page showed. Raises Incomplete."""
    reading, found = Reading(data), []
    for name in [name for name in data if name.startswith("capacity-")]:
        number = name.removeprefix("capacity-")
        if data[name].strip() == data.get(f"shown-{number}", ""):
            continue
        offer = board.offer_numbered(work, number)
        if offer.provider_id != provider_id:
            continue  # no form of ours holds another house's offer
        capacity = reading.number(name, high=MAX_CAPACITY[offer.capacity_unit])
        version = reading.number(f"version-{number}")
        found.append((offer, capacity, version))
    reading.check()
    return found


HANDLERS = [show_offers, set_capacities]
