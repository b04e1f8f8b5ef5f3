"""A map for a page: regions as links, shaded by a value or strewn with points gathered into circles, and the same as a
list. Templates: ``frame/map.html``, macro ``map``."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from market.web.formats import filters, place_names
from market.web.language import _, language_of, tr
from market.web.pictures.border import border, seen
from market.web.pictures.cluster import Circle, Spot, circles
from market.web.pictures.naming import CITY_RADIUS, Label, labels
from market.web.pictures.outlines import CITIES, NAMED_AT
from market.web.pictures.shading import Band, band_of, bands_of
from market.web.pictures.view import View, view_of
from market.web.work import WebRequest

Link = Callable[[str], str]
Cell = str | tuple[str, str]  # a text, or a text and its address


@dataclass(frozen=True, slots=True)
class Region:
    """``mark``: where a city stands, which is too small to be seen. ``title``: its name and what it is worth."""

    code: str
    path: str
    mark: tuple[float, float] | None
    title: str
    address: str | None
    chosen: bool
    band: int | None


@dataclass(frozen=True, slots=True)
class Mark:
    circle: Circle
    number: str
    title: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Map:
    caption: str
    about: str
    width: int
    height: int
    city_radius: int
    regions: list[Region]
    labels: list[Label]
    marks: list[Mark]
    bands: list[Band]
    table: str
    heads: list[str]
    rows: list[list[Cell]]


@dataclass(frozen=True, slots=True)
class Values:
    """A number for each region by its code; a region without one has none of it. ``head`` names them in the list.
    ``shaded`` colours the regions by them."""

    head: str
    of: Mapping[str, int]
    shaded: bool = True
    say: Callable[[int], str] | None = None


def draw(
    request: WebRequest,
    caption: str,
    *,
    area: str | None = None,
    link: Link | None = None,
    spots: Iterable[Spot] = (),
    spot_link: Link | None = None,
    values: Values | None = None,
) -> Map:
    """The country, or the region ``area``. ``link`` gives a region's address by its code, ``spot_link`` a single
    point's by its key. Spots come from ``queries.gathered`` for ``view_of(area)``."""
    language, view, names = language_of(request), view_of(area), place_names(language_of(request))
    say = (values and values.say) or filters(language)["number"]
    worth = {code: values.of.get(code, 0) for code in names} if values else {}
    said = {code: say(value) for code, value in worth.items()}
    bands = bands_of(worth, say) if values and values.shaded else []
    regions = [
        _region(view, code, _title(names[code], said.get(code)), link, chosen=code == area,
                band=band_of(worth[code], bands) if bands else None)
        for code in sorted(seen(view), key=lambda code: (code in CITIES, code == area))
        if _path(view, code)
    ]  # fmt: skip
    found = circles(view, spots)
    written = [(region.code, names[region.code], said[region.code] if bands else None) for region in regions]
    return Map(
        caption, tr(language, _("Map: %(caption)s. The list below says the same."), caption=caption),
        view.width, view.height, CITY_RADIUS, regions, labels(view, written, found),
        [_mark(language, circle, spot_link) for circle in found], bands,
        tr(language, _("The regions as a list")), [tr(language, _("Region")), *([values.head] if values else [])],
        [[(name, link(code)) if link else name, *([said[code]] if values else [])] for code, name in names.items()],
    )  # fmt: skip


def _region(view: View, code: str, title: str, link: Link | None, *, chosen: bool, band: int | None) -> Region:
    x, y = view.place(NAMED_AT[code])
    mark = (round(x, 1), round(y, 1)) if code in CITIES and not chosen else None
    return Region(code, _path(view, code), mark, title, link(code) if link else None, chosen, band)


def _title(name: str, said: str | None) -> str:
    return name if said is None else f"{name}: {said}"


def _mark(language: str, circle: Circle, link: Link | None) -> Mark:
    number = filters(language)["number"](circle.count)
    if circle.count == 1 and circle.key is not None:
        return Mark(circle, number, circle.name or circle.key, link(circle.key) if link else None)
    return Mark(circle, number, tr(language, _("Here: %(number)s"), number=number), None)


_path = lru_cache(maxsize=500)(border)  # of the country and each of its regions: a few hundred kilobytes for good
