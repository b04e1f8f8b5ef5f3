"""Shared candidate lists: fewer arcs, the same optimum, and no class loses a wish on the way."""

import numpy as np
import pytest

from matching.classes import Classes
from matching.components import parts
from matching.flow import optimal_flow
from matching.hubs import find_hubs
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
