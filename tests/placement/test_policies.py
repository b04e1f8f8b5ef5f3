"""Both policies over a whole province agree with the matcher's own door, request by request, and lies are found out."""

from dataclasses import replace

import numpy as np
import pytest

from contracts.kernel.work import SYSTEM
from market.placement import queries
from market.placement.answer import Answer, Solved, solve_welfare, verified
from market.placement.draw import checked, in_line, serve_in_line
from market.placement.round import run_round
from market.placement.rules import Policy, RoundNotProven
from matching import Integers, Result
from matching import Policy as MatcherPolicy
from matching.solve import solve
from matching.verify import verify
from tests.placement.province import Province, province

__all__ = ["province"]


def welfare(province: Province) -> tuple[Solved, Answer]:
    solved = solve_welfare(province.census, province.arcs, seed=1, workers=1, time_limit=60)
    return solved, verified(province.arcs, solved)


def seats(province: Province, taken: Integers) -> dict[str, str]:
    ids, supply = province.instance().request_ids, province.census.supply.id
    slot = province.arcs.classes.arc_slot
    return {ids[at]: supply[int(slot[arc])] for at, arc in enumerate(taken.tolist()) if arc >= 0}


def by_request(province: Province, policy: MatcherPolicy) -> Result:
    instance = province.instance()
    result = solve(instance, policy, seed=9)
    assert verify(instance, result) is None
    return result


def test_the_round_is_as_good_as_the_matcher_request_by_request(province: Province) -> None:
    _, answer = welfare(province)
    result = by_request(province, MatcherPolicy.WELFARE)
    assert (answer.served_by_tier, answer.cost) == (result.served_by_tier, result.cost)
    assert (answer.status, answer.gap) == ("optimal", 0.0)
    assert 0 < sum(answer.served_by_tier) < len(province.census.crowd.member)


def test_the_stable_policy_gives_everyone_the_very_place_the_matcher_gives(province: Province) -> None:
    line = in_line(province.census, seed=9)
    answer = checked(province.arcs, line, serve_in_line(province.arcs, line))
    assert seats(province, answer.taken) == dict(by_request(province, MatcherPolicy.STABLE).assignments)
    assert sum(answer.served_by_tier) <= sum(welfare(province)[1].served_by_tier)


def test_another_seed_draws_another_line_among_equals_only(province: Province) -> None:
    crowd = province.census.crowd
    tier = np.repeat(crowd.tier, crowd.count)
    first, second = in_line(province.census, seed=1), in_line(province.census, seed=2)
    assert sorted(first.tolist()) == sorted(second.tolist())
    assert (np.diff(tier[first]) >= 0).all()
    assert [crowd.member[at][:26] for at in first] == [crowd.member[at][:26] for at in second]
    assert (in_line(province.census, seed=1) == first).all()


def test_a_place_given_to_somebody_further_back_is_found_out_as_envy(province: Province) -> None:
    arcs, line = province.arcs, in_line(province.census, seed=9)
    taken = serve_in_line(arcs, line)
    served = taken[line] >= 0
    position = int(np.flatnonzero(served)[0])
    robbed = taken.copy()
    robbed[line[position]] = -1  # the first in line goes away empty-handed
    with pytest.raises(RoundNotProven, match="envies"):
        checked(arcs, line, robbed)
    elsewhere = taken.copy()
    elsewhere[line[position]] = int(
        np.flatnonzero(arcs.classes.owners() != arcs.classes.owners()[taken[line[position]]])[0]
    )
    with pytest.raises(RoundNotProven, match="no place"):
        checked(arcs, line, elsewhere)


def test_a_flow_that_was_tampered_with_is_not_verified(province: Province) -> None:
    solved, _ = welfare(province)
    used = int(np.flatnonzero(solved.result.flow)[0])
    for fault in (
        replace(solved.result, flow=_with(solved.result.flow, used, 0)),
        replace(solved.result, prices=_with(solved.result.prices, 0, int(solved.result.prices[0]) + 10)),
        replace(solved.result, cost=solved.result.cost - 1),
        replace(solved.result, served_by_tier=(*solved.result.served_by_tier[:-1], 10**6)),
    ):
        with pytest.raises(RoundNotProven):
            verified(province.arcs, replace(solved, result=fault))


def _with(values: Integers, at: int, value: int) -> Integers:
    changed = values.copy()
    changed[at] = value
    return changed


@pytest.mark.parametrize("policy", list(Policy))
def test_a_round_of_the_province_leaves_every_sentence_true_and_the_same_seed_gives_the_same(
    province: Province, policy: Policy
) -> None:
    report = run_round(province.database, policy=policy, seed=9, workers=1)
    assert (report.ok, report.certificate) == (True, "verified")
    assert report.status == {Policy.WELFARE: "optimal", Policy.STABLE: "stable"}[policy]
    assert sum(report.reasons.values()) == report.requests == len(province.census.crowd.member)
    broken = province.database.read(
        SYSTEM, lambda work: [i.name for i in queries.invariants() if work.rows(i.broken.limit(1))]
    )
    assert broken == []
    if policy is Policy.WELFARE:
        assert report.cost == welfare(province)[1].cost
    again = run_round(province.database, policy=policy, seed=9, workers=1)
    assert (again.ok, again.requests, again.served) == (True, report.requests - report.served, 0)
