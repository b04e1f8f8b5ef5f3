"""People who are placed: swaps that harm nobody, closures that move as few as can be."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import MalformedInstance
from matching.classes import Classes
from matching.moves import Move
from matching.outcome import verify_outcome
from matching.rearrange import cleared, rings, swapped
from matching.welfare import greedy_flow
from tests.matching.instances import class_instances
from tests.matching.references import by_network_simplex


@settings(deadline=None, max_examples=80)
@given(class_instances(), st.data())
def test_nobody_is_worse_off_after_swaps_and_nobody_moves_who_did_not_ask(
    classes: Classes, data: st.DataObject
) -> None:
    flow = greedy_flow(classes)
    willing = np.array([data.draw(st.integers(0, amount)) for amount in flow.tolist()], dtype=np.int64)
    change = swapped(classes, flow, willing)
    assert verify_outcome(change.asked, change.result) is None
    assert change.result.waiting.sum() == 0
    assert (change.flow >= flow - willing).all()
    assert (classes.taken(change.flow) <= classes.capacity).all()
    assert np.array_equal(classes.served(change.flow), classes.served(flow))
    assert (change.flow * classes.arc_cost).sum() <= (flow * classes.arc_cost).sum()
    after = classes.taken(flow)
    for ring in rings(change.moves):
        for one, other in itertools.pairwise(ring.moves):
            assert one.target == other.source
        assert (ring.moves[-1].target == ring.moves[0].source) == ring.closed
        if not ring.closed:
            after[ring.moves[0].source] -= 1
            after[ring.moves[-1].target] += 1
    assert np.array_equal(after, classes.taken(change.flow))
    assert sum(len(ring.moves) for ring in rings(change.moves)) == sum(move.count for move in change.moves)


def three() -> tuple[Classes, np.ndarray]:
    """Aigul, Bolat and Dana each sit where the next one would rather be."""
    classes = Classes.from_arrays(
        capacity=[1, 1, 1],
        tier=[0, 1, 2],
        count=[1, 1, 1],
        first_arc=[0, 2, 4, 6],
        arc_slot=[0, 1, 1, 2, 2, 0],
        arc_cost=[9, 1, 9, 1, 9, 1],
    )
    return classes, np.array([1, 0, 1, 0, 1, 0])


def test_a_ring_of_three_needs_all_three() -> None:
    classes, flow = three()
    (ring,) = rings(swapped(classes, flow, flow).moves)
    assert (len(ring.moves), ring.closed) == (3, True)
    without_dana = flow * (np.arange(6) < 4)
    assert swapped(classes, flow, without_dana).moves == ()
    with pytest.raises(MalformedInstance, match="more than are there"):
        swapped(classes, np.array([1, 0, 1, 0, 0, 0]), flow)


def test_two_rings_through_one_slot_are_told_apart() -> None:
    moves = (Move(0, 1, 2), Move(1, 2, 1), Move(2, 1, 3), Move(3, 3, 1), Move(4, 4, 1), Move(5, 1, 5))
    found = rings(moves)
    assert sorted(len(ring.moves) for ring in found) == [2, 2, 2]
    assert [ring.closed for ring in found].count(False) == 1


def test_a_closure_moves_only_those_it_must() -> None:
    """Aigul's slot closes. Bolat could make room for her at a lower cost, but Light has a free place."""
    classes = Classes.from_arrays(
        capacity=[1, 1, 1],
        tier=[0, 0],
        count=[1, 1],
        first_arc=[0, 3, 5],
        arc_slot=[0, 1, 2, 1, 2],
        arc_cost=[1, 2, 90, 5, 5],
    )
    flow = np.array([1, 0, 0, 1, 0])
    assert cleared(classes, flow, 0).moves == (Move(0, 0, 2),)


def test_somebody_makes_room_where_nothing_is_free_for_the_displaced() -> None:
    classes = Classes.from_arrays(
        capacity=[1, 1, 1],
        tier=[0, 3],
        count=[1, 1],
        first_arc=[0, 2, 4],
        arc_slot=[0, 1, 1, 2],
        arc_cost=[1, 2, 5, 500],
    )
    change = cleared(classes, np.array([1, 0, 1, 0]), 0)
    assert change.moves == (Move(0, 0, 1), Move(1, 1, 2))
    full = cleared(replace(classes, capacity=np.array([1, 1, 0])), np.array([1, 0, 1, 0]), 0)
    assert full.moves == (Move(0, 0, None),)


@settings(deadline=None, max_examples=60)
@given(class_instances(), st.data())
def test_a_closure_keeps_everybody_elsewhere_served_and_moves_the_fewest(classes: Classes, data: st.DataObject) -> None:
    classes = replace(classes, arc_cost=np.minimum(classes.arc_cost, 50))
    flow = greedy_flow(classes)
    slot = data.draw(st.integers(0, len(classes.capacity) - 1))
    change = cleared(classes, flow, slot)
    assert verify_outcome(change.asked, change.result) is None
    assert (change.result.served_by_tier, change.result.cost) == by_network_simplex(change.asked)
    shut = replace(classes, capacity=np.where(np.arange(len(classes.capacity)) == slot, 0, classes.capacity))
    assert (classes.taken(change.flow) <= shut.capacity).all()
    assert sum(change.result.served_by_tier[:1]) == int(flow[classes.arc_slot != slot].sum())
    assert all(move.source == slot or move.target is not None for move in change.moves)
