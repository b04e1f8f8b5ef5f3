"""The live network with its prices and free places, and how it grows."""

import numpy as np

from matching.arrays import Integers
from matching.classes import Classes
from matching.exchange import (
    admit,
    arcs_in_order,
    bids_of,
    find,
    held_at,
    lead,
    price_by_waiting,
    refill,
    rise,
    seat_everybody,
)
from matching.network import FAR, NONE, WAITING, copied, links, nobody_seated

# the waiting list takes everybody
_ENDLESS = 2**60
_FEWEST = 16


class Seats:
    """`prices` and `room` (free places, below 0 where a slot holds too many) by holder."""

    def __init__(
        self,
        classes: Classes,
        penalties: tuple[int, ...],
        *,
        seated: Integers,
        held: Integers,
        waiting: Integers,
        prices: Integers,
    ) -> None:
        self.net = nobody_seated(classes, np.asarray(penalties, dtype=np.int64)[classes.tier])
        self.rows, self.arcs, self.prices = len(classes.count), len(self.net.row), prices
        arc = np.arange(len(classes.arc_slot)) + classes.owners() + 1
        self.net.seated[arc], self.net.held[arc] = seated, held
        self.net.seated[self.net.first[: self.rows]] = waiting
        seat_everybody(self.net)
        self.room = np.append(_ENDLESS, classes.capacity - classes.taken(seated + held))
        self.steps = np.empty((len(prices) + 1, 3), dtype=np.int64)

    def copy(self) -> "Seats":
        other = Seats.__new__(Seats)
        other.net = copied(self.net)
        other.rows, other.arcs = self.rows, self.arcs
        other.prices, other.room, other.steps = self.prices.copy(), self.room.copy(), self.steps.copy()
        return other

    # -- who is where ----------------------------------------------------------------------------------------------

    def there(self, row: int, holder: int) -> int:
        arc = find(self.net, row, holder)
        return 0 if arc == NONE else int(self.net.seated[arc] + self.net.held[arc])

    def may_take(self, row: int, holder: int) -> bool:
        return find(self.net, row, holder) != NONE

    def newest(self, holder: int) -> tuple[int, int]:
        """Of those seated at a holder the class that came last, and how many of it there are."""
        arc = self.net.sitting[holder]
        return int(self.net.row[arc]), int(self.net.seated[arc])

    def holding(self, holder: int) -> list[tuple[int, int]]:
        """The classes that stay at a holder, and how many of each."""
        arcs = held_at(self.net, holder)
        return list(zip(self.net.row[arcs].tolist(), self.net.held[arcs].tolist(), strict=True))

    def ordered(self) -> Integers:
        """All arcs, class after class; the first of each leads to the waiting list."""
        return arcs_in_order(self.net, self.rows, self.arcs)

    # -- who goes where --------------------------------------------------------------------------------------------

    def admit(self, row: int, count: int) -> tuple[int, list[list[int]]]:
        """How many of `count` were taken in by one exchange, and its steps (class, from or -1, to)."""
        amount, number = admit(self.net, self.prices, self.room, row, count, self.steps)
        return amount, self.steps[:number][::-1].tolist()

    def refill(self, holder: int, places: int) -> tuple[int, list[list[int]]]:
        amount, number = refill(self.net, self.prices, self.room, holder, places, self.steps)
        return amount, self.steps[:number].tolist()

    def leave(self, row: int, holder: int, count: int) -> None:
        arc = find(self.net, row, holder)
        if self.net.held[arc] >= count:
            self.net.held[arc] -= count
        else:
            rise(self.net, arc, count)
        if holder != WAITING:
            self.room[holder] += count

    def hold(self, row: int, holder: int, count: int) -> None:
        """They stay from now on."""
        arc = find(self.net, row, holder)
        rise(self.net, arc, count)
        self.net.held[arc] += count

    def hand_over(self, row: int, source: int, target: int, count: int) -> None:
        self.leave(row, source, count)
        self.net.held[find(self.net, row, target)] += count
        self.room[target] -= count

    def price_by_waiting(self) -> None:
        price_by_waiting(self.net, self.prices)

    # -- growth ----------------------------------------------------------------------------------------------------

    def enlist(self, holders: Integers, costs: Integers) -> int:
        """A new class, nobody in it yet; the waiting list stands first."""
        row, self.rows = self.rows, self.rows + 1
        self._make_room(len(holders))
        self.net.length[row] = 0
        for holder, cost in zip(holders.tolist(), costs.tolist(), strict=True):
            self._lead(row, holder, cost)
        return row

    def found(self, rows: Integers, costs: Integers) -> int:
        """A new holder, empty, which these classes may take; its price keeps everybody where they are."""
        net, size = self.net, len(self.prices)
        table = np.full((size + 1, size + 1), FAR, dtype=np.int64)
        via = np.full((size + 1, size + 1), NONE, dtype=np.int32)
        table[:size, :size], via[:size, :size] = net.table, net.via
        nothing = np.zeros(1, dtype=np.int64)
        self.net = net._replace(
            column=np.append(net.column, links(1)),
            wide=np.append(net.wide, nothing),
            sitting=np.append(net.sitting, links(1)),
            crowd=np.append(net.crowd, nothing),
            table=table,
            via=via,
        )
        self.steps = np.empty((size + 2, 3), dtype=np.int64)
        self._make_room(len(rows))
        bid = 0
        for row, cost in zip(rows.tolist(), costs.tolist(), strict=True):
            bid = max(bid, bids_of(self.net, row, self.prices) - cost)
            self._lead(row, size, cost)
        self.prices, self.room = np.append(self.prices, bid), np.append(self.room, nothing)
        return size

    def _lead(self, row: int, holder: int, cost: int) -> None:
        """One more arc of a class."""
        net, arc = self.net, self.arcs
        self.arcs += 1
        net.row[arc], net.holder[arc], net.cost[arc] = row, holder, cost
        net.below[arc], net.column[holder] = net.column[holder], arc
        net.wide[holder] += 1
        lead(net, row, arc)

    def _make_room(self, arcs: int) -> None:
        """Arrays of classes and arcs grow by half at least, so that growing costs little on average."""
        net, rows, size = self.net, len(self.net.first), len(self.net.row)
        if self.rows > rows:
            more = max(rows // 2, _FEWEST)
            net = net._replace(first=np.append(net.first, links(more)), length=np.append(net.length, links(more)))
        if self.arcs + arcs > size:
            more = max(size // 2, arcs, _FEWEST)
            names = ("row", "holder", "follow", "below", "after", "before")
            numbers = np.zeros(more, dtype=np.int64)
            grown = {name: np.append(getattr(net, name), links(more)) for name in names}
            net = net._replace(**grown, **{n: np.append(getattr(net, n), numbers) for n in ("cost", "seated", "held")})
        self.net = net
