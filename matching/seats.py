"""Who sits where and may move, and what the cheapest exchange between any two holders would cost: the live network.

Holder 0 is the waiting list (without end, at the penalty of the tier); holder s + 1 is slot s.
"""

from collections.abc import Iterable

import numpy as np

from matching.arrays import Integers

WAITING = 0
# no exchange: far above any penalty, and still a sum of a few such numbers stays in 64 bits
FAR = 2**62
LARGEST_PENALTY = 2**59


class Seats:
    """`seated[h][c]` members of class `c` sit at holder `h`, counting only those who may be moved.

    `holders[c]` (ascending, the waiting list first) and `costs[c]` are the places a class may take. `peopled[h]`:
    whether anybody who may be moved is there. `table[a, b]`: the least change of cost when one of those at `a` goes to
    `b`.
    """

    def __init__(self, slots: int) -> None:
        self.holders: list[Integers] = []
        self.costs: list[Integers] = []
        self.seated: list[dict[int, int]] = [{} for _ in range(slots + 1)]
        self.peopled = np.zeros(slots + 1, dtype=np.bool_)
        self._table = np.full((slots + 1, slots + 1), FAR, dtype=np.int64)
        self._stale: set[int] = set()

    def copy(self) -> "Seats":
        other = Seats(0)
        # the lists of a class are replaced, never written to
        other.holders, other.costs = self.holders.copy(), self.costs.copy()
        other.seated = [there.copy() for there in self.seated]
        other.peopled, other._table, other._stale = self.peopled.copy(), self._table.copy(), self._stale.copy()
        return other

    def enlist(self, holders: Integers, costs: Integers) -> int:
        """A new class, nobody in it yet."""
        self.holders.append(holders)
        self.costs.append(costs)
        return len(self.holders) - 1

    def widen(self, row: int, holder: int, cost: int) -> None:
        """A class may from now on take the newest holder."""
        self.holders[row] = np.append(self.holders[row], holder)
        self.costs[row] = np.append(self.costs[row], cost)
        self._stale.update(at for at in self.holders[row].tolist() if row in self.seated[at])

    def found(self) -> int:
        """A new holder, empty."""
        size = len(self.seated)
        self.seated.append({})
        self.peopled = np.append(self.peopled, False)
        table = np.full((size + 1, size + 1), FAR, dtype=np.int64)
        table[:size, :size] = self._table
        self._table = table
        return size

    def cost(self, row: int, holder: int) -> int:
        return int(self.costs[row][self.holders[row].searchsorted(holder)])

    def may_take(self, row: int, holder: int) -> bool:
        at = int(self.holders[row].searchsorted(holder))
        return at < len(self.holders[row]) and int(self.holders[row][at]) == holder

    def seat(self, row: int, holder: int, count: int = 1) -> None:
        there = self.seated[holder]
        there[row] = there.get(row, 0) + count
        self.peopled[holder] = True
        if there[row] == count and holder not in self._stale:
            to = self.holders[row]
            self._table[holder, to] = np.minimum(self._table[holder, to], self.costs[row] - self.cost(row, holder))

    def unseat(self, row: int, holder: int, count: int = 1) -> None:
        there = self.seated[holder]
        assert there[row] >= count
        there[row] -= count
        if there[row] == 0:
            del there[row]
            self.peopled[holder] = bool(there)
            # only where this class was the one to move does the row of the table change
            change = self.costs[row] - self.cost(row, holder)
            if (self._table[holder, self.holders[row]] == change).sum() > 1 or not there:
                self._stale.add(holder)

    def table(self) -> Integers:
        """Brought up to date; the diagonal says nothing."""
        for holder in self._stale:
            self._table[holder] = FAR
            self._fill(holder, self.seated[holder])
        self._stale.clear()
        return self._table

    def _fill(self, holder: int, rows: Iterable[int]) -> None:
        every = list(rows)
        if every:
            to = np.concatenate([self.holders[row] for row in every])
            change = np.concatenate([self.costs[row] - self.cost(row, holder) for row in every])
            np.minimum.at(self._table[holder], to, change)

    def mover(self, source: int, target: int) -> int:
        """The class (the first to have come) one of which goes from `source` to `target` at the least cost."""
        wanted = self._table[source, target]
        for row in self.seated[source]:
            if self.may_take(row, target) and self.cost(row, target) - self.cost(row, source) == wanted:
                return row
        raise AssertionError("the table names an exchange that nobody can make")
