"""One more, or one fewer, at the least cost: shortest exchanges between holders under prices, in machine code.

Prices make every exchange cost at least 0 (cost + price is least where everyone sits), so a search stops at the first
place that is free. Each search leaves new prices under which the changed state is optimal again. All functions change
the network, the prices and `taken` in place.
"""

import numpy as np

from matching.arrays import Integers
from matching.compiled import compiled
from matching.network import FAR, NONE, STALE, WAITING, Links, Network


@compiled
def seat_everybody(net: Network) -> None:
    """From the counts alone: once, at the beginning."""
    for arc in range(len(net.seated)):
        count = net.seated[arc]
        if count > 0:
            net.seated[arc] = 0
            sit(net, arc, count)


@compiled
def sit(net: Network, arc: int, count: int) -> None:
    fresh = net.seated[arc] == 0
    net.seated[arc] += count
    if not fresh:
        return
    here = net.holder[arc]
    newest = net.sitting[here]
    net.after[arc], net.before[arc], net.sitting[here] = newest, NONE, arc
    if newest != NONE:
        net.before[newest] = arc
    if here == WAITING:
        net.waits[net.row[arc]] = True
    _offer(net, arc)


@compiled
def rise(net: Network, arc: int, count: int) -> None:
    net.seated[arc] -= count
    if net.seated[arc] > 0:
        return
    here, after, before = net.holder[arc], net.after[arc], net.before[arc]
    if before == NONE:
        net.sitting[here] = after
    else:
        net.after[before] = after
    if after != NONE:
        net.before[after] = before
    if here == WAITING:
        net.waits[net.row[arc]] = False
    _withdraw(net, arc)


@compiled
def _offer(net: Network, arc: int) -> None:
    """Somebody of a class sits here: wherever else they may go, they may be the ones to go at the least cost."""
    here, cost = net.holder[arc], net.cost[arc]
    other = net.first[net.row[arc]]
    while other != NONE:
        to, change = net.holder[other], net.cost[other] - cost
        if to != here:
            least = net.table[here, to]
            if change < least or (change == least and net.via[here, to] == STALE):
                net.table[here, to], net.via[here, to] = change, other
        other = net.follow[other]


@compiled
def _withdraw(net: Network, arc: int) -> None:
    """Nobody of a class sits here any more: where they were the ones to go, somebody else is, at no less cost."""
    here = net.holder[arc]
    if net.sitting[here] == NONE:
        net.table[here, :], net.via[here, :] = FAR, NONE
        return
    other = net.first[net.row[arc]]
    while other != NONE:
        to = net.holder[other]
        if net.via[here, to] == other:
            net.via[here, to] = STALE
        other = net.follow[other]


@compiled
def renew(net: Network, here: int, to: int) -> None:
    """Who goes from here to there at the least cost now. Looked up when a search asks, which is seldom."""
    net.table[here, to], net.via[here, to] = FAR, NONE
    if here == WAITING:
        _renew_bids(net, to)
        return
    seat = net.sitting[here]
    while seat != NONE:
        other = find(net, net.row[seat], to)
        if other != NONE and net.cost[other] - net.cost[seat] < net.table[here, to]:
            net.table[here, to], net.via[here, to] = net.cost[other] - net.cost[seat], other
        seat = net.after[seat]


@compiled
def _renew_bids(net: Network, to: int) -> None:
    """Many wait: only those who may go there are looked at."""
    for at in range(net.bids_from[to], net.bids_from[to + 1]):
        if net.waits[net.bidder_rows[at]]:
            _bid(net, net.bidders[at], to)
    bidder = net.column[to]
    while bidder != NONE:
        if net.waits[net.row[bidder]]:
            _bid(net, bidder, to)
        bidder = net.below[bidder]


@compiled
def _bid(net: Network, bidder: int, to: int) -> None:
    change = net.cost[bidder] - net.cost[net.first[net.row[bidder]]]
    if change < net.table[WAITING, to]:
        net.table[WAITING, to], net.via[WAITING, to] = change, bidder


@compiled
def renew_everything(net: Network) -> None:
    for here in range(len(net.sitting)):
        for to in range(len(net.sitting)):
            if net.via[here, to] == STALE:
                renew(net, here, to)


@compiled
def find(net: Network, row: int, holder: int) -> int:
    """The arc of a class to a holder, -1 where it may not take it."""
    low, high = net.first[row], net.first[row] + net.block[row]
    last = high - 1
    while high - low > 1:
        middle = (low + high) // 2
        if net.holder[middle] <= holder:
            low = middle
        else:
            high = middle
    if net.holder[low] == holder:
        return int(low)
    arc = net.follow[last]
    while arc != NONE and net.holder[arc] != holder:
        arc = net.follow[arc]
    return int(arc)


@compiled
def _nearest_place(net: Network, prices: Integers, room: Integers, row: int, reach: Integers, before: Links) -> int:
    """Where one more of a class ends, on a place that is free. `reach` and `before` say how, prices are raised."""
    holders, best, end, here, least = len(prices), FAR, NONE, NONE, FAR
    done = np.zeros(holders, dtype=np.bool_)
    arc = net.first[row]
    while arc != NONE:
        reach[net.holder[arc]] = net.cost[arc] + prices[net.holder[arc]]
        arc = net.follow[arc]
    for to in range(holders):
        if room[to] > 0 and reach[to] < best:
            best, end = reach[to], to
        if reach[to] < least:
            least, here = reach[to], to
    while least < best:
        done[here] = True
        if net.sitting[here] != NONE:
            best, end = _passed_on(net, prices, room, here, reach, before, (best, end))
        least, here = best, NONE
        for to in range(holders):
            if not done[to] and reach[to] < least:
                least, here = reach[to], to
    prices += np.maximum(best - reach, 0)
    return int(end)


@compiled
def _passed_on(
    net: Network,
    prices: Integers,
    room: Integers,
    start: int,
    reach: Integers,
    before: Links,
    found: tuple[int, int],
) -> tuple[int, int]:
    """One of those at `start` goes on; `found`: the least that ends on a free place so far, and where."""
    best, end = found
    base = reach[start] - prices[start]
    for to in range(len(prices)):
        if base + net.table[start, to] + prices[to] < min(reach[to], best):
            if net.via[start, to] == STALE:
                renew(net, start, to)
            value = base + net.table[start, to] + prices[to]
            if value < min(reach[to], best):
                reach[to], before[to] = value, start
                if room[to] > 0:
                    best, end = value, to
    return best, end


@compiled
def admit(net: Network, prices: Integers, room: Integers, row: int, count: int, steps: Integers) -> tuple[int, int]:
    """Up to `count` of a class, who sit nowhere, are taken in; in between others pass their places on.

    How many were, and the number of `steps` (class, from, to) that so many people each made, the last one first.
    `room[h]`: how many places of a holder are free.
    """
    reach, before = np.full(len(prices), FAR, dtype=np.int64), np.full(len(prices), NONE, dtype=np.int32)
    end = _nearest_place(net, prices, room, row, reach, before)
    amount, number, here = min(count, room[end]), 0, end
    arcs = np.empty((len(prices) + 1, 2), dtype=np.int64)
    while before[here] != NONE:
        target = net.via[before[here], here]
        source = find(net, net.row[target], before[here])
        amount = min(amount, net.seated[source])
        arcs[number, 0], arcs[number, 1] = source, target
        number, here = number + 1, before[here]
    arcs[number, 0], arcs[number, 1] = NONE, find(net, row, here)
    _carry(net, arcs, number + 1, amount, steps)
    if end != WAITING:
        room[end] -= amount
    return amount, number + 1


@compiled
def _deepest_gain(net: Network, prices: Integers, hole: int, reach: Integers, after: Links) -> int:
    """Who moves into a place that became free, who into theirs, ...: the holder where a place stays free at last."""
    holders, best, last, here, least = len(prices), prices[hole], hole, hole, 0
    done = np.zeros(holders, dtype=np.bool_)
    reach[hole] = 0
    while least < best:
        done[here] = True
        base, target = least + prices[here], here
        least, here = best, NONE
        for source in range(holders):
            if done[source]:
                continue
            if base + net.table[source, target] - prices[source] < min(reach[source], best):
                if net.via[source, target] == STALE:
                    renew(net, source, target)
                value = base + net.table[source, target] - prices[source]
                if value < min(reach[source], best):
                    reach[source], after[source] = value, target
                    if value + prices[source] < best:
                        best, last = value + prices[source], source
            if reach[source] < least:
                least, here = reach[source], source
    prices -= np.maximum(best - reach, 0)
    return last


@compiled
def refill(net: Network, prices: Integers, room: Integers, hole: int, count: int, steps: Integers) -> tuple[int, int]:
    """Up to `count` free places of a holder go to whom they help most. As `admit`; 0 where nobody gains."""
    reach, after = np.full(len(prices), FAR, dtype=np.int64), np.full(len(prices), NONE, dtype=np.int32)
    last = _deepest_gain(net, prices, hole, reach, after)
    if last == hole:
        return 0, 0
    amount, number, here = count, 0, last
    arcs = np.empty((len(prices) + 1, 2), dtype=np.int64)
    while here != hole:
        target = net.via[here, after[here]]
        source = find(net, net.row[target], here)
        amount = min(amount, net.seated[source])
        arcs[number, 0], arcs[number, 1] = source, target
        number, here = number + 1, after[here]
    _carry(net, arcs, number, amount, steps)
    room[hole] -= amount
    if last != WAITING:
        room[last] += amount
    return amount, number


@compiled
def _carry(net: Network, arcs: Integers, number: int, amount: int, steps: Integers) -> None:
    for at in range(number):
        source, target = arcs[at]
        steps[at, 0], steps[at, 1], steps[at, 2] = net.row[target], NONE, net.holder[target]
        if source != NONE:
            steps[at, 1] = net.holder[source]
            rise(net, source, amount)
    for at in range(number):
        sit(net, arcs[at, 1], amount)


@compiled
def bids_of(net: Network, row: int, prices: Integers) -> int:
    """The first of a class who may be moved: their cost + price; -1 where there is nobody."""
    arc = net.first[row]
    while arc != NONE:
        if net.seated[arc] > 0:
            return int(net.cost[arc] + prices[net.holder[arc]])
        arc = net.follow[arc]
    return NONE


@compiled
def price_by_waiting(net: Network, prices: Integers) -> None:
    """What those who wait would give for each place; nobody else competes."""
    for holder in range(1, len(prices)):
        if net.via[WAITING, holder] == STALE:
            renew(net, WAITING, holder)
        prices[holder] = max(-net.table[WAITING, holder], 0)


@compiled
def lead(net: Network, row: int, arc: int) -> None:
    """One more arc of a class, after its others; those of it who sit somewhere may take it too."""
    net.follow[arc], last = NONE, net.first[row]
    while net.follow[last] != NONE:
        last = net.follow[last]
    net.follow[last] = arc
    here = net.first[row]
    while here != NONE:
        if net.seated[here] > 0:
            _offer(net, here)
        here = net.follow[here]


@compiled
def arcs_in_order(net: Network, rows: int, total: int) -> Integers:
    """The arcs of the first `rows` classes, class after class."""
    found, at = np.empty(total, dtype=np.int64), 0
    for row in range(rows):
        arc = net.first[row]
        while arc != NONE:
            found[at] = arc
            at, arc = at + 1, net.follow[arc]
    return found


@compiled
def held_at(net: Network, holder: int) -> Integers:
    """The arcs that lead to a holder with somebody who stays there."""
    found = [net.bidders[at] for at in range(net.bids_from[holder], net.bids_from[holder + 1])]
    arc = net.column[holder]
    while arc != NONE:
        found.append(arc)
        arc = net.below[arc]
    return np.array([arc for arc in found if net.held[arc] > 0], dtype=np.int64)
