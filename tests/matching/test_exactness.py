"""One optimum, whoever looks for it: methods that share no code, and instances whose optimum others have published."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from matching import Policy, parse_instance
from matching.classes import Classes
from matching.lists import solve_by_lists
from matching.live import State
from matching.lottery import request_order
from matching.outcome import verify_outcome
from matching.snapshot import snapshot
from matching.solve import solve
from matching.welfare import solve_classes
from tests.matching.instances import class_instances, document, rows
from tests.matching.public import OPTIMA, assignment_problem
from tests.matching.references import (
    blocking_pairs,
    by_augmenting_paths,
    by_constraint_solver,
    by_network_simplex,
    preference,
    served_by_prefix,
    stable_answers,
)

PUBLIC = Path(__file__).parents[3] / "shared" / "data" / "or-library"


@settings(deadline=None, max_examples=150)
@given(class_instances())
def test_flow_lists_and_live_exchanges_find_what_three_other_methods_find(classes: Classes) -> None:
    expected = by_network_simplex(classes)
    assert by_augmenting_paths(classes) == expected
    assert by_constraint_solver(classes) == expected
    assert served_by_prefix(classes) == expected[0]
    live = snapshot(State(classes, rearranges=True))
    for answer in (solve_classes(classes), solve_by_lists(classes, []).result, arrived(classes), live.result):
        assert (answer.served_by_tier, answer.cost) == expected
    assert verify_outcome(live.classes, live.result) is None


def arrived(classes: Classes) -> Any:
    """The live state from an empty start, everybody arriving one after the other."""
    empty = Classes.from_arrays(
        capacity=classes.capacity,
        tier=classes.tier,
        count=np.zeros_like(classes.count),
        first_arc=classes.first_arc,
        arc_slot=classes.arc_slot,
        arc_cost=classes.arc_cost,
    )
    state = State(empty, rearranges=True)
    for row, count in enumerate(classes.count.tolist()):
        state.arrive(row, count)
    return snapshot(state).result


@settings(deadline=None, max_examples=80)
@given(rows(ranked=True))
def test_the_stable_answer_is_of_all_stable_answers_the_best_for_every_holder(top: dict[str, Any]) -> None:
    here = parse_instance(document(**top))
    answer = dict(solve(here, Policy.STABLE, seed=5).assignments)
    order = [here.request_ids[at] for at in request_order(here, 5).tolist()]
    assert blocking_pairs(top, order, answer) == []
    if np.prod([1 + len(row["candidates"]) for row in top["requests"]], initial=1) > 400:
        return
    every = stable_answers(top, order)
    assert answer in every
    for row in top["requests"]:
        wishes = [c["slot"] for c in sorted(row["candidates"], key=preference)]
        places = [wishes.index(other[row["id"]]) for other in every if row["id"] in other]
        mine = wishes.index(answer[row["id"]]) if row["id"] in answer else len(wishes)
        assert mine <= min(places, default=mine)


@pytest.mark.parametrize("name", OPTIMA)
def test_published_optima_of_assignment_problems_are_met(name: str) -> None:
    file = PUBLIC / f"{name}.txt"
    if not file.exists():
        pytest.skip(f"the public instance {name} is not at {PUBLIC}")
    optimal(assignment_problem(file.read_text()), OPTIMA[name])


def test_a_public_file_is_read_as_it_is_published() -> None:
    """Numbers run on over the lines, as in the files of the OR-Library."""
    optimal(assignment_problem(" 3\n 4 1\n 3 2 0 5\n 3 2 2\n"), 5)


def optimal(classes: Classes, optimum: int) -> None:
    answers = [solve_classes(classes), *(solve_by_lists(classes, [], length=length).result for length in (1, 4, 16))]
    for answer in answers:
        assert verify_outcome(classes, answer) is None
        assert (answer.served_by_tier, answer.cost) == ((len(classes.count),), optimum)
