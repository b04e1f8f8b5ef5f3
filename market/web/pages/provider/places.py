"""Places that people ask for: answered with yes, or with no and a reason, before the deadline."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from contracts.contract.queries import engagement
from contracts.kernel.work import Work
from market.placement import incoming, service
from market.placement.incoming import Incoming
from market.placement.rules import MAX_REASON, PlacementNotFound, PlacementStatus
from market.placement.visiting import plates_of
from market.provider.queries import Provider, is_admitted
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.work import Caller, Id, TheCaller, WebRequest

HERE = "/places"
SHOWN = (
    PlacementStatus.REQUESTED,
    PlacementStatus.ACCEPTED,
    PlacementStatus.DECLINED,
    PlacementStatus.LAPSED,
    PlacementStatus.ENDED,
)
Show = Annotated[PlacementStatus, QueryParameter(name="show", required=False)]


@get("/organisations/{number:str}/places", sync_to_thread=True)
def show_places(
    request: WebRequest,
    caller: TheCaller,
    at: TheSlice,
    number: FromPath[str],
    show: Show = PlacementStatus.REQUESTED,
) -> Response[str]:
    def read(work: Work) -> tuple[Provider, list[Incoming]]:
        house = house_of(work, number)
        return house, incoming.places_of(work, house.id, show, after=at.after, limit=at.limit + 1)

    house, found = caller.read(read)
    places = at.listing(found, lambda one: one, lambda one: one.id)
    return desk_page(request, "places", house, HERE, places=places, show=show, shown=SHOWN)


@get("/organisations/{number:str}/places/{place_id:uuid}", sync_to_thread=True)
def show_place(request: WebRequest, caller: TheCaller, number: FromPath[str], place_id: Id) -> Response[str]:
    return _show(request, caller, number, place_id, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, place_id: Id, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house, place = _place_in(work, number, place_id)
        engaged = engagement(work, place.engagement_id) if place.engagement_id else None
        served = [place.recipient_id] if engaged else []
        plate = plates_of(work, caller.vault, house.id, served).get(place.recipient_id)
        takes = is_admitted(work, house.id, work.today)
        return {"takes_people": takes, "house": house, "place": place, "engagement": engaged, "plate": plate}

    found = caller.write(read)  # to read a name leaves an event
    return desk_page(request, "place", found.pop("house"), HERE, filled=filled, key=new_key(), **found)


def _place_in(work: Work, number: str, place_id: Id) -> tuple[Provider, Incoming]:
    house = house_of(work, number)
    place, provider_id = incoming.place(work, place_id)
    if provider_id != house.id:
        raise PlacementNotFound
    return house, place


@post("/organisations/{number:str}/places/{place_id:uuid}/acceptance", sync_to_thread=True)
def accept(request: WebRequest, caller: TheCaller, number: FromPath[str], place_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        _place_in(work, number, place_id)
        service.accept(work, place_id)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, place_id, filled),
        to=address_of(number, f"{HERE}/{place_id}"), said=_("The place is given. Service begins on the day below."),
    )  # fmt: skip


@post("/organisations/{number:str}/places/{place_id:uuid}/refusal", sync_to_thread=True)
def decline(request: WebRequest, caller: TheCaller, number: FromPath[str], place_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        reason = reading.text("reason", max_length=MAX_REASON)
        reading.check()
        _place_in(work, number, place_id)
        service.decline(work, place_id, reason=reason)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, place_id, filled),
        to=address_of(number, HERE), said=_("You have said no. The person goes on looking for a place."),
    )  # fmt: skip


HANDLERS = [show_places, show_place, accept, decline]
