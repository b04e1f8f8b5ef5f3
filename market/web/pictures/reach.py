"""What lies within reach of a home: a small map with rings of distance, the offers as numbers, and the nearest places'
names. Nothing is fetched from outside. Templates: ``frame/map.html``, macro ``reach``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from market.catalogue.service import shipped
from market.web.formats import filters, locality_names
from market.web.language import _, language_of, tr
from market.web.pictures.border import border, seen
from market.web.pictures.outlines import Point
from market.web.pictures.view import View, apart, around
from market.web.work import WebRequest

MAX_OFFERS = 30  # numbers that fit on the small square
LEAST_REACH_M = 1_000  # nearer than this, rounded coordinates tell nothing
MOST_REACH_M = 2_000_000
EDGE = 1.15  # room around the farthest offer
MOST_RINGS = 3
RINGS_M = tuple(base * 10**power for power in range(2, 7) for base in (1, 2, 5))
RADIUS = 15  # of a number: thirty units are a fingertip
HOME_RADIUS = 14
STEP = 34  # how far a number moves away from one that stands where it wants to stand
MAX_NAMES = 8
LETTER = 7.2


@dataclass(frozen=True, slots=True)
class Offer:
    """``number`` is the one in the list beside the map; ``address`` may be its place in that list."""

    number: int
    name: str
    point: Point
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    """Drawn at ``x``, ``y``; the line from there to its true place is drawn where they differ."""

    number: int
    title: str
    address: str | None
    x: float
    y: float
    true_x: float
    true_y: float
    moved: bool


@dataclass(frozen=True, slots=True)
class Ring:
    radius: float
    label: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Reach:
    caption: str
    about: str
    home: str
    size: int
    paths: list[str]
    rings: list[Ring]
    names: list[Name]
    offers: list[Numbered]


def draw(request: WebRequest, caption: str, *, home: Point, offers: Sequence[Offer]) -> Reach:
    """``home`` in the middle; as wide as the farthest of the offers (at most ``MAX_OFFERS``, the first ones)."""
    language, shown = language_of(request), offers[:MAX_OFFERS]
    rough = around(home, MOST_REACH_M)
    middle = rough.place(home)
    farthest = max((apart(middle, rough.place(offer.point)) / rough.units(1) for offer in shown), default=0)
    reach = max(LEAST_REACH_M, min(farthest * EDGE, MOST_REACH_M))
    view = around(home, reach)
    placed = _placed(view, shown)
    rings = list(_rings(language, view, reach, placed))
    about = tr(language, _("Map: your home in the middle and the offers around it, numbered as in the list."))
    return Reach(
        caption, about, tr(language, _("Home")), view.width, [border(view, code) for code in seen(view)],
        rings, _names(locality_names(language), view, placed, rings), placed,
    )  # fmt: skip


def _rings(language: str, view: View, reach_m: float, offers: Sequence[Numbered]) -> Iterator[Ring]:
    """Each with its distance written where no number hides it."""
    distance = filters(language)["distance"]
    step = next(step for step in RINGS_M if step * MOST_RINGS >= reach_m)
    for metres in range(step, int(reach_m) + 1, step):
        radius = view.units(metres)
        angles = [pi * turn / 12 for turn in (18, 6, 21, 15, 3, 9, 0, 12, 19, 17, 7, 5)]
        places = [(view.width / 2 + radius * cos(angle), view.height / 2 + radius * sin(angle)) for angle in angles]
        clear = [p for p in places if all(apart(p, (o.x, o.y)) > RADIUS + 16 for o in offers) and view.holds(*p, -20)]
        x, y = (clear or places)[0]
        yield Ring(round(radius, 1), distance(metres), round(x, 1), round(y + 5, 1))


def _placed(view: View, offers: Sequence[Offer]) -> list[Numbered]:
    """Each number at its place, or as near to it as the ones before leave room, never over the home."""
    taken: list[tuple[float, float]] = []
    found = []
    for offer in offers:
        true = view.place(offer.point)
        x, y = next(place for place in _places_near(view, true) if _is_free(view, place, taken))
        taken.append((x, y))
        moved = apart((x, y), true) > 1
        x, y, true_x, true_y = (round(value, 1) for value in (x, y, *true))
        found.append(Numbered(offer.number, offer.name, offer.address, x, y, true_x, true_y, moved))
    return found


def _places_near(view: View, place: tuple[float, float]) -> Iterator[tuple[float, float]]:
    yield place
    for ring in range(1, view.width // STEP):
        for turn in range(8 * ring):
            angle = 2 * pi * turn / (8 * ring)
            yield place[0] + ring * STEP * cos(angle), place[1] + ring * STEP * sin(angle)
    yield place


def _is_free(view: View, place: tuple[float, float], taken: Sequence[tuple[float, float]]) -> bool:
    middle = (view.width / 2, view.height / 2)
    clear = apart(place, middle) >= RADIUS + HOME_RADIUS and all(apart(place, other) >= 2 * RADIUS for other in taken)
    return clear and view.holds(*place, margin=-RADIUS)


def _names(said: Mapping[int, str], view: View, offers: Sequence[Numbered], rings: Sequence[Ring]) -> list[Name]:
    """The largest localities that hide nothing."""
    boxes = [(o.x - RADIUS, o.y - RADIUS, o.x + RADIUS, o.y + RADIUS) for o in offers]
    boxes.append((view.width / 2 - 20, view.height / 2 - 20, view.width / 2 + 20, view.height / 2 + 20))
    boxes += [(ring.x - 26, ring.y - 16, ring.x + 26, ring.y + 6) for ring in rings]
    found: list[Name] = []
    for row in sorted(shipped("localities"), key=lambda row: -int(row["population"])):
        x, y = view.place((float(row["longitude"]), float(row["latitude"])))
        name = said[int(row["id"])]
        half = len(name) * LETTER / 2
        box = (x - half, y - 10, x + half, y + 16)
        inside = box[0] > 0 and box[1] > 0 and box[2] < view.width and box[3] < view.height
        if inside and not any(_meet(box, other) for other in boxes):
            boxes.append(box)
            found.append(Name(name, round(x, 1), round(y, 1)))
        if len(found) == MAX_NAMES:
            break
    return found


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
