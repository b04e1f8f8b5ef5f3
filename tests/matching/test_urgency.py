"""Among equally good answers the more urgent have the better seats, and nothing that was proven changes."""

import itertools

import numpy as np
from hypothesis import given, settings

from matching.classes import Classes
from matching.lists import solve_by_lists
from matching.outcome import verify_outcome
from matching.solve import solve
from matching.urgency import urgent_first
from matching.welfare import solve_classes
from tests.matching.instances import class_instances, instance, request


def test_of_two_who_live_alike_the_more_urgent_has_the_nearer_place() -> None:
    for names in itertools.permutations(["Bolat", "Dina", "Erlan"]):
        wishes = {"Warm Home": 3, "Kind Hands": 5, "Light": 9}
        tiers = {"Bolat": 0, "Dina": 1, "Erlan": 2}
        here = instance(
            {"Light": 1, "Kind Hands": 1, "Warm Home": 1}, [request(name, tiers[name], wishes) for name in names]
        )
        assert solve(here).assignments == {"Bolat": "Warm Home", "Dina": "Kind Hands", "Erlan": "Light"}


def test_urgency_does_not_outweigh_what_others_would_lose() -> None:
    here = instance(
        {"Warm Home": 1, "Kind Hands": 1},
        [
            request("Bolat", 0, {"Warm Home": 3, "Kind Hands": 4}),
            request("Dina", 1, {"Warm Home": 3, "Kind Hands": 5}),
        ],
    )
    assert solve(here).assignments == {"Bolat": "Kind Hands", "Dina": "Warm Home"}


def test_where_everybody_has_a_place_the_urgency_is_told_beside_the_tiers() -> None:
    for urgency in ([0, 1], [1, 0]):
        classes = Classes.from_arrays(
            capacity=[1, 1],
            tier=[0, 0],
            count=[1, 1],
            first_arc=[0, 2, 4],
            arc_slot=[0, 1, 0, 1],
            arc_cost=[3, 5, 3, 5],
        )
        turn = np.array(urgency, dtype=np.int64)
        better = turn == 0
        for flow in (
            solve_classes(classes, urgency=turn).flow,
            solve_by_lists(classes, [np.zeros(2, dtype=np.int64)], urgency=turn).result.flow,
        ):
            assert (flow[[0, 2]] == better).all()


def weighed(classes: Classes, flow: np.ndarray) -> int:
    urgency = (classes.tiers - 1 - classes.tier)[classes.owners()]
    return int((urgency * classes.arc_cost * flow).sum())


@settings(deadline=None, max_examples=150)
@given(class_instances(capped=True))
def test_what_is_proven_stays_proven(classes: Classes) -> None:
    answer = solve_classes(classes)
    again = urgent_first(classes, answer.flow, answer.prices, classes.tier)
    assert verify_outcome(classes, answer) is None
    assert weighed(classes, again) == weighed(classes, answer.flow)


@settings(deadline=None, max_examples=100)
@given(class_instances())
def test_no_two_of_different_tiers_could_trade_places_at_no_cost_to_the_good_of_the_more_urgent(
    classes: Classes,
) -> None:
    flow, owner = solve_classes(classes).flow, classes.owners()
    price = {(int(row), int(slot)): int(classes.arc_cost[arc]) for arc, (row, slot) in
             enumerate(zip(owner, classes.arc_slot, strict=True))}  # fmt: skip
    seated = [(int(owner[arc]), int(classes.arc_slot[arc])) for arc in np.flatnonzero(flow).tolist()]
    for (one, here), (other, there) in itertools.permutations(seated, 2):
        if classes.tier[one] < classes.tier[other] and {(one, there), (other, here)} <= price.keys():
            gain = price[one, here] - price[one, there]
            loss = price[other, here] - price[other, there]
            assert not (gain > 0 and gain == loss), (one, here, other, there)
