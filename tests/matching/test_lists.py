"""A few candidates of each address, one optimum over all of them, whatever the cells and however short the lists."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import MalformedInstance
from matching.classes import Classes
from matching.lists import solve_by_lists
from matching.outcome import verify_outcome
from matching.welfare import solve_classes
from tests.matching.instances import class_instances
from tests.matching.references import by_constraint_solver, by_network_simplex


@settings(deadline=None, max_examples=100)
@given(class_instances(capped=True), st.integers(1, 4), st.data())
def test_any_cells_and_any_length_give_the_one_optimum(classes: Classes, length: int, data: st.DataObject) -> None:
    rows = len(classes.count)
    cells = [np.array(data.draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows)), dtype=np.int64)]
    answer = solve_by_lists(classes, cells[: data.draw(st.integers(0, 1))], length=length).result
    assert verify_outcome(classes, answer) is None
    assert (answer.served_by_tier, answer.cost) == by_network_simplex(classes)
    assert (answer.served_by_tier, answer.cost) == by_constraint_solver(classes)


def addresses(people: int = 1500, slots: int = 40, seed: int = 4) -> tuple[Classes, list[np.ndarray]]:
    """People and slots on a square of 100 km; everything within 40 km is a candidate."""
    rng = np.random.default_rng(seed)
    homes, points = rng.random((people, 2)) * 100, rng.random((slots, 2)) * 100
    metres = np.sqrt(((homes[:, None] - points) ** 2).sum(axis=2))
    row, slot = np.nonzero(metres <= 40)
    classes = Classes.from_arrays(
        capacity=rng.integers(0, 2 * people // slots, slots),
        tier=rng.integers(0, 4, people),
        count=np.ones(people, dtype=np.int64),
        first_arc=np.searchsorted(row, np.arange(people + 1)),
        arc_slot=slot,
        arc_cost=(metres[row, slot] * 10).astype(np.int64),
    )
    return classes, [(homes // size) @ np.array([1000, 1]).astype(np.int64) for size in (8, 2)]


@pytest.mark.parametrize("length", [1, 3, 8])
def test_three_list_lengths_have_one_objective_and_look_at_a_part_of_the_candidates(length: int) -> None:
    classes, cells = addresses()
    cells = [cell.astype(np.int64) for cell in cells]
    answer, whole = solve_by_lists(classes, cells, length=length), solve_classes(classes)
    assert verify_outcome(classes, answer.result) is None
    assert (answer.result.served_by_tier, answer.result.cost) == (whole.served_by_tier, whole.cost)
    assert answer.listed < len(classes.arc_slot)


def test_cells_that_are_no_numbers_of_places_are_refused() -> None:
    classes, _ = addresses(people=20)
    with pytest.raises(MalformedInstance, match="cells/0"):
        solve_by_lists(classes, [np.full(20, -1)])
    with pytest.raises(MalformedInstance, match="cells/0"):
        solve_by_lists(classes, [np.zeros(19, dtype=np.int64)])
