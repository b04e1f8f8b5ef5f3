"""Where the organisation serves: its points on the map and as a table."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.work import Work
from market.catalogue import queries as catalogue
from market.provider import queries, service
from market.provider.rules import EAST, MAX_ADDRESS, MAX_NAME, NORTH, SOUTH, WEST
from market.web.formats import filters, place_names
from market.web.language import _, language_of, tr
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.pictures.cluster import Spot
from market.web.pictures.map import draw
from market.web.work import Caller, TheCaller, WebRequest

HERE = "/points"


@get("/organisations/{number:str}/points", sync_to_thread=True)
def show_points(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, number, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, filled: Filled) -> Response[str]:
    say = filters(language_of(request))["locality"]

    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number)
        localities = catalogue.localities(work)
        return {
            "house": house,
            "points": queries.service_points(work, house.id),
            "localities": localities,
            "locality_names": {one.id: say(one.id, one.name) for one in localities},
        }

    found = caller.read(read)
    names = place_names(language_of(request))
    choices = sorted((say(one.id, one.name), names.get(one.territory, ""), one.id) for one in found.pop("localities"))
    return desk_page(
        request, "points", found.pop("house"), HERE, filled=filled, key=new_key(), **found,
        choices=[(key, f"{name} ({region})") for name, region, key in choices],
        map=_map(request, found["points"]),
    )  # fmt: skip


def _map(request: WebRequest, points: list[queries.ServicePoint]) -> Any:
    """The country, or the one region where all points are."""
    if not points:
        return None
    regions = {point.territory for point in points}
    spots = [Spot(1, point.longitude, point.latitude, str(point.id), point.name) for point in points]
    caption = tr(language_of(request), _("Where you serve"))
    return draw(request, caption, area=regions.pop() if len(regions) == 1 else None, spots=spots)


@post("/organisations/{number:str}/points", sync_to_thread=True)
def add_point(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        house = house_of(work, number)
        reading = Reading(data)
        name = reading.text("name", max_length=MAX_NAME)
        address = reading.text("address", max_length=MAX_ADDRESS)
        locality = reading.number("locality_id")
        here = _coordinates(reading)
        reading.check()
        latitude, longitude = here or (None, None)
        service.add_service_point(
            work, house.id, name=name, locality_id=locality, address=address, latitude=latitude, longitude=longitude
        )

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, filled),
        to=address_of(number, HERE), said=_("The service point is added."),
    )  # fmt: skip


def _coordinates(reading: Reading) -> tuple[float, float] | None:
    """As a map in a telephone copies them, "51.1605, 71.4704"; none: the middle of the locality."""
    text = reading.text("coordinates", max_length=60, required=False)
    if not text:
        return None
    try:
        latitude, longitude = (float(part) for part in text.replace(";", ",").split(","))
    except ValueError:
        reading.wrong("coordinates", _("Write latitude and longitude, such as 51.1605, 71.4704"))
        return None
    if not (SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST):
        reading.wrong("coordinates", _("This place is outside the country; latitude comes first"))
    return latitude, longitude


HANDLERS = [show_points, add_point]
