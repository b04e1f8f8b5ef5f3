"""Where a round fell short: the parts that have too few places whatever anybody does, and what one more place is worth.

A part is a set of people with all the offers that any of them could take: so many people, so many places, so at least
the rest waits. Anybody can count that again. Counted once when the round has ended; a page reads the figures.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from market.placement.ended import Ended
from market.placement.report import Kept
from matching import ClassResult
from matching.explain import Worth, worth
from matching.starved import Shortage, shortages, worth_by_region
from matching.welfare import solve_classes

MOST_PARTS = 20  # shortages a page shows, the worst first
MOST_OFFERS = 20  # offers where one more place does most
MOST_PLACES_NAMED = 3  # localities of a part, those with most people first


@dataclass(frozen=True, slots=True)
class Home:
    """What people of a class need and where they live."""

    kind: str
    setting: str
    unit: str
    locality: int


def diagnosis_of(ended: Ended, homes: Sequence[Home], regions: Sequence[str], *, workers: int = 1) -> Kept:
    """``homes``: one a class of ``ended.peers``; ``regions``: the territory of each offer. Of services in which a place
    is a place; shortages are counted as if no limit lay over several offers."""
    classes, result = ended.serving, ended.served
    if not classes.count.sum():
        return {}
    if result is None or classes.caps is not None:
        classes = replace(classes, caps=None)
        result = solve_classes(classes, workers=workers)
    people = _people(ended, homes)
    found = [part for one in shortages(classes, result) for part in _parts(ended, people, one)]
    found.sort(key=lambda part: part["places"] - part["requests"])
    priced = ended.served or result
    return {
        "parts": found[:MOST_PARTS],
        "parts_in_all": len(found),
        "short_in_all": sum(part["requests"] - part["places"] for part in found),
        "offers": _offers(ended, priced),
        "regions": _regions(ended, priced, regions),
    }


def _people(ended: Ended, homes: Sequence[Home]) -> list[Counter[Home]]:
    """For each class of ``ended.serving`` how many live where and need what."""
    people: list[Counter[Home]] = [Counter() for _ in range(len(ended.serving.count))]
    pairs, count = np.unique(np.stack([ended.kin, ended.peers]), axis=1, return_counts=True)
    for kin, peers, number in zip(*pairs.tolist(), count.tolist(), strict=True):
        people[kin][homes[peers]] += number
    return people


def _parts(ended: Ended, people: Sequence[Counter[Home]], shortage: Shortage) -> list[Kept]:
    """People whom nobody could take share nothing: they are told service by service."""
    if len(shortage.slots):
        return [_part(people, shortage.rows.tolist(), shortage)]
    by_service: dict[tuple[str, str, str], list[int]] = {}
    for row in shortage.rows.tolist():
        home = next(iter(people[row]))
        by_service.setdefault((home.kind, home.setting, home.unit), []).append(row)
    return [_part(people, rows, _alone(ended, rows)) for rows in by_service.values()]


def _alone(ended: Ended, rows: list[int]) -> Shortage:
    chosen = np.array(rows, dtype=np.int64)
    waiting = np.zeros_like(ended.serving.count)
    waiting[chosen] = ended.serving.count[chosen]
    return Shortage(chosen, chosen[:0], int(waiting.sum()), 0, ended.serving.by_tier(waiting))


def _part(people: Sequence[Counter[Home]], rows: list[int], shortage: Shortage) -> Kept:
    by_place: Counter[int] = Counter()
    for row in rows:
        for home, number in people[row].items():
            by_place[home.locality] += number
    named = sorted(by_place.items(), key=lambda item: (-item[1], item[0]))[:MOST_PLACES_NAMED]
    home = next(iter(people[rows[0]]))
    return {
        "service": [home.kind, home.setting, home.unit],
        "requests": shortage.requests,
        "places": shortage.places,
        "offers": len(shortage.slots),
        "short_by_tier": list(shortage.short_by_tier),
        "localities": [list(item) for item in named],
        "others": len(by_place) - len(named),
    }


def _offers(ended: Ended, result: ClassResult) -> list[list[Any]]:
    """The most valuable first: offer, price, the tier that one more place would serve, the rest of its worth."""
    order = np.lexsort((np.arange(len(result.prices)), -result.prices))[:MOST_OFFERS]
    return [
        _valued(ended, int(slot), worth(int(result.prices[slot]), result.penalty_by_tier), int(result.prices[slot]))
        for slot in order.tolist()
        if result.prices[slot] > 0
    ]


def _regions(ended: Ended, result: ClassResult, regions: Sequence[str]) -> dict[str, list[Any]]:
    names, index = np.unique(np.asarray(regions, dtype=np.str_), return_inverse=True)
    found = worth_by_region(ended.serving, result, index.astype(np.int64))
    return {
        str(names[at]): [*_valued(ended, one.slot, one.best, int(result.prices[one.slot])), one.serving]
        for at, one in sorted(found.items())
    }


def _valued(ended: Ended, slot: int, told: Worth, price: int) -> list[Any]:
    return [ended.offers[slot], price, told.tier, told.saving]
