"""Shared candidate lists: fewer arcs, the same optimum, and no class loses a wish on the way."""

from collections import Counter

import numpy as np
import pytest

from matching.classes import Classes
from matching.components import parts
from matching.flow import optimal_flow
from matching.hubs import alike, find_hubs
from matching.welfare import solve_classes
from tests.matching.references import by_network_simplex
from tests.matching.test_welfare import proof


def neighbours(seed: int, *, places: int = 2, slots: int = 8, rows: int = 40, step: int = 1000) -> Classes:
    """People of a few places, one list of slots; many name up to three wishes, which shift all other costs alike."""
    rng = np.random.default_rng(seed)
    distance = rng.integers(0, 50, (places, slots))
    cost = distance[np.arange(rows) % places]
    for row in range(rows):
        wishes = rng.permutation(slots)[: rng.integers(0, 4)]
        cost[row] += step * len(wishes)
        cost[row, wishes] -= step * np.arange(len(wishes), 0, -1)
    order = np.array([rng.permutation(slots) for _ in range(rows)])
    return Classes.from_arrays(
        capacity=rng.integers(0, 8, slots),
        tier=rng.integers(0, 3, rows),
        count=rng.integers(0, 3, rows),
        first_arc=np.arange(0, rows * slots + 1, slots),
        arc_slot=order.ravel(),
        arc_cost=np.take_along_axis(cost, order, axis=1).ravel(),
    )


@pytest.mark.parametrize("seed", range(40))
def test_lists_shared_through_a_hub_have_the_optimum_of_lists_of_ones_own(seed: int) -> None:
    classes = neighbours(seed)
    result = solve_classes(classes)
    assert proof(classes, result) is None
    assert (result.served_by_tier, result.cost) == by_network_simplex(classes)


def test_a_hub_is_never_cheaper_than_the_arc_it_replaces() -> None:
    classes = neighbours(3)
    hubs, own = find_hubs(classes)
    assert len(hubs) == 2
    assert own.sum() < len(own) / 2
    for hub in hubs:
        through, direct = hub.shift[:, None] + hub.cost, classes.arc_cost[hub.arc]
        assert (through >= direct).all()
        assert (through[~own[hub.arc]] == direct[~own[hub.arc]]).all()
        assert (classes.arc_slot[hub.arc] == hub.slot).all()


def told_plainly(cost: list[list[int]], places: int, fewest: int) -> tuple[list[int], list[int]]:
    """One place after the other: whoever costs, in more than half of the slots, so much more than the first left."""
    place, shift = [-1] * len(cost), [0] * len(cost)
    for at in range(places):
        left = [row for row, own in enumerate(place) if own < 0]
        if len(left) <= fewest:
            break
        for row in left:
            more = Counter(one - first for one, first in zip(cost[row], cost[left[0]], strict=True))
            most, votes = more.most_common(1)[0]
            if 2 * votes > len(cost[row]):
                place[row], shift[row] = at, most
    return place, shift


@pytest.mark.parametrize("seed", range(20))
def test_rows_that_mostly_differ_by_a_constant_are_of_one_place(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, width = int(rng.integers(1, 30)), int(rng.integers(1, 7))
    cost = rng.integers(0, 4, (3, width))[rng.integers(0, 3, rows)] + rng.integers(0, 3, (rows, 1))
    cost[rng.random(cost.shape) < 0.2] += 9
    for places, fewest in ((32, 2), (2, 0)):
        place, shift = alike(cost, places, fewest)
        assert (place.tolist(), shift.tolist()) == told_plainly(cost.tolist(), places, fewest)


def test_a_class_that_lists_a_slot_twice_shares_nothing() -> None:
    rows = 12
    classes = Classes.from_arrays(
        capacity=[9, 9, 9, 9],
        tier=[0] * rows,
        count=[1] * rows,
        first_arc=np.arange(0, 4 * rows + 1, 4),
        arc_slot=[0, 1, 1, 2] * rows,
        arc_cost=[5, 3, 4, 7] * rows,
    )
    hubs, own = find_hubs(classes)
    assert (hubs, own.all()) == ([], True)
    assert solve_classes(classes).cost == 3 * 9 + 5 * 3


def test_lists_that_nobody_shares_keep_their_arcs() -> None:
    classes = neighbours(4, places=40, rows=40)
    hubs, own = find_hubs(classes)
    assert hubs == []
    assert own.all()


def test_a_hub_leads_out_what_came_in_member_by_member() -> None:
    classes = neighbours(5)
    for piece in parts(classes):
        flow = optimal_flow(piece.classes)
        assert (piece.classes.served(flow) <= piece.classes.count).all()
        assert (piece.classes.taken(flow) <= piece.classes.capacity).all()
