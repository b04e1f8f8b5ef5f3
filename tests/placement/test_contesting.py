"""Every statement of every explanation is counted again from the round, and what is not true is found out."""

from dataclasses import replace
from uuid import UUID

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from market.placement.contesting import contradicted
from market.placement.ended import Ended
from market.placement.explaining import Saying, Statement, Topic, explain
from market.placement.grounds import grounds_of
from market.placement.rules import Policy
from matching import Classes, solve_classes
from tests.matching.instances import class_instances
from tests.placement.rounds_ended import ended_round, outcome_of


@st.composite
def rounds(draw: st.DrawFn, policy: Policy | None = None, *, capped: bool = False) -> Ended:
    """Small rounds of every shape; in half of them people have wishes."""
    classes = draw(
        class_instances(capped=capped).filter(lambda one: not len(one.arc_cost) or one.arc_cost.max() < 10**5)
    )
    wishes = []
    for row in range(len(classes.count)):
        arcs = int(classes.first_arc[row + 1] - classes.first_arc[row])
        named = draw(st.integers(0, arcs))
        wishes += draw(st.permutations([*range(1, named + 1), *[0] * (arcs - named)]))
    wished = draw(st.booleans())
    return ended_round(classes, policy or draw(st.sampled_from(Policy)), wishes=wishes if wished else None)


def said(ended: Ended, position: int) -> list[Statement]:
    return explain(outcome_of(ended, position), ended.policy, grounds=grounds_of(ended, position))


@settings(deadline=None, max_examples=80)
@given(rounds())
def test_whatever_the_round_every_statement_holds(ended: Ended) -> None:
    for position in range(len(ended.ids)):
        assert contradicted(ended, position, said(ended, position)) == []


@settings(deadline=None, max_examples=40)
@given(rounds(Policy.WELFARE, capped=True))
def test_under_limits_over_several_offers_every_statement_holds_too(ended: Ended) -> None:
    for position in range(len(ended.ids)):
        assert contradicted(ended, position, said(ended, position)) == []


@settings(deadline=None, max_examples=60)
@given(rounds(), st.sampled_from([-1, 1]))
def test_a_figure_or_an_offer_that_is_not_the_rounds_own_is_found_out(ended: Ended, step: int) -> None:
    for position in range(len(ended.ids)):
        for one in said(ended, position):
            for name, value in one.values.items():
                wrong = replace(one, values=one.values | {name: value + step})
                assert contradicted(ended, position, [wrong]) == [wrong], name
            if one.offer_id is not None:
                elsewhere = replace(one, offer_id=UUID(int=10**9))
                assert contradicted(ended, position, [elsewhere]) == [elsewhere]


def with_place(classes: Classes, slot: int, more: int = 1) -> Classes:
    capacity = classes.capacity.copy()
    capacity[slot] += more
    return replace(classes, capacity=capacity)


def least_cost_of_seats(ended: Ended, *, slot: int, row: int | None = None) -> int:
    """Those who were served, seated anew with one more place in the slot; ``row``: where one of them must sit there."""
    count = ended.seating.served(ended.flow)
    if row is None:
        return solve_classes(replace(with_place(ended.seating, slot), count=count)).cost
    count[row] -= 1
    arcs = np.arange(ended.seating.first_arc[row], ended.seating.first_arc[row + 1])
    (there,) = arcs[ended.seating.arc_slot[arcs] == slot]
    return solve_classes(replace(ended.seating, count=count)).cost + int(ended.seating.arc_cost[there])


@settings(deadline=None, max_examples=60)
@given(rounds(Policy.WELFARE))
def test_one_more_place_does_what_is_said_by_solving_the_round_again(ended: Ended) -> None:
    before = solve_classes(ended.serving)
    cost = solve_classes(replace(ended.seating, count=ended.seating.served(ended.flow))).cost
    for position in range(len(ended.ids)):
        for one in said(ended, position):
            if one.offer_id is None or one.topic is Topic.HERE:
                continue
            slot, row = one.offer_id.int - 1, int(ended.peers[position])
            after = solve_classes(with_place(ended.serving, slot))
            more = [now - was for was, now in zip(before.served_by_tier, after.served_by_tier, strict=True)]
            if one.saying is Saying.ONE_MORE_SERVES:
                assert more[one.values["serves"]] == 1
            elif one.saying in {Saying.ONE_MORE_SAVES_WAY, Saying.ONE_MORE_SAVES_WISHES}:
                assert not any(more)
                assert cost - least_cost_of_seats(ended, slot=slot) == one.values["seating_price"]
            elif one.saying is Saying.PLACE_OPENS and int(ended.taken[position]) < 0:
                assert served_there(ended, position, slot) == (after.served_by_tier, after.cost)
            elif one.saying is Saying.PLACE_OPENS:
                assert not any(more)
                assert least_cost_of_seats(ended, slot=slot, row=row) == least_cost_of_seats(ended, slot=slot)


def served_there(ended: Ended, position: int, slot: int) -> tuple[tuple[int, ...], int]:
    """Who is served when one of this request's kin takes a new place in the slot and all others are served anew."""
    row, classes = int(ended.kin[position]), ended.serving
    count = classes.count.copy()
    count[row] -= 1
    rest = solve_classes(replace(classes, count=count))
    served = list(rest.served_by_tier)
    served[int(ended.tier[position])] += 1
    arcs = np.arange(classes.first_arc[row], classes.first_arc[row + 1])
    (there,) = arcs[classes.arc_slot[arcs] == slot]
    return tuple(served), rest.cost + int(classes.arc_cost[there])
