"""Classes under welfare: exact, proven, explained, and the same however the work is shared."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from matching.classes import Classes
from matching.components import parts, slot_labels
from matching.errors import MalformedInstance
from matching.explain import Explainer, Why, at_first_wish
from matching.outcome import ClassResult, verify_outcome
from matching.proof import Violation
from matching.welfare import greedy_flow, solve_classes
from tests.matching.instances import class_instances
from tests.matching.references import by_constraint_solver, by_network_simplex, served_by_prefix


def proof(classes: Classes, result: ClassResult) -> Violation | None:
    return verify_outcome(classes, result)


def with_one_more(classes: Classes, slot: int) -> Classes:
    return replace(classes, capacity=classes.capacity + (np.arange(len(classes.capacity)) == slot))


@settings(deadline=None, max_examples=150)
@given(class_instances())
def test_three_exact_methods_find_one_objective_and_the_prices_prove_it(classes: Classes) -> None:
    result = solve_classes(classes)
    assert proof(classes, result) is None
    assert (result.served_by_tier, result.cost) == by_network_simplex(classes)
    assert (result.served_by_tier, result.cost) == by_constraint_solver(classes)


@settings(deadline=None, max_examples=60)
@given(class_instances())
def test_each_tier_is_served_what_it_adds_to_the_largest_flow(classes: Classes) -> None:
    assert solve_classes(classes).served_by_tier == served_by_prefix(classes)


@settings(deadline=None, max_examples=60)
@given(class_instances())
def test_a_price_is_exactly_what_one_more_place_would_gain(classes: Classes) -> None:
    result = solve_classes(classes)
    explainer = Explainer(classes, result)
    for slot in range(len(classes.capacity)):
        after, worth = solve_classes(with_one_more(classes, slot)), explainer.worth(slot)
        gained = tuple(b - a for a, b in zip(result.served_by_tier, after.served_by_tier, strict=True))
        assert gained == tuple(int(tier == worth.tier) for tier in range(classes.tiers))
        assert result.cost - after.cost == worth.saving


@settings(deadline=None, max_examples=60)
@given(class_instances())
def test_explanations_can_be_checked_by_adding_the_place_they_speak_of(classes: Classes) -> None:
    result = solve_classes(classes)
    explainer, first = Explainer(classes, result), at_first_wish(classes)
    for arc in np.flatnonzero(result.flow).tolist():
        told = explainer.placed(arc)
        assert (told.why is Why.FIRST_WISH) == bool(first[arc])
        assert told.slot == classes.arc_slot[arc]
        assert told.wanted_cost is not None
        assert (told.wanted_cost < classes.arc_cost[arc]) == (told.why is Why.FIRST_WISH_FULL)
    for row in np.flatnonzero(result.waiting).tolist():
        told = explainer.waiting(row)
        for slot in told.opens:
            more = solve_classes(with_one_more(classes, slot))
            assert more.served_by_tier[told.tier] == result.served_by_tier[told.tier] + 1
        here = classes.arc_slot[classes.first_arc[row] : classes.first_arc[row + 1]]
        assert (told.why is Why.NO_CANDIDATE) == (len(here) == 0)
        # a full slot with nobody inside has no place at all; in any other the last one in is at least as urgent
        assert told.last_tier is None or told.last_tier <= told.tier


@settings(deadline=None, max_examples=100)
@given(class_instances())
def test_a_greedy_flow_is_feasible_and_leaves_no_place_idle(classes: Classes) -> None:
    flow = greedy_flow(classes)
    waiting = classes.count - classes.served(flow)
    assert (flow >= 0).all()
    assert (waiting >= 0).all()
    assert (classes.taken(flow) <= classes.capacity).all()
    idle = (classes.taken(flow) < classes.capacity)[classes.arc_slot]
    assert not (idle & (waiting > 0)[classes.owners()]).any()


@settings(deadline=None, max_examples=60)
@given(class_instances())
def test_parts_share_no_slot_and_together_hold_every_arc_that_matters(classes: Classes) -> None:
    classes = replace(classes, count=np.maximum(classes.count, 1))
    pieces = list(parts(classes))
    arcs = np.concatenate([np.zeros(0, np.int64), *(piece.arc for piece in pieces)])
    assert sorted(arcs.tolist()) == list(range(len(classes.arc_slot)))
    assert len({slot for piece in pieces for slot in piece.slot.tolist()}) == sum(len(piece.slot) for piece in pieces)
    for piece in pieces:
        assert (slot_labels(piece.classes) == 0).all()
        assert (piece.slot[piece.classes.arc_slot] == classes.arc_slot[piece.arc]).all()


def many_parts(seed: int = 5, services: int = 6) -> Classes:
    rng = np.random.default_rng(seed)
    rows, slots, wishes = 600, 20, 8
    arc_slot = np.concatenate(
        [service * slots + rng.choice(slots, wishes, replace=False) for service in range(services) for _ in range(rows)]
    )
    return Classes.from_arrays(
        capacity=rng.integers(0, 60, services * slots),
        tier=rng.integers(0, 4, services * rows),
        count=rng.integers(1, 4, services * rows),
        first_arc=np.arange(0, len(arc_slot) + 1, wishes),
        arc_slot=arc_slot,
        arc_cost=rng.integers(0, 1000, len(arc_slot)),
    )


def test_the_same_flow_comes_out_however_many_workers_share_the_parts() -> None:
    classes = many_parts()
    alone, shared = solve_classes(classes), solve_classes(classes, workers=2)
    assert proof(classes, shared) is None
    assert np.array_equal(alone.flow, shared.flow)
    assert np.array_equal(alone.prices, shared.prices)


def test_a_time_limit_gives_a_feasible_flow_that_claims_no_proof() -> None:
    classes = many_parts()
    result = solve_classes(classes, time_limit=1e-6)
    assert not result.proven
    assert (classes.taken(result.flow) <= classes.capacity).all()
    assert proof(classes, result) is not None


def test_the_largest_costs_in_the_largest_tier_count_stay_exact() -> None:
    classes = replace(many_parts(), tier=many_parts().tier * 5, arc_cost=many_parts().arc_cost * 10**9)
    assert proof(classes, solve_classes(classes)) is None


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("capacity", [1, -1], "/capacity/1"),
        ("tier", [16], "/tier/0"),
        ("tier", [0, 0], "/tier"),
        ("count", [1.0], "/count"),
        ("count", [True], "/count"),
        ("first_arc", [1, 2], "/first_arc/0"),
        ("first_arc", [0, 3], "/first_arc/1"),
        ("arc_slot", [0, 2], "/arc_slot/1"),
        ("arc_cost", [0, 10**12 + 1], "/arc_cost/1"),
        ("capacity", np.array([0, 10**19], dtype=np.uint64), "/capacity/1"),
        ("capacity", [[1, 2]], "/capacity"),
    ],
)
def test_malformed_arrays_are_refused_at_the_place_of_the_fault(field: str, value: object, pointer: str) -> None:
    arrays = {
        "capacity": [1, 1],
        "tier": [0],
        "count": [2],
        "first_arc": [0, 2],
        "arc_slot": [0, 1],
        "arc_cost": [3, 4],
    }
    with pytest.raises(MalformedInstance) as refusal:
        Classes.from_arrays(**arrays | {field: value})  # type: ignore[arg-type]
    assert refusal.value.pointer == pointer
