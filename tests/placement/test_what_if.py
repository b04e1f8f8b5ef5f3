"""What if: every answer is that of a round run over the changed town, and nothing is changed by asking."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from market.command.what_if import answered
from market.placement import census as counting
from market.placement.answer import solve_welfare
from market.placement.arcs import build
from market.placement.census import Census
from market.placement.draw import in_line, serve_in_line
from market.placement.round import RoundReport, run_round
from market.placement.rules import Policy
from market.placement.supposing import (
    MOST_ADVISED,
    Kind,
    NothingToSuppose,
    Question,
    QuestionUnanswerable,
    QuestionUnclear,
    Supposed,
)
from tests.placement.province import Province, province
from tests.placement.test_round import go
from tests.placement.town import Town

__all__ = ["province"]
KM = 1_000
SEED = 5


def run(database: Database, policy: Policy) -> RoundReport:
    done = run_round(database, policy=policy, seed=SEED, workers=1)
    assert done.ok
    return done


def once_more(census: Census, policy: Policy, **supply: Any) -> list[int]:
    """How many of each tier a round serves over this census with another supply."""
    changed = replace(census, supply=replace(census.supply, **supply))
    arcs, crowd = build(changed), changed.crowd
    if policy is Policy.STABLE:
        taken = serve_in_line(arcs, in_line(changed, SEED))
    else:
        taken = solve_welfare(arcs, crowd.turn, crowd.sizes(), seed=SEED, time_limit=60).taken
    tier = np.repeat(crowd.tier, crowd.count)
    return list(np.bincount(tier[taken >= 0], minlength=int(tier.max()) + 1).tolist())


def change(told: Supposed) -> list[int]:
    return [now - was for was, now in zip(told.before.served_by_tier, told.after.served_by_tier, strict=True)]


@pytest.mark.parametrize("policy", Policy)
def test_every_answer_is_that_of_a_round_over_the_changed_province(province: Province, policy: Policy) -> None:
    census, done = province.census, run(province.database, policy)
    was, supply = once_more(census, policy), census.supply
    assert was == list(done.served_by_tier)
    busy = np.argsort(-(supply.capacity - supply.taken))[:2]
    slot, other = int(busy[0]), int(busy[1])
    offer, to = UUID(hex=supply.id[slot]), UUID(hex=supply.id[other])

    def more(**changes: int) -> Any:
        capacity = supply.capacity.copy()
        for at, by in changes.items():
            capacity[int(at[1:])] += by
        return capacity

    free = int(supply.capacity[slot] - supply.taken[slot])
    dear, cheap = supply.price.copy(), supply.price.copy()
    dear[slot], cheap[slot] = 10**9, 0
    for question, changed in (
        (Question(Kind.ADD, offer, count=4), {"capacity": more(**{f"s{slot}": 4})}),
        (Question(Kind.CLOSE, offer), {"capacity": more(**{f"s{slot}": -free})}),
        (Question(Kind.MOVE, offer, to, count=2), {"capacity": more(**{f"s{slot}": -2, f"s{other}": 2})}),
        (Question(Kind.PRICE, offer, price_minor=10**9), {"price": dear}),
        (Question(Kind.PRICE, offer, price_minor=0), {"price": cheap}),
    ):
        told = answered(province.database, done.number, question)
        now = once_more(census, policy, **changed)
        assert change(told) == [b - a for a, b in zip(was, now, strict=True)], question
        assert told.after.served - told.before.served == told.gained - told.lost


def test_the_other_policy_is_answered_for_everybody(province: Province) -> None:
    done = run(province.database, Policy.WELFARE)
    told = answered(province.database, done.number, Question(Kind.POLICY))
    assert told.policy is Policy.STABLE
    assert (told.asked, list(told.before.served_by_tier)) == (done.requests, list(done.served_by_tier))
    assert list(told.after.served_by_tier) == once_more(province.census, Policy.STABLE)


def test_the_places_that_are_advised_do_as_much_as_any_places_could(province: Province) -> None:
    census, done = province.census, run(province.database, Policy.WELFARE)
    told = answered(province.database, done.number, Question(Kind.BEST, count=4))
    capacity = census.supply.capacity.copy()
    for step, (offer, served) in enumerate(told.advice, start=1):
        capacity[census.supply.id.index(offer.hex)] += 1
        assert once_more(census, Policy.WELFARE, capacity=capacity) == list(served), step
    assert tuple(told.after.served_by_tier) == told.advice[-1][1]
    first = told.advice[0][1]
    for slot in range(0, len(census.supply.id), 5):
        one = census.supply.capacity.copy()
        one[slot] += 1
        assert once_more(census, Policy.WELFARE, capacity=one) <= list(first)


def test_a_lower_price_brings_in_people_whose_vouchers_could_not_pay(town: Town) -> None:
    cheap, dear = town.house("Cheap", away_m=KM), town.house("Dear", away_m=2 * KM, price=1_400_00)
    for _ in range(2):
        town.ask(town.person(ceiling=1_000_00))
    done = go(town)
    told = answered(town.database, done.number, Question(Kind.PRICE, dear.offer_id, price_minor=1_000_00))
    assert (told.before.served, told.after.served, told.gained, told.lost) == (1, 2, 1, 0)
    same = answered(town.database, done.number, Question(Kind.PRICE, dear.offer_id, price_minor=1_000_01))
    assert same.after.served == 1
    away = answered(town.database, done.number, Question(Kind.PRICE, cheap.offer_id, price_minor=1_000_01))
    assert (away.after.served, away.lost) == (0, 1)
    assert town.taken(dear) == 0, "asking places nobody"


def test_what_cannot_be_asked_or_answered_is_refused(town: Town) -> None:
    house = town.house()
    done = go(town)
    later = town.house("Later")
    with pytest.raises(QuestionUnanswerable, match="not open"):
        answered(town.database, done.number, Question(Kind.ADD, later.offer_id, count=1))
    for wrong in (
        {"kind": Kind.ADD, "count": 1},
        {"kind": Kind.ADD, "offer_id": house.offer_id},
        {"kind": Kind.MOVE, "offer_id": house.offer_id, "to_id": house.offer_id, "count": 1},
        {"kind": Kind.BEST, "count": MOST_ADVISED + 1},
        {"kind": Kind.PRICE, "offer_id": house.offer_id, "price_minor": -1},
    ):
        with pytest.raises(QuestionUnclear):
            Question(**wrong)  # type: ignore[arg-type]  # the names are the question's own
    question = Question(Kind.MOVE, house.offer_id, later.offer_id, count=3)
    assert Question.of_json(json.loads(json.dumps(question.to_json()))) == question


def test_a_round_without_a_result_is_not_asked(town: Town) -> None:
    from_the_future = town.database.read(SYSTEM, lambda work: counting.take(work, territory=""))
    assert not len(from_the_future.crowd.member)
    done = run_round(town.database, time_limit=60, workers=1)
    assert done.ok
    with town.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE matching_round SET status = 'failed'")
    with pytest.raises(NothingToSuppose):
        answered(town.database, done.number, Question(Kind.POLICY))
