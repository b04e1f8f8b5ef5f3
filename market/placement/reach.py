"""Who may go where, and how far it is, before anybody names a wish: candidate lists of alike people, in arrays.

A list holds every offer that may take a person, by distance. Two people have the same list where they live at one place
and nothing that counts (service, category, ceiling) tells them apart; so a nation needs some thousands of lists.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.catalogue.rules import CareSetting
from market.placement.census import Census, Supply
from market.placement.columns import runs, spread
from market.placement.crowd import Crowd, Service
from market.placement.rules import EARTH_M, MAX_DISTANCE_M, reach_m
from market.placement.terms import COST_UNIT_M, RoundTerms
from matching import Integers

_MARK = np.uint64(0x9E3779B97F4A7C15)  # multiplied by it, close numbers lie far apart
FARTHEST_M = 30_000_000  # farther than anything on earth
_ENDLESS = int(np.iinfo(np.int64).max)
CELLS = 4_000_000  # pairs looked at in one go: 32 MB an array of integers

Floats = NDArray[np.float64]
Sorts = tuple[list[str], Integers]  # the categories that occur, and of every class the number of its own


@dataclass(frozen=True, eq=False)
class Lists:
    """List ``l`` is of ``services[service[l]]`` and holds ``slot[first[l]:first[l + 1]]`` (offers of the census) with
    ``distance_m`` beside them; by distance in units of cost, then by slot. ``home``: from
    where, as the census names it."""

    services: list[Service]
    service: Integers
    first: Integers
    slot: Integers
    distance_m: Integers
    home: Integers


def candidate_lists(census: Census, terms: RoundTerms, rows_of: dict[Service, Integers]) -> tuple[Lists, Integers]:
    """The lists, and the list of every class of the census. ``rows_of``: the classes of each service."""
    crowd, supply = census.crowd, census.supply
    slots_of, sorts = by_service(supply.service), _categories(crowd)
    list_of = np.zeros(len(crowd.count), dtype=np.int64)
    none = np.zeros(0, np.int64)
    lengths, service_of, home_of, slot, metres = [none], [none], [none], [none], [none]
    services, known = sorted(rows_of), 0
    for number, service in enumerate(services):
        rows = rows_of[service]
        slots = slots_of.get(service, none)
        key, one = _alike(census, terms, rows, sorts)
        length, found, away = _lists_of(census, terms, CareSetting(service[1]), rows[one], slots, sorts)
        same = _first_equal(length, found, away)
        kept = same == np.arange(len(same))
        list_of[rows] = (known + np.cumsum(kept) - 1)[same][key]
        known += int(kept.sum())
        own = np.repeat(kept, length)
        lengths.append(length[kept])
        service_of.append(np.full(int(kept.sum()), number))
        home_of.append(crowd.home[rows[one[kept]]])
        slot.append(found[own])
        metres.append(away[own])
    columns = (np.concatenate(part) for part in (service_of, slot, metres, home_of))
    service_, slot_, metres_, home_ = columns
    return Lists(services, service_, runs(np.concatenate(lengths)), slot_, metres_, home_), list_of


def _first_equal(length: Integers, found: Integers, away: Integers) -> Integers:
    """For every list the first one that is equal to it: those with an equal sum of marks are compared."""
    first, some = runs(length), np.flatnonzero(length)
    marks = (found.astype(np.uint64) * _MARK + away.astype(np.uint64)) * _MARK
    sums = np.zeros(len(length), dtype=np.uint64)
    if len(some):
        sums[some] = np.add.reduceat(marks ^ (marks >> np.uint64(29)), first[some])
    _, one, name = np.unique(sums, return_index=True, return_inverse=True)
    same, like = np.arange(len(length)), one[name]
    again = np.flatnonzero((like != same) & (length[like] == length))
    own, other = (spread(first[at], length[again]) for at in (again, like[again]))
    unlike = (found[own] != found[other]) | (away[own] != away[other])
    equal = np.ones(len(again), dtype=np.bool_)
    equal[np.repeat(np.arange(len(again)), length[again])[unlike]] = False
    same[again[equal]] = like[again[equal]]
    return same


def by_service(services: list[Service]) -> dict[Service, Integers]:
    names = {service: number for number, service in enumerate(dict.fromkeys(services))}
    number = np.fromiter(map(names.__getitem__, services), np.int64, len(services))
    ends = np.cumsum(np.bincount(number, minlength=len(names)))
    return dict(zip(names, np.split(np.argsort(number, kind="stable"), ends[:-1]), strict=True)) if names else {}


def _alike(census: Census, terms: RoundTerms, rows: Integers, sorts: Sorts) -> tuple[Integers, Integers]:
    """A number for every class of one service, equal where the list must be; and one class of each number."""
    crowd, (names, category) = census.crowd, sorts
    _, place = np.unique(crowd.home[rows], return_inverse=True)
    _, ceiling = np.unique(crowd.ceiling[rows], return_inverse=True)
    key = (place * len(names) + category[rows]) * (int(ceiling.max(initial=0)) + 1) + ceiling
    if terms.worst:
        _, limit = np.unique(_worst(census, terms, rows), return_inverse=True)
        key = key * (int(limit.max(initial=0)) + 1) + limit
    _, one, number = np.unique(key, return_index=True, return_inverse=True)
    return number, one


def _categories(crowd: Crowd) -> Sorts:
    numbers = {name: number for number, name in enumerate(dict.fromkeys(crowd.category))}
    return list(numbers), np.fromiter(map(numbers.__getitem__, crowd.category), np.int64, len(crowd.category))


def _lists_of(
    census: Census, terms: RoundTerms, setting: CareSetting, rows: Integers, slots: Integers, sorts: Sorts
) -> tuple[Integers, Integers, Integers]:
    """For every given class how many offers it has, then the offers and their distances, class by class; all of one
    service."""
    crowd, supply = census.crowd, census.supply
    homes, home = np.unique(crowd.home[rows], return_inverse=True)
    at = np.array([census.place[int(one)] for one in homes], dtype=np.float64).reshape(-1, 2)
    worst = _worst(census, terms, rows) if MAX_DISTANCE_M[setting] is not None else np.full(len(rows), _ENDLESS)
    serves, sort = _serving(census, rows, slots, sorts)
    reach = np.array([_reach(setting, supply.radius_m[s]) for s in slots.tolist()], dtype=np.int64)
    step = max(1, CELLS // max(1, len(slots)))
    none = np.zeros(0, np.int64)
    lengths, founds, aways = [none], [none], [none]
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        here, nth = np.unique(home[part], return_inverse=True)
        first, column, metres = _near(at[here], supply, slots, reach)
        count = np.diff(first)[nth]
        own, row = spread(first[nth], count), np.repeat(np.arange(len(nth)), count)
        column, away = column[own], metres[own]
        may = serves[sort[part][row], column] & (away <= worst[part][row])
        lengths.append(np.bincount(row[may], minlength=len(nth)))
        founds.append(slots[column[may]])
        aways.append(away[may])
    return np.concatenate(lengths), np.concatenate(founds), np.concatenate(aways)


def _near(places: Floats, supply: Supply, slots: Integers, reach: Integers) -> tuple[Integers, Integers, Integers]:
    """For every place the slots (where they stand in ``slots``) that reach it, as runs, with their distances; by
    distance in units of cost, then as they stand."""
    north, south = np.radians(places[:, :1]), np.radians(supply.latitude[slots])
    apart = np.abs(north - south) * EARTH_M  # no way is shorter than along the meridian
    place, column = np.nonzero(apart <= reach + 1.0)
    metres = _distances(places[place], supply, slots[column])
    close = metres <= reach[column]
    place, column, metres = place[close], column[close], metres[close]
    order = np.argsort((place * (FARTHEST_M // COST_UNIT_M) + metres // COST_UNIT_M) * len(slots) + column)
    return runs(np.bincount(place, minlength=len(places))), column[order], metres[order]


def _serving(census: Census, rows: Integers, slots: Integers, sorts: Sorts) -> tuple[NDArray[np.bool_], Integers]:
    """Which of these offers may serve whom, anywhere: a line a sort of people (a category, a ceiling), and of every
    given class its sort."""
    crowd, supply, (names, category) = census.crowd, census.supply, sorts
    ceilings, ceiling = np.unique(crowd.ceiling[rows], return_inverse=True)
    serves = np.array([[name in supply.categories[s] for s in slots.tolist()] for name in names], dtype=np.bool_)
    affords = supply.price[slots] <= ceilings[:, None]
    both = serves[:, None, :] & affords
    return both.reshape(len(names) * len(ceilings), len(slots)), category[rows] * len(ceilings) + ceiling


def _reach(setting: CareSetting, radius_m: int | None) -> int:
    reach = reach_m(setting, radius_m)
    return _ENDLESS if reach is None else reach


def _worst(census: Census, terms: RoundTerms, rows: Integers) -> Integers:
    """How far each class may be placed by the offices' own limit."""
    limits = {code: terms.worst_at(code) for code in set(census.territory.values())}
    own = [limits[census.territory[place]] for place in census.crowd.locality[rows].tolist()]
    return np.array([_ENDLESS if limit is None else limit for limit in own], dtype=np.int64)


def _distances(places: Floats, supply: Supply, slots: Integers) -> Integers:
    """In whole metres from each place to the slot beside it, as ``rules.distance_m`` computes them."""
    north, east = np.radians(places).T
    other_north, other_east = np.radians(supply.latitude[slots]), np.radians(supply.longitude[slots])
    half = (
        np.sin((other_north - north) / 2) ** 2
        + np.cos(north) * np.cos(other_north) * np.sin((other_east - east) / 2) ** 2
    )
    metres: Integers = np.rint(2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(1.0, half)))).astype(np.int64)
    return metres
