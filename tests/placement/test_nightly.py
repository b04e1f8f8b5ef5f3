"""Every night the state as it stands is held against a solve from scratch, and officers see what came of it."""

import sqlalchemy as sa

from contracts.audit.queries import events_of
from market.placement.nightly import Nightly
from market.placement.nightly_queries import NightlyProof, latest
from tests.placement.town import Town

KM = 1_000


def three_for_two_places(town: Town) -> None:
    """One has a place already; of the two others one could have one."""
    full, near = town.house("Full", capacity=1), town.house("Near", away_m=2 * KM, capacity=1)
    first, *others = (town.person() for _ in range(3))
    town.placed(first, full)
    for person in others:
        town.ask(person)
    assert near.offer_id != full.offer_id


def proof_of(town: Town) -> NightlyProof:
    found = town.see(latest)
    assert found is not None
    return found


def verbs(town: Town) -> list[str]:
    day = proof_of(town).day.isoformat()
    return [event.verb for event in town.see(lambda work: events_of(work, "nightly-proof", day, limit=5))]


def test_at_night_the_state_is_proven_once_by_whoever_comes_first(town: Town) -> None:
    three_for_two_places(town)
    town.wait(hours=13)  # one in the morning
    worker, other = Nightly(), Nightly()
    assert [worker(town.database), worker(town.database), other(town.database)] == [1, 0, 0]
    found = proof_of(town)
    assert (found.waiting, found.placeable, found.steps, found.drift) == (2, 1, 2, None)
    assert verbs(town) == ["proven"]


def test_by_day_nobody_looks(town: Town) -> None:
    three_for_two_places(town)
    assert Nightly()(town.database) == 0
    assert town.see(latest) is None


def test_a_counter_that_has_drifted_is_found_that_night(town: Town) -> None:
    three_for_two_places(town)
    town.wait(hours=13)
    with town.database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE offer SET taken = 0"))
    assert Nightly()(town.database) == 1
    drift = proof_of(town).drift
    assert drift is not None
    assert drift.startswith("not so: an offer's counter is the sum of its live placements")
    assert verbs(town) == ["drifted"]
