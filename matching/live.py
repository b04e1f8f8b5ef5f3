"""A round that stays alive: arrivals, departures, closures and new places, each answered by shortest exchanges.

By default whoever is placed stays (frozen): only free places and the waiting list answer an event. A state that
rearranges keeps the whole answer optimal instead, and equal to a cold solve, event after event. Either way the prices
prove it at any moment.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import copy

import numpy as np
from numpy.typing import ArrayLike

from matching.arrays import Integers, check_length, check_range, integers
from matching.certify import penalty_by_tier, slot_prices
from matching.classes import MAX_COST, MAX_TIER, Classes
from matching.errors import CostsOutOfRange, MalformedInstance, NotSupported
from matching.moves import Move, summed
from matching.network import LARGEST_PENALTY, WAITING
from matching.outcome import ClassResult
from matching.seats import Seats
from matching.terms import frozen
from matching.welfare import solve_classes

# penalties are made for so many times the slots and the largest cost of the beginning: both may grow
_ROOM = 4
_SMALL_COST = 10**6


class State:
    """`classes` as they are now, `held` (per arc) those placed already; everyone else is placed by a cold solve
    (`found`, where it is known).

    `rearranges`: any event may move anybody (then nobody is `held`). Else who is placed stays until their slot closes.
    Indices of classes and slots never change; new ones are appended. One process owns a state. Caps are refused.
    """

    def __init__(
        self,
        classes: Classes,
        held: Integers | None = None,
        *,
        rearranges: bool = False,
        found: ClassResult | None = None,
    ) -> None:
        if classes.caps is not None:
            raise NotSupported("a live state knows no caps; solve the round anew")
        if rearranges and held is not None:
            raise NotSupported("a state that rearranges starts from a solve of its own")
        held = np.zeros_like(classes.arc_slot) if held is None else held
        self.rearranges = rearranges
        largest = int(classes.arc_cost.max(initial=0))
        self.most_slots, self.largest_cost = _ROOM * (len(classes.capacity) + 1), max(_ROOM * largest, _SMALL_COST)
        self.penalties = penalty_by_tier(self.most_slots, self.largest_cost, MAX_TIER + 1)
        if self.penalties[0] > LARGEST_PENALTY:
            raise CostsOutOfRange("such costs leave a live state no room for its penalties")
        found = found or solve_classes(frozen(classes, held))
        assert found.proven, "only what is optimal can be kept optimal by small steps"
        every, none = held + found.flow, np.zeros_like(held)
        self.capacity = classes.capacity.copy()
        self.tier: list[int] = classes.tier.tolist()
        seated, stays = (every, none) if rearranges else (none, every)
        rest = classes if rearranges else frozen(classes, every)
        prices = np.append(0, slot_prices(rest, seated, self.penalties)[0])
        self.seats = Seats(classes, self.penalties, seated=seated, held=stays, waiting=found.waiting, prices=prices)

    @property
    def prices(self) -> Integers:
        """By holder: of the waiting list (0), then of the slots."""
        return self.seats.prices

    @property
    def taken(self) -> Integers:
        """How many places of each slot are."""
        taken: Integers = self.capacity - self.seats.room[1:]
        return taken

    def sits(self, row: int, slot: int | None) -> int:
        """How many of a class hold a place in a slot, or wait (None)."""
        return self.seats.there(row, WAITING if slot is None else slot + 1)

    def copy(self) -> "State":
        """To try something out."""
        other = copy(self)
        other.seats, other.tier, other.capacity = self.seats.copy(), self.tier.copy(), self.capacity.copy()
        return other

    def least_prices(self) -> Integers:
        """For every slot exactly what one more place would be worth (of all prices that prove the answer the least)."""
        table, prices = self.seats.exchanges(), np.zeros_like(self.prices)
        while True:
            raised = np.maximum(prices, (prices[:, None] - table).max(axis=0))
            if np.array_equal(raised, prices):
                return prices[1:]
            prices = raised

    # -- events: each returns who moved because of it --------------------------------------------------------------

    def enlist(self, *, tier: int, slots: ArrayLike, costs: ArrayLike) -> int:
        """A class of requests that was not there before; nobody is in it yet."""
        where, prices = integers("slots", slots), integers("costs", costs)
        check_length("costs", prices, len(where))
        check_range("tier", np.array([tier]), 0, MAX_TIER)
        check_range("slots", where, 0, len(self.capacity) - 1)
        self._check_costs(prices)
        if (np.diff(np.sort(where)) == 0).any():
            raise MalformedInstance("/slots", "names a slot twice")
        self.tier.append(tier)
        return self.seats.enlist(np.append(WAITING, where + 1), np.append(self.penalties[tier], prices))

    def arrive(self, row: int, count: int = 1) -> tuple[Move, ...]:
        """So many more of a class: each takes the best place there is, or waits."""
        check_range("count", np.array([count]), 0, MAX_COST)
        return self._answered(self._admit(row, None, count))

    def leave(self, row: int, slot: int | None, count: int = 1) -> tuple[Move, ...]:
        """So many of a class go for good, from a slot or from the waiting list (None)."""
        check_range("count", np.array([count]), 0, self.sits(row, slot))
        if count == 0:
            return ()
        if slot is None:
            self.seats.leave(row, WAITING, count)
            return self._answered([])
        self.seats.leave(row, slot + 1, count)
        return self._answered(self._fill(slot, count))

    def resize(self, slot: int, capacity: int) -> tuple[Move, ...]:
        """More places are filled; those for whom fewer leave no room are placed elsewhere or wait. 0 closes a slot.

        Where people stay, the least urgent leave first, and among them the classes that came last.
        """
        check_range("capacity", np.array([capacity]), 0, MAX_COST)
        free_before, room = max(int(self.seats.room[slot + 1]), 0), self.seats.room
        room[slot + 1] += capacity - int(self.capacity[slot])
        self.capacity[slot] = capacity
        if room[slot + 1] >= 0:
            return self._answered(self._fill(slot, max(int(room[slot + 1]) - free_before, 0)))
        moves: list[Move] = []
        for row, count in self._evicted(slot, -int(room[slot + 1])):
            self.seats.leave(row, slot + 1, count)
            moves += self._admit(row, slot, count)
        return self._answered(moves)

    def open(self, capacity: int, *, rows: ArrayLike, costs: ArrayLike) -> tuple[int, tuple[Move, ...]]:
        """A new slot that the classes `rows` may take at `costs`; its index, and who moved there."""
        who, prices = integers("rows", rows), integers("costs", costs)
        check_length("costs", prices, len(who))
        check_range("rows", who, 0, len(self.tier) - 1)
        self._check_costs(prices)
        if len(self.capacity) + 1 > self.most_slots:
            raise CostsOutOfRange("the state has grown too large for its penalties; start a new one")
        holder = self.seats.found(who, prices)
        self.capacity = np.append(self.capacity, 0)
        return holder - 1, self.resize(holder - 1, capacity)

    def agree(self, moves: Iterable[Move]) -> tuple[Move, ...]:
        """Moves from slot to slot to which all who move (and stay otherwise) consent; who moves in behind them."""
        if self.rearranges:
            raise NotSupported("in a state that rearranges nobody is asked")
        agreed, before = tuple(moves), self.taken
        taken, leaving = before.copy(), Counter[tuple[int, int]]()
        for at, move in enumerate(agreed):
            if move.source is None or move.target is None or not self.seats.may_take(move.row, move.target + 1):
                raise MalformedInstance(f"/moves/{at}", "must lead from a slot to another that the class may take")
            leaving[move.row, move.source] += move.count
            there = self.sits(move.row, move.source) - leaving[move.row, move.source] + move.count
            check_range(f"moves/{at}/count", np.array([move.count]), 0, there)
            taken[move.source] -= move.count
            taken[move.target] += move.count
        if ((taken > self.capacity) & (taken > before)).any():
            raise MalformedInstance("/moves", "lead to more people in a slot than it has places")
        left = np.flatnonzero(taken < np.minimum(before, self.capacity)).tolist()
        for move in agreed:
            assert move.source is not None
            assert move.target is not None
            self.seats.hand_over(move.row, move.source + 1, move.target + 1, move.count)
        return self._answered(
            [step for slot in left for step in self._fill(slot, max(int(self.seats.room[slot + 1]), 0))]
        )

    # -- what events are made of -----------------------------------------------------------------------------------

    def _admit(self, row: int, source: int | None, count: int) -> list[Move]:
        """Some of a class who sit nowhere (any more) are taken in; in between others pass their places on."""
        moves: list[Move] = []
        while count:
            amount, steps = self.seats.admit(row, count)
            moves += [Move(who, source if at < 0 else _slot(at), _slot(to), amount) for who, at, to in steps]
            count -= amount
            self._stay(steps, amount)
        return moves

    def _fill(self, slot: int, places: int) -> list[Move]:
        """So many places of a slot became free: whoever gains most moves in, until nobody gains."""
        moves: list[Move] = []
        while places:
            amount, steps = self.seats.refill(slot + 1, places)
            if amount == 0:
                break
            moves += [Move(who, _slot(at), _slot(to), amount) for who, at, to in steps]
            places -= amount
            self._stay(steps, amount)
        return moves

    def _stay(self, steps: list[list[int]], amount: int) -> None:
        """Where people stay, whoever has just been placed stays from now on."""
        if not self.rearranges:
            for row, _, holder in steps:
                if holder != WAITING:
                    self.seats.hold(row, holder, amount)
            self.seats.price_by_waiting()

    def _answered(self, moves: list[Move]) -> tuple[Move, ...]:
        if not self.rearranges:
            # who is placed no longer competes: what a place is worth is what the waiting would give
            self.seats.price_by_waiting()
        return summed(moves)

    def _evicted(self, slot: int, over: int) -> Iterator[tuple[int, int]]:
        """Who has to go, and how many of them."""
        if self.rearranges:
            # whoever comes back pushes somebody else out: look again each time
            while over > 0:
                row, count = self.seats.newest(slot + 1)
                yield row, min(count, over)
                over -= min(count, over)
            return
        there = self.seats.holding(slot + 1)
        there.sort(key=lambda item: (-self.tier[item[0]], -item[0]))
        for row, count in there:
            going = min(count, over)
            if going:
                yield row, going
            over -= going

    def _check_costs(self, costs: Integers) -> None:
        check_range("costs", costs, 0, MAX_COST)
        if len(costs) and int(costs.max()) > self.largest_cost:
            raise CostsOutOfRange("a cost is too large for the penalties of this state; start a new one")


def _slot(holder: int) -> int | None:
    return None if holder == WAITING else holder - 1
