"""Values of regions in at most five steps of shade, each with as many regions as the next."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass

STEPS = 5  # as many shades as an eye can find again in a legend


@dataclass(frozen=True, slots=True)
class Band:
    """``number`` 0 is nothing at all. ``said``: from the smallest to the largest value in it."""

    number: int
    least: int
    said: str


def bands_of(values: Mapping[str, int], say: Callable[[int], str]) -> list[Band]:
    """Values that are equal have the same shade."""
    some = sorted(value for value in values.values() if value > 0)
    distinct = sorted(set(some))
    steps = min(STEPS, len(distinct))
    starts = sorted({some[len(some) * step // steps] for step in range(steps)}) if steps else []
    found = [Band(0, 0, say(0))] if len(some) < len(values) else []
    for number, least in enumerate(starts, 1):
        following = starts[number] if number < len(starts) else None
        most = max(value for value in distinct if following is None or value < following)
        said = say(least) if least == most else f"{say(least)} – {say(most)}"
        found.append(Band(number, least, said))
    return found


def band_of(value: int, bands: list[Band]) -> int:
    if not bands or value <= 0:
        return 0
    return bands[max(0, bisect_right([band.least for band in bands], value) - 1)].number
