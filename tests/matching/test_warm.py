"""Whatever the prices one starts from, what is balanced in the end is the optimum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.caps import Caps
from matching.certify import penalty_by_tier, slot_prices
from matching.classes import Classes
from matching.outcome import ClassResult, verify_outcome
from matching.warm import balanced, can_balance
from tests.matching.instances import class_instances
from tests.matching.references import by_network_simplex


def proven(classes: Classes, flow: np.ndarray, penalties: tuple[int, ...]) -> ClassResult:
    served = classes.served(flow)
    return ClassResult(
        flow=flow,
        waiting=classes.count - served,
        prices=slot_prices(classes, flow, penalties)[0],
        penalty_by_tier=penalties,
        served_by_tier=classes.by_tier(served),
        cost=int(flow @ classes.arc_cost),
        proven=True,
    )


@settings(deadline=None, max_examples=150)
@given(class_instances(), st.data())
def test_any_prices_lead_to_the_one_optimum(classes: Classes, data: st.DataObject) -> None:
    slots = len(classes.capacity)
    dearest = data.draw(st.sampled_from([0, 3, 60, 10**13]))
    prices = np.array(data.draw(st.lists(st.integers(0, dearest), min_size=slots, max_size=slots)), dtype=np.int64)
    penalties = penalty_by_tier(slots, int(classes.arc_cost.max(initial=0)), classes.tiers)
    assert can_balance(classes, penalties)
    answer = proven(classes, balanced(classes, penalties, prices), penalties)
    assert verify_outcome(classes, answer) is None
    assert (answer.served_by_tier, answer.cost) == by_network_simplex(classes)


@pytest.mark.parametrize(("limit", "penalty", "can"), [(0, 5, False), (None, 5, True), (None, 2**60, False)])
def test_limits_over_several_slots_and_penalties_without_room_are_left_to_the_solver(
    limit: int | None, penalty: int, can: bool
) -> None:
    caps = None if limit is None else Caps.from_arrays(of_slot=[0], limit=[limit], parent=[-1])
    classes = Classes.from_arrays(
        capacity=[1], tier=[0], count=[1], first_arc=[0, 1], arc_slot=[0], arc_cost=[1], caps=caps
    )
    assert can_balance(classes, (penalty,)) is can
