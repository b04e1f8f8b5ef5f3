"""Sizes above 1: a first answer by chance that cools down (simulated annealing), in machine code.

Somebody drawn at random takes one of their slots; where it is full, one who sits there goes where the other came from,
to another slot with room, or waits. What makes the answer worse is done ever more rarely. Chance comes from a seed and
the steps are counted, so the same instance gives the same answer.
"""

import time
from typing import NamedTuple

import numpy as np

from matching.arrays import Integers
from matching.compiled import compiled
from matching.instance import Instance
from matching.relax import Reals

# steps in all for each request, and how often they cool; beyond the most nothing comes of more
_STEPS, _MOST_STEPS, _PERIODS = 25_000, 200_000_000, 200
# from where a difference of a fifth of the largest cost is nothing, to where a hundredth decides
_HOT, _COLD = 0.2, 0.013
# hours are worth less than the relaxation says while they are not yet full
_HOUR = 0.6
# whoever waits outweighs so many of the largest costs, and so many of the next tier
_WAITS, _TIER = 4.0, 5.0
_LARGEST_WEIGHT = 1e30
# the chain of numbers that stands for chance (MINSTD); products stay within 64 bits
_FACTOR, _MODULUS, _BITS = 48_271, 2_147_483_647, 31


class Seats(NamedTuple):
    """What each request may take (`first`, `slot`, `cost` of arcs), and who is where.

    Of a request: its `size`, the arc `taken` (-1: it waits), its place `at` in the list of its slot, and what `waiting`
    costs. Of a slot: `capacity`, `room` left, and the `crowd` of those who sit there:
    `sitting[start[s]:start[s] + crowd[s]]`. `chance` holds the state of the dice.
    """

    first: Integers
    slot: Integers
    cost: Integers
    size: Integers
    waiting: Reals
    taken: Integers
    at: Integers
    capacity: Integers
    room: Integers
    crowd: Integers
    start: Integers
    sitting: Integers
    chance: Integers


def cooled(instance: Instance, price: Reals, *, seed: int, deadline: float) -> Integers:
    """A good answer from nothing; `price`: by slot what an hour is worth. Ends early at the deadline."""
    worth = _HOUR * float(np.median(price)) if len(price) else 0.0
    seats = nobody_seated(instance, waiting_costs(instance, worth), seed)
    largest = float(instance.arc_cost.max(initial=0)) + 1.0
    steps = min(_STEPS * len(instance.size), _MOST_STEPS) // _PERIODS
    best, value, heat = seats.taken.copy(), float(seats.waiting.sum()), _HOT * largest
    for _ in range(_PERIODS):
        if time.monotonic() >= deadline:
            break
        value = shuffle(seats, best, value, heat, steps)
        heat *= (_COLD / _HOT) ** (1 / _PERIODS)
    return best


def waiting_costs(instance: Instance, worth: float) -> Reals:
    """The less urgent and the larger a request, the less its waiting costs; a tier outweighs the one after it."""
    least = worth * float(instance.size.max(initial=1)) + _WAITS * (float(instance.arc_cost.max(initial=0)) + 1.0)
    weight = np.minimum(least * _TIER ** np.arange(instance.tiers - 1, -1, -1.0), _LARGEST_WEIGHT)
    costs: Reals = weight[instance.tier] - worth * instance.size
    return costs


def nobody_seated(instance: Instance, waiting: Reals, seed: int) -> Seats:
    slots, requests = len(instance.capacity), len(instance.size)
    count = np.bincount(instance.arc_slot, minlength=slots)
    return Seats(
        first=instance.first_arc,
        slot=instance.arc_slot,
        cost=instance.arc_cost,
        size=instance.size,
        waiting=waiting,
        taken=np.full(requests, -1, dtype=np.int64),
        at=np.zeros(requests, dtype=np.int64),
        capacity=instance.capacity,
        room=instance.capacity.copy(),
        crowd=np.zeros(slots, dtype=np.int64),
        start=np.cumsum(count) - count,
        sitting=np.zeros(len(instance.arc_slot), dtype=np.int64),
        chance=dice(seed),
    )


def dice(seed: int) -> Integers:
    return np.array([seed % (_MODULUS - 1) + 1], dtype=np.int64)


@compiled
def drawn(chance: Integers, below: int) -> int:
    product = chance[0] * _FACTOR
    rest = (product & _MODULUS) + (product >> _BITS)
    chance[0] = rest - _MODULUS if rest >= _MODULUS else rest
    return int((chance[0] * below) >> _BITS)


@compiled
def _sit(seats: Seats, request: int, arc: int) -> None:
    seats.taken[request] = arc
    if arc >= 0:
        slot = seats.slot[arc]
        seats.at[request] = seats.crowd[slot]
        seats.sitting[seats.start[slot] + seats.crowd[slot]] = request
        seats.crowd[slot] += 1
        seats.room[slot] -= seats.size[request]


@compiled
def _rise(seats: Seats, request: int) -> None:
    if seats.taken[request] >= 0:
        slot = seats.slot[seats.taken[request]]
        seats.crowd[slot] -= 1
        last = seats.sitting[seats.start[slot] + seats.crowd[slot]]
        seats.sitting[seats.start[slot] + seats.at[request]] = last
        seats.at[last] = seats.at[request]
        seats.room[slot] += seats.size[request]
    seats.taken[request] = -1


@compiled
def _elsewhere(seats: Seats, who: int, instead: int, slot: int) -> int:
    """An arc for one who gives up `slot`: to where who comes `instead` came from, else to a slot drawn at random with
    room; -1: none."""
    slots, room, size, left = seats.slot, seats.room, seats.size[who], -1
    first, end = seats.first[who], seats.first[who + 1]
    if seats.taken[instead] >= 0:
        left = slots[seats.taken[instead]]
        if room[left] + seats.size[instead] >= size:
            for arc in range(first, end):
                if slots[arc] == left:
                    return int(arc)
    arc = first + drawn(seats.chance, end - first)
    return int(arc) if slots[arc] not in (slot, left) and room[slots[arc]] >= size else -1


@compiled
def shuffle(seats: Seats, best: Integers, value: float, heat: float, steps: int) -> float:
    """So many steps at one heat; `best` is kept in place, its value is given back."""
    now, first, slots, costs, sizes = 0.0, seats.first, seats.slot, seats.cost, seats.size
    waiting, taken, room, chance = seats.waiting, seats.taken, seats.room, seats.chance
    for request in range(len(sizes)):
        now += waiting[request] if taken[request] < 0 else float(costs[taken[request]])
    for _ in range(steps):
        one = drawn(chance, len(sizes))
        if first[one] == first[one + 1]:
            continue
        arc, old = first[one] + drawn(chance, first[one + 1] - first[one]), taken[one]
        slot, size = slots[arc], sizes[one]
        if arc == old or size > seats.capacity[slot]:
            continue
        change, other, to = costs[arc] - (float(costs[old]) if old >= 0 else waiting[one]), -1, -1
        if room[slot] < size:
            # it cannot be empty: whoever is larger than all of it was sent on above
            other = seats.sitting[seats.start[slot] + drawn(chance, seats.crowd[slot])]
            if room[slot] + sizes[other] < size:
                continue
            to = _elsewhere(seats, other, one, slot)
            change += (float(costs[to]) if to >= 0 else waiting[other]) - costs[taken[other]]
        if change > 0 and change > -heat * np.log((drawn(seats.chance, _MODULUS) + 1) / _MODULUS):
            continue
        _rise(seats, one)
        if other >= 0:
            _rise(seats, other)
            _sit(seats, other, to)
        _sit(seats, one, arc)
        now += change
        if now < value:
            value = now
            best[:] = seats.taken
    return value
