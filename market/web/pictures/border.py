"""Borders as a view shows them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from market.web.pictures.outlines import Point, every_point, outlines
from market.web.pictures.view import View

EDGE = 6  # units beyond the picture: there the cut is not seen
Side = tuple[int, float, int]  # which coordinate, its bound, and on which side of it one is inside


def border(view: View, code: str) -> str:
    """The region's border as the data of an SVG path: in whole units, as steps from point to point. What lies outside
    the picture is cut off, or a link would reach under the page around it; "" if nothing is left."""
    parts = []
    for ring in outlines()[code]:
        points = [(round(x), round(y)) for x, y in _cut(view, [view.place(point) for point in ring])]
        if not points:
            continue
        steps = [(x - a, y - b) for (a, b), (x, y) in pairwise(points) if (a, b) != (x, y)]
        drawn = " ".join(f"{across},{down}" for across, down in steps)
        parts.append(f"M{points[0][0]},{points[0][1]}l{drawn}z")
    return "".join(parts)


def _cut(view: View, ring: list[Point]) -> list[Point]:
    """The part of a ring inside the picture (Sutherland and Hodgman, 1974)."""
    sides: tuple[Side, ...] = (
        (0, -EDGE, 1), (0, view.width + EDGE, -1), (1, -EDGE, 1), (1, view.height + EDGE, -1),
    )  # fmt: skip
    for side in sides:
        ring = [point for one, other in pairwise([*ring, *ring[:1]]) for point in _kept(side, one, other)]
    return ring


def _kept(side: Side, one: Point, other: Point) -> Iterator[Point]:
    """Of the step from one point to the other: where it crosses the side, and the other if it is inside."""
    axis, bound, inwards = side
    before, after = (one[axis] - bound) * inwards >= 0, (other[axis] - bound) * inwards >= 0
    if before != after:
        share = (bound - one[axis]) / (other[axis] - one[axis])
        yield one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])
    if after:
        yield other


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
