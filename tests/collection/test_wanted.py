"""What is wanted next of a due, walked at random: nobody pays twice, nothing is given back twice, and all ends at the
goal, whatever the server does and in whatever order acts and officers change their minds."""

import random
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import pytest

from contracts.collection.rules import LIVE, CollectionKind, CollectionStatus, held_of, wanted

S = CollectionStatus


@dataclass(frozen=True)
class Move:
    id: UUID
    kind: CollectionKind
    of_id: UUID | None
    amount_minor: int
    status: CollectionStatus


def step(goal: int, moves: list[Move], *, again: bool = False) -> bool:
    """As the aligning does it; whether something new began."""
    next_step = wanted(goal, moves, again=again)
    assert sum([bool(next_step.ask_minor), next_step.cancel is not None, next_step.refund is not None]) <= 1
    live = [m for m in moves if m.status in LIVE]
    if next_step.ask_minor:
        assert not live
        moves.append(Move(uuid4(), CollectionKind.INTENT, None, next_step.ask_minor, S.OPEN))
    if next_step.refund is not None:
        assert not live
        of_id, amount = next_step.refund
        assert 0 < amount <= held_of(moves)[of_id]
        moves.append(Move(uuid4(), CollectionKind.REFUND, of_id, amount, S.OPEN))
    if next_step.cancel is not None:
        assert [m.id for m in live] == [next_step.cancel]
    return bool(next_step.ask_minor or next_step.refund)


def end_live(moves: list[Move], status: CollectionStatus) -> None:
    moves[:] = [replace(m, status=status) if m.status in LIVE else m for m in moves]


@pytest.mark.parametrize("seed", range(40))
def test_every_walk_ends_at_the_goal_and_holds_nobody_s_money_twice(seed: int) -> None:
    dice, goal, asked = random.Random(seed), 0, 0
    moves: list[Move] = []
    for _ in range(60):
        if dice.random() < 0.3:
            more = dice.randrange(1, 50)
            goal, asked = goal + more, asked + more
        elif dice.random() < 0.3 and goal:
            goal -= dice.randrange(1, goal + 1)
        elif any(m.status in LIVE for m in moves):
            kind = next(m.kind for m in moves if m.status in LIVE)
            ends = [S.SUCCEEDED, S.SUCCEEDED, S.REFUSED] + ([S.CANCELED] if kind is CollectionKind.INTENT else [])
            end_live(moves, dice.choice(ends))
        step(goal, moves, again=dice.random() < 0.2)
        assert sum(m.status in LIVE for m in moves) <= 1
        assert 0 <= sum(held_of(moves).values()) <= asked
    for _ in range(len(moves) + 10):  # from here on everybody pays, cancels and agrees
        live = next((m for m in moves if m.status in LIVE), None)
        if live is not None:
            end_live(moves, S.CANCELED if wanted(goal, moves).cancel == live.id else S.SUCCEEDED)
        step(goal, moves, again=True)
    assert sum(held_of(moves).values()) == goal
    assert not any(m.status in LIVE for m in moves)


def test_what_the_server_refused_is_tried_again_by_a_person_only() -> None:
    moves: list[Move] = []
    assert step(10, moves)
    end_live(moves, S.REFUSED)
    assert not step(10, moves)
    assert step(10, moves, again=True)
    end_live(moves, S.REFUSED)
    assert step(12, moves), "another amount is another question"


def test_a_refund_that_was_refused_waits_for_a_person() -> None:
    moves: list[Move] = []
    step(10, moves)
    end_live(moves, S.SUCCEEDED)
    assert step(4, moves)
    end_live(moves, S.REFUSED)
    assert not step(4, moves)
    assert step(4, moves, again=True)
    end_live(moves, S.SUCCEEDED)
    assert not step(4, moves)
    assert sum(held_of(moves).values()) == 4
