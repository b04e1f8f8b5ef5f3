"""From prices that are nearly right to an optimum: everyone sits where cost + price is least, and few have to move.

Under such prices some slots hold too many and others, which cost something, too few. Whoever is too much is taken in
elsewhere by the cheapest exchange, and a place that stays free although it has a price goes to whom it helps most, or
loses its price. The prices prove the seats at every step, so what is balanced in the end is optimal.
"""

import numpy as np

from matching.arrays import Integers
from matching.classes import Classes
from matching.compiled import compiled
from matching.exchange import admit, refill, rise
from matching.network import LARGEST_PENALTY, Network
from matching.proof import least_values
from matching.seats import Seats


def can_balance(classes: Classes, penalties: tuple[int, ...]) -> bool:
    """Limits over several slots are not known here, and exchanges need room in 64 bits."""
    return not len(classes.limits.limit) and max(penalties, default=0) <= LARGEST_PENALTY


def balanced(classes: Classes, penalties: tuple[int, ...], prices: Integers) -> Integers:
    """The optimal flow, over the arcs of `classes`; any prices (>= 0, one a slot) lead there, good ones soon."""
    flow, waiting = seated_by_price(classes, penalties, prices)
    seats = Seats(
        classes, penalties, seated=flow, held=np.zeros_like(flow), waiting=waiting, prices=np.append(0, prices)
    )
    balance(seats.net, seats.prices, seats.room, seats.steps)
    owner = classes.owners()
    flow[np.lexsort((classes.arc_slot, owner))] = seats.net.seated[np.arange(len(flow)) + owner + 1]
    return flow


@compiled
def balance(net: Network, prices: Integers, room: Integers, steps: Integers) -> None:
    """Nowhere too many, and a place that stays free costs nothing. Whoever came last leaves first."""
    for holder in range(1, len(room)):
        while room[holder] < 0:
            arc = net.sitting[holder]
            count = min(net.seated[arc], -room[holder])
            rise(net, arc, count)
            room[holder] += count
            while count > 0:
                count -= admit(net, prices, room, net.row[arc], count, steps)[0]
    idle = True
    while idle:
        idle = False
        for holder in range(1, len(room)):
            while room[holder] > 0 and prices[holder] > 0:
                idle = True
                refill(net, prices, room, holder, room[holder], steps)


def seated_by_price(classes: Classes, penalties: tuple[int, ...], prices: Integers) -> tuple[Integers, Integers]:
    """All of a class at the candidate where cost + price is least (the first of equals), or waiting if that is less."""
    value, owner = classes.arc_cost + prices[classes.arc_slot], classes.owners()
    penalty = np.asarray(penalties, dtype=np.int64)[classes.tier]
    least = least_values(classes.first_arc, value, penalty)
    sits = np.flatnonzero((value == least[owner]) & (value < penalty[owner]))
    sits = sits[np.flatnonzero(np.diff(owner[sits], prepend=-1))]
    flow, waiting = np.zeros(len(value), dtype=np.int64), classes.count.copy()
    flow[sits] = classes.count[owner[sits]]
    waiting[owner[sits]] = 0
    return flow, waiting
