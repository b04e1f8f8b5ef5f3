"""What is short and by how much, what would help, and whether the answers to such questions are true."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import NotSupported
from matching.arrays import Integers
from matching.caps import Caps
from matching.classes import Classes
from matching.explain import Worth
from matching.outcome import verify_outcome
from matching.starved import RegionWorth, shortages, worth_by_region
from matching.welfare import solve_classes
from matching.whatif import Closed, Opened, Places, Shifted, WhatIf, places_to_add
from tests.matching.instances import class_instances
from tests.matching.references import by_network_simplex


@settings(deadline=None, max_examples=120)
@given(class_instances())
def test_shortages_count_everybody_who_waits_once_and_can_be_counted_again(classes: Classes) -> None:
    result = solve_classes(classes)
    found = shortages(classes, result)
    assert sum(shortage.short for shortage in found) == result.waiting.sum()
    told = np.concatenate([np.zeros(0, np.int64), *(shortage.rows for shortage in found)])
    assert len(set(told.tolist())) == len(told)
    slots: list[int] = []
    for shortage in found:
        arcs = np.isin(classes.owners(), shortage.rows)
        assert set(classes.arc_slot[arcs].tolist()) == set(shortage.slots.tolist())
        assert shortage.short == classes.count[shortage.rows].sum() - classes.capacity[shortage.slots].sum() > 0
        assert sum(shortage.short_by_tier) == shortage.short
        slots += shortage.slots.tolist()
    assert len(set(slots)) == len(slots)


def villages() -> Classes:
    """Two villages a road apart: one short of two places, one with room; and somebody whom nobody serves."""
    return Classes.from_arrays(
        capacity=[1, 2, 9],
        tier=[0, 1, 1, 0],
        count=[2, 3, 4, 1],
        first_arc=[0, 1, 3, 4, 4],
        arc_slot=[0, 0, 1, 2],
        arc_cost=[5, 5, 6, 7],
    )


def test_a_starved_village_is_named_and_one_with_room_is_not() -> None:
    first, second = shortages(villages(), solve_classes(villages()))
    assert (first.rows.tolist(), first.slots.tolist()) == ([0, 1], [0, 1])
    assert (first.requests, first.places, first.short, first.short_by_tier) == (5, 3, 2, (1, 1))
    assert (second.rows.tolist(), second.slots.tolist(), second.short_by_tier) == ([3], [], (1, 0))
    capped = replace(villages(), caps=Caps.from_arrays(of_slot=[-1, -1, -1], limit=[], parent=[]))
    with pytest.raises(NotSupported, match="caps"):
        shortages(capped, solve_classes(capped))


def test_a_region_is_worth_what_its_best_slot_is_worth() -> None:
    result = solve_classes(villages())
    assert worth_by_region(villages(), result, np.array([7, 7, 8])) == {7: RegionWorth(0, Worth(0, -5), 2)}


@settings(deadline=None, max_examples=80)
@given(class_instances(), st.data())
def test_what_if_is_answered_as_a_cold_solve_of_the_changed_instance_would(
    classes: Classes, data: st.DataObject
) -> None:
    result, slots = solve_classes(classes), len(classes.capacity)
    asking = WhatIf(classes, result)
    slot, other = data.draw(st.integers(0, slots - 1)), data.draw(st.integers(0, slots - 1))
    rows = [row for row in range(len(classes.count)) if data.draw(st.booleans())]
    costs = [data.draw(st.integers(0, 50)) for _ in rows]
    changes = data.draw(
        st.lists(
            st.sampled_from([Places(slot, 2), Places(slot, -1), Closed(other), Shifted(slot, other, 1),
                             Opened(2, rows, costs)]), max_size=3,
        )
    )  # fmt: skip
    answer = asking.ask(*changes)
    assert verify_outcome(answer.after.classes, answer.after.result) is None
    served, cost = by_network_simplex(answer.after.classes)
    assert answer.served_by_tier == tuple(b - a for a, b in zip(result.served_by_tier, served, strict=True))
    assert answer.cost == cost - result.cost
    again = asking.ask()
    assert (again.served_by_tier, again.cost, again.moves) == ((0,) * classes.tiers, 0, ())


def test_what_if_says_who_would_move() -> None:
    asking = WhatIf(villages(), solve_classes(villages()))
    assert asking.ask(Places(1, 1)).served == 1
    assert asking.ask(Shifted(2, 0, 2)).served_by_tier == (1, 1)
    closed = asking.ask(Closed(2))
    assert (closed.served_by_tier, closed.cost) == ((0, -4), -28)
    assert sum(move.count for move in closed.moves if move.target is None) == 4
    assert asking.ask(Opened(1, [3], [9])).served_by_tier == (1, 0)


@settings(deadline=None, max_examples=80)
@given(class_instances(), st.integers(1, 4), st.data())
def test_the_places_to_add_are_the_best_of_all_ways_to_add_so_many(
    classes: Classes, places: int, data: st.DataObject
) -> None:
    slots = len(classes.capacity)
    room = np.array(data.draw(st.lists(st.integers(0, 2), min_size=slots, max_size=slots)), dtype=np.int64)
    result = solve_classes(classes)
    found = places_to_add(classes, result, places, room)
    assert (np.bincount(found.slots, minlength=slots) <= room).all()
    for added in range(1, places + 1):
        best = with_extra(classes, room, added)
        proven = solve_classes(best)
        assert verify_outcome(best, proven) is None
        at = min(added, len(found.slots)) - 1
        told = (result.served_by_tier, result.cost) if at < 0 else (found.served_by_tier[at], found.cost[at])
        assert told == (proven.served_by_tier, proven.cost)


def with_extra(classes: Classes, room: Integers, places: int) -> Classes:
    """Every slot twice: as it is, and with room for more, all of that under one cap. An exact flow chooses."""
    slots = len(classes.capacity)
    arcs = np.repeat(np.arange(len(classes.arc_slot)), 2)
    return Classes.from_arrays(
        capacity=np.concatenate([classes.capacity, room]),
        tier=classes.tier,
        count=classes.count,
        first_arc=2 * classes.first_arc,
        arc_slot=classes.arc_slot[arcs] + slots * (np.arange(len(arcs)) % 2),
        arc_cost=classes.arc_cost[arcs],
        caps=Caps.from_arrays(of_slot=np.repeat([-1, 0], slots), limit=[places], parent=[-1]),
    )
