"""Answering what if: the part of a stored round that a question touches, changed and solved anew on a copy.

People of different services share no offer, so a question about an offer is answered among those of its service, by
the round's own rules. Where limits lie over several offers, everybody is looked at.
"""

import time
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from market.placement.advice import advised
from market.placement.answer import solve_welfare
from market.placement.arcs import Arcs
from market.placement.draw import serve_in_line
from market.placement.other import OTHER, line_among
from market.placement.part import Part, part_of, services_of, with_more
from market.placement.rules import Policy, Round
from market.placement.stored import StoredInstance, StoredResult
from market.placement.supposing import Kind, Question, QuestionUnanswerable, Stand, Supposed
from market.placement.tariffs import Asking, with_price
from matching import Integers

TIME_LIMIT = 60.0  # seconds for the solver; one service of the nation takes about one


@dataclass(frozen=True, eq=False)
class Case:
    """A complete round with its files. ``asking``: what people and the offer ask for today, where its price is what
    changes."""

    round: Round
    instance: StoredInstance
    result: StoredResult
    asking: Asking | None = None


def suppose(case: Case, question: Question) -> Supposed:
    """Raises QuestionUnanswerable."""
    begun = time.monotonic()
    part = _touched(case, question)
    policy = OTHER[case.round.policy] if question.kind is Kind.POLICY else case.round.policy
    changed, advice = _changed(case, part, question)
    taken = _solved(case.round, policy, replace(part, arcs=changed))
    before = Seats(part.arcs, case.result.taken[part.whole])
    told = _compared(policy, part.tier, before, Seats(changed, taken))
    return replace(told, advice=advice, seconds=round(time.monotonic() - begun, 3))


def _touched(case: Case, question: Question) -> Part:
    arcs = case.instance.arcs
    everybody = set(range(len(arcs.lists.services)))
    if question.kind in {Kind.POLICY, Kind.BEST} or arcs.terms.caps:
        services = everybody
    else:
        services = {one for slot in _slots(case, question) for one in services_of(arcs, slot)}
        if question.kind is Kind.PRICE:
            services = {case.asking.service} if case.asking else set()
    part = part_of(case.instance, services)
    if part.arcs.mixed and question.kind is not Kind.BEST:
        raise QuestionUnanswerable(rule="one-size")
    return part


def _slots(case: Case, question: Question) -> list[int]:
    places = {offer: slot for slot, offer in enumerate(case.instance.offer)}
    named = [one.hex for one in (question.offer_id, question.to_id) if one is not None]
    if any(one not in places for one in named):
        raise QuestionUnanswerable("This offer was not open when the round began", rule="offer-in-the-round")
    return [places[one] for one in named]


def _changed(case: Case, part: Part, question: Question) -> tuple[Arcs, tuple[tuple[UUID, tuple[int, ...]], ...]]:
    arcs, slots = part.arcs, _slots(case, question)
    match question.kind:
        case Kind.ADD:
            return with_more(arcs, {slots[0]: question.count}), ()
        case Kind.CLOSE:
            return with_more(arcs, {slots[0]: -int(arcs.kin.capacity[slots[0]])}), ()
        case Kind.MOVE:
            count = min(question.count, int(arcs.kin.capacity[slots[0]]))
            return with_more(arcs, {slots[0]: -count, slots[1]: count}), ()
        case Kind.PRICE:
            assert case.asking is not None, "whoever asks for a price has looked up what people ask for"
            return with_price(part, slots[0], case.asking, question.price_minor), ()
        case Kind.BEST:
            steps = advised(case.instance, case.result, question.count)
            more = {slot: sum(one.slot == slot for one in steps) for slot in {one.slot for one in steps}}
            offers = [UUID(hex=case.instance.offer[one.slot]) for one in steps]
            told = tuple((offer, one.served_by_tier) for offer, one in zip(offers, steps, strict=True))
            return with_more(arcs, more), told
        case Kind.POLICY:
            return arcs, ()


def _solved(one: Round, policy: Policy, part: Part) -> Integers:
    if policy is Policy.STABLE:
        return serve_in_line(part.arcs, line_among(part, one.seed))
    solved = solve_welfare(part.arcs, part.turn, part.size, seed=one.seed, time_limit=TIME_LIMIT)
    return solved.taken


@dataclass(frozen=True, eq=False)
class Seats:
    """Who sits where: the arc of each request, -1 for none."""

    arcs: Arcs
    taken: Integers

    @property
    def slot(self) -> Integers:
        return np.where(self.taken >= 0, np.append(self.arcs.classes.arc_slot, -1)[self.taken], -1)

    def stand(self, tier: Integers) -> Stand:
        seats = self.taken[self.taken >= 0]
        tiers = int(self.arcs.classes.tiers)
        served = np.bincount(tier[self.taken >= 0], minlength=tiers)
        return Stand(
            tuple(served.tolist()), sum(self.arcs.distance_m[seats].tolist()), int((self.arcs.rank[seats] == 1).sum())
        )


def _compared(policy: Policy, tier: Integers, before: Seats, after: Seats) -> Supposed:
    here, there = before.slot, after.slot
    return Supposed(
        policy=policy,
        asked=len(tier),
        before=before.stand(tier),
        after=after.stand(tier),
        gained=int(((here < 0) & (there >= 0)).sum()),
        lost=int(((here >= 0) & (there < 0)).sum()),
        moved=int(((here >= 0) & (there >= 0) & (here != there)).sum()),
    )
