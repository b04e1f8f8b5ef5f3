"""The directory for everybody: who helps, as a list and on the map; and the page of one provider."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from contracts.kernel.work import Work
from market.catalogue.rules import CareSetting, Category, Language, ServiceKind, Unit
from market.oversight import directory
from market.oversight.directory import MAX_NAME, Point, PublicOffer, Search
from market.provider.rules import ProviderStatus
from market.web.formats import place_names
from market.web.language import _, language_of, tr
from market.web.lists import TheSlice
from market.web.pictures.cluster import Spot
from market.web.pictures.map import Map, Values, draw
from market.web.pictures.queries import gathered
from market.web.pictures.view import view_of
from market.web.rendering import render
from market.web.work import TheCaller, WebRequest

PUBLIC: dict[str, Any] = {"public": True}
E = TypeVar("E", bound=StrEnum)
ON_A_PAGE = 20  # cards: what a thumb on a telephone still scrolls through
PER_UNIT = {
    Unit.PERSON_DAY: _("%(price)s a day"),
    Unit.VISIT: _("%(price)s a visit"),
    Unit.HOUR: _("%(price)s an hour"),
    Unit.SESSION: _("%(price)s a session"),
    Unit.NIGHT: _("%(price)s a night"),
}


@get("/directory", sync_to_thread=True, opt=PUBLIC)
def show_directory(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    language = language_of(request)
    wanted, at = search_of(request, place_names(language)), replace(at, limit=min(at.limit, ON_A_PAGE))
    area = wanted.territory or None

    def read(work: Work) -> dict[str, Any]:
        return {
            "found": directory.search(work, wanted, after=at.after, limit=at.limit),
            "spots": gathered(work, directory.points_on_map(work, wanted), view_of(area)),
            "points": directory.points_by_territory(work, wanted),
        }

    shown = caller.read(read)
    listing = at.listing(shown["found"], lambda one: one, lambda one: one.provider.id)
    return render(
        request,
        "public/directory.html",
        wanted=wanted,
        found=listing.items,
        next=listing.next,
        first=at.after is None,
        everywhere=address_of(wanted, territory=""),
        count=sum(shown["points"].values()),
        map=_map(request, wanted, shown["spots"], shown["points"]),
        territories=sorted(place_names(language).items(), key=lambda one: one[1]),
        kinds=list(ServiceKind),
        settings=list(CareSetting),
        languages_spoken=list(Language),
    )


def search_of(request: WebRequest, territories: Mapping[str, str]) -> Search:
    """What the address asks for; what nobody can mean is not asked for."""
    given = request.query_params
    territory = given.get("territory", "")
    return Search(
        name=" ".join(given.get("name", "")[:MAX_NAME].split()),
        territory=territory if territory in territories else "",
        kind=_one_of(ServiceKind, given.get("kind")),
        setting=_one_of(CareSetting, given.get("setting")),
        language=_one_of(Language, given.get("language")),
        free=bool(given.get("free")),
    )


def _one_of(kind: type[E], value: str | None) -> E | None:
    return kind(value) if value in list(kind) else None


def address_of(wanted: Search, **other: str) -> str:
    asked = {
        "name": wanted.name,
        "territory": wanted.territory,
        "kind": wanted.kind,
        "setting": wanted.setting,
        "language": wanted.language,
        "free": "yes" if wanted.free else "",
    }
    query = urlencode({name: str(value) for name, value in (asked | other).items() if value})
    return f"/directory?{query}" if query else "/directory"


def _map(request: WebRequest, wanted: Search, spots: list[Spot], points: Mapping[str, int]) -> Map:
    language = language_of(request)
    return draw(
        request,
        tr(language, _("Where help is given")),
        area=wanted.territory or None,
        link=lambda code: address_of(wanted, territory=code),
        spots=spots,
        spot_link=lambda number: f"/directory/{number}",
        values=Values(tr(language, _("places of service")), points, shaded=False),
    )


@get("/directory/{number:str}", sync_to_thread=True, opt=PUBLIC)
def show_provider(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        profile = directory.profile(work, number)
        return {
            "provider": profile,
            "licences": directory.licences(work, profile.id),
            "points": directory.points(work, profile.id),
            "offers": directory.offers(work, profile.id),
        }

    found = caller.read(read)
    provider, points = found["provider"], found["points"]
    return render(
        request,
        "public/provider.html",
        serving=provider.status is ProviderStatus.ADMITTED and provider.licensed,
        by_point=by_point(points, found["offers"]),
        map=_map_of_points(request, points) if points else None,
        per_unit=PER_UNIT,
        spoken={language.value: language for language in Language},
        served={category.value: category for category in Category},
        **found,
    )


def by_point(points: list[Point], offers: list[PublicOffer]) -> list[tuple[Point, list[PublicOffer]]]:
    return [(point, [offer for offer in offers if offer.service_point_id == point.id]) for point in points]


def _map_of_points(request: WebRequest, points: list[Point]) -> Map:
    """The region where most of them are."""
    territories = [point.territory for point in points]
    area = max(sorted(set(territories)), key=territories.count)
    spots = [Spot(1, point.longitude, point.latitude, str(point.id), point.name) for point in points]
    caption = tr(language_of(request), _("Where this organisation gives help"))
    return draw(request, caption, area=area, spots=spots, spot_link=lambda key: f"#point-{key}")


HANDLERS = [show_directory, show_provider]
