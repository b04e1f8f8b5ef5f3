"""For those whom no offer suited: the nearest one that would suit but for its distance, by what people and offers ask
for on the day it is looked up, a moment after the round."""

from collections.abc import Iterator

import numpy as np

from contracts.kernel.work import Work
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.placement import queries
from market.placement.asking_queries import asked_by
from market.placement.part import service_of
from market.placement.rules import EARTH_M, Candidate
from market.placement.stored import StoredInstance

Nearest = dict[int, tuple[str, int]]


def nearest_beyond(work: Work, instance: StoredInstance) -> Nearest:
    """By class without candidates: the offer as 32 digits, and how many metres away it is."""
    arcs = instance.arcs
    bare = np.flatnonzero((np.diff(arcs.classes.first_arc) == 0) & (arcs.groups.count > 0))
    numbers, known = service_of(arcs)[bare], set(instance.offer)
    found: Nearest = {}
    for number in np.unique(numbers).tolist():
        kind, setting, unit = arcs.lists.services[number]
        every = queries.candidates(work, ServiceKind(kind), CareSetting(setting), Unit(unit))
        offers = [one for one in every if one.offer_id.hex in known and one.price_minor is not None]
        if offers:
            found.update(_nearest(work, instance, bare[numbers == number].tolist(), offers))
    return found


def _nearest(
    work: Work, instance: StoredInstance, rows: list[int], offers: list[Candidate]
) -> Iterator[tuple[int, tuple[str, int]]]:
    first = np.cumsum(instance.arcs.groups.count) - instance.arcs.groups.count
    people = asked_by(work, [instance.request[int(first[row])] for row in rows])
    where = np.radians(np.array([(one.latitude, one.longitude) for one in offers]))
    price = np.array([one.price_minor for one in offers])
    serves: dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]] = {}
    for row in rows:
        category, ceiling, home, _territory = people[instance.request[int(first[row])]]
        if category not in serves:
            serves[category] = np.array([category in one.categories for one in offers], dtype=np.bool_)
        suits = np.flatnonzero(serves[category] & (price <= ceiling))
        if len(suits):
            away = _metres(np.radians(np.array(home)), where[suits])
            at = int(away.argmin())
            yield row, (offers[int(suits[at])].offer_id.hex, round(float(away[at])))


def _metres(
    home: np.ndarray[tuple[int], np.dtype[np.float64]], where: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Great circles, as ``rules.distance_m`` computes them; in radians."""
    north, east = (where - home).T / 2
    half = np.sin(north) ** 2 + np.cos(home[0]) * np.cos(where[:, 0]) * np.sin(east) ** 2
    metres: np.ndarray[tuple[int], np.dtype[np.float64]] = 2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(1.0, half)))
    return metres
