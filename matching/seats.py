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
    renew_everything,
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
        order = np.lexsort((classes.arc_slot, classes.owners()))
        self.net = nobody_seated(classes, order, np.asarray(penalties, dtype=np.int64)[classes.tier])
        self.rows, self.arcs, self.prices = len(classes.count), len(self.net.row), prices
        arc = np.arange(len(classes.arc_slot)) + classes.owners() + 1
        self.net.seated[arc], self.net.held[arc] = seated[order], held[order]
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

    def exchanges(self) -> Integers:
        """The table, nothing in it stale."""
        renew_everything(self.net)
        return self.net.table

    def price_by_waiting(self) -> None:
        price_by_waiting(self.net, self.prices)

    # -- growth ----------------------------------------------------------------------------------------------------

    def enlist(self, holders: Integers, costs: Integers) -> int:
        """A new class, nobody in it yet; the waiting list stands first."""
        row, arc, order = self.rows, self.arcs, np.argsort(holders, kind="stable")
        self.rows, self.arcs = row + 1, arc + len(holders)
        self._make_room()
        net = self.net
        net.first[row], net.block[row] = arc, len(holders)
        net.row[arc : self.arcs], net.cost[arc : self.arcs] = row, costs[order]
        net.holder[arc : self.arcs] = holders[order]
        net.follow[arc : self.arcs] = np.append(np.arange(arc + 1, self.arcs), NONE)
        for at, holder in enumerate(holders[order].tolist()):
            net.below[arc + at], net.column[holder] = net.column[holder], arc + at
        return row

    def found(self, rows: Integers, costs: Integers) -> int:
        """A new holder, empty, which these classes may take; its price keeps everybody where they are."""
        net, size = self.net, len(self.prices)
        table = np.full((size + 1, size + 1), FAR, dtype=np.int64)
        via = np.full((size + 1, size + 1), NONE, dtype=np.int32)
        table[:size, :size], via[:size, :size] = net.table, net.via
        self.net = net._replace(
            column=np.append(net.column, links(1)),
            sitting=np.append(net.sitting, links(1)),
            bids_from=np.append(net.bids_from, net.bids_from[-1]),
            table=table,
            via=via,
        )
        self.steps = np.empty((size + 2, 3), dtype=np.int64)
        arc, self.arcs = self.arcs, self.arcs + len(rows)
        self._make_room()
        net, bid = self.net, 0
        for row, cost in zip(rows.tolist(), costs.tolist(), strict=True):
            bid = max(bid, bids_of(net, row, self.prices) - cost)
            net.row[arc], net.holder[arc], net.cost[arc] = row, size, cost
            net.below[arc], net.column[size] = net.column[size], arc
            lead(net, row, arc)
            arc += 1
        self.prices, self.room = np.append(self.prices, bid), np.append(self.room, 0)
        return size

    def _make_room(self) -> None:
        """Arrays of classes and arcs grow by half at least, so that growing costs little on average."""
        net, rows, size = self.net, len(self.net.first), len(self.net.row)
        if self.rows > rows:
            more = max(rows // 2, _FEWEST)
            waits = np.append(net.waits, np.zeros(more, dtype=np.bool_))
            first, block = np.append(net.first, links(more)), np.append(net.block, links(more))
            net = net._replace(first=first, block=block, waits=waits)
        if self.arcs > size:
            more = max(size // 2, self.arcs - size, _FEWEST)
            names = ("row", "holder", "follow", "below", "after", "before")
            numbers = np.zeros(more, dtype=np.int64)
            grown = {name: np.append(getattr(net, name), links(more)) for name in names}
            net = net._replace(**grown, **{n: np.append(getattr(net, n), numbers) for n in ("cost", "seated", "held")})
        self.net = net
