"""What a round answered, and whether it holds: counted again by code that knows no solver.

A round answers two questions, each with its own proof by prices: who is served (as many of every tier as can be, then
the least sum of distances, among kin the longest wait), and where exactly those sit (the least sum of missed wishes,
continuity and distance). Services of unequal sizes are answered by themselves, request by request.
"""

from dataclasses import dataclass, replace

import numpy as np

from market.placement.arcs import Arcs, Flags, rows
from market.placement.mixed import Mixed, fault_of, prices_of
from market.placement.rules import RoundNotProven
from matching.arrays import Integers
from matching.classes import Classes
from matching.outcome import ClassResult, verify_outcome
from matching.proof import Violation, least_values
from matching.result import Status

VERIFIED = "verified"
FEASIBLE = "feasible"
OUT_OF_TIME = "the time limit came before the proof"


@dataclass(frozen=True, eq=False)
class Solved:
    """What the solver said, not yet verified. ``who`` speaks of the kin of services with one size, ``where`` of their
    classes with those counted whom ``who`` serves; None: nobody's wishes differ, the flow of ``who`` seats them.

    ``taken``: the arc of every request in the census's order, -1 for none.
    """

    who: ClassResult
    where: ClassResult | None
    mixed: list[Mixed]
    taken: Integers


@dataclass(frozen=True, eq=False)
class Answer:
    """``taken`` as above. ``prices``: what one more place of each offer is worth, in cost units of who is served;
    ``seat_prices``: in those of who sits where. ``penalty_by_tier``: what leaving somebody waiting costs beside
    ``prices`` (empty: no prices prove who is served). ``bound``: a proven lower bound of the cost for these served
    counts (None: the policy minimises nothing)."""

    taken: Integers
    prices: Integers
    seat_prices: Integers
    penalty_by_tier: tuple[int, ...]
    served_by_tier: tuple[int, ...]
    cost: int
    bound: int | None
    status: str

    @property
    def gap(self) -> float | None:
        return None if self.bound is None else (self.cost - self.bound) / max(1, self.cost)


def flat_kin(arcs: Arcs) -> Classes:
    """Who is served, as a question: everybody but those of mixed services."""
    count = np.zeros_like(arcs.kin.count)
    np.add.at(count, arcs.groups.kin, np.where(arcs.odd, 0, arcs.groups.count))
    return replace(arcs.kin, count=count)


def flat_seats(arcs: Arcs, chosen: Flags) -> Classes:
    """Where the chosen sit, as a question: all alike urgent, because every one of them has a place."""
    count = np.bincount(rows(arcs)[chosen], minlength=len(arcs.groups.count))
    return replace(arcs.classes, count=count, tier=np.zeros_like(count))


def chosen_of(arcs: Arcs, turn: Integers, who: ClassResult) -> Flags:
    """Whom ``who`` serves: of every kin those who wait longest. ``turn``: each request's place in the line."""
    kin = arcs.groups.kin[rows(arcs)]
    served = arcs.kin.served(who.flow)
    order = in_turn(kin, turn)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(arcs.kin.count)])
    nth = np.empty(len(kin), dtype=np.int64)
    nth[order] = np.arange(len(kin)) - starts[kin[order]]
    chosen: Flags = nth < served[kin]
    return chosen


def in_turn(group: Integers, turn: Integers) -> Integers:
    """The order of people group by group, in each by their place in the line, which everybody has their own of."""
    return np.argsort(group * (int(turn.max(initial=0)) + 1) + turn)


def seated(arcs: Arcs, turn: Integers, chosen: Flags, solved_where: ClassResult | None, who: ClassResult) -> Integers:
    """The arc of each request, -1 for none: among those who are equal, the longer wait takes the cheaper place."""
    row, taken = rows(arcs), np.full(len(turn), -1, dtype=np.int64)
    members = np.flatnonzero(chosen)
    if solved_where is not None:
        members = members[in_turn(row[members], turn[members])]
        taken[members] = np.repeat(np.arange(len(solved_where.flow)), solved_where.flow)
        return taken
    kin = arcs.groups.kin[row]
    members = members[in_turn(kin[members], turn[members])]
    arc = np.repeat(np.arange(len(who.flow)), who.flow)
    place = arc - arcs.kin.first_arc[kin[members]]
    first = arcs.classes.first_arc
    at_place = np.empty(len(arcs.place_of), dtype=np.int64)
    at_place[first[arcs.classes.owners()] + arcs.place_of] = np.arange(len(arcs.place_of))
    taken[members] = at_place[first[row[members]] + place]
    return taken


def check(arcs: Arcs, turn: Integers, solved: Solved) -> Answer:
    """The answer, if it holds. Raises RoundNotProven with the first thing that does not."""
    fault = _who_fault(arcs, turn, solved) or _where_fault(arcs, solved)
    for part in solved.mixed:
        fault = fault or fault_of(part, solved.taken)
    if fault is not None:
        raise RoundNotProven(f"{fault.code}: {fault.detail}", rule=fault.code)
    return _answer(arcs, solved)


def _who_fault(arcs: Arcs, turn: Integers, solved: Solved) -> Violation | None:
    kin, who = flat_kin(arcs), solved.who
    if who.proven and (fault := verify_outcome(kin, who)):
        return fault
    if not who.proven and (fault := _room_fault(kin, who.flow)):
        return fault
    flat = ~arcs.odd[rows(arcs)]
    if ((solved.taken >= 0) & flat != chosen_of(arcs, turn, who)).any():
        return Violation("longest-wait", "somebody was passed over by one of their kin who waits less long")
    return None


def _where_fault(arcs: Arcs, solved: Solved) -> Violation | None:
    row, placed = rows(arcs), np.flatnonzero(solved.taken >= 0)
    seats = solved.taken[placed]
    if (arcs.classes.owners()[seats] != row[placed]).any():
        return Violation("not-a-candidate", "somebody sits where they may not")
    flat = placed[~arcs.odd[row[placed]]]
    flow = np.bincount(solved.taken[flat], minlength=len(arcs.classes.arc_slot)).astype(np.int64)
    chosen = np.zeros(len(row), dtype=np.bool_)
    chosen[flat] = True
    seating = flat_seats(arcs, chosen)
    if fault := _room_fault(seating, flow):
        return fault
    if solved.where is None:
        same = np.array_equal(seating.taken(flow), arcs.kin.taken(solved.who.flow))
        return None if same else Violation("seats", "people sit elsewhere than the answer says")
    if not np.array_equal(flow, solved.where.flow):
        return Violation("seats", "people sit elsewhere than the answer says")
    return verify_outcome(seating, solved.where) if solved.where.proven else None


def _room_fault(classes: Classes, flow: Integers) -> Violation | None:
    """Whether so many may sit there; of an answer that nothing proves best."""
    taken, served = classes.taken(flow), classes.served(flow)
    if (flow < 0).any() or (served > classes.count).any():
        return Violation("class-count", "more are placed than there are")
    if (taken > classes.capacity).any() or (classes.limits.loads(taken) > classes.limits.limit).any():
        return Violation("capacity", "somebody sits where there is no place for them")
    return None


def _answer(arcs: Arcs, solved: Solved) -> Answer:
    who, placed = solved.who, solved.taken >= 0
    prices, seat_prices = who.prices.copy(), (solved.where or who).prices.copy()
    for part in solved.mixed:
        for slot, price in prices_of(part):
            prices[slot] = seat_prices[slot] = price
    own = rows(arcs)[placed]
    cost = sum(arcs.classes.arc_cost[solved.taken[placed]].tolist())
    proven = who.proven and (arcs.alike if solved.where is None else solved.where.proven)
    optimal = proven and all(part.result.status is Status.OPTIMAL for part in solved.mixed)
    return Answer(
        taken=solved.taken,
        prices=prices,
        seat_prices=seat_prices,
        penalty_by_tier=who.penalty_by_tier if who.proven else (),
        served_by_tier=arcs.classes.by_tier(np.bincount(own, minlength=len(arcs.groups.count))),
        cost=cost,
        bound=cost if optimal else _bound(arcs, solved, proven=proven),
        status="optimal" if optimal else FEASIBLE,
    )


def _bound(arcs: Arcs, solved: Solved, *, proven: bool) -> int:
    """What any answer that serves so many of every tier costs at least: each of them no less than their cheapest."""
    row, flat = rows(arcs), ~arcs.odd[rows(arcs)]
    placed = (solved.taken >= 0) & flat
    bound: int = sum(part.result.bound or 0 for part in solved.mixed)
    if proven:
        return bound + int(sum(arcs.classes.arc_cost[solved.taken[placed]].tolist()))
    never = np.full(len(arcs.groups.count), np.iinfo(np.int64).max)
    least = least_values(arcs.classes.first_arc, arcs.classes.arc_cost, never)[row]
    for tier in range(arcs.classes.tiers):
        own = flat & (arcs.classes.tier[row] == tier)
        bound += sum(np.sort(least[own])[: int((placed & own).sum())].tolist())
    return bound
