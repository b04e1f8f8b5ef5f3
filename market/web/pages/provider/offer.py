"""One offer: its dated prices, closing and reopening it; and a new one."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.work import Work
from market.catalogue.rules import CareSetting, Category, Language, ServiceKind, Unit, counted_in
from market.provider import board, queries, service
from market.provider.queries import Offer, Provider
from market.provider.rules import MAX_RADIUS_M, UNITS, NewOffer, OfferNotFound
from market.tariff.queries import limit_on
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.pages.provider.offers import HERE, rows_of
from market.web.work import Caller, TheCaller, WebRequest

METRES = 1000


def _offer_in(work: Work, number: str, offer_number: str) -> tuple[Provider, Offer]:
    house, offer = house_of(work, number), board.offer_numbered(work, offer_number)
    if offer.provider_id != house.id:
        raise OfferNotFound
    return house, offer


@get("/organisations/{number:str}/offers/{offer:str}", sync_to_thread=True)
def show_offer(request: WebRequest, caller: TheCaller, number: FromPath[str], offer: FromPath[str]) -> Response[str]:
    return _show(request, caller, number, offer, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, offer_number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house, offer = _offer_in(work, number, offer_number)
        (row,) = rows_of(work, [offer], [work.today])
        limit = limit_on(
            work, territory=offer.territory, kind=offer.kind, setting=offer.setting, unit=offer.unit, on=work.today
        )
        prices = board.prices_of(work, [offer.id])[offer.id]
        return {
            "house": house,
            "row": row,
            "prices": prices,
            "limit": limit,
            "today": work.today,
            "categories": [Category(one) for one in offer.categories],
            "spoken": [Language(one) for one in offer.languages],
        }

    found = caller.read(read)
    return desk_page(request, "offer", found.pop("house"), HERE, filled=filled, key=new_key(), **found)


@post("/organisations/{number:str}/offers/{offer:str}/prices", sync_to_thread=True)
def set_price(
    request: WebRequest, caller: TheCaller, number: FromPath[str], offer: FromPath[str], data: Form
) -> Response[Any]:
    def do(work: Work) -> None:
        _house, found = _offer_in(work, number, offer)
        reading = Reading(data)
        price, from_on = reading.money("price"), reading.day("from_on")
        reading.check()
        assert from_on is not None
        service.set_tariff(work, found.id, price_minor=price, from_on=from_on)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, offer, filled),
        to=address_of(number, f"{HERE}/{offer}"), said=_("The price is set."),
    )  # fmt: skip


@post("/organisations/{number:str}/offers/{offer:str}/closure", sync_to_thread=True)
def close(
    request: WebRequest, caller: TheCaller, number: FromPath[str], offer: FromPath[str], data: Form
) -> Response[Any]:
    return submit(
        request, caller, data,
        do=lambda work: service.close_offer(work, _offer_in(work, number, offer)[1].id),
        again=lambda filled: _show(request, caller, number, offer, filled),
        to=address_of(number, f"{HERE}/{offer}"),
        said=_("The offer is closed. Nobody new is taken; who is served stays."),
    )  # fmt: skip


@post("/organisations/{number:str}/offers/{offer:str}/reopening", sync_to_thread=True)
def reopen(
    request: WebRequest, caller: TheCaller, number: FromPath[str], offer: FromPath[str], data: Form
) -> Response[Any]:
    return submit(
        request, caller, data,
        do=lambda work: service.reopen_offer(work, _offer_in(work, number, offer)[1].id),
        again=lambda filled: _show(request, caller, number, offer, filled),
        to=address_of(number, f"{HERE}/{offer}"), said=_("The offer is open again."),
    )  # fmt: skip


# --- a new one -------------------------------------------------------------------------------------------------------
@get("/organisations/{number:str}/new-offer", sync_to_thread=True)
def ask_for_offer(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _ask(request, caller, number, EMPTY)


def _ask(request: WebRequest, caller: Caller, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number)
        points = [(point.id, point.name) for point in queries.service_points(work, house.id)]
        return {"house": house, "points": points}

    found = caller.read(read)
    return desk_page(
        request, "new_offer", found.pop("house"), HERE, filled=filled, key=new_key(), **found, kinds=list(ServiceKind),
        settings=list(CareSetting), units=list(Unit), categories=list(Category), languages_spoken=list(Language),
    )  # fmt: skip


@post("/organisations/{number:str}/new-offer", sync_to_thread=True)
def open_offer(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work) -> str:
        offer_id = service.open_offer(work, _read(house_of(work, number), data))
        return address_of(number, f"{HERE}/{queries.offer(work, offer_id).number}")

    return submit(
        request, caller, data, do=do, again=lambda filled: _ask(request, caller, number, filled),
        to=address_of(number, HERE), said=_("The offer is open."),
    )  # fmt: skip


def _read(house: Provider, data: Form) -> NewOffer:
    reading = Reading(data)
    setting, unit = reading.choice("setting", CareSetting), reading.choice("unit", Unit)
    if unit not in UNITS[setting]:
        reading.wrong("unit", _("Where this service is given, it is not counted like this"))
    radius = data.get("radius_km", "").strip()
    new = NewOffer(
        provider_id=house.id,
        service_point_id=reading.uuid("service_point_id"),
        kind=reading.choice("kind", ServiceKind),
        setting=setting,
        unit=unit,
        capacity_unit=counted_in(setting, unit),
        capacity=reading.number("capacity"),
        categories=_ticked(reading, "category", list(Category), _("Tick at least one group of people")),
        languages=_ticked(reading, "language", list(Language), _("Tick at least one language")),
        price_minor=reading.money("price"),
        from_on=reading.day("from_on", required=False),
        radius_m=METRES * reading.number("radius_km", low=1, high=MAX_RADIUS_M // METRES) if radius else None,
    )
    reading.check()
    return new


def _ticked(reading: Reading, name: str, choices: list[Any], nothing: str) -> list[Any]:
    found = [choice for choice in choices if reading.flag(f"{name}-{choice}")]
    if not found:
        reading.wrong(f"{name}-{choices[0]}", nothing)
    return found


HANDLERS = [show_offer, set_price, close, reopen, ask_for_offer, open_offer]
