"""Names on a map, each where it touches no circle and no other name; what finds no room is in the list anyway."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from market.web.pictures.border import holds
from market.web.pictures.cluster import Circle
from market.web.pictures.outlines import CITIES, NAMED_AT, outlines
from market.web.pictures.view import View, apart

LETTER, LINE = 8.6, 18  # of a name, in units
CITY_RADIUS = 20  # a mark as large as a fingertip, because cities are links, too
PAD = 5
LONG = 12  # letters: then a name of two words stands on two lines
GRID = 22  # units between two places at which a name may stand
CITY_SHIFTS = (
    (0, 36), (0, -36), (66, 0), (-66, 0), (54, 34), (-54, 34), (0, 50), (0, -50), (84, 0), (-84, 0), (84, 30),
    (-84, 30),
)  # fmt: skip
_WORDS = (" облысы", " қаласы", " область", "область ", "город ", " Region", " City")


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    y: float
    value: bool


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Box") -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def short(name: str) -> str:
    """Without the word for region or city."""
    for word in _WORDS:
        name = name.removeprefix(word).removesuffix(word)
    return name


def labels(view: View, regions: Sequence[tuple[str, str, str | None]], taken: Iterable[Circle]) -> list[Label]:
    """``regions``: code, name, and the value to be written under it."""
    boxes = [_Box(c.x - c.radius, c.y - c.radius, c.x + c.radius, c.y + c.radius) for c in taken]
    marks = [view.place(NAMED_AT[code]) for code, _name, _said in regions if code in CITIES]
    boxes += [_Box(x - CITY_RADIUS, y - CITY_RADIUS, x + CITY_RADIUS, y + CITY_RADIUS) for x, y in marks]
    plain = Counter(short(name) for _code, name, _said in regions)
    found = []
    for code, name, said in sorted(regions, key=lambda region: region[0] in CITIES):
        words = short(name) if plain[short(name)] == 1 else name
        label = _placed(view, code, _lines(words), said, boxes)
        if label is not None:
            found.append(label)
    return found


def _placed(view: View, code: str, words: list[str], said: str | None, boxes: list[_Box]) -> Label | None:
    texts = [*words, *([said] if said is not None else [])]
    half, rise = max(map(len, texts)) * LETTER / 2, len(texts) * LINE / 2
    for x, y in _places(view, code):
        box = _Box(x - half - PAD, y - rise, x + half + PAD, y + rise)
        inside = box.left > 0 and box.top > 0 and box.right < view.width and box.bottom < view.height
        if inside and not any(box.meets(other) for other in boxes):
            boxes.append(box)
            middle = range(len(texts))
            lines = [
                Line(texts[n], round(box.top + (n + 0.78) * LINE, 1), said is not None and n == len(words))
                for n in middle
            ]
            return Label(round(x, 1), lines)
    return None


@lru_cache(maxsize=500)
def _places(view: View, code: str) -> list[tuple[float, float]]:
    """Beside a city's mark; inside a region, the nearest to its best place first."""
    x, y = view.place(NAMED_AT[code])
    if code in CITIES:
        return [(x + across, y + down) for across, down in CITY_SHIFTS]
    rings = [[view.place(point) for point in ring] for ring in outlines()[code]]
    inside = [
        (float(across), float(down))
        for across in range(0, view.width, GRID)
        for down in range(0, view.height, GRID)
        if holds(rings, across, down)
    ]
    return sorted([(x, y), *inside], key=lambda place: apart(place, (x, y)))


def _lines(name: str) -> list[str]:
    if len(name) <= LONG or not (" " in name or "-" in name):
        return [name]
    first, sign, rest = name.partition("-" if "-" in name else " ")
    return [first + sign.strip(), rest]
