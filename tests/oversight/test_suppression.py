"""Nobody can work out a number that stands for fewer than five people: an attacker with a linear program tries."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.linear_solver import pywraplp

from market.oversight.suppression import LEAST, TOTAL, Cell, hide_in_list, hide_in_table, is_small

Parts = list[tuple[int, int]]
counts = st.one_of(st.integers(0, 7), st.integers(0, 300))
tables = st.lists(st.tuples(counts, counts), min_size=1, max_size=12)


def flags(parts: Parts) -> list[tuple[bool, bool, bool]]:
    return [(is_small(one), is_small(other), is_small(one + other)) for one, other in parts]


def most_it_could_be(parts: Parts, hidden: set[Cell], cell: Cell) -> float:
    """What a reader finds who knows every number shown, every sum, and that a hidden number is at least 1."""
    solver = pywraplp.Solver.CreateSolver("GLOP")
    values = [(one, other, one + other) for one, other in parts]
    number = {
        (row, column): solver.NumVar(1, solver.infinity(), "")
        if (row, column) in hidden
        else solver.NumVar(values[row][column], values[row][column], "")
        for row in range(len(parts))
        for column in range(3)
    }
    for row in range(len(parts)):
        solver.Add(number[row, 0] + number[row, 1] == number[row, TOTAL])
    for column in range(3):
        solver.Add(sum(number[row, column] for row in range(len(parts))) == sum(v[column] for v in values))
    solver.Maximize(number[cell])
    status = solver.Solve()
    if status == pywraplp.Solver.UNBOUNDED:
        return float("inf")
    assert status == pywraplp.Solver.OPTIMAL
    return float(solver.Objective().Value())


@settings(max_examples=150, deadline=None)
@given(tables)
def test_an_attacker_cannot_tell_that_a_hidden_number_is_small(parts: Parts) -> None:
    hidden = hide_in_table(parts, flags(parts))
    if hidden is None:
        return
    for row, small in enumerate(flags(parts)):
        for column, flag in enumerate(small):
            if flag:
                value = (parts[row][0], parts[row][1], sum(parts[row]))[column]
                assert (row, column) in hidden
                assert most_it_could_be(parts, hidden, (row, column)) >= value + LEAST - 1e-6


@settings(max_examples=100, deadline=None)
@given(tables)
def test_nothing_is_hidden_without_need_and_no_zero_ever(parts: Parts) -> None:
    hidden = hide_in_table(parts, flags(parts))
    if not any(any(row) for row in flags(parts)):
        assert hidden == set()
    for row, column in hidden or set():
        assert (parts[row][0], parts[row][1], sum(parts[row]))[column] > 0


def test_the_sum_beside_a_small_number_does_not_give_it_away() -> None:
    parts = [(40, 3), (30, 50), (60, 20)]
    hidden = hide_in_table(parts, flags(parts))
    assert hidden is not None
    assert (0, 1) in hidden
    assert len({cell for cell in hidden if cell[0] == 0}) > 1, "its row's sum is shown"
    assert len({cell for cell in hidden if cell[1] == 1}) > 1, "its column's sum is shown"


@pytest.mark.parametrize("parts", [[(12, 3)], [(12, 3), (0, 0)], [(2, 1), (1, 3)]])
def test_where_nobody_can_hide_among_others_there_is_no_table(parts: Parts) -> None:
    assert hide_in_table(parts, flags(parts)) is None


@given(st.lists(counts, min_size=1, max_size=12))
def test_in_a_list_the_others_could_make_up_for_every_small_number(values: Sequence[int]) -> None:
    small = [is_small(value) for value in values]
    hidden = hide_in_list(values, small)
    if hidden is None:
        return
    for at, flag in enumerate(small):
        if flag:
            assert hidden[at]
            most = sum(v for v, h in zip(values, hidden, strict=True) if h) - (sum(hidden) - 1)
            assert most >= values[at] + LEAST


def test_a_small_number_takes_the_next_smallest_with_it() -> None:
    assert hide_in_list([3, 90, 8, 40], [True, False, False, False]) == [True, False, True, False]
    assert hide_in_list([3, 90, 4, 40], [True, False, True, False]) == [True, False, True, True]
    assert hide_in_list([3, 0], [True, False]) is None
