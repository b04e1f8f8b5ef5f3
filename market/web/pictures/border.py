"""Borders as a view shows them."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from market.web.pictures.outlines import Point, every_point, outlines
from market.web.pictures.view import View


def border(view: View, code: str) -> str:
    """The region's border as the data of an SVG path: in whole units, as steps from point to point."""
    parts = []
    for ring in outlines()[code]:
        points = [tuple(round(value) for value in view.place(point)) for point in ring]
        steps = [(x - a, y - b) for (a, b), (x, y) in pairwise(points) if (a, b) != (x, y)]
        drawn = " ".join(f"{across},{down}" for across, down in steps)
        parts.append(f"M{points[0][0]},{points[0][1]}l{drawn}z")
    return "".join(parts)


def seen(view: View) -> list[str]:
    """The regions of which the view shows something (or almost: their boxes decide)."""
    west, south, east, north = view.box
    return [
        code
        for code, (left, bottom, right, top) in _boxes().items()
        if left <= east and right >= west and bottom <= north and top >= south
    ]


def holds(rings: Iterable[Sequence[Point]], x: float, y: float) -> bool:
    """Whether the point lies inside: a ray to the right leaves through an odd number of edges."""
    inside = False
    for ring in rings:
        for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
    return inside


@lru_cache(maxsize=1)
def _boxes() -> dict[str, tuple[float, float, float, float]]:
    """West, south, east, north of each region, in degrees."""
    found = {}
    for code in outlines():
        across, up = zip(*every_point(frozenset({code})), strict=True)
        found[code] = (min(across), min(up), max(across), max(up))
    return found
