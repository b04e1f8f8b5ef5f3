"""The ways a page is looked at: language, width, with and without scripts, plain, in large print, in high contrast."""

from itertools import product
from typing import NamedTuple

LANGUAGES = ("kk", "ru", "en")
WIDTHS = (360, 1280)
DISPLAYS = ("plain", "large", "contrast")


class Combination(NamedTuple):
    language: str
    width: int
    scripts: bool
    display: str

    def __str__(self) -> str:
        return f"{self.language} {self.width} {'with' if self.scripts else 'without'} scripts, {self.display}"


EVERY = [Combination(*one) for one in product(LANGUAGES, WIDTHS, (True, False), DISPLAYS)]


def pairs(one: Combination) -> set[tuple[int, object, int, object]]:
    values = list(enumerate(one))
    return {(i, a, j, b) for i, a in values for j, b in values if i < j}


def pairwise() -> list[Combination]:
    """Few combinations in which every two values meet: each next one brings the most new pairs."""
    missing = set().union(*map(pairs, EVERY))
    chosen: list[Combination] = []
    while missing:
        best = max(EVERY, key=lambda one: len(pairs(one) & missing))
        chosen.append(best)
        missing -= pairs(best)
    return chosen


PAIRWISE = pairwise()
