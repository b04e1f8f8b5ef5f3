"""What if: the answer after some changes, on a copy, from where the round stands (no cold solve)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from matching.arrays import Integers
from matching.classes import Classes
from matching.live import State
from matching.moves import Move, summed
from matching.outcome import ClassResult
from matching.snapshot import Snapshot, snapshot


@dataclass(frozen=True)
class Places:
    """`change` more places (or fewer, below 0) in a slot; a slot never has fewer than none."""

    slot: int
    change: int


@dataclass(frozen=True)
class Closed:
    slot: int


@dataclass(frozen=True)
class Shifted:
    """So many places of one slot in another."""

    source: int
    target: int
    count: int


@dataclass(frozen=True, eq=False)
class Opened:
    """A new slot that the classes `rows` may take at `costs`."""

    capacity: int
    rows: ArrayLike
    costs: ArrayLike


Change = Places | Closed | Shifted | Opened


@dataclass(frozen=True, eq=False)
class Answer:
    """What would be otherwise: `served_by_tier` and `cost` as differences; `after` holds the answer and its proof.

    `moves` says for how many people; a cost may rise because more are served.
    """

    served_by_tier: tuple[int, ...]
    cost: int
    moves: tuple[Move, ...]
    after: Snapshot

    @property
    def served(self) -> int:
        return sum(self.served_by_tier)


class WhatIf:
    """Built once for a proven result; every question is asked of a copy."""

    def __init__(self, classes: Classes, result: ClassResult) -> None:
        self.state = State(classes, rearranges=True, found=result)
        self.served_by_tier, self.cost = result.served_by_tier, result.cost

    def ask(self, *changes: Change) -> Answer:
        """The changes happen one after the other; the answer is the optimum after all of them."""
        state = self.state.copy()
        moves = [move for change in changes for move in _done(state, change)]
        after = snapshot(state)
        now = after.result.served_by_tier
        return Answer(
            served_by_tier=tuple(b - a for a, b in zip(self.served_by_tier, now, strict=True)),
            cost=after.result.cost - self.cost,
            moves=summed(moves),
            after=after,
        )


def _done(state: State, change: Change) -> tuple[Move, ...]:
    match change:
        case Places(slot, more):
            return state.resize(slot, max(0, int(state.capacity[slot]) + more))
        case Closed(slot):
            return state.resize(slot, 0)
        case Shifted(source, target, count):
            count = min(count, int(state.capacity[source]))
            added = state.resize(target, int(state.capacity[target]) + count)
            return added + state.resize(source, int(state.capacity[source]) - count)
        case Opened(capacity, rows, costs):
            return state.open(capacity, rows=rows, costs=costs)[1]


@dataclass(frozen=True, eq=False)
class Additions:
    """`slots` in the order in which places do most good, and what is served at what cost after each.

    Stopping after any of them is the best way to add so many: places are substitutes (one more never makes another
    worth more), so the most valuable next one is always right.
    """

    slots: tuple[int, ...]
    served_by_tier: tuple[tuple[int, ...], ...]
    cost: tuple[int, ...]


def places_to_add(classes: Classes, result: ClassResult, places: int, room: Integers | None = None) -> Additions:
    """The best `places` places to add, one after the other; `room[s]` of them at most in a slot.

    Ends early where no place anywhere is worth anything.
    """
    state = State(classes, rearranges=True, found=result)
    left = np.full(len(classes.capacity), places) if room is None else room.copy()
    slots: list[int] = []
    figures: list[ClassResult] = []
    while len(slots) < places:
        price = np.where(left > 0, state.least_prices(), 0)
        slot = int(price.argmax())
        if price[slot] == 0:
            break
        left[slot] -= 1
        state.resize(slot, int(state.capacity[slot]) + 1)
        slots.append(slot)
        figures.append(snapshot(state).result)
    return Additions(
        slots=tuple(slots),
        served_by_tier=tuple(result.served_by_tier for result in figures),
        cost=tuple(result.cost for result in figures),
    )
