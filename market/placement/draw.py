"""The stable policy for a whole round: nobody has justified envy, and naming other wishes than one's own gains nothing.

Every offer ranks people alike: tier, then the longer wait, then a published draw, SHA-256 of "<seed>:<request id>" (the
id as it is printed). So serving one after another, each with the best offer still free, is the only stable outcome.
"""

from hashlib import sha256

import numpy as np

from market.placement.arcs import Arcs, Flags
from market.placement.census import Census
from market.placement.proof import Answer
from market.placement.rules import RoundNotProven
from matching import Classes, Integers

_NEVER = np.iinfo(np.int64).max


def draw(seed: int, request_id: str) -> str:
    """``request_id`` as 32 digits; the draw is over the form with dashes."""
    r = request_id
    return sha256(f"{seed}:{r[:8]}-{r[8:12]}-{r[12:16]}-{r[16:20]}-{r[20:]}".encode()).hexdigest()


def in_line(census: Census, seed: int) -> Integers:
    """Positions of the census's requests, who comes first first."""
    crowd = census.crowd
    return line_of(np.repeat(crowd.tier, crowd.count), crowd.member.since, crowd.request_ids(), seed)


def line_of(tier: Integers, since: Integers, ids: list[str], seed: int) -> Integers:
    keys = list(zip(tier.tolist(), since.tolist(), (draw(seed, one) for one in ids), ids, strict=True))
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def serve_in_line(arcs: Arcs, line: Integers) -> Integers:
    """The arc of each request, -1 for none. A class looks on from its last choice: an offer once full stays full."""
    if arcs.mixed:
        raise RoundNotProven("The stable policy places requests of one size only", rule="mixed-sizes")
    classes = arcs.classes
    row = np.repeat(np.arange(len(classes.count)), classes.count).tolist()
    at, until = classes.first_arc[:-1].tolist(), classes.first_arc[1:].tolist()
    # a slot's own places, then those of every cap around it: all of them only ever fill up
    slot, free = classes.arc_slot.tolist(), [*classes.capacity.tolist(), *classes.limits.limit.tolist()]
    holders = [
        [at, *(len(classes.capacity) + cap for cap in classes.limits.chain(at))] for at in range(len(classes.capacity))
    ]
    taken = [-1] * len(row)
    for request in line.tolist():
        own = row[request]
        arc, last = at[own], until[own]
        while arc < last and not all(free[holder] for holder in holders[slot[arc]]):
            arc += 1
        at[own] = arc
        if arc < last:
            for holder in holders[slot[arc]]:
                free[holder] -= 1
            taken[request] = arc
    return np.array(taken, dtype=np.int64)


def checked(arcs: Arcs, line: Integers, taken: Integers) -> Answer:
    """The answer if nobody has justified envy; counted anew from who sits where. Raises RoundNotProven."""
    classes = arcs.classes
    row = np.repeat(np.arange(len(classes.count)), classes.count)
    seats = np.flatnonzero(taken >= 0)
    flow = np.bincount(taken[seats], minlength=len(classes.arc_slot)).astype(np.int64)
    owner = classes.owners()
    held, limits = classes.taken(flow), classes.limits
    loads = limits.loads(held)
    crowded = (held > classes.capacity).any() or (loads > limits.limit).any()
    if crowded or (owner[taken[seats]] != row[seats]).any():
        raise RoundNotProven("Somebody sits where there is no place for them", rule="capacity")
    position = np.empty(len(line), dtype=np.int64)
    position[line] = np.arange(len(line))
    last = np.full(len(classes.capacity), -1, dtype=np.int64)
    np.maximum.at(last, classes.arc_slot[taken[seats]], position[seats])
    last = _last_before_full(classes, last, held < classes.capacity, loads < limits.limit)
    if (_worst_before(arcs, last)[_stop(arcs, row, taken)] > position).any():
        raise RoundNotProven("Somebody envies a person who came after them", rule="justified-envy")
    served = classes.by_tier(classes.served(flow))
    cost = int((classes.arc_cost * flow).sum())
    nothing = np.zeros(len(classes.capacity), dtype=np.int64)
    return Answer(taken, nothing, nothing, (), served, cost, None, "stable")


def _last_before_full(classes: Classes, last: Integers, roomy: Flags, roomy_caps: Flags) -> Integers:
    """Who came last to what is full around each slot, its places or a cap; of several full ones the earliest counts,
    because one is enough to be turned away. Where nothing is full nobody may be turned away."""
    caps = classes.limits
    in_cap = np.full(len(caps.limit), -1, dtype=np.int64)
    for slot in range(len(last)):
        for cap in caps.chain(slot):
            in_cap[cap] = max(in_cap[cap], last[slot])
    found = np.where(roomy, _NEVER, last)
    for slot in range(len(last)):
        full = [int(in_cap[cap]) for cap in caps.chain(slot) if not roomy_caps[cap]]
        found[slot] = min([int(found[slot]), *full])
    return found


def _stop(arcs: Arcs, row: Integers, taken: Integers) -> Integers:
    """Where each request stopped looking: its arc, or one past its last; shifted by its class (see below)."""
    return np.where(taken >= 0, taken, arcs.classes.first_arc[row + 1]) + row


def _worst_before(arcs: Arcs, last: Integers) -> Integers:
    """For each arc of a class, and one past its last: who came last among all who sit in the offers before it.

    A class with n arcs has n + 1 entries, so entry ``first_arc + class + k`` is for its k-th arc.
    """
    classes = arcs.classes
    lengths = np.diff(classes.first_arc)
    entry = classes.first_arc[:-1] + np.arange(len(lengths))
    worst = np.full(len(classes.arc_slot) + len(lengths), -1, dtype=np.int64)
    arc = np.arange(len(classes.arc_slot))
    worst[arc + classes.owners() + 1] = last[classes.arc_slot]
    worst[entry] = -1
    for k in range(1, int(lengths.max(initial=0)) + 1):
        here = entry[lengths >= k] + k
        worst[here] = np.maximum(worst[here], worst[here - 1])
    return worst
