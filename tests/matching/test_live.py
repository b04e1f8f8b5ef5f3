"""After any events the live state is what a cold solve would say, and its prices prove it."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import MalformedInstance, NotSupported
from matching.caps import Caps
from matching.classes import Classes
from matching.compiled import compiled
from matching.live import State
from matching.moves import Move
from matching.outcome import verify_outcome
from matching.rearrange import rings, swapped
from matching.snapshot import Snapshot, drifted, snapshot
from matching.terms import frozen
from matching.welfare import solve_classes
from tests.matching.instances import class_instances
from tests.matching.references import by_network_simplex


@dataclass
class Diary:
    """Draws events, lets them happen, and keeps the flow by the moves that were told."""

    state: State
    largest: int

    def happen(self, draw: st.DrawFn) -> tuple[Move, ...]:
        state, kind = self.state, draw(st.integers(0, 4))
        if kind == 0 and state.tier:
            return state.arrive(draw(st.integers(0, len(state.tier) - 1)), draw(st.integers(0, 2)))
        if kind == 1 and (there := self.people()):
            row, slot, count = draw(st.sampled_from(there))
            return state.leave(row, slot, draw(st.integers(0, count)))
        if kind == 2:
            capacity = draw(st.sampled_from([0, 0, 1, 2, 3, 4]))
            return state.resize(draw(st.integers(0, len(state.capacity) - 1)), capacity)
        return self.grow(draw, kind)

    def grow(self, draw: st.DrawFn, kind: int) -> tuple[Move, ...]:
        state = self.state
        if kind == 3 and len(state.capacity) < 9:
            rows = [row for row in range(len(state.tier)) if draw(st.booleans())]
            costs = [draw(st.integers(0, self.largest)) for _ in rows]
            return state.open(draw(st.integers(0, 3)), rows=rows, costs=costs)[1]
        if kind == 4 and len(state.tier) < 12:
            slots = [slot for slot in range(len(state.capacity)) if draw(st.booleans())]
            costs = [draw(st.integers(0, self.largest)) for _ in slots]
            return state.arrive(state.enlist(tier=draw(st.integers(0, 3)), slots=slots, costs=costs))
        return ()

    def people(self) -> list[tuple[int, int | None, int]]:
        now = snapshot(self.state)
        rows = now.classes.owners()
        placed = [
            (int(rows[arc]), int(now.classes.arc_slot[arc]), int(now.flow[arc])) for arc in np.flatnonzero(now.flow)
        ]
        return placed + [(int(row), None, int(now.result.waiting[row])) for row in np.flatnonzero(now.result.waiting)]


def checked(now: Snapshot) -> None:
    assert (now.classes.taken(now.flow) <= now.classes.capacity).all()
    assert verify_outcome(now.open, now.result) is None
    cold = solve_classes(now.open)
    assert (now.result.served_by_tier, now.result.cost) == (cold.served_by_tier, cold.cost)


@settings(deadline=None, max_examples=120)
@given(class_instances(), st.data())
def test_a_state_that_rearranges_equals_a_cold_solve_after_every_event(classes: Classes, data: st.DataObject) -> None:
    state = State(classes, rearranges=True)
    diary = Diary(state, int(classes.arc_cost.max(initial=0)))
    checked(snapshot(state))
    for _ in range(data.draw(st.integers(1, 8))):
        diary.happen(data.draw)
        now = snapshot(state)
        checked(now)
        assert (now.result.served_by_tier, now.result.cost) == by_network_simplex(now.classes)


@settings(deadline=None, max_examples=120)
@given(class_instances(), st.data())
def test_who_is_placed_stays_and_no_place_is_idle_while_somebody_waits_for_it(
    classes: Classes, data: st.DataObject
) -> None:
    state = State(classes)
    diary = Diary(state, int(classes.arc_cost.max(initial=0)))
    for _ in range(data.draw(st.integers(1, 8))):
        before = snapshot(state)
        capacity = before.classes.capacity
        moves = diary.happen(data.draw)
        now = snapshot(state)
        checked(now)
        assert (now.result.flow == 0).all()
        shrunk = np.flatnonzero(now.classes.capacity[: len(capacity)] < capacity).tolist()
        assert all(move.source is None or move.source in shrunk for move in moves)


@settings(deadline=None, max_examples=60)
@given(class_instances(), st.data())
def test_the_moves_told_lead_from_the_state_before_to_the_state_after(classes: Classes, data: st.DataObject) -> None:
    state = State(classes, rearranges=data.draw(st.booleans()))
    if not state.tier:
        return
    where = placed(snapshot(state))
    for _ in range(3):
        row = data.draw(st.integers(0, len(state.tier) - 1))
        moves = [(move, 1) for move in state.arrive(row)]
        for move, _ in moves:
            where[move.row, move.source] = where.get((move.row, move.source), 0) - move.count
            where[move.row, move.target] = where.get((move.row, move.target), 0) + move.count
        where[row, None] = where.get((row, None), 0) + 1
        assert {key: count for key, count in where.items() if count} == placed(snapshot(state))


def placed(now: Snapshot) -> dict[tuple[int, int | None], int]:
    rows = now.classes.owners()
    where: dict[tuple[int, int | None], int] = {
        (int(rows[arc]), int(now.classes.arc_slot[arc])): int(now.flow[arc]) for arc in np.flatnonzero(now.flow)
    }
    return where | {(int(row), None): int(now.result.waiting[row]) for row in np.flatnonzero(now.result.waiting)}


@settings(deadline=None, max_examples=60)
@given(class_instances())
def test_a_state_starts_from_who_is_placed_already(classes: Classes) -> None:
    held = solve_classes(classes).flow // 2
    now = snapshot(State(classes, held))
    cold = solve_classes(frozen(classes, held))
    assert (now.held >= 0).all()
    assert now.classes.by_tier(now.classes.served(now.flow)) == tuple(
        a + b for a, b in zip(classes.by_tier(classes.served(held)), cold.served_by_tier, strict=True)
    )


def square(rows: int = 60, slots: int = 12, seed: int = 3) -> Classes:
    rng = np.random.default_rng(seed)
    near = np.array([rng.choice(slots, 5, replace=False) for _ in range(rows)])
    return Classes.from_arrays(
        capacity=rng.integers(0, 12, slots),
        tier=rng.integers(0, 4, rows),
        count=rng.integers(0, 3, rows),
        first_arc=np.arange(0, 5 * rows + 1, 5),
        arc_slot=near.ravel(),
        arc_cost=rng.integers(0, 400, 5 * rows),
    )


@pytest.mark.parametrize("rearranges", [True, False])
def test_ten_thousand_random_events_leave_the_state_a_cold_solve_would_find(rearranges: bool) -> None:
    rng, classes = np.random.default_rng(11), square()
    state = State(classes, rearranges=rearranges)
    for at in range(10_000):
        random_event(state, rng)
        if at % 1000 == 999:
            checked(snapshot(state))
            assert drifted(state) is None


@pytest.mark.parametrize("rearranges", [True, False])
def test_the_nightly_proof_names_a_state_that_has_drifted(rearranges: bool) -> None:
    state = State(square(), rearranges=rearranges)
    free = int((state.capacity - state.taken).argmax())
    state.seats.prices[free + 1] += 1
    violation = drifted(state)
    assert violation is not None
    assert violation.code == "price"


def test_events_are_answered_alike_by_machine_code_and_by_plain_python() -> None:
    code = (
        "import numpy as np\n"
        "from tests.matching.test_live import random_event, square, State\n"
        "state, rng = State(square(), rearranges=True), np.random.default_rng(2)\n"
        "for _ in range(60): random_event(state, rng)\n"
        "print(state.prices.tolist(), state.taken.tolist(), state.seats.net.seated.tolist())"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | more
        ).stdout
        for more in ({}, {"NUMBA_DISABLE_JIT": "1"})
    ]
    assert said[0] == said[1]
    assert said[0]


def test_what_cannot_be_kept_in_a_cache_is_compiled_all_the_same() -> None:
    there: dict[str, Callable[[int], int]] = {}
    exec("def doubled(number): return 2 * number", there)  # it stands in no file, so no folder is found for it
    assert compiled(there["doubled"])(21) == 42


def random_event(state: State, rng: np.random.Generator) -> None:
    kind, slot = int(rng.integers(0, 10)), int(rng.integers(0, len(state.capacity)))
    if kind < 5:
        state.arrive(int(rng.integers(0, len(state.tier))))
    elif kind == 8:
        state.resize(slot, 0)
    elif kind == 9:
        state.resize(slot, int(rng.integers(0, 15)))
    else:
        there = [row for row in range(len(state.tier)) if state.sits(row, slot)]
        if there:
            state.leave(there[int(rng.integers(0, len(there)))], slot)


def test_caps_strange_counts_and_strange_places_are_refused() -> None:
    one = Classes.from_arrays(
        capacity=[1], tier=[0], count=[1], first_arc=[0, 1], arc_slot=[0], arc_cost=[5],
        caps=Caps.from_arrays(of_slot=[-1], limit=[], parent=[]),
    )  # fmt: skip
    with pytest.raises(NotSupported, match="caps"):
        State(one)
    state = State(square())
    with pytest.raises(MalformedInstance, match="count"):
        state.leave(0, None, 99)
    with pytest.raises(MalformedInstance, match="capacity"):
        state.resize(0, -1)
    with pytest.raises(MalformedInstance, match="twice"):
        state.enlist(tier=0, slots=[1, 1], costs=[1, 1])
    with pytest.raises(MalformedInstance, match="slots"):
        state.enlist(tier=0, slots=[99], costs=[1])


@settings(deadline=None, max_examples=60)
@given(class_instances())
def test_agreed_swaps_leave_a_state_in_which_nobody_waits_for_a_free_place(classes: Classes) -> None:
    state = State(classes)
    before = snapshot(state)
    change = swapped(before.classes, before.flow, before.flow)
    moved = state.agree([move for ring in rings(change.moves) for move in ring.moves])
    after = snapshot(state)
    checked(after)
    assert all(move.source is None for move in moved)
    assert after.classes.served(after.flow).sum() >= before.classes.served(before.flow).sum()


def test_moves_that_nobody_can_make_are_refused() -> None:
    state = State(square())
    now = snapshot(state)
    arc = int(np.argmax(now.flow > 0))
    row, slot = int(now.classes.owners()[arc]), int(now.classes.arc_slot[arc])
    for moves in ([Move(row, slot, None)], [Move(row, slot, 999)], [Move(row, slot, slot, 99)]):
        with pytest.raises(MalformedInstance, match="moves"):
            state.agree(moves)
    full = Classes.from_arrays(capacity=[1, 0], tier=[0], count=[1], first_arc=[0, 2], arc_slot=[0, 1], arc_cost=[1, 2])
    with pytest.raises(MalformedInstance, match="more people"):
        State(full).agree([Move(0, 0, 1)])
