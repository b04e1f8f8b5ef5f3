"""The figures of a round, counted once more in plain Python."""

from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import MalformedInstance, Policy, parse_instance
from matching.classes import Classes
from matching.fairness import People, Share, compared, figures, quantiles
from matching.solve import solve
from matching.verify import taken_arcs
from tests.matching.instances import document, rows


def crowd(top: dict[str, Any]) -> tuple[People, np.ndarray, np.ndarray]:
    here = parse_instance(document(**top))
    classes = Classes.from_arrays(
        capacity=here.capacity,
        tier=here.tier,
        count=np.ones_like(here.tier),
        first_arc=here.first_arc,
        arc_slot=here.arc_slot,
        arc_cost=here.arc_cost,
    )
    answers = [taken_arcs(here, solve(here, policy, seed=1).assignments) for policy in Policy]
    people = People(
        classes=classes,
        row=np.arange(len(here.tier)),
        distance=here.arc_cost % 100,
        rank=np.arange(len(here.arc_slot)) % 4,
        attributes={"language": ["kk" if at % 2 else "ru" for at in range(len(here.tier))]},
    )
    return people, *(answer for answer in answers if isinstance(answer, np.ndarray))  # type: ignore[return-value]


@settings(deadline=None, max_examples=120)
@given(rows(ranked=True))
def test_every_figure_is_what_plain_counting_gives(top: dict[str, Any]) -> None:
    people, welfare, stable = crowd(top)
    for taken in (welfare, stable):
        told, placed = figures(people, taken), [arc for arc in taken.tolist() if arc >= 0]
        assert told.served == Share(len(placed), len(taken))
        assert sum(share.of for share in told.by["language"].values()) == len(taken)
        tiers = people.classes.tier
        for name, share in told.by["tier"].items():
            of = tiers == int(name)
            assert share == Share(int((taken[of] >= 0).sum()), int(of.sum()))
        assert told.ranks == {rank: sum(arc % 4 == rank for arc in placed) for rank in sorted({a % 4 for a in placed})}
        assert (told.envy, told.idle) == envious(people.classes, taken.tolist())
        assert told.cost == sum(int(people.classes.arc_cost[arc]) for arc in placed)


@settings(deadline=None, max_examples=60)
@given(rows())
def test_where_wishes_are_costs_the_stable_policy_leaves_no_envy(top: dict[str, Any]) -> None:
    people, welfare, stable = crowd(top)
    told = figures(people, stable)
    assert (told.envy, told.idle) == (0, 0)
    assert figures(people, welfare).served.served >= told.served.served


def envious(classes: Classes, taken: list[int]) -> tuple[int, int]:
    tiers, envy, idle = classes.tier.tolist(), 0, 0
    inside: dict[int, list[int]] = {slot: [] for slot in range(len(classes.capacity))}
    for tier, arc in zip(tiers, taken, strict=True):
        if arc >= 0:
            inside[int(classes.arc_slot[arc])].append(tier)
    for person, arc in enumerate(taken):
        arcs = range(int(classes.first_arc[person]), int(classes.first_arc[person + 1]))
        wanted = [at for at in arcs if arc < 0 or classes.arc_cost[at] < classes.arc_cost[arc]]
        there = [inside[int(classes.arc_slot[at])] for at in wanted]
        envy += any(max(held, default=-1) > tiers[person] for held in there)
        idle += any(len(held) < classes.capacity[classes.arc_slot[at]] for held, at in zip(there, wanted, strict=True))
    return envy, idle


@settings(deadline=None, max_examples=60)
@given(rows(ranked=True))
def test_two_policies_stand_side_by_side(top: dict[str, Any]) -> None:
    people, welfare, stable = crowd(top)
    both, swapped = compared(people, welfare, stable), compared(people, stable, welfare)
    assert both.better_under_first + both.better_under_second + both.same == len(people.row)
    assert (both.better_under_first, both.first) == (swapped.better_under_second, swapped.second)
    assert compared(people, welfare, welfare).same == len(people.row)


@settings(max_examples=100)
@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 100))
def test_a_quantile_is_not_exceeded_by_so_many_percent_and_no_smaller_value_is(values: list[int], percent: int) -> None:
    value = quantiles(np.array(values), [percent])[percent]
    assert value == sorted(values)[ceil(percent * len(values) / 100) - 1]
    assert quantiles(np.zeros(0, np.int64)) == {}


def test_an_arc_of_somebody_else_and_a_missing_attribute_are_refused() -> None:
    classes = Classes.from_arrays(
        capacity=[1], tier=[0, 0], count=[1, 1], first_arc=[0, 1, 2], arc_slot=[0, 0], arc_cost=[1, 1]
    )
    people = People(classes=classes, row=np.array([0, 1]), distance=np.array([1, 1]))
    with pytest.raises(MalformedInstance, match="another class"):
        figures(people, np.array([-1, 0]))
    with pytest.raises(MalformedInstance, match="language"):
        People(classes=classes, row=np.array([0]), distance=np.array([1, 1]), attributes={"language": []})
