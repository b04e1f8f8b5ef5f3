"""Inventing a nation as arrays: where people live, what they may receive, who could give it, what they wish.

Nothing here knows a database. Every array has its axis in its name: ``offer_*`` one value an offer, ``line_*`` one a
voucher line (a person's kind of service), and so on.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from contracts.kernel.money import split
from market.catalogue.rules import CareSetting, Category
from market.provider.rules import OrganisationType
from market.seed.network import KIND_SHARES, KINDS, SETTING_SHARES, Branch, invent_bins, scaled
from market.seed.people import CATEGORIES, CATEGORY_SHARES, People, invent

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PEOPLE = 122_000
CAPACITY_SHARE = 0.95  # of demand: somebody waits
WISHING = 0.40  # of the lines name one to three wishes
WISHES = 3
SPEAK_KAZAKH = 0.7
LISTED = 6  # wishes are drawn from so many nearest offers: people know what is near
EARTH_M = 6_371_008.8
HOME_RADIUS_M = 60_000
SETTINGS = tuple(SETTING_SHARES)
_SERVES = {
    OrganisationType.CHILDREN_LOCOMOTOR_HOME: (Category.CHILD_LOCOMOTOR,),
    OrganisationType.CHILDREN_PSYCHONEUROLOGICAL_HOME: (Category.CHILD_PSYCHONEUROLOGICAL,),
    OrganisationType.PSYCHONEUROLOGICAL_HOME: (Category.ADULT_PSYCHONEUROLOGICAL, Category.DISABILITY_1_2),
    OrganisationType.GENERAL_HOME: (Category.ELDERLY, Category.DISABILITY_1_2, Category.DIFFICULT_SITUATION),
    OrganisationType.HOME_CARE_ELDERLY: (Category.ELDERLY, Category.DISABILITY_1_2),
    OrganisationType.HOME_CARE_PSYCHONEUROLOGICAL: (
        Category.CHILD_PSYCHONEUROLOGICAL, Category.CHILD_LOCOMOTOR, Category.ADULT_PSYCHONEUROLOGICAL,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Places:
    """Localities of the gazetteer, one value each."""

    id: Ints
    territory: list[str]
    latitude: Floats
    longitude: Floats
    population: Ints


@dataclass(frozen=True, slots=True)
class Nation:
    """``wish_offer``: (lines, 3) indexes of offers, best first, -1 where nothing is named."""

    places: Places
    branch: list[Branch]  # one an organisation
    organisation_bin: list[str]
    organisation_place: Ints
    offer_organisation: Ints
    offer_kind: Ints
    offer_capacity: Ints
    people: People
    person_place: Ints
    person_setting: Ints
    person_kazakh: NDArray[np.bool_]
    line_person: Ints
    line_kind: Ints
    wish_offer: Ints


def categories_of(branch: Branch) -> tuple[Category, ...]:
    return _SERVES.get(branch.organisation_type, CATEGORIES)


@dataclass(frozen=True, slots=True)
class Wishing:
    """What share of the lines name offers, and at least how many each (at most WISHES)."""

    share: float = WISHING
    fewest: int = 1


AS_SEEDED = Wishing()


def invent_nation(
    places: Places,
    *,
    people_count: int,
    network_scale: float,
    today: date,
    generator: np.random.Generator,
    wishing: Wishing = AS_SEEDED,
) -> Nation:
    branch = [b for b in scaled(network_scale) for _ in range(b.count)]
    crowd = places.population / places.population.sum()
    flat = np.sqrt(crowd) / np.sqrt(crowd).sum()  # organisations are spread more evenly than people
    organisation_place = generator.choice(len(places.id), size=len(branch), p=flat)
    offer_organisation, offer_kind = _offers(branch, generator)

    people = invent(people_count, today, generator)
    person_place = generator.choice(len(places.id), size=len(people), p=crowd)
    person_setting = generator.choice(len(SETTINGS), size=len(people), p=list(SETTING_SHARES.values()))
    kazakh = generator.random(len(people)) < SPEAK_KAZAKH
    holds = generator.random((len(people), len(KINDS))) < np.array(KIND_SHARES)
    holds[np.arange(len(people)), 0] |= ~holds.any(axis=1)
    line_person, line_kind = (axis.astype(np.int64) for axis in np.nonzero(holds))

    offers = _OfferTable(places, branch, organisation_place, offer_organisation, offer_kind)
    capacity = offers.capacities(line_kind, person_setting[line_person], crowd, generator)
    lines = _Lines(person_place[line_person], person_setting[line_person], line_kind, people.category[line_person])
    return Nation(
        places, branch, invent_bins(len(branch), generator), organisation_place, offer_organisation, offer_kind,
        capacity, people, person_place, person_setting, kazakh, line_person, line_kind,
        offers.wishes(lines, wishing, generator),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Lines:
    place: Ints
    setting: Ints
    kind: Ints
    category: Ints


def _offers(branch: list[Branch], generator: np.random.Generator) -> tuple[Ints, Ints]:
    """Each organisation offers as many different kinds as its type does, the commonest first."""
    weights = np.array(KIND_SHARES) / sum(KIND_SHARES)
    organisation, kind = [], []
    for index, one in enumerate(branch):
        chosen = np.sort(generator.choice(len(KINDS), size=one.kinds, replace=False, p=weights))
        organisation += [index] * one.kinds
        kind += chosen.tolist()
    return np.array(organisation, dtype=np.int64), np.array(kind, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _OfferTable:
    places: Places
    branch: list[Branch]
    organisation_place: Ints
    organisation: Ints
    kind: Ints

    def setting(self) -> Ints:
        return np.array([SETTINGS.index(self.branch[i].setting) for i in self.organisation], dtype=np.int64)

    def serves(self) -> NDArray[np.bool_]:
        """(offers, categories)."""
        by_organisation = np.array([[c in categories_of(b) for c in CATEGORIES] for b in self.branch])
        return np.asarray(by_organisation[self.organisation], dtype=np.bool_)

    def capacities(self, line_kind: Ints, line_setting: Ints, crowd: Floats, generator: np.random.Generator) -> Ints:
        """95 % of the demand of each kind and setting, by whom an offer serves, how many live there, and luck."""
        served = self.serves() @ np.array(CATEGORY_SHARES)
        near = np.sqrt(crowd[self.organisation_place[self.organisation]])
        weight = served * near * generator.lognormal(0.0, 0.5, size=len(self.kind))
        capacity = np.zeros(len(self.kind), dtype=np.int64)
        setting = self.setting()
        for s in range(len(SETTINGS)):
            for k in range(len(KINDS)):
                mine = np.flatnonzero((setting == s) & (self.kind == k))
                demand = int(np.count_nonzero((line_setting == s) & (line_kind == k)))
                if len(mine):
                    shares = (weight[mine] / weight[mine].max() * 1_000_000).astype(np.int64) + 1
                    capacity[mine] = split(round(demand * CAPACITY_SHARE), shares.tolist())
        return capacity

    def wishes(self, lines: _Lines, wishing: Wishing, generator: np.random.Generator) -> Ints:
        """One to three of the nearest offers that serve the person, nearer ones oftener."""
        key = ((lines.setting * len(KINDS) + lines.kind) * len(CATEGORIES) + lines.category) * len(self.places.id)
        keys, inverse = np.unique(key + lines.place, return_inverse=True)
        serving = self._serving()
        nearest = np.stack([self._nearest(int(k), serving) for k in keys])
        listed = nearest[inverse]
        odds = np.log(1.0 / np.arange(1, LISTED + 1)) + generator.gumbel(size=listed.shape)  # Gumbel top-k draw
        order = np.argsort(np.where(listed < 0, np.inf, -odds), axis=1)[:, :WISHES]
        chosen = np.take_along_axis(listed, order, axis=1)
        named = generator.integers(wishing.fewest, WISHES + 1, len(listed))
        count = np.where(generator.random(len(listed)) < wishing.share, named, 0)
        return np.where(np.arange(WISHES) < count[:, None], chosen, -1)

    def _nearest(self, key: int, serving: dict[tuple[int, int, int], Ints]) -> Ints:
        rest, place = divmod(key, len(self.places.id))
        rest, category = divmod(rest, len(CATEGORIES))
        setting, kind = divmod(rest, len(KINDS))
        mine = serving[setting, kind, category]
        metres = distance_m(
            self.places.latitude[place], self.places.longitude[place],
            self.places.latitude[self.organisation_place[self.organisation[mine]]],
            self.places.longitude[self.organisation_place[self.organisation[mine]]],
        )  # fmt: skip
        if SETTINGS[setting] is CareSetting.HOME:
            mine, metres = mine[metres <= HOME_RADIUS_M], metres[metres <= HOME_RADIUS_M]
        order = np.argsort(metres, kind="stable")[:LISTED]
        return np.pad(mine[order], (0, LISTED - len(order)), constant_values=-1)

    def _serving(self) -> dict[tuple[int, int, int], Ints]:
        """Offers by setting, kind and category served."""
        setting, serves = self.setting(), self.serves()
        return {
            (s, k, c): np.flatnonzero((setting == s) & (self.kind == k) & serves[:, c])
            for s in range(len(SETTINGS))
            for k in range(len(KINDS))
            for c in range(len(CATEGORIES))
        }


def distance_m(latitude: float, longitude: float, latitudes: Floats, longitudes: Floats) -> Floats:
    """Great-circle distances in metres (haversine)."""
    a, b = np.radians(latitude), np.radians(latitudes)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(longitudes - longitude) / 2) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(half)), dtype=np.float64)
