"""Who runs a round holds a lease: others wait while it lives, and go on when it has run out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from threading import Barrier
from time import sleep
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit.queries import events_of
from contracts.kernel.work import SYSTEM
from market.placement import queries
from market.placement.lease import MAX_RUNS, is_alive, lease_of
from market.placement.models import RoundLeaseRow
from market.placement.requesting import RoundUnderWay, request_round
from market.placement.round import RoundReport, run_requested
from market.placement.rules import Policy, Round, RoundStatus
from tests.placement.test_round import go, meddling, round_of, waiting
from tests.placement.town import BUDGET, House, Town


class Killed(BaseException):
    """The machine went away."""


def lapse(town: Town) -> None:
    """The last sign of life of every round so far is longer ago than a lease lasts."""
    with town.database.engine.begin() as connection:
        connection.execute(sa.update(RoundLeaseRow).values(alive_at=datetime(2026, 1, 1, tzinfo=UTC)))


def ask_for_round(town: Town, territory: str = "") -> UUID:
    ask = partial(request_round, territory=territory, policy=Policy.WELFARE, seed=1, time_limit_seconds=60)
    return town.do(BUDGET, ask)


def killed(town: Town, phase: str) -> Round:
    """A round whose machine went away when it had reached the phase."""

    def die() -> None:
        raise Killed

    with pytest.raises(Killed):
        meddling(town, phase, die)
    (died,) = town.see(queries.unfinished_rounds)
    return died


def round_verbs(town: Town, round_id: UUID) -> list[str]:
    return [e.verb for e in town.see(lambda work: events_of(work, "round", round_id))]


def test_two_rounds_at_once_are_refused_while_the_first_is_alive_and_it_is_not_harmed(town: Town) -> None:
    house = town.house()
    waiting(town)
    refused: list[str] = []

    def second() -> None:
        for territory in ("", "75"):
            with pytest.raises(RoundUnderWay) as refusal:
                go(town, territory=territory)
            refused.append(refusal.value.code)
            with pytest.raises(RoundUnderWay):
                ask_for_round(town, territory)
        assert run_requested(town.database) is None

    first = meddling(town, "solve", second)
    assert (first.ok, first.served, town.taken(house)) == (True, 1, 1)
    assert refused == ["round-under-way"] * 2
    assert [one.status for one in town.see(queries.rounds)] == [RoundStatus.COMPLETE]


def test_many_that_begin_a_round_at_the_same_moment_are_one_round(town: Town) -> None:
    together = Barrier(4)

    def begin(_which: int) -> bool:
        together.wait()
        try:
            ask_for_round(town)
        except RoundUnderWay:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(begin, range(4))) == [False, False, False, True]
    assert len(town.see(queries.rounds)) == 1


def test_rounds_of_territories_that_share_no_place_go_on_side_by_side(town: Town) -> None:
    town.house()
    waiting(town)
    inner: list[RoundReport] = []
    asked: list[UUID] = []

    def elsewhere() -> None:
        inner.append(go(town, territory="71"))
        asked.append(ask_for_round(town, "71"))

    outer = meddling(town, "solve", elsewhere, territory="75")
    assert [outer.ok, outer.served, inner[0].ok] == [True, 1, True]
    assert [one.id for one in town.see(queries.unfinished_rounds)] == asked


def test_a_worker_runs_a_round_anew_when_the_lease_of_the_dead_one_has_run_out(town: Town) -> None:
    house = town.house()
    waiting(town)
    died = killed(town, "solve")
    assert run_requested(town.database) is None
    assert town.see(lambda work: queries.round_(work, died.id)) == died
    lapse(town)
    report = run_requested(town.database, workers=1)
    assert report is not None
    assert (report.round_id, report.ok, town.taken(house)) == (died.id, True, 1)
    assert "taken-over" in round_verbs(town, died.id)
    assert round_verbs(town, died.id)[-1] == "completed"
    assert run_requested(town.database) is None
    assert town.broken() == []


def test_a_run_that_was_taken_over_while_it_slept_writes_nothing_and_fails_nothing(town: Town) -> None:
    house = town.house()
    waiting(town)
    inner: list[RoundReport | None] = []

    def oversleep() -> None:
        lapse(town)
        inner.append(run_requested(town.database, workers=1))

    outer = meddling(town, "arcs", oversleep)
    assert inner[0] is not None
    assert (inner[0].ok, inner[0].round_id) == (True, outer.round_id)
    assert (outer.ok, outer.problems[0]["code"]) == (False, "round-overtaken")
    assert (round_of(town, outer).status, town.taken(house)) == (RoundStatus.COMPLETE, 1)
    assert round_verbs(town, outer.round_id)[-1] == "completed"


def test_a_round_that_kills_its_workers_is_given_up(town: Town) -> None:
    waiting(town)
    died = killed(town, "arcs")

    def die(_phase: str) -> None:
        raise Killed

    for _ in range(MAX_RUNS - 1):
        lapse(town)
        with pytest.raises(Killed):
            run_requested(town.database, progress=die)
    lapse(town)
    assert run_requested(town.database) is None
    assert town.see(lambda work: queries.round_(work, died.id)).status is RoundStatus.FAILED
    assert round_verbs(town, died.id)[-1] == "failed"


def test_a_round_gives_signs_of_life_during_a_long_phase(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("market.placement.lease.BEAT", 0.02)
    alive: list[bool] = []

    def long_phase() -> None:
        (mine,) = town.see(queries.unfinished_rounds)
        lapse(town)
        for _ in range(100):
            sleep(0.05)
            held = town.see(lambda work: lease_of(work, mine.id))
            assert held is not None
            if town.see(partial(is_alive, lease=held)):
                alive.append(True)
                break

    assert meddling(town, "solve", long_phase).ok
    assert alive == [True]


def test_a_lease_is_kept_by_the_real_clock(town: Town) -> None:
    died = killed(town, "arcs")
    town.wait(minutes=60 * 24)
    assert run_requested(town.database) is None
    assert town.see(lambda work: queries.round_(work, died.id)) == died


def test_a_round_that_died_is_marked_failed_by_the_next_and_writes_nothing_should_it_wake_up(town: Town) -> None:
    house: House = town.house()
    waiting(town)

    def die() -> None:
        raise Killed

    with pytest.raises(Killed):
        meddling(town, "solve", die)
    died = town.see(queries.unfinished_rounds)[0]
    assert (died.status, (died.facts or {})["phase"]) == (RoundStatus.RUNNING, "solve")
    with pytest.raises(RoundUnderWay):
        go(town)
    lapse(town)
    inner: list[RoundReport] = []

    def overtake() -> None:
        lapse(town)
        inner.append(go(town))

    outer = meddling(town, "write", overtake)
    assert [inner[0].ok, outer.ok] == [True, False]
    assert outer.problems[0]["code"] == "round-overtaken"
    statuses = [round_.status for round_ in town.see(queries.rounds)]
    assert statuses == [RoundStatus.COMPLETE, RoundStatus.FAILED, RoundStatus.FAILED]
    assert town.taken(house) == 1
    assert town.broken() == []
    assert SYSTEM.grants is None
