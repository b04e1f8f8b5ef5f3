"""The borders of the 20 regions, as rings of longitude and latitude, and where their names stand best."""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate

Point = tuple[float, float]  # longitude, latitude in degrees
STEPS_A_DEGREE = 100
CITIES = frozenset({"710000000", "750000000", "790000000"})  # too small to be seen: they get a mark
NAMED_AT: Mapping[str, Point] = {
    "100000000": (80.0, 48.6), "110000000": (69.6, 51.9), "150000000": (58.6, 49.0), "190000000": (76.0, 44.6),
    "230000000": (53.2, 47.6), "270000000": (51.0, 50.0), "310000000": (71.9, 44.3), "330000000": (79.0, 45.3),
    "350000000": (74.2, 48.3), "390000000": (63.6, 51.9), "430000000": (63.6, 45.2), "470000000": (53.6, 43.8),
    "550000000": (76.5, 52.2), "590000000": (69.0, 54.3), "610000000": (68.2, 43.3), "620000000": (67.4, 47.8),
    "630000000": (84.2, 48.6), "710000000": (71.43, 51.13), "750000000": (76.91, 43.24), "790000000": (69.60, 42.34),
}  # fmt: skip


@lru_cache(maxsize=1)
def outlines() -> Mapping[str, tuple[tuple[Point, ...], ...]]:
    """By region code. Neighbours share their points."""
    text = (files("market.catalogue") / "data" / "outlines.json").read_text(encoding="utf-8")
    return {code: tuple(_ring(steps) for steps in rings) for code, rings in json.loads(text).items()}


def _ring(steps: list[int]) -> tuple[Point, ...]:
    across, up = accumulate(steps[::2]), accumulate(steps[1::2])
    return tuple((x / STEPS_A_DEGREE, y / STEPS_A_DEGREE) for x, y in zip(across, up, strict=True))


def every_point(codes: frozenset[str] | None = None) -> list[Point]:
    """The points of these regions' borders, or of all."""
    return [p for code, rings in outlines().items() if not codes or code in codes for ring in rings for p in ring]
