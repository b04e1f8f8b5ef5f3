"""A few slots and the people around them placed anew, again and again, in machine code.

All functions change the `State` in place. Regrets are by prices; see `Land`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers
from matching.compiled import compiled
from matching.cooling import drawn
from matching.filling import Choices, filled
from matching.relax import Reals

# options are looked at up to these regrets, in turn, as multiples of a unit
REACHES = (0.5, 1.0, 2.0, 4.0)
# regions grow slowly while nothing is left out, and shrink soon where it is
_GROWTH, _SHRINKING, _FEWEST, _MOST = 0.05, 0.15, 2.0, 12.0
# links tried for each further slot; the one where most is lost is taken
_TRIES = 4
# even where nothing is lost something may be found; a share of what is lost on average
_ELSEWHERE = 0.3
_FINE = 2**31 - 1


class Land(NamedTuple):
    """What does not change while prices hold.

    Of an arc: its `owner`, `slot`, `cost`, and its `value` at the prices (infinite where it does not fit). Of a
    request: its arcs from `first`, `size`, `tier`, and the arc it would take if it were alone (`wish`, -1: it would
    wait). Of a slot: its `price`, and the arcs that lead there, `arcs[start[s]:start[s + 1]]`.
    """

    first: Integers
    owner: Integers
    slot: Integers
    cost: Integers
    value: Reals
    size: Integers
    tier: Integers
    wish: Integers
    price: Reals
    start: Integers
    arcs: Integers


class State(NamedTuple):
    """The arc `taken` of each request, the `room` of each slot and what is `lost` there; `figures`: how many are
    served, and the costs. `place` (by slot, -1) and `seen` (by request) are marks, empty between two regions; `slots`
    is how large regions are by now for each reach; `chance` holds the dice."""

    taken: Integers
    room: Integers
    lost: Reals
    figures: Integers
    place: Integers
    seen: NDArray[np.bool_]
    slots: Reals
    chance: Integers


class Region(NamedTuple):
    """Who has a choice, the arcs of their options, the choices, and what is lost now."""

    who: Integers
    arcs: Integers
    choices: Choices
    lost: float


@compiled
def _book(land: Land, state: State, request: int, sign: int) -> None:
    """Whoever takes an arc (`sign` 1) or leaves it (-1) changes room, losses and figures."""
    arc, wish = state.taken[request], land.wish[request]
    best = land.value[wish] if wish >= 0 else 0.0
    if arc < 0:
        if wish >= 0:
            state.lost[land.slot[wish]] -= sign * best
        return
    slot, size = land.slot[arc], land.size[request]
    state.room[slot] -= sign * size
    state.lost[slot] += sign * (land.value[arc] - best - land.price[slot] * size)
    state.figures[0] += sign
    state.figures[1] += sign * land.cost[arc]


@compiled
def settle(land: Land, state: State) -> None:
    """Once, from `taken` alone; `room` is all there is of each slot."""
    for slot in range(len(state.room)):
        state.lost[slot] = land.price[slot] * state.room[slot]
    for request in range(len(state.taken)):
        _book(land, state, request, 1)


@compiled
def _draw(land: Land, state: State, wanted: int) -> Integers:
    """Slots where something is lost, as likely as it is much; each is linked by somebody to one before it."""
    share = np.cumsum(np.maximum(state.lost, 0.0) + _ELSEWHERE * max(state.lost.mean(), 0.0))
    at = share[-1] * drawn(state.chance, _FINE) / _FINE
    chosen, number = np.full(wanted, min(np.searchsorted(share, at), len(share) - 1)), 1
    state.place[chosen[0]] = 0
    for _ in range(2 * wanted):
        best, most = -1, -1.0
        for _ in range(_TRIES):
            here = chosen[drawn(state.chance, number)]
            arcs = land.start[here + 1] - land.start[here]
            if arcs == 0 or number == wanted:
                continue
            who = land.owner[land.arcs[land.start[here] + drawn(state.chance, arcs)]]
            other = land.slot[land.first[who] + drawn(state.chance, land.first[who + 1] - land.first[who])]
            if state.place[other] < 0 and state.lost[other] > most:
                best, most = other, state.lost[other]
        if best >= 0:
            state.place[best] = number
            chosen[number] = best
            number += 1
    return chosen[:number]


@compiled
def _around(land: Land, state: State, slots: Integers) -> Integers:
    """Who sits in these slots, and who waits and could sit there; the largest first."""
    found, number = np.empty(0, dtype=np.int64), 0
    for slot in slots:
        found = np.append(found[:number], np.empty(land.start[slot + 1] - land.start[slot], dtype=np.int64))
        for at in range(land.start[slot], land.start[slot + 1]):
            arc = land.arcs[at]
            who, now = land.owner[arc], state.taken[land.owner[arc]]
            away = now >= 0 and state.place[land.slot[now]] < 0
            if not (state.seen[who] or away or np.isinf(land.value[arc])):
                state.seen[who] = True
                found[number] = who
                number += 1
    found = found[:number]
    state.seen[found] = False
    return found[np.argsort(-land.size[found], kind="mergesort")]


@compiled
def _waiting_rows(land: Land, state: State, who: Integers, slots: int) -> tuple[Integers, Integers]:
    """A row for each tier of which somebody waits here, after those of the slots, and how many wait: no more may."""
    waits = np.zeros(land.tier.max() + 1, dtype=np.int64)
    for one in who:
        if state.taken[one] < 0:
            waits[land.tier[one]] += 1
    row, rows = np.full(len(waits), -1), slots
    for tier in range(len(waits)):
        if waits[tier] > 0:
            row[tier], rows = rows, rows + 1
    return row, waits[waits > 0]


@compiled
def _region(land: Land, state: State, slots: Integers, reach: float, noise: float) -> Region:
    """Options with a regret below `reach`, and what everybody has now."""
    who = _around(land, state, slots)
    of_tier, waits = _waiting_rows(land, state, who, len(slots))
    room = np.append(state.room[slots], waits)
    price = np.append(land.price[slots], np.zeros(len(waits)))
    most = int((land.first[who + 1] - land.first[who] + 1).sum())
    row, arcs = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    amount, regret = np.empty(most, dtype=np.int64), np.empty(most)
    first, number, free = np.zeros(len(who) + 1, dtype=np.int64), 0, 0
    lost = float((price * room).sum())
    for one in who:
        waiting, now, begin, end = of_tier[land.tier[one]], state.taken[one], first[number], first[number]
        best = 0.0 if waiting >= 0 else np.inf
        for arc in range(land.first[one], land.first[one + 1]):
            if state.place[land.slot[arc]] >= 0:
                best = min(best, land.value[arc])
        for arc in range(land.first[one] - 1, land.first[one + 1]):
            alone = arc < land.first[one]
            place = waiting if alone else state.place[land.slot[arc]]
            value, mine = 0.0 if alone else land.value[arc], now < 0 if alone else arc == now
            if place < 0 or not (mine or value - best < reach):
                continue
            row[end], arcs[end], amount[end] = place, -1 if alone else arc, 1 if alone else land.size[one]
            regret[end] = value - best + noise * drawn(state.chance, _FINE) / _FINE
            if mine:
                free = end
            end += 1
        # whoever has no choice keeps what is taken from the room already
        if end > begin + 1:
            room[row[free]] += amount[free] if now >= 0 else 0
            lost += regret[free]
            who[number], number = one, number + 1
            first[number] = end
        elif now < 0:
            room[row[free]] -= 1
    used = np.zeros(len(room), dtype=np.int64)
    return Region(who[:number], arcs, Choices(first[: number + 1], row, amount, regret, used, room, price), lost)


@compiled
def place_anew(land: Land, state: State, best: Integers, noise: float, unit: float, width: int, steps: int) -> None:
    """So many regions; the `best` answer so far is kept in place. `unit`: the regrets that are worth a look."""
    served, cost = (best >= 0).sum(), land.cost[best[best >= 0]].sum()
    for step in range(steps):
        turn = step % len(REACHES)
        slots = _draw(land, state, round(state.slots[turn]))
        region = _region(land, state, slots, REACHES[turn] * unit, noise)
        state.place[slots] = -1
        options, whole = filled(region.choices, region.lost, width)
        larger = state.slots[turn] + _GROWTH if whole else state.slots[turn] - _SHRINKING
        state.slots[turn] = min(max(larger, _FEWEST), _MOST)
        if len(options) == 0:
            continue
        for at in range(len(region.who)):
            _book(land, state, region.who[at], -1)
            state.taken[region.who[at]] = region.arcs[options[at]]
            _book(land, state, region.who[at], 1)
        if state.figures[0] > served or (state.figures[0] == served and state.figures[1] < cost):
            served, cost = state.figures[0], state.figures[1]
            best[:] = state.taken
