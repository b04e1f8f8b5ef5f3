"""A round that stays alive: arrivals, departures, closures and new places, each answered by shortest exchanges.

By default whoever is placed stays (frozen): only free places and the waiting list answer an event. A state that
rearranges keeps the whole answer optimal instead, and equal to a cold solve, event after event. Either way the prices
prove it at any moment.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import copy
from itertools import islice, pairwise

import numpy as np
from numpy.typing import ArrayLike

from matching.arrays import Integers, check_length, check_range, integers
from matching.certify import penalty_by_tier, slot_prices
from matching.classes import MAX_COST, MAX_TIER, Classes
from matching.errors import CostsOutOfRange, MalformedInstance, NotSupported
from matching.moves import Move, summed
from matching.outcome import ClassResult
from matching.paths import filled_up, taken_in
from matching.seats import FAR, LARGEST_PENALTY, WAITING, Seats
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
        every = held + found.flow
        self.capacity, self.taken = classes.capacity.copy(), classes.taken(every)
        self.tier: list[int] = classes.tier.tolist()
        self.seats = Seats(len(self.capacity))
        self.fixed: list[dict[int, int]] = []
        self._populate(classes, every, found.waiting)
        rest, moving = (classes, every) if rearranges else (frozen(classes, every), np.zeros_like(every))
        self.prices = np.append(0, slot_prices(rest, moving, self.penalties)[0])

    def _populate(self, classes: Classes, flow: Integers, waiting: Integers) -> None:
        order = np.lexsort((classes.arc_slot, classes.owners()))
        for row, tier in enumerate(self.tier):
            arcs = order[classes.first_arc[row] : classes.first_arc[row + 1]]
            slots = classes.arc_slot[arcs]
            self.seats.enlist(np.append(WAITING, slots + 1), np.append(self.penalties[tier], classes.arc_cost[arcs]))
            self.fixed.append({})
            for arc, slot in zip(arcs[flow[arcs] > 0].tolist(), slots[flow[arcs] > 0].tolist(), strict=True):
                self._settle(row, slot, int(flow[arc]))
            if waiting[row]:
                self.seats.seat(row, WAITING, int(waiting[row]))

    def _settle(self, row: int, slot: int, count: int) -> None:
        if self.rearranges:
            self.seats.seat(row, slot + 1, count)
        else:
            self.fixed[row][slot] = self.fixed[row].get(slot, 0) + count

    def sits(self, row: int, slot: int | None) -> int:
        """How many of a class hold a place in a slot, or wait (None)."""
        if slot is None or self.rearranges:
            return self.seats.seated[WAITING if slot is None else slot + 1].get(row, 0)
        return self.fixed[row].get(slot, 0)

    def copy(self) -> "State":
        """To try something out."""
        other = copy(self)
        other.seats = self.seats.copy()
        other.fixed = [dict(there) for there in self.fixed]
        other.tier, other.prices = self.tier.copy(), self.prices.copy()
        other.capacity, other.taken = self.capacity.copy(), self.taken.copy()
        return other

    def least_prices(self) -> Integers:
        """For every slot exactly what one more place would be worth (of all prices that prove the answer the least)."""
        table, prices = self.seats.table(), np.zeros_like(self.prices)
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
        order = np.argsort(where, kind="stable")
        if (np.diff(where[order]) == 0).any():
            raise MalformedInstance("/slots", "names a slot twice")
        self.tier.append(tier)
        self.fixed.append({})
        return self.seats.enlist(np.append(WAITING, where[order] + 1), np.append(self.penalties[tier], prices[order]))

    def arrive(self, row: int, count: int = 1) -> tuple[Move, ...]:
        """So many more of a class: each takes the best place there is, or waits."""
        check_range("count", np.array([count]), 0, MAX_COST)
        moves = [move for _ in range(count) for move in self._admit(row, None)]
        return self._answered(moves)

    def leave(self, row: int, slot: int | None, count: int = 1) -> tuple[Move, ...]:
        """So many of a class go for good, from a slot or from the waiting list (None)."""
        check_range("count", np.array([count]), 0, self.sits(row, slot))
        if count == 0:
            return ()
        if slot is None:
            self.seats.unseat(row, WAITING, count)
            return ()
        self._unsettle(row, slot, count)
        self.taken[slot] -= count
        return self._answered(self._fill(slot, count))

    def resize(self, slot: int, capacity: int) -> tuple[Move, ...]:
        """More places are filled; those for whom fewer leave no room are placed elsewhere or wait. 0 closes a slot.

        Where people stay, the least urgent leave first, and among them the classes that came last.
        """
        check_range("capacity", np.array([capacity]), 0, MAX_COST)
        added = int(capacity - max(self.capacity[slot], self.taken[slot]))
        self.capacity[slot] = capacity
        if added >= 0 or self.taken[slot] <= capacity:
            return self._answered(self._fill(slot, max(added, 0)))
        moves: list[Move] = []
        for row in self._evicted(slot, int(self.taken[slot]) - capacity):
            self._unsettle(row, slot, 1)
            self.taken[slot] -= 1
            moves += self._admit(row, slot)
        return self._answered(moves)

    def open(self, capacity: int, *, rows: ArrayLike, costs: ArrayLike) -> tuple[int, tuple[Move, ...]]:
        """A new slot that the classes `rows` may take at `costs`; its index, and who moved there."""
        who, prices = integers("rows", rows), integers("costs", costs)
        check_length("costs", prices, len(who))
        check_range("rows", who, 0, len(self.tier) - 1)
        self._check_costs(prices)
        if len(self.capacity) + 1 > self.most_slots:
            raise CostsOutOfRange("the state has grown too large for its penalties; start a new one")
        bids = [self._bid(row, cost) for row, cost in zip(who.tolist(), prices.tolist(), strict=True)]
        holder = self.seats.found()
        self.capacity, self.taken = np.append(self.capacity, 0), np.append(self.taken, 0)
        self.prices = np.append(self.prices, max([0, *bids]))
        for row, cost in zip(who.tolist(), prices.tolist(), strict=True):
            self.seats.widen(row, holder, cost)
        return holder - 1, self.resize(holder - 1, capacity)

    def agree(self, moves: Iterable[Move]) -> tuple[Move, ...]:
        """Moves from slot to slot to which all who move (and stay otherwise) consent; who moves in behind them."""
        if self.rearranges:
            raise NotSupported("in a state that rearranges nobody is asked")
        agreed = tuple(moves)
        taken, leaving = self.taken.copy(), Counter[tuple[int, int]]()
        for at, move in enumerate(agreed):
            if move.source is None or move.target is None or not self.seats.may_take(move.row, move.target + 1):
                raise MalformedInstance(f"/moves/{at}", "must lead from a slot to another that the class may take")
            leaving[move.row, move.source] += move.count
            there = self.sits(move.row, move.source) - leaving[move.row, move.source] + move.count
            check_range(f"moves/{at}/count", np.array([move.count]), 0, there)
            taken[move.source] -= move.count
            taken[move.target] += move.count
        if ((taken > self.capacity) & (taken > self.taken)).any():
            raise MalformedInstance("/moves", "lead to more people in a slot than it has places")
        left = np.flatnonzero(taken < np.minimum(self.taken, self.capacity)).tolist()
        for move in agreed:
            assert move.source is not None
            assert move.target is not None
            self._unsettle(move.row, move.source, move.count)
            self._settle(move.row, move.target, move.count)
        self.taken = taken
        return self._answered([step for slot in left for step in self._fill(slot, int(self.capacity[slot]))])

    # -- what events are made of -----------------------------------------------------------------------------------

    def _admit(self, row: int, source: int | None) -> list[Move]:
        """One of a class who sits nowhere (any more) is taken in; in between others pass their places on."""
        start = np.full(len(self.prices), FAR, dtype=np.int64)
        holders = self.seats.holders[row]
        start[holders] = self.seats.costs[row] + self.prices[holders]
        free = np.append(True, self.taken < self.capacity)
        path = taken_in(self.seats.table(), self.prices, start, free, self.seats.peopled)
        return self._carry(row, source, path)

    def _carry(self, row: int, source: int | None, holders: tuple[int, ...]) -> list[Move]:
        """`row` sits down at the first holder, one of those there goes on to the second, and so on."""
        movers = [row, *(self.seats.mover(here, to) for here, to in pairwise(holders))]
        moves = []
        for at, (mover, to) in enumerate(zip(movers, holders, strict=True)):
            here = source if at == 0 else _slot(holders[at - 1])
            if at:
                self.seats.unseat(mover, holders[at - 1])
            self.seats.seat(mover, to)
            moves.append(Move(mover, here, _slot(to)))
        if holders[-1] != WAITING:
            self.taken[holders[-1] - 1] += 1
        return moves

    def _fill(self, slot: int, places: int) -> list[Move]:
        """So many places of a slot became free: whoever gains most moves in, until nobody gains."""
        moves: list[Move] = []
        for _ in range(places):
            path = filled_up(self.seats.table(), self.prices, slot + 1)
            if len(path) == 1:
                break
            first = self.seats.mover(path[0], path[1])
            self.seats.unseat(first, path[0])
            if path[0] != WAITING:
                self.taken[path[0] - 1] -= 1
            moves += self._carry(first, _slot(path[0]), path[1:])
        return moves

    def _answered(self, moves: list[Move]) -> tuple[Move, ...]:
        """Where people stay, whoever has just been placed stays from now on."""
        if not self.rearranges:
            for holder in {move.target + 1 for move in moves if move.target is not None}:
                for row, count in list(self.seats.seated[holder].items()):
                    self.seats.unseat(row, holder, count)
                    self._settle(row, holder - 1, count)
            # those who have just been placed no longer compete: what a place is worth is what the waiting would give
            self.prices = np.maximum(-self.seats.table()[WAITING], 0)
        return summed(moves)

    def _evicted(self, slot: int, over: int) -> Iterator[int]:
        """The class of everyone who has to go, one by one."""
        if self.rearranges:
            # whoever comes back pushes somebody else out: look again each time
            for _ in range(over):
                yield next(reversed(self.seats.seated[slot + 1]))
            return
        there = [(row, held[slot]) for row, held in enumerate(self.fixed) if slot in held]
        there.sort(key=lambda item: (-self.tier[item[0]], -item[0]))
        yield from islice((row for row, count in there for _ in range(count)), over)

    def _unsettle(self, row: int, slot: int, count: int) -> None:
        if self.rearranges:
            self.seats.unseat(row, slot + 1, count)
            return
        self.fixed[row][slot] -= count
        if self.fixed[row][slot] == 0:
            del self.fixed[row][slot]

    def _bid(self, row: int, cost: int) -> int:
        """What those of a class who may be moved would pay for a place at `cost`."""
        seats = self.seats
        for holder in seats.holders[row].tolist():
            if row in seats.seated[holder]:
                return seats.cost(row, holder) + int(self.prices[holder]) - cost
        return 0

    def _check_costs(self, costs: Integers) -> None:
        check_range("costs", costs, 0, MAX_COST)
        if len(costs) and int(costs.max()) > self.largest_cost:
            raise CostsOutOfRange("a cost is too large for the penalties of this state; start a new one")


def _slot(holder: int) -> int | None:
    return None if holder == WAITING else holder - 1
