"""The best way to fill a few slots with the people around them, in machine code: dynamic programming over what is full.

One person after the other takes an option; of the ways that fill the slots alike only the best goes on, and of all ways
only so many. What an option costs is its regret: how much worse it is by the prices than the best of that person. A way
that cannot end below what is lost now ends at once.
"""

from typing import NamedTuple

import numpy as np

from matching.arrays import Integers
from matching.compiled import compiled
from matching.relax import Reals

# ways look for their like in a table with so many places for each
_SPARSE = 4
_START, _PRIME, _SHIFT = 1_469_598_103, 1_099_511_627, 29
_BITS = 2**31 - 1


class Choices(NamedTuple):
    """Person `i` has the options `first[i]` to `first[i + 1]`, each takes `amount` of `row` at a `regret`.

    A row has `room` in all, `used` from the beginning; what stays free costs its `price`.
    """

    first: Integers
    row: Integers
    amount: Integers
    regret: Reals
    used: Integers
    room: Integers
    price: Reals


class Ways(NamedTuple):
    """What each way has filled of every row, what it costs, which way it came from, and by which option."""

    used: Integers
    cost: Reals
    before: Integers
    option: Integers


@compiled
def filled(choices: Choices, lost: float, width: int) -> tuple[Integers, bool]:
    """The option of each person that costs least in all, if that is below `lost` (else none); whether no way was left
    out for want of `width`."""
    people, more, whole = len(choices.first) - 1, _most_to_come(choices), True
    used, cost = choices.used.copy().reshape(1, -1), np.zeros(1)
    before, option = np.zeros((people, width), dtype=np.int64), np.zeros((people, width), dtype=np.int64)
    for person in range(people):
        ways = _next(choices, person, Ways(used, cost, before[0], option[0]), more[person + 1], lost)
        kept = np.arange(len(ways.cost))
        if len(kept) > width:
            whole = False
            kept = np.flatnonzero(ways.cost < np.partition(ways.cost, width)[width])
        used, cost = ways.used[kept], ways.cost[kept]
        before[person, : len(kept)], option[person, : len(kept)] = ways.before[kept], ways.option[kept]
    best, at = lost, -1
    for way in range(len(cost)):
        total = cost[way]
        for row in range(len(choices.room)):
            total += choices.price[row] * (choices.room[row] - used[way, row])
        if total < best:
            best, at = total, way
    if at < 0:
        return np.zeros(0, dtype=np.int64), whole
    found = np.zeros(people, dtype=np.int64)
    for person in range(people - 1, -1, -1):
        found[person] = option[person, at]
        at = before[person, at]
    return found, whole


@compiled
def _most_to_come(choices: Choices) -> Integers:
    """By person, what those from there on could fill of each row at most."""
    people = len(choices.first) - 1
    more = np.zeros((people + 1, len(choices.room)), dtype=np.int64)
    for person in range(people - 1, -1, -1):
        more[person] = more[person + 1]
        for option in range(choices.first[person], choices.first[person + 1]):
            more[person, choices.row[option]] += choices.amount[option]
    return more


@compiled
def _next(choices: Choices, person: int, ways: Ways, more: Integers, lost: float) -> Ways:
    """Every way goes on by every option of one person."""
    first, end = choices.first[person], choices.first[person + 1]
    rows, amounts, regrets, room, price = choices.row, choices.amount, choices.regret, choices.room, choices.price
    most, number, width = len(ways.cost) * (end - first), 0, len(choices.room)
    used, cost = np.empty((most, width), dtype=np.int64), np.empty(most)
    before, options = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    places = 1
    while places < _SPARSE * most:
        places *= 2
    table, fill = np.full(places, -1, dtype=np.int64), np.empty(width, dtype=np.int64)
    for way in range(len(ways.cost)):
        for option in range(first, end):
            row, value, key = rows[option], ways.cost[way] + regrets[option], _START
            if value >= lost or ways.used[way, row] + amounts[option] > room[row]:
                continue
            least = value
            for at in range(width):
                fill[at] = ways.used[way, at] + (amounts[option] if at == row else 0)
                least += price[at] * max(room[at] - fill[at] - more[at], 0)
                key = ((key ^ (fill[at] & _BITS)) * _PRIME) & (2**62 - 1)
                key ^= key >> _SHIFT
            if least >= lost:
                continue
            place = key & (places - 1)
            while table[place] >= 0 and not _alike(used, table[place], fill):
                place = (place + 1) & (places - 1)
            same = table[place]
            if same < 0:
                table[place] = same = number
                used[number], cost[number], number = fill, value, number + 1
            elif value >= cost[same]:
                continue
            cost[same], before[same], options[same] = value, way, option
    return Ways(used[:number], cost[:number], before[:number], options[:number])


@compiled
def _alike(used: Integers, way: int, fill: Integers) -> bool:
    at = 0
    while at < len(fill) and used[way, at] == fill[at]:
        at += 1
    return at == len(fill)
