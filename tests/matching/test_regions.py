"""Sizes above 1: chance that cools down, regions filled anew, and what both may never do."""

from itertools import product
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.anew import REACHES, State, place_anew, settle
from matching.arrays import Integers
from matching.cooling import cooled, dice
from matching.coupled import greedy
from matching.filling import Choices, filled
from matching.instance import Instance
from matching.refine import better
from matching.regions import Effort, packed_by_regions, prices_of
from matching.relax import Relaxation
from tests.bench.matching_coupled import instance as hours

ENDLESS = float("inf")


@st.composite
def choices(draw: st.DrawFn) -> Choices:
    """Up to five people, three rows; some can only be filled in part."""
    rows = draw(st.integers(1, 3))
    option = st.tuples(st.integers(0, rows - 1), st.integers(1, 4), st.integers(0, 6))
    people = draw(st.lists(st.lists(option, min_size=1, max_size=3), max_size=5))
    flat = [chosen for person in people for chosen in person]
    row, amount, regret = (np.array(column, dtype=np.int64) for column in (list(zip(*flat, strict=True)) or [[]] * 3))
    free = np.array(draw(st.lists(st.integers(0, 9), min_size=rows, max_size=rows)), dtype=np.int64)
    used = np.array(draw(st.lists(st.integers(0, 1), min_size=rows, max_size=rows)), dtype=np.int64)
    price = np.array(draw(st.lists(st.integers(0, 3), min_size=rows, max_size=rows)), dtype=np.float64)
    first = np.cumsum([0, *map(len, people)])
    return Choices(first, row, amount, regret.astype(np.float64), used, used + free, price)


def value_of(given_: Choices, options: tuple[int, ...]) -> float | None:
    """What these options cost in all; None where a row is too full."""
    used = given_.used.copy()
    for option in options:
        used[given_.row[option]] += given_.amount[option]
    if (used > given_.room).any():
        return None
    return float(given_.regret[list(options)].sum() + (given_.price * (given_.room - used)).sum())


@settings(deadline=None, max_examples=150)
@given(choices(), st.integers(1, 40))
def test_slots_are_filled_as_well_as_trying_everything_fills_them(here: Choices, lost: int) -> None:
    ranges = [range(*pair) for pair in zip(here.first.tolist(), here.first[1:].tolist(), strict=False)]
    values = [value for options in product(*ranges) if (value := value_of(here, options)) is not None]
    found, whole = filled(here, float(lost), 1_000)
    assert whole
    best = min(values, default=ENDLESS)
    if best < lost and ranges:
        assert value_of(here, tuple(found.tolist())) == best
    else:
        assert len(found) == 0
    # with one way only nothing forbidden comes out either
    narrow, _ = filled(here, float(lost), 1)
    told = value_of(here, tuple(narrow.tolist()))
    assert len(narrow) == 0 or (told is not None and best <= told < lost)


def kept(here: Instance, taken: Integers) -> bool:
    """Nobody takes what is another's, and no slot holds more than its hours."""
    arcs = taken[taken >= 0]
    used = np.bincount(here.arc_slot[arcs], here.size[taken >= 0], len(here.capacity))
    return bool((used <= here.capacity).all() and (here.owners[arcs] == np.flatnonzero(taken >= 0)).all())


def priced(here: Instance) -> tuple[Relaxation, tuple[int, ...]]:
    model = Relaxation(here, deadline=ENDLESS)
    most = model.most_served()
    assert most is not None
    assert model.solve(here.arc_cost.astype(np.float64))
    return model, most


def test_chance_cools_down_to_a_lawful_answer_and_to_the_same_one_again() -> None:
    here = hours(60, 12, sizes=True)
    model, most = priced(here)
    answers = [cooled(here, model.duals()[0], seed=seed, deadline=ENDLESS) for seed in (3, 3, 4)]
    assert (answers[0] == answers[1]).all()
    assert (answers[0] != answers[2]).any()
    for taken in answers:
        assert kept(here, taken)
        assert tuple(np.bincount(here.tier[taken >= 0], minlength=here.tiers)) <= most
    assert (cooled(here, model.duals()[0], seed=3, deadline=0.0) == -1).all()


def test_regions_make_an_answer_better_and_keep_every_slot() -> None:
    """A town of hours: from nobody placed, region after region; the same again for the same seed."""
    here = hours(60, 12, sizes=True)
    model, most = priced(here)
    nobody = np.full(len(here.request_ids), -1, dtype=np.int64)
    few, many, again = (
        packed_by_regions(model, most, nobody, Effort(ENDLESS, seed=1, rounds=rounds, steps=steps))
        for rounds, steps in ((1, 2), (4, 200), (4, 200))
    )
    for taken in (few, many):
        assert kept(here, taken)
        assert tuple(np.bincount(here.tier[taken >= 0], minlength=here.tiers)) <= most
    assert better(here, few, nobody)
    assert better(here, many, few)
    assert (many == again).all()
    assert (packed_by_regions(model, most, few, Effort(0.0, seed=1)) == few).all()


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 1_000), st.sampled_from([0.0, 5.0, 80.0]))
def test_what_is_lost_is_counted_along_as_it_is_counted_from_nothing(seed: int, noise: float) -> None:
    """Nobody of any tier loses a place to the other regions either: as many of each tier are served."""
    here = hours(60, 12, sizes=True)
    model, _ = priced(here)
    land = prices_of(model)
    state = unsettled(here, cooled(here, model.duals()[0], seed=seed, deadline=ENDLESS), seed)
    settle(land, state)
    before = np.bincount(here.tier[state.taken >= 0], minlength=here.tiers)
    place_anew(land, state, state.taken.copy(), noise, 10.0, 100, 50)
    afresh = unsettled(here, state.taken, seed)
    settle(land, afresh)
    assert (state.room == afresh.room).all()
    assert (state.room >= 0).all()
    assert np.allclose(state.lost, afresh.lost)
    assert (state.figures == afresh.figures).all()
    assert (state.place == -1).all()
    assert not state.seen.any()
    assert (np.bincount(here.tier[state.taken >= 0], minlength=here.tiers) >= before).all()


def unsettled(here: Instance, taken: Integers, seed: int) -> State:
    slots: Any = len(here.capacity)
    return State(
        taken=taken.copy(),
        room=here.capacity.copy(),
        lost=np.zeros(slots),
        figures=np.zeros(2, dtype=np.int64),
        place=np.full(slots, -1, dtype=np.int64),
        seen=np.zeros(len(taken), dtype=np.bool_),
        slots=np.full(len(REACHES), 3.0),
        chance=dice(seed),
    )


def test_hours_of_a_town_are_shared_out_near_to_the_bound_of_people_and_of_cost() -> None:
    here = hours(400, 16, sizes=True)
    model, most = priced(here)
    taken = greedy(here, cooled(here, model.duals()[0], seed=1, deadline=ENDLESS))
    taken = packed_by_regions(model, most, taken, Effort(ENDLESS, seed=1, rounds=1, steps=300))
    served = np.bincount(here.tier[taken >= 0], minlength=here.tiers)
    assert kept(here, taken)
    assert (np.array(most) - served <= 1).all()
    model.serve(tuple(served.tolist()))
    assert model.solve(here.arc_cost.astype(np.float64))
    assert here.arc_cost[taken[taken >= 0]].sum() < 1.02 * model.solver.Objective().Value()
