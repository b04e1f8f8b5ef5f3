"""What is claimed about the nation by address is counted again: no changed answer and no changed proof passes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.classes import Classes
from matching.lists import solve_by_lists
from matching.outcome import ClassResult, verify_outcome
from tests.matching.instances import class_instances
from tests.matching.test_lists import addresses

STEPS = st.sampled_from([-(2**62), -1000, -2, -1, 1, 2, 1000, 2**62])
Change = Callable[[st.DrawFn, dict[str, Any], Classes], None]


def _one_entry(name: str) -> Change:
    def change(draw: st.DrawFn, claimed: dict[str, Any], _classes: Classes) -> None:
        values = claimed[name]
        if len(values):
            at = draw(st.integers(0, len(values) - 1))
            claimed[name] = [value + draw(STEPS) if nth == at else value for nth, value in enumerate(values)]

    return change


def _one_more_entry(draw: st.DrawFn, claimed: dict[str, Any], _classes: Classes) -> None:
    name = draw(st.sampled_from(["flow", "waiting", "prices", "cap_prices", "penalty_by_tier", "served_by_tier"]))
    claimed[name] = [*claimed[name], 0] if draw(st.booleans()) or not claimed[name] else claimed[name][:-1]


def _another_cost(draw: st.DrawFn, claimed: dict[str, Any], _classes: Classes) -> None:
    claimed["cost"] += draw(STEPS)


def _another_seat(draw: st.DrawFn, claimed: dict[str, Any], classes: Classes) -> None:
    """One of a class goes from an arc (or the waiting list) to another, and all figures are made to fit."""
    if not len(classes.count):
        return
    row = draw(st.integers(0, len(classes.count) - 1))
    arcs = [None, *range(int(classes.first_arc[row]), int(classes.first_arc[row + 1]))]
    for step, arc in ((-1, draw(st.sampled_from(arcs))), (1, draw(st.sampled_from(arcs)))):
        if arc is None:
            claimed["waiting"][row] += step
        else:
            claimed["flow"][arc] += step
            claimed["cost"] += step * int(classes.arc_cost[arc])
            claimed["served_by_tier"][int(classes.tier[row])] += step


def _all_prices_higher(draw: st.DrawFn, claimed: dict[str, Any], _classes: Classes) -> None:
    step = draw(STEPS)
    claimed["prices"] = [price + step for price in claimed["prices"]]


CHANGES: list[Change] = [
    *(_one_entry(name) for name in ("flow", "waiting", "prices", "cap_prices", "penalty_by_tier", "served_by_tier")),
    _one_more_entry, _another_cost, _another_seat, _another_seat, _all_prices_higher,
]  # fmt: skip


def said(result: ClassResult) -> dict[str, Any]:
    return {
        "flow": result.flow.tolist(), "waiting": result.waiting.tolist(), "prices": result.prices.tolist(),
        "cap_prices": result.cap_prices.tolist(), "penalty_by_tier": list(result.penalty_by_tier),
        "served_by_tier": list(result.served_by_tier), "cost": result.cost,
    }  # fmt: skip


def as_result(claimed: dict[str, Any]) -> ClassResult:
    arrays = {name: np.array(claimed[name], dtype=np.int64) for name in ("flow", "waiting", "prices", "cap_prices")}
    tuples = {name: tuple(claimed[name]) for name in ("penalty_by_tier", "served_by_tier")}
    return ClassResult(cost=claimed["cost"], proven=True, **arrays, **tuples)


def holds(classes: Classes, claimed: dict[str, Any]) -> bool:
    """Everything once more in plain Python, whose integers have no end: places, figures, weak duality."""
    lengths = {
        "flow": len(classes.arc_slot), "waiting": len(classes.count), "prices": len(classes.capacity),
        "cap_prices": len(classes.limits.limit), "penalty_by_tier": classes.tiers, "served_by_tier": classes.tiers,
    }  # fmt: skip
    if any(len(claimed[name]) != length for name, length in lengths.items()):
        return False
    numbers = [value for name in lengths for value in claimed[name]]
    return min(numbers, default=0) >= 0 and _seats_hold(classes, claimed) and _proof_holds(classes, claimed)


def _seats_hold(classes: Classes, claimed: dict[str, Any]) -> bool:
    taken, served, cost = [0] * len(classes.capacity), [0] * classes.tiers, 0
    for row, count in enumerate(classes.count.tolist()):
        placed = 0
        for arc in range(int(classes.first_arc[row]), int(classes.first_arc[row + 1])):
            placed += claimed["flow"][arc]
            taken[int(classes.arc_slot[arc])] += claimed["flow"][arc]
            cost += claimed["flow"][arc] * int(classes.arc_cost[arc])
        served[int(classes.tier[row])] += placed
        if placed + claimed["waiting"][row] != count:
            return False
    return (
        (served, cost) == (claimed["served_by_tier"], claimed["cost"])
        and all(used <= room for used, room in zip(taken, classes.capacity.tolist(), strict=True))
        and all(used <= room for used, room in zip(_loads(classes, taken), classes.limits.limit.tolist(), strict=True))
    )


def _loads(classes: Classes, taken: list[int]) -> list[int]:
    loads = [0] * len(classes.limits.limit)
    for slot, used in enumerate(taken):
        for cap in classes.limits.chain(slot):
            loads[cap] += used
    return loads


def _proof_holds(classes: Classes, claimed: dict[str, Any]) -> bool:
    caps, held, penalty = classes.limits, claimed["cap_prices"], claimed["penalty_by_tier"]
    step = len(classes.capacity) * int(classes.arc_cost.max(initial=0)) + 1
    if any(high < low + step for high, low in zip(penalty, (*penalty[1:], 0), strict=False)):
        return False
    if max([*claimed["prices"], *held, *penalty], default=0) > 2**62:
        return False
    dual = 0
    for price, around, room in (
        *zip(claimed["prices"], caps.of_slot.tolist(), classes.capacity.tolist(), strict=True),
        *zip(held, caps.parent.tolist(), caps.limit.tolist(), strict=True),
    ):
        own = price - (held[around] if around >= 0 else 0)
        if own < 0:
            return False
        dual -= own * room
    for row, count in enumerate(classes.count.tolist()):
        arcs = range(int(classes.first_arc[row]), int(classes.first_arc[row + 1]))
        values = [int(classes.arc_cost[arc]) + claimed["prices"][int(classes.arc_slot[arc])] for arc in arcs]
        dual += count * min([penalty[int(classes.tier[row])], *values])
    waiting = sum(count * penalty[tier] for count, tier in zip(claimed["waiting"], classes.tier.tolist(), strict=True))
    return bool(claimed["cost"] + waiting == dual)


@settings(deadline=None, max_examples=200)
@given(class_instances(capped=True), st.integers(1, 4), st.data())
def test_no_changed_answer_by_address_passes(classes: Classes, length: int, data: st.DataObject) -> None:
    """Five changes of each of 200 answers."""
    before = said(solve_by_lists(classes, [np.zeros_like(classes.tier)], length=length).result)
    assert verify_outcome(classes, as_result(before)) is None
    assert holds(classes, before)
    for _ in range(5):
        after = {name: list(value) if isinstance(value, list) else value for name, value in before.items()}
        data.draw(st.sampled_from(CHANGES))(data.draw, after, classes)
        violation = verify_outcome(classes, as_result(after))
        assert (violation is None) == holds(classes, after), (violation, before, after)


def test_a_town_by_address_told_otherwise_is_refused() -> None:
    """Nearly every change of a larger answer is a lie: it is found wherever it stands."""
    classes, cells = addresses(people=400, slots=12)
    result = solve_by_lists(classes, [cell.astype(np.int64) for cell in cells]).result
    rng = np.random.default_rng(7)
    for _ in range(100):
        name = str(rng.choice(["flow", "waiting"]))
        values = getattr(result, name).copy()
        values[rng.integers(0, len(values))] += rng.choice([-1, 1])
        assert verify_outcome(classes, replace(result, **{name: values})) is not None
    for slot in np.flatnonzero(result.prices).tolist():
        for change in (-result.prices[slot], 10**6):
            prices = result.prices.copy()
            prices[slot] += change
            assert verify_outcome(classes, replace(result, prices=prices)) is not None


def narrowed(classes: Classes) -> Classes:
    return Classes.from_arrays(
        capacity=classes.capacity, tier=classes.tier, count=classes.count, first_arc=classes.first_arc,
        arc_slot=classes.arc_slot.astype(np.int32), arc_cost=classes.arc_cost.astype(np.int32), narrow=True,
    )  # fmt: skip


@pytest.mark.parametrize("workers", [1, 2])
def test_narrow_arcs_have_the_same_answer_and_its_proof(workers: int) -> None:
    classes, cells = addresses(people=400, slots=12)
    narrow, near = narrowed(classes), [cell.astype(np.int64) for cell in cells]
    assert (narrow.arc_slot.dtype, narrow.arc_cost.dtype) == (np.int32, np.int32)
    answer, whole = solve_by_lists(narrow, near, workers=workers).result, solve_by_lists(classes, near).result
    assert answer.flow.dtype == np.int32
    assert said(answer) == said(whole)
    assert verify_outcome(narrow, answer) is None
    lying = replace(answer, cost=answer.cost + 1)
    assert verify_outcome(narrow, lying) is not None


def test_costs_of_narrow_arcs_add_up_beyond_32_bits() -> None:
    """Three people at a cost near 2**31 each: sums and prices are those of wide arcs."""
    wide = Classes.from_arrays(
        capacity=[2, 1], tier=[0, 0, 1], count=[1, 1, 1], first_arc=[0, 2, 4, 6],
        arc_slot=[0, 1, 0, 1, 0, 1], arc_cost=[2**31 - 1, 5, 2**31 - 1, 7, 2**31 - 2, 2**31 - 3],
    )  # fmt: skip
    answer = solve_by_lists(narrowed(wide), []).result
    assert said(answer) == said(solve_by_lists(wide, []).result)
    assert answer.cost > 2**32
    assert verify_outcome(narrowed(wide), answer) is None
