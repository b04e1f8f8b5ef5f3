"""People of one place and of several tiers are one node to the solver: the same optimum, and nobody loses a place."""

import numpy as np
import pytest

from matching.classes import Classes
from matching.flow import optimal_flow
from matching.lists import only_arcs
from matching.merging import chosen_rows, dealt, merged
from matching.welfare import solve_classes
from tests.matching.references import by_network_simplex
from tests.matching.test_welfare import proof


def places(seed: int, *, lists: int = 7, tiers: int = 4, slots: int = 9) -> Classes:
    """Every tier of every place; some places reach nothing, some nobody lives in."""
    rng = np.random.default_rng(seed)
    reach = [np.sort(rng.permutation(slots)[: rng.integers(0, 5)]) for _ in range(lists)]
    cost = [rng.integers(0, 4, len(slot)) for slot in reach]
    return Classes.from_arrays(
        capacity=rng.integers(0, 9, slots),
        tier=np.tile(np.arange(tiers), lists),
        count=rng.integers(0, 4, lists * tiers),
        first_arc=np.cumsum([0, *np.repeat([len(slot) for slot in reach], tiers)]),
        arc_slot=np.concatenate([np.tile(slot, tiers) for slot in reach]).astype(np.int64),
        arc_cost=np.concatenate([np.tile(one, tiers) for one in cost]).astype(np.int64),
    )


@pytest.mark.parametrize("seed", range(60))
def test_those_who_share_a_node_have_the_optimum_of_those_who_do_not(seed: int) -> None:
    classes = places(seed)
    result = solve_classes(classes)
    assert proof(classes, result) is None
    assert (result.served_by_tier, result.cost) == by_network_simplex(classes)


@pytest.mark.parametrize("seed", range(20))
def test_what_a_list_sends_is_dealt_to_its_classes(seed: int) -> None:
    classes = places(seed)
    rows, row = merged(classes)
    assert len(rows.count) <= 7
    assert rows.count.sum() == classes.count.sum()
    flow = optimal_flow(classes)
    entered = classes.served(flow)
    sent = np.bincount(rows.first_arc[row][classes.owners()] + _nth(classes), flow, len(rows.arc_slot)).astype(np.int64)
    again = dealt(classes, rows, row, entered, sent)
    assert (classes.served(again) == entered).all()
    assert (classes.taken(again) == classes.taken(flow)).all()
    assert (again >= 0).all()


def _nth(classes: Classes) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The place of every arc in the list of its class."""
    return np.arange(len(classes.arc_slot)) - classes.first_arc[classes.owners()]


def test_only_neighbours_with_the_same_slots_at_the_same_costs_are_one() -> None:
    classes = Classes.from_arrays(
        capacity=[1, 1],
        tier=[0, 1, 0, 1, 0, 0, 1],
        count=[1, 2, 3, 4, 5, 6, 7],
        first_arc=[0, 2, 4, 6, 8, 10, 10, 10],
        arc_slot=[0, 1, 0, 1, 0, 1, 1, 0, 0, 1],
        arc_cost=[5, 6, 5, 6, 5, 7, 6, 5, 5, 6],
    )
    rows, row = merged(classes)
    assert row.tolist() == [0, 0, 1, 2, 3, 4, 4]
    assert rows.count.tolist() == [3, 3, 4, 5, 13]
    assert rows.first_arc.tolist() == [0, 2, 4, 6, 8, 8]


def test_where_nobody_is_alike_nothing_is_copied() -> None:
    classes = chosen_rows(places(1), np.array([0, 4]), np.array([1, 1]))
    classes = only_arcs(classes, np.arange(1, len(classes.arc_slot)))
    assert merged(classes)[0] is classes
