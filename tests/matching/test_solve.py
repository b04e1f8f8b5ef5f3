"""Instances of every shape against trying everything, both policies, and what is claimed about the answer."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from matching import NotSupported, Policy, Reason, Status, parse_instance, parse_result, result_document
from matching.aggregate import aggregate, expand
from matching.coupled import SMALL_ARCS, packed_by_portions
from matching.instance import Instance
from matching.lottery import request_order
from matching.reasons import leftovers
from matching.relax import Relaxation
from matching.solve import alike, solve
from matching.verify import verify
from matching.welfare import solve_classes
from tests.matching.instances import document, instance, request, rows
from tests.matching.references import by_trying_everything, deferred_acceptance


@settings(deadline=None, max_examples=150)
@given(rows(ranked=True, serve=True))
def test_the_welfare_answer_is_the_best_of_all_answers(top: dict[str, Any]) -> None:
    here, best = parse_instance(document(**top)), by_trying_everything(top)
    result = solve(here)
    assert verify(here, result) is None
    if best is None:
        assert result.status is Status.INFEASIBLE
        assert result.witness
    else:
        assert (result.status, result.gap) == (Status.OPTIMAL, 0.0)
        assert (result.served_by_tier, result.cost) == best


@settings(deadline=None, max_examples=150)
@given(rows(coupled=True, serve=True))
def test_sizes_budgets_and_groups_are_solved_exactly_and_bounded_honestly(top: dict[str, Any]) -> None:
    here, best = parse_instance(document(**top)), by_trying_everything(top)
    result = solve(here)
    assert verify(here, result) is None
    if best is None:
        assert result.status is Status.INFEASIBLE
    else:
        assert (result.served_by_tier, result.cost) == best
        assert result.tiers_proven == here.tiers
        assert result.bound is not None
        assert result.bound <= best[1]


@settings(deadline=None, max_examples=100)
@given(rows(ranked=True))
def test_the_stable_answer_is_that_of_textbook_deferred_acceptance(top: dict[str, Any]) -> None:
    here = parse_instance(document(**top))
    result = solve(here, Policy.STABLE, seed=7)
    order = [here.request_ids[at] for at in request_order(here, 7).tolist()]
    assert dict(result.assignments) == deferred_acceptance(top, order)
    assert verify(here, result) is None


@settings(deadline=None, max_examples=60)
@given(rows(coupled=True, serve=True))
def test_a_result_survives_its_file(top: dict[str, Any]) -> None:
    result = solve(parse_instance(document(**top)))
    assert parse_result(result_document(result)) == result


@settings(deadline=None, max_examples=60)
@given(rows(ranked=True))
def test_in_a_class_whoever_waits_longer_sits_nearer(top: dict[str, Any]) -> None:
    here = parse_instance(document(**top))
    grouping = aggregate(here)
    found = solve_classes(grouping.classes)
    taken = expand(here, grouping, found.flow)
    priority = [0] * len(taken) if here.priority is None else here.priority.tolist()
    place = [(priority[at], here.request_ids[at]) for at in range(len(taken))]
    cost = [10**15 if arc < 0 else int(here.arc_cost[arc]) for arc in taken.tolist()]
    for one in range(len(taken)):
        for other in range(len(taken)):
            if grouping.row[one] == grouping.row[other] and place[one] < place[other]:
                assert cost[one] <= cost[other]


def test_equal_requests_become_one_class_however_their_candidates_are_ordered() -> None:
    here = instance(
        {"Warm Home": 1, "Light": 1},
        [
            request("Aigul", 0, {"Warm Home": 3, "Light": 4}),
            request("Bolat", 0, {"Light": 4, "Warm Home": 3}),
            request("Dana", 1, {"Light": 4, "Warm Home": 3}),
        ],
    )
    assert aggregate(here).classes.count.tolist() == [2, 1]
    assert solve(here).assignments == {"Aigul": "Warm Home", "Bolat": "Light"}


def test_the_stable_policy_refuses_what_it_cannot_promise() -> None:
    slots = {"Warm Home": 2}
    with pytest.raises(NotSupported, match="larger size"):
        solve(instance(slots, [request("Aigul", 0, {"Warm Home": 1}, size=2)]), Policy.STABLE)
    with pytest.raises(NotSupported, match="groups"):
        solve(instance(slots, [request("Aigul", 0, {"Warm Home": 1}, group="family")]), Policy.STABLE)
    with pytest.raises(NotSupported, match="budgets"):
        solve(instance(slots, [], budgets=[{"id": "b", "limit": 1}]), Policy.STABLE)
    wishes = [request("Aigul", 0, {"Warm Home": 1, "Light": 2}), request("Bolat", 1, {"Warm Home": 1})]
    with pytest.raises(NotSupported, match="welfare"):
        solve(instance({"Warm Home": 1, "Light": 1}, wishes, serve="all"), Policy.STABLE)
    crowded = instance({"Warm Home": 1, "Light": 0}, wishes, serve="all")
    assert solve(crowded, Policy.STABLE).status is Status.INFEASIBLE
    assert verify(crowded, solve(crowded, Policy.STABLE)) is None


def test_every_reason_is_told_to_whom_it_concerns() -> None:
    here = parse_instance(
        document(
            slots=[
                {"id": "Light", "capacity": 9, "provider": "A"},
                {"id": "Warm Home", "capacity": 1, "provider": "B"},
            ],
            budgets=[{"id": "Almaty", "limit": 5}],
            requests=[
                request("first", 0, {"Warm Home": 1}, group="family"),
                request("sister", 1, {"Light": 1}, group="family"),
                request("late", 2, {"Warm Home": 1}),
                request("remote", 2, {}),
                {
                    "id": "dear",
                    "tier": 2,
                    "size": 1,
                    "candidates": [{"slot": "Light", "cost": 1, "spend": {"Almaty": 6}}],
                },
            ],
        )
    )
    result = solve(here)
    assert verify(here, result) is None
    assert result.unserved == {
        "sister": Reason.GROUP,
        "late": Reason.CAPACITY,
        "remote": Reason.NO_CANDIDATE,
        "dear": Reason.BUDGET,
    }


def hard(seed: int) -> dict[str, Any]:
    """Many odd sizes into few slots: no time limit of a fraction of a second proves anything here."""
    slots = [{"id": f"s{at}", "capacity": 97 + at} for at in range(8)]
    requests = [
        request(
            f"r{at}",
            at % 3,
            {f"s{slot}": (at * 7 + slot * 13 + seed) % 101 for slot in range(8)},
            size=5 + at * 11 % 23,
        )
        for at in range(90)
    ]
    return {"slots": slots, "requests": requests}


@pytest.mark.parametrize("limit", [0.001, 0.5])
def test_a_time_limit_gives_the_best_answer_found_and_says_so(limit: float) -> None:
    here = parse_instance(document(**hard(1)))
    result = solve(here, time_limit=limit)
    assert verify(here, result) is None
    assert result.status is Status.FEASIBLE
    assert result.seconds["solve"] < limit + 1
    assert result.served > 0
    unproven = {here.request_ids[at] for at in range(90) if here.tier[at] >= result.tiers_proven}
    assert {name for name, why in result.unserved.items() if why is Reason.TIME_LIMIT} == unproven & set(
        result.unserved
    )


def test_the_same_input_and_seed_give_the_same_answer() -> None:
    here = parse_instance(document(**hard(2) | {"requests": hard(2)["requests"][:14]}))
    one, other = solve(here, seed=5), solve(here, seed=5)
    assert (one.assignments, one.certificate, one.bound) == (other.assignments, other.certificate, other.bound)


def test_staff_hours_are_placed_within_a_stated_gap() -> None:
    """Ample hours: what is left open is only what half a person in two places would save."""
    top = hard(3)
    top["slots"] = [slot | {"capacity": 3 * slot["capacity"]} for slot in top["slots"]]
    here = parse_instance(document(**top))
    result = solve(here, time_limit=3)
    assert verify(here, result) is None
    assert result.served == len(here.request_ids)
    assert result.gap is not None
    assert result.gap < 0.1


@settings(deadline=None, max_examples=60)
@given(rows(coupled=True))
def test_what_is_packed_part_after_part_is_feasible_and_bounded_honestly(top: dict[str, Any]) -> None:
    """The way of large instances, on small ones where the best answer is known."""
    here, best = parse_instance(document(**top)), by_trying_everything(top)
    assert best is not None
    model = Relaxation(here, time.monotonic() + 10)
    packing = packed_by_portions(here, model, seed=1, deadline=time.monotonic() + 0.05)
    taken = packing.taken
    served = tuple(np.bincount(here.tier[taken >= 0], minlength=here.tiers).tolist())
    free, money, _ = leftovers(here, taken)
    assert (free >= 0).all()
    assert (money >= 0).all()
    assert (served, -int(here.arc_cost[taken[taken >= 0]].sum())) <= (best[0], -best[1])
    proven = alike(served, packing.most or ())
    assert served[:proven] == best[0][:proven]


def households(people: int = 400) -> Instance:
    """Three services each from one provider, for more people than there are places near them."""
    rng = np.random.default_rng(8)
    requests = []
    for at in range(people):
        near = rng.choice(30, 5, replace=False).tolist()
        for service in range(3):
            wishes = {f"{provider}-{service}": int(rng.integers(0, 300)) for provider in near}
            requests.append(request(f"r{at}-{service}", at % 4, wishes, group=f"g{at}"))
    slots = [
        {"id": f"{provider}-{service}", "capacity": people // 32, "provider": f"p{provider}"}
        for provider in range(30)
        for service in range(3)
    ]
    return parse_instance(document(slots=slots, requests=requests))


def test_households_share_one_provider_with_a_small_proven_gap() -> None:
    here = households()
    assert len(here.arc_slot) > SMALL_ARCS
    result = solve(here, time_limit=60)
    assert verify(here, result) is None
    assert result.certificate is not None
    assert result.gap is not None
    assert result.gap < 0.02
    assert len(result.certificate.tier_prices) == here.tiers
    worse = replace(result.certificate, tier_prices=tuple(price // 2 for price in result.certificate.tier_prices))
    assert verify(here, replace(result, certificate=worse)) is not None


def test_a_short_time_limit_holds_for_a_large_instance_too() -> None:
    here = households(people=1500)
    result = solve(here, time_limit=0.5)
    assert verify(here, result) is None
    assert result.status is Status.FEASIBLE
    assert result.seconds["solve"] < 30
