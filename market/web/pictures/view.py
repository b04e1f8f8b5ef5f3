"""A piece of the country on paper: Albers' equal-area conic projection (Snyder, Map Projections, 1987, p. 98), turned
so that north is up in the middle, and fitted to a size in units of the picture."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import asin, atan2, cos, degrees, hypot, radians, sin, sqrt

from market.web.pictures.outlines import CITIES, Point, every_point, outlines

EARTH_M = 6_371_008.8  # mean radius
SOUTH, NORTH = radians(43.0), radians(53.0)  # standard parallels: a sixth of the country's height from its edges
_N = (sin(SOUTH) + sin(NORTH)) / 2
_C = cos(SOUTH) ** 2 + 2 * _N * sin(SOUTH)
WIDTH, MOST_HEIGHT = 960, 720
MARGIN = 14
REACH_SIZE = 400  # a small square, made for a phone
CITY_REACH_M = 30_000
CELL = 76  # of the grid on which points are gathered: on a narrow screen still as wide as a fingertip


@dataclass(frozen=True, slots=True)
class View:
    """``meridian`` stands upright; ``scale`` is units an earth radius; the corner is at ``left``, ``top``."""

    meridian: float
    scale: float
    left: float
    top: float
    width: int
    height: int

    def place(self, point: Point) -> tuple[float, float]:
        """Units from the upper left corner."""
        x, y = _projected(point, self.meridian)
        return x * self.scale - self.left, y * self.scale - self.top

    def units(self, metres: float) -> float:
        return metres * self.scale / EARTH_M

    def holds(self, x: float, y: float, margin: float = 0) -> bool:
        return -margin <= x <= self.width + margin and -margin <= y <= self.height + margin

    @property
    def cell_degrees(self) -> tuple[float, float]:
        """A cell of the grid in degrees of longitude and latitude, where the country's middle lies."""
        up = degrees(CELL / self.scale)
        return up / cos((SOUTH + NORTH) / 2), up

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north: degrees that hold all that is seen, and a little more."""
        edges = [(x * self.width / 4, y * self.height / 4) for x in range(5) for y in range(5)]
        points = [_point((x + self.left) / self.scale, (y + self.top) / self.scale, self.meridian) for x, y in edges]
        across, up = zip(*points, strict=True)
        return min(across), min(up), max(across), max(up)


def _projected(point: Point, meridian: float) -> tuple[float, float]:
    """In earth radii, downwards from the pole."""
    longitude, latitude = radians(point[0] - meridian), radians(point[1])
    rho = sqrt(_C - 2 * _N * sin(latitude)) / _N
    return rho * sin(_N * longitude), rho * cos(_N * longitude)


def _point(x: float, y: float, meridian: float) -> Point:
    """The way back."""
    sine = (_C - (hypot(x, y) * _N) ** 2) / (2 * _N)
    return meridian + degrees(atan2(x, y) / _N), degrees(asin(max(-1.0, min(1.0, sine))))


def _fitted(points: Iterable[Point], meridian: float, width: int, most_height: int, margin: float) -> View:
    placed = [_projected(point, meridian) for point in points]
    west, east = min(x for x, _y in placed), max(x for x, _y in placed)
    north, south = min(y for _x, y in placed), max(y for _x, y in placed)
    scale = min((width - 2 * margin) / (east - west), (most_height - 2 * margin) / (south - north))
    height = min(most_height, round((south - north) * scale + 2 * margin))
    left, top = (west + east) / 2 * scale - width / 2, (north + south) / 2 * scale - height / 2
    return View(meridian, scale, left, top, width, height)


@lru_cache(maxsize=32)
def view_of(code: str | None = None) -> View:
    """The whole country, or one region with what lies around it."""
    if code in CITIES:
        return around(_middle(every_point(frozenset({code}))), CITY_REACH_M, width=WIDTH, height=MOST_HEIGHT)
    points = every_point(frozenset({code}) if code is not None and code in outlines() else None)
    meridian = _middle(points)[0]
    return _fitted(points, meridian, WIDTH, MOST_HEIGHT, MARGIN)


def around(point: Point, reach_m: float, *, width: int = REACH_SIZE, height: int = REACH_SIZE) -> View:
    """Everything within the reach."""
    scale = EARTH_M * min(width, height) / 2 / reach_m
    x, y = _projected(point, point[0])
    return View(point[0], scale, x * scale - width / 2, y * scale - height / 2, width, height)


def _middle(points: list[Point]) -> Point:
    across, up = [x for x, _y in points], [y for _x, y in points]
    return (min(across) + max(across)) / 2, (min(up) + max(up)) / 2


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])
