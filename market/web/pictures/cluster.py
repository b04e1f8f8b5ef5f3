"""Points gathered into circles: first by the cells of a grid, in the database; then those that would touch, here."""

from collections.abc import Iterable
from dataclasses import dataclass

from market.web.pictures.view import View, apart

RADII = ((1, 20), (100, 24), (1_000, 31), (10_000, 38), (1_000_000, 46))  # room for the digits, in units
MAX_CELLS = 400  # a view has fewer


@dataclass(frozen=True, slots=True)
class Spot:
    """``count`` points of one cell at their mean; ``key`` and ``name`` where there is one only."""

    count: int
    longitude: float
    latitude: float
    key: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Circle:
    """In units of the view."""

    x: float
    y: float
    count: int
    key: str | None = None
    name: str | None = None

    @property
    def radius(self) -> int:
        return next(radius for least, radius in reversed(RADII) if self.count >= least)


def circles(view: View, spots: Iterable[Spot]) -> list[Circle]:
    """No two of them touch, the largest first; together they count every point in the view."""
    placed = [Circle(*view.place((s.longitude, s.latitude)), s.count, s.key, s.name) for s in spots]
    waiting = sorted((c for c in placed if view.holds(c.x, c.y)), key=lambda c: (c.count, c.x, c.y))
    apart_: list[Circle] = []
    while waiting:
        one = waiting.pop()
        other = next((c for c in apart_ if touch(one, c)), None)
        if other is None:
            apart_.append(one)
        else:
            apart_.remove(other)
            waiting.append(_together(other, one))
    return sorted(apart_, key=lambda c: (-c.count, c.x, c.y))


def touch(one: Circle, other: Circle) -> bool:
    return apart((one.x, one.y), (other.x, other.y)) < one.radius + other.radius


def _together(one: Circle, other: Circle) -> Circle:
    count = one.count + other.count
    x, y = ((a * one.count + b * other.count) / count for a, b in ((one.x, other.x), (one.y, other.y)))
    return Circle(x, y, count)
