"""Both policies over a whole province agree with the matcher's own door, request by request, and lies are found out."""

from dataclasses import replace

import numpy as np
import pytest

from contracts.kernel.work import SYSTEM
from market.placement import queries
from market.placement.answer import solve_welfare
from market.placement.arcs import Arcs, build, rows
from market.placement.draw import checked, in_line, serve_in_line
from market.placement.proof import check
from market.placement.round import run_round
from market.placement.rules import MAX_WISHES, Policy, RoundNotProven
from market.placement.terms import RANK_STEP
from matching import Integers, Result
from matching import Policy as MatcherPolicy
from matching.solve import solve
from matching.terms import with_arcs, with_requests
from matching.verify import verify
from tests.placement.province import Province, province

__all__ = ["province"]


def seats(province: Province, taken: Integers) -> dict[str, str]:
    ids, supply = province.instance().request_ids, province.census.supply.id
    slot = province.arcs.classes.arc_slot
    return {ids[at]: supply[int(slot[arc])] for at, arc in enumerate(taken.tolist()) if arc >= 0}


def by_request(province: Province, policy: MatcherPolicy) -> Result:
    instance = province.instance()
    result = solve(instance, policy, seed=9)
    assert verify(instance, result) is None
    return result


def test_as_many_of_every_tier_are_served_as_the_matcher_serves_request_by_request(province: Province) -> None:
    answer = province.answer(province.solved())
    assert answer.served_by_tier == by_request(province, MatcherPolicy.WELFARE).served_by_tier
    assert (answer.status, answer.gap) == ("optimal", 0.0)
    assert 0 < sum(answer.served_by_tier) < len(province.census.crowd.member)


def without_wishes(province: Province) -> Arcs:
    crowd = province.census.crowd
    return build(replace(province.census, crowd=replace(crowd, wishes=[()] * len(crowd.count))))


def test_the_served_go_the_least_way_in_all_and_sit_as_well_as_the_matcher_seats_them(province: Province) -> None:
    """Both questions asked again at the matcher's own door, request by request."""
    solved = province.solved()
    instance, bare = province.instance(), without_wishes(province)
    ways = solve(province.instance(bare))
    assert (ways.served_by_tier, ways.cost) == (
        solved.who.served_by_tier,
        solved.who.cost + ways.served * RANK_STEP * MAX_WISHES,  # nobody has named what they got
    )
    served = np.flatnonzero(solved.taken >= 0)
    rest = with_requests(with_arcs(instance, np.flatnonzero(np.isin(instance.owners, served))), served)
    seats = solve(replace(rest, serve_all=True))
    assert seats.cost == province.answer(solved).cost
    assert solved.where is not None


def test_what_anybody_names_changes_nothing_of_who_is_served(province: Province) -> None:
    """Not one wish, all wishes turned round, or somebody else's: the very same people have a place."""
    served = province.solved().taken >= 0
    crowd = province.census.crowd
    for wishes in ([()] * len(crowd.count), [one[::-1] for one in crowd.wishes], crowd.wishes[::-1]):
        arcs = build(replace(province.census, crowd=replace(crowd, wishes=wishes)))
        other = solve_welfare(arcs, crowd.turn, crowd.sizes(), seed=1, time_limit=60)
        assert check(arcs, crowd.turn, other).status == "optimal"
        assert np.array_equal(other.taken >= 0, served)


def test_the_stable_policy_gives_everyone_the_very_place_the_matcher_gives(province: Province) -> None:
    line = in_line(province.census, seed=9)
    answer = checked(province.arcs, line, serve_in_line(province.arcs, line))
    assert seats(province, answer.taken) == dict(by_request(province, MatcherPolicy.STABLE).assignments)
    assert sum(answer.served_by_tier) <= sum(province.answer(province.solved()).served_by_tier)


def test_another_seed_draws_another_line_among_equals_only(province: Province) -> None:
    crowd = province.census.crowd
    tier = np.repeat(crowd.tier, crowd.count)
    first, second = in_line(province.census, seed=1), in_line(province.census, seed=2)
    assert sorted(first.tolist()) == sorted(second.tolist())
    assert (np.diff(tier[first]) >= 0).all()
    assert (crowd.member.since[first] == crowd.member.since[second]).all()
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


def test_an_answer_that_was_tampered_with_is_not_verified(province: Province) -> None:
    solved = province.solved()
    assert solved.where is not None
    for name in ("who", "where"):
        part = getattr(solved, name)
        used = int(np.flatnonzero(part.flow)[0])
        for fault in (
            replace(part, flow=_with(part.flow, used, int(part.flow[used]) - 1)),
            replace(part, prices=_with(part.prices, 0, int(part.prices[0]) + 10)),
            replace(part, cost=part.cost - 1),
            replace(part, served_by_tier=(*part.served_by_tier[:-1], 10**6)),
        ):
            with pytest.raises(RoundNotProven):
                province.answer(replace(solved, **{name: fault}))


def test_whoever_was_passed_over_by_a_shorter_wait_or_sits_elsewhere_than_told_is_found(province: Province) -> None:
    solved, row = province.solved(), rows(province.arcs)
    taken = solved.taken
    waiting = np.flatnonzero((taken < 0) & (np.diff(province.arcs.classes.first_arc)[row] > 0))
    kin = province.arcs.groups.kin[row]
    robbed, robber = next(
        (int(of[0]), int(one)) for one in waiting if len(of := np.flatnonzero((kin == kin[one]) & (taken >= 0)))
    )
    swapped = taken.copy()
    place = int(province.arcs.place_of[taken[robbed]])
    own = np.arange(*province.arcs.classes.first_arc[row[robber] : row[robber] + 2])
    swapped[robbed], swapped[robber] = -1, own[province.arcs.place_of[own] == place][0]
    with pytest.raises(RoundNotProven, match="passed over"):
        province.answer(replace(solved, taken=swapped))
    placed = np.flatnonzero(taken >= 0)
    moved = taken.copy()
    moved[placed[0]] = next(
        arc for arc in np.flatnonzero(province.arcs.classes.owners() == row[placed[0]]) if arc != taken[placed[0]]
    )
    with pytest.raises(RoundNotProven):
        province.answer(replace(solved, taken=moved))


def _with(values: Integers, at: int, value: int) -> Integers:
    changed = values.copy()
    changed[at] = value
    return changed


@pytest.mark.parametrize("policy", list(Policy))
def test_a_round_of_the_province_leaves_every_sentence_true_and_the_same_seed_gives_the_same(
    province: Province, policy: Policy
) -> None:
    cost = province.answer(province.solved()).cost
    report = run_round(province.database, policy=policy, seed=9, workers=1)
    assert (report.ok, report.certificate) == (True, "verified")
    assert report.status == {Policy.WELFARE: "optimal", Policy.STABLE: "stable"}[policy]
    assert sum(report.reasons.values()) == report.requests == len(province.census.crowd.member)
    broken = province.database.read(
        SYSTEM, lambda work: [i.name for i in queries.invariants() if work.rows(i.broken.limit(1))]
    )
    assert broken == []
    if policy is Policy.WELFARE:
        assert report.cost == cost
    again = run_round(province.database, policy=policy, seed=9, workers=1)
    assert (again.ok, again.requests, again.served) == (True, report.requests - report.served, 0)
