"""Lots and regions: limits over several slots, solved as a flow and proven by prices of their own."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.caps import Caps
from matching.classes import Classes
from matching.components import parts
from matching.errors import MalformedInstance
from matching.proof import verify_classes
from matching.welfare import greedy_flow, solve_classes
from tests.matching.instances import class_instances
from tests.matching.references import by_constraint_solver, by_network_simplex
from tests.matching.test_welfare import proof


@settings(deadline=None, max_examples=150)
@given(class_instances(capped=True))
def test_three_exact_methods_agree_under_caps_and_the_prices_prove_it(classes: Classes) -> None:
    result = solve_classes(classes)
    assert proof(classes, result) is None
    assert (result.served_by_tier, result.cost) == by_network_simplex(classes)
    assert (result.served_by_tier, result.cost) == by_constraint_solver(classes)


@settings(deadline=None, max_examples=100)
@given(class_instances(capped=True), st.data())
def test_no_changed_price_of_a_cap_passes_unless_it_proves_the_same(classes: Classes, data: st.DataObject) -> None:
    result = solve_classes(classes)
    if not len(result.cap_prices):
        return
    changed = result.cap_prices.copy()
    changed[data.draw(st.integers(0, len(changed) - 1))] += data.draw(st.sampled_from([-(10**6), -1, 1, 10**6]))
    violation = proof(classes, replace(result, cap_prices=changed))
    assert violation is not None or dual(classes, result.prices, changed, result.penalty_by_tier) == dual(
        classes, result.prices, result.cap_prices, result.penalty_by_tier
    )


def dual(classes: Classes, prices: np.ndarray, cap_prices: np.ndarray, penalties: tuple[int, ...]) -> int:
    """Weak duality with caps, in plain Python."""
    outer = [*cap_prices.tolist(), 0]
    total = 0
    for row, count in enumerate(classes.count.tolist()):
        arcs = range(int(classes.first_arc[row]), int(classes.first_arc[row + 1]))
        values = [int(classes.arc_cost[arc]) + int(prices[classes.arc_slot[arc]]) for arc in arcs]
        total += count * min([penalties[int(classes.tier[row])], *values])
    for slot, capacity in enumerate(classes.capacity.tolist()):
        total -= capacity * (int(prices[slot]) - outer[int(classes.limits.of_slot[slot])])
    for cap, limit in enumerate(classes.limits.limit.tolist()):
        total -= limit * (outer[cap] - outer[int(classes.limits.parent[cap])])
    return total


@settings(deadline=None, max_examples=60)
@given(class_instances(capped=True))
def test_a_greedy_flow_keeps_every_cap(classes: Classes) -> None:
    load = classes.limits.loads(classes.taken(greedy_flow(classes)))
    assert (load <= classes.limits.limit).all()


@settings(deadline=None, max_examples=60)
@given(class_instances(capped=True))
def test_slots_under_one_cap_are_one_part(classes: Classes) -> None:
    where = {slot: at for at, piece in enumerate(parts(classes)) for slot in piece.slot.tolist()}
    root = classes.limits.roots()
    for slot, at in where.items():
        for other in np.flatnonzero((root == root[slot]) & (root >= 0)).tolist():
            assert where[other] == at


def lots() -> Classes:
    """Two lots of two slots each within one region; everybody would rather sit in the first lot."""
    return Classes.from_arrays(
        capacity=[5, 5, 5, 5],
        tier=[0, 1],
        count=[4, 9],
        first_arc=[0, 4, 8],
        arc_slot=[0, 1, 2, 3] * 2,
        arc_cost=[1, 2, 7, 9] * 2,
        caps=Caps.from_arrays(of_slot=[0, 0, 1, 1], limit=[6, 8, 10], parent=[2, 2, -1]),
    )


def test_a_region_is_never_overfilled_and_its_price_says_what_a_place_more_would_do() -> None:
    classes = lots()
    result = solve_classes(classes)
    assert classes.limits.loads(classes.taken(result.flow)).tolist() == [6, 4, 10]
    assert result.served_by_tier == (4, 6)
    assert result.cap_prices[2] == result.penalty_by_tier[1] - 7
    assert result.cap_prices[0] > result.cap_prices[1] == result.cap_prices[2]


def test_an_overfull_cap_is_named() -> None:
    classes = lots()
    result = solve_classes(replace(classes, caps=None))
    violation = verify_classes(
        classes,
        flow=result.flow,
        waiting=result.waiting,
        prices=result.prices,
        penalty_by_tier=result.penalty_by_tier,
        served_by_tier=result.served_by_tier,
        cost=result.cost,
        cap_prices=np.zeros(3, dtype=np.int64),
    )
    assert violation is not None
    assert violation.code == "cap"


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("of_slot", [2], "/caps/of_slot/0"),
        ("limit", [1, -1], "/caps/limit/1"),
        ("parent", [0, -1], "/caps/parent/0"),
        ("parent", [1, 0], "/caps/parent/1"),
        ("parent", [-1], "/caps/parent"),
    ],
)
def test_malformed_caps_are_refused_at_the_place_of_the_fault(field: str, value: list[int], pointer: str) -> None:
    arrays = {"of_slot": [0], "limit": [1, 1], "parent": [1, -1]}
    with pytest.raises(MalformedInstance) as refusal:
        Caps.from_arrays(**arrays | {field: value})
    assert refusal.value.pointer == pointer
