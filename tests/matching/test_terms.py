"""Who is placed stays or would rather stay; nobody goes further than need be."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import MalformedInstance, parse_instance
from matching.bottleneck import least_worst
from matching.classes import Classes
from matching.farthest import verify_least_worst
from matching.solve import solve
from matching.terms import continued, continued_instance, frozen, frozen_instance, within, within_instance
from matching.verify import verify
from matching.welfare import greedy_flow, solve_classes
from tests.matching.instances import class_instances, document, instance, request, rows
from tests.matching.references import by_network_simplex, served_by_prefix
from tests.matching.test_welfare import proof


@settings(deadline=None, max_examples=80)
@given(class_instances(capped=True), st.data())
def test_who_is_placed_stays_and_the_rest_is_the_best_that_is_left(classes: Classes, data: st.DataObject) -> None:
    every = greedy_flow(classes)
    held = np.array([data.draw(st.integers(0, amount)) for amount in every.tolist()], dtype=np.int64)
    left = frozen(classes, held)
    result = solve_classes(left)
    both = held + result.flow
    assert proof(left, result) is None
    assert (result.served_by_tier, result.cost) == by_network_simplex(left)
    assert (classes.taken(both) <= classes.capacity).all()
    assert (classes.served(both) <= classes.count).all()
    assert (classes.limits.loads(classes.taken(both)) <= classes.limits.limit).all()


def test_more_people_than_there_are_cannot_be_placed() -> None:
    classes = Classes.from_arrays(capacity=[9], tier=[0], count=[2], first_arc=[0, 1], arc_slot=[0], arc_cost=[0])
    with pytest.raises(MalformedInstance, match="count"):
        frozen(classes, np.array([3]))
    with pytest.raises(MalformedInstance, match="held"):
        frozen(classes, np.array([-1]))


@settings(deadline=None, max_examples=60)
@given(rows(coupled=True))
def test_a_frozen_instance_and_what_is_placed_fit_together(top: dict[str, Any]) -> None:
    here = parse_instance(document(**top))
    first = solve(here)
    slot = {name: at for at, name in enumerate(here.slot_ids)}
    taken = np.full(len(here.request_ids), -1, dtype=np.int64)
    for at, name in enumerate(here.request_ids[::2]):
        if name in first.assignments:
            arcs = np.arange(here.first_arc[2 * at], here.first_arc[2 * at + 1])
            taken[2 * at] = arcs[here.arc_slot[arcs] == slot[first.assignments[name]]][0]
    left = frozen_instance(here, taken)
    second = solve(left)
    assert verify(left, second) is None
    placed = {here.request_ids[at]: here.slot_ids[here.arc_slot[taken[at]]] for at in np.flatnonzero(taken >= 0)}
    joined = replace(here, arc_cost=np.zeros_like(here.arc_cost))
    whole = placed | dict(second.assignments)
    assert placed.keys().isdisjoint(second.assignments)
    assert len(whole) >= first.served
    assert set(whole) <= set(joined.request_ids)


def test_somebody_stays_with_the_provider_until_the_way_elsewhere_is_shorter_by_the_bonus() -> None:
    here = instance({"Warm Home": 1, "Light": 1}, [request("Aigul", 0, {"Warm Home": 30, "Light": 10})])
    assert solve(continued_instance(here, np.array([0]), bonus=21)).assignments == {"Aigul": "Warm Home"}
    assert solve(continued_instance(here, np.array([0]), bonus=19)).assignments == {"Aigul": "Light"}
    assert solve(continued_instance(here, np.array([-1]), bonus=21)).assignments == {"Aigul": "Light"}


def test_another_point_of_the_same_provider_is_no_change() -> None:
    classes = Classes.from_arrays(
        capacity=[1, 1, 1], tier=[0], count=[1], first_arc=[0, 3], arc_slot=[0, 1, 2], arc_cost=[30, 20, 10]
    )
    stays = continued(classes, np.array([0]), bonus=100, provider=np.array([7, 7, 8]))
    assert stays.arc_cost.tolist() == [30, 20, 110]


def test_a_limit_forgets_every_longer_way() -> None:
    here = instance({"Warm Home": 1, "Light": 1}, [request("Aigul", 0, {"Warm Home": 30, "Light": 10})])
    assert solve(within_instance(here, here.arc_cost, 9)).served == 0
    assert solve(within_instance(here, here.arc_cost, 10)).assignments == {"Aigul": "Light"}


@settings(deadline=None, max_examples=80)
@given(class_instances(capped=False), st.data())
def test_the_least_worst_distance_is_that_of_trying_every_limit(classes: Classes, data: st.DataObject) -> None:
    arcs = len(classes.arc_slot)
    distance = np.array(data.draw(st.lists(st.integers(0, 6), min_size=arcs, max_size=arcs)), dtype=np.int64)
    answer = least_worst(classes, distance)
    assert answer.proven
    assert verify_least_worst(classes, distance, answer) is None
    enough = [
        limit for limit in range(-1, 7)
        if served_by_prefix(within(classes, distance, limit)[0]) == served_by_prefix(classes)
    ]  # fmt: skip
    used = distance[answer.arc][answer.result.flow > 0]
    assert answer.limit == min(enough) or (answer.limit == min(distance, default=-1) and min(enough) == -1)
    assert (answer.result.served_by_tier, answer.result.cost) == by_network_simplex(
        within(classes, distance, answer.limit)[0]
    )
    assert (used <= answer.limit).all()
    assert not len(used) or used.max() == answer.limit
    for step in (-1, 1):
        moved = replace(answer, limit=answer.limit + step)
        kept = within(classes, distance, moved.limit)[1]
        assert np.array_equal(kept, answer.arc) or verify_least_worst(classes, distance, moved) is not None


def test_at_the_time_limit_the_search_for_the_least_worst_distance_keeps_what_it_found() -> None:
    classes = Classes.from_arrays(
        capacity=[1, 1], tier=[0, 0], count=[1, 1], first_arc=[0, 2, 4], arc_slot=[0, 1, 0, 1], arc_cost=[1, 5, 1, 5]
    )
    answer = least_worst(classes, classes.arc_cost, time_limit=0.0)
    assert not answer.proven
    assert answer.result.served_by_tier == (2,)
    assert verify_least_worst(classes, classes.arc_cost, answer) is not None
