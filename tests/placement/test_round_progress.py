"""Anybody can see where a round is, what it came to, and why it failed; publishing it is a verb of its own."""

from functools import partial
from uuid import UUID

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.errors import NotAllowed
from contracts.kernel.work import Actor, Grant, Role
from market.catalogue.rules import CareSetting, Category, ServiceKind
from market.placement import queries
from market.placement.progress import Phase, Progress, Stand, progress_of
from market.placement.publishing import RoundNotComplete, RoundPublishedAlready, publish_round
from market.placement.round import RoundReport, run_requested
from market.placement.rules import Policy, Reason, Round, RoundNotFound
from market.placement.summary import HISTOGRAM_M, Figures, Served, figures_of
from tests.placement.test_round import KM, go, meddling, round_of, waiting
from tests.placement.test_round_lease import ask_for_round, killed, lapse
from tests.placement.town import BUDGET, Town

ELSEWHERE = Actor(UUID(int=703), "budget in Abai", (Grant(Role.BUDGET_OFFICER, territory="10"),))


def progress(town: Town, one: Round) -> Progress:
    return town.see(lambda work: progress_of(work, one))


def stands(found: Progress) -> list[Stand]:
    return [step.stand for step in found.steps]


def figures(town: Town, report: RoundReport) -> Figures:
    found = figures_of(round_of(town, report))
    assert found is not None
    return found


def test_a_round_that_was_asked_for_waits_for_a_worker(town: Town) -> None:
    asked = ask_for_round(town)
    found = progress(town, town.see(lambda work: queries.round_(work, asked)))
    assert (set(stands(found)), found.now, found.alive_at, found.silent) == ({Stand.AHEAD}, None, None, False)


def test_while_it_runs_anybody_sees_the_phase_and_what_was_counted_so_far(town: Town) -> None:
    town.house()
    waiting(town, 2)
    seen: list[Progress] = []

    def look() -> None:
        (own,) = town.see(queries.unfinished_rounds)
        seen.append(progress(town, own))

    meddling(town, "solve", look)
    (found,) = seen
    assert stands(found) == [Stand.DONE, Stand.DONE, Stand.NOW, Stand.AHEAD, Stand.AHEAD, Stand.AHEAD]
    assert (found.now, found.silent, found.alive_at is None) == (Phase.SOLVE, False, False)
    assert (found.sizes["requests"], found.sizes["offers"], found.sizes["free"]) == (2, 1, 1)
    assert all(step.seconds is not None for step in found.steps[:2])


def test_a_complete_round_has_done_every_phase_and_says_how_long_each_took(town: Town) -> None:
    town.house()
    waiting(town)
    found = progress(town, round_of(town, go(town)))
    assert stands(found) == [Stand.DONE] * len(Phase)
    assert all(step.seconds is not None for step in found.steps)


def test_a_worker_that_died_shows_as_silent_when_its_lease_has_run_out(town: Town) -> None:
    waiting(town)
    died = killed(town, "solve")
    assert progress(town, died).silent is False
    lapse(town)
    assert progress(town, died).silent is True


def test_a_round_that_failed_shows_where_and_why(town: Town) -> None:
    house = town.house()
    waiting(town)
    guest = town.person()
    report = meddling(town, "write", partial(town.book, guest, house))
    failed = round_of(town, report)
    found = progress(town, failed)
    assert [step.phase for step in found.steps if step.stand is Stand.BROKEN] == [Phase.WRITE]
    assert (failed.facts or {})["problem"] == report.problems[0]["detail"]
    assert (failed.facts or {})["code"] == "round-overtaken"
    assert figures_of(failed) is None


def test_the_figures_of_a_round_are_those_of_its_outcomes(town: Town) -> None:
    near, far = town.house("Near", away_m=KM), town.house("Far", away_m=15 * KM)
    first, second, third = (town.person(tier=tier) for tier in (0, 1, 2))
    child = town.person(tier=3, category=Category.CHILD_LOCOMOTOR)
    town.wish(first, near)
    town.wish(second, near, far)
    for person in (third, child):
        town.ask(person)
    found = figures(town, go(town))
    assert found.by_tier == (Served(1, 1), Served(1, 1), Served(1, 0), Served(1, 0))
    assert (found.wished, found.by_rank) == (Served(2, 2), (0, 1, 1))
    assert found.by_service == {(ServiceKind.DOMESTIC, CareSetting.HOME): Served(4, 2)}
    assert list(found.by_locality.values()) == [Served(4, 2)]
    assert sum(found.histogram) == 2
    assert len(found.histogram) == len(HISTOGRAM_M) + 1
    assert found.quantiles[10] < 5 * KM < found.quantiles[100]
    assert (found.reasons[Reason.FIRST_WISH], found.reasons[Reason.CAPACITY]) == (1, 1)
    assert (found.reasons[Reason.NO_ELIGIBLE_OFFER], found.most_of_one) == (1, 1)


@pytest.mark.parametrize("policy", list(Policy))
def test_a_round_without_anybody_has_figures_all_the_same(town: Town, policy: Policy) -> None:
    found = figures(town, go(town, policy=policy))
    assert (found.by_tier, found.quantiles, found.mean_m, sum(found.histogram)) == ((), {}, None, 0)


def test_a_complete_round_is_published_once_by_an_officer_of_its_territory_and_that_is_recorded(town: Town) -> None:
    report = go(town)
    with pytest.raises(NotAllowed):
        town.do(ELSEWHERE, lambda work: publish_round(work, report.round_id))
    assert round_of(town, report).published_at is None
    town.do(BUDGET, lambda work: publish_round(work, report.round_id))
    assert round_of(town, report).published_at is not None
    (last,) = town.see(lambda work: events_of(work, "round", report.round_id))[-1:]
    assert (last.verb, last.actor_id) == ("published", BUDGET.id)
    with pytest.raises(RoundPublishedAlready):
        town.do(BUDGET, lambda work: publish_round(work, report.round_id))


def test_what_is_not_complete_is_not_published(town: Town) -> None:
    asked = ask_for_round(town)
    with pytest.raises(RoundNotComplete):
        town.do(BUDGET, lambda work: publish_round(work, asked))
    with pytest.raises(RoundNotFound):
        town.do(BUDGET, lambda work: publish_round(work, UUID(int=9)))
    assert run_requested(town.database, workers=1) is not None
    town.do(BUDGET, lambda work: publish_round(work, asked))
