"""In bulk the same people may go to the same places as one by one, and the census makes classes of equals."""

from dataclasses import replace
from uuid import UUID

import numpy as np

from contracts.kernel.errors import RuleBroken
from contracts.kernel.work import SYSTEM
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.placement.arcs import build
from market.placement.queries import candidates
from market.placement.rules import MAX_WISHES, Candidate, Need, check_candidate
from market.placement.terms import COST_UNIT_M, FARTHEST_M, RANK_STEP
from tests.placement.province import Province, province

__all__ = ["province"]


def offers_of(province: Province) -> dict[str, Candidate]:
    services = set(province.census.supply.service)
    found = [
        offer
        for kind, setting, unit in services
        for offer in province.database.read(
            SYSTEM,
            lambda w: candidates(w, ServiceKind(kind), CareSetting(setting), Unit(unit)),  # noqa: B023
        )
    ]
    return {offer.offer_id.hex: offer for offer in found}


def test_the_arrays_allow_exactly_what_the_rules_allow_pair_by_pair(province: Province) -> None:
    census, arcs = province.census, province.arcs
    offers, crowd = offers_of(province), census.crowd
    assert set(offers) == set(census.supply.id)
    generator = np.random.default_rng(5)
    allowed = refused = 0
    for row in generator.choice(len(crowd.count), size=min(60, len(crowd.count)), replace=False).tolist():
        kind, setting, unit = crowd.service[row]
        north, east = census.place[int(crowd.locality[row])]
        need = Need(ServiceKind(kind), CareSetting(setting), Unit(unit), int(crowd.ceiling[row]), crowd.category[row],
                    north, east)  # fmt: skip
        own = range(int(arcs.classes.first_arc[row]), int(arcs.classes.first_arc[row + 1]))
        listed = {census.supply.id[int(arcs.classes.arc_slot[arc])]: arc for arc in own}
        for offer_id, offer in offers.items():
            try:
                distance, _ = check_candidate(need, offer, top_up=False)
            except RuleBroken:
                assert offer_id not in listed
                refused += 1
                continue
            assert arcs.distance_m[listed[offer_id]] == distance
            allowed += 1
    assert allowed > 100
    assert refused > 100


def test_a_step_of_the_own_ranking_outweighs_any_distance_and_what_is_not_named_ranks_last(province: Province) -> None:
    classes, arcs = province.arcs.classes, province.arcs
    owner = classes.owners()
    named = arcs.rank > 0
    steps = np.where(named, arcs.rank - 1, MAX_WISHES)
    assert (classes.arc_cost == arcs.distance_m // COST_UNIT_M + steps * RANK_STEP).all()
    assert named.sum() > 20
    assert 2 * (FARTHEST_M // COST_UNIT_M) < RANK_STEP
    same = owner[1:] == owner[:-1]
    assert (classes.arc_cost[1:] >= classes.arc_cost[:-1])[same].all()


def test_classes_hold_everyone_once_with_the_longest_wait_first(province: Province) -> None:
    crowd = province.census.crowd
    ids = crowd.request_ids()
    assert len(set(ids)) == len(ids) == int(crowd.count.sum()) > 1_000
    assert len(crowd.count) < len(ids)
    start = 0
    for count in crowd.count.tolist():
        since = crowd.member.since[start : start + count].tolist()
        assert since == sorted(since)
        start += count
    assert UUID(ids[0]).version == 7
    keys = list(
        zip(crowd.service, crowd.size, crowd.locality, crowd.tier, crowd.category, crowd.ceiling, crowd.wishes,
            strict=True)
    )  # fmt: skip
    assert len(set(keys)) == len(keys)


def test_kin_see_the_same_offers_at_the_same_distances_whatever_they_wish(province: Province) -> None:
    arcs, kin = province.arcs, province.arcs.kin
    assert len(kin.count) < len(arcs.classes.count)
    assert kin.count.sum() == arcs.classes.count.sum()
    assert (kin.tier[arcs.groups.kin] == arcs.classes.tier).all()
    for row in range(0, len(arcs.classes.count), 7):
        own = slice(arcs.classes.first_arc[row], arcs.classes.first_arc[row + 1])
        theirs = slice(kin.first_arc[arcs.groups.kin[row]], kin.first_arc[arcs.groups.kin[row] + 1])
        place = arcs.place_of[own]
        assert (arcs.classes.arc_slot[own] == kin.arc_slot[theirs][place]).all()
        assert (arcs.distance_m[own] // COST_UNIT_M == kin.arc_cost[theirs][place]).all()
        assert sorted(place.tolist()) == list(range(len(place)))


def test_requests_of_one_larger_size_make_a_place_out_of_that_many_units(province: Province) -> None:
    census = province.census
    doubled = replace(census, crowd=replace(census.crowd, size=census.crowd.size * 2))
    free = census.supply.capacity - census.supply.taken
    wanted = set(census.crowd.service)
    halved = np.array(
        [units // 2 if service in wanted else units for units, service in zip(free, census.supply.service, strict=True)]
    )
    assert (build(doubled).classes.capacity == halved).all()
    assert build(doubled).mixed == []
