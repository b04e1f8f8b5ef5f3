"""What a round tells afterwards is counted from what it has kept, and true: grounds, fairness, what is short."""

from collections import Counter
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit.queries import events_of
from contracts.kernel.database import table_of
from contracts.kernel.work import SYSTEM, Work
from market.catalogue.rules import Category
from market.oversight.replay import replay_everything
from market.placement import queries
from market.placement.contesting import contradicted
from market.placement.explaining import Saying, Statement
from market.placement.explanations import explanation_of, names_in
from market.placement.holder_queries import outcomes_lately
from market.placement.looking_back import ended_round
from market.placement.models import RoundFileRow, RoundReportRow
from market.placement.outcome_queries import everybodys_outcomes
from market.placement.report import RoundReport
from market.placement.report_queries import report_of
from market.placement.reporting import Reporter, make_report
from market.placement.round import run_round
from market.placement.rules import Policy
from market.placement.stored_queries import stored_instance, stored_result
from market.tables import METADATA
from tests.placement.province import Province, province
from tests.placement.test_round import go
from tests.placement.town import Person, Town

__all__ = ["province"]
KM = 1_000


def told(town: Town, person: Person) -> list[Statement]:
    request = town.request(person)
    (outcome, *_) = town.see(lambda work: outcomes_lately(work, request))
    return town.see(lambda work: explanation_of(work, request, outcome))


def reported(town: Town, round_id: UUID) -> RoundReport:
    report = town.see(lambda work: report_of(work, round_id))
    assert report is not None
    return report


def test_after_its_report_a_round_names_the_place_that_was_wanted_and_what_it_is_worth(town: Town) -> None:
    near, far = town.house("Near", away_m=KM), town.house("Far", away_m=20 * KM)
    first, second, third = (town.person(tier=tier) for tier in (0, 1, 2))
    town.wish(first, near)
    town.wish(second, near, far)
    town.ask(third)
    done = go(town)
    before = told(town, third)
    assert [Reporter()(town.database) for _ in range(2)] == [1, 0]
    seated = {one.saying: one for one in told(town, second)}
    assert seated[Saying.BEST_FOR_ALL_THERE].offer_id == near.offer_id
    assert seated[Saying.ONE_MORE_SERVES].values["serves"] == 2
    waits = {one.saying: one for one in told(town, third)}
    assert Saying.ONE_MORE_PLACE in {one.saying for one in before}
    assert waits[Saying.MORE_URGENT_THERE].values | {"serving_price": 0, "seating_price": 0} == {
        "places": 1, "used": 1, "tier": 2, "last_tier": 0, "serving_price": 0, "seating_price": 0,
    }  # fmt: skip
    assert waits[Saying.ONE_MORE_SERVES].values["serves"] == 2
    opens = [one.offer_id for one in told(town, third) if one.saying is Saying.PLACE_OPENS]
    assert opens == [near.offer_id, far.offer_id]
    names = town.see(lambda work: names_in(work, list(waits.values())))
    assert names[near.offer_id] == "Near, Point"
    events = town.see(lambda work: events_of(work, "round", done.round_id))
    assert [event.verb for event in events][-2:] == ["completed", "reported"]


def test_a_report_tells_who_was_served_and_where_people_are_short(town: Town) -> None:
    town.house(away_m=KM, capacity=2)
    people = [town.person(tier=tier) for tier in (0, 1, 1)]
    child = town.person(category=Category.CHILD_LOCOMOTOR, tier=0)
    for person in (*people, child):
        town.ask(person)
        town.wait(minutes=1)
    done = go(town)
    make_report(town.database, done.round_id)
    report = reported(town, done.round_id)
    own = report.fairness.own
    assert (own.served.served, own.served.of) == (2, 4)
    assert {key: (one.served, one.of) for key, one in own.by["tier"].items()} == {"0": (1, 2), "1": (1, 2)}
    assert {key: (one.served, one.of) for key, one in own.by["disability"].items()} == {"no": (2, 3), "yes": (0, 1)}
    assert own.by["category"]["child-locomotor"].served == 0
    assert sum(one.of for one in own.by["language"].values()) == 4
    assert (own.envy, own.idle) == (0, 0)
    assert report.fairness.other is not None
    assert report.fairness.other.policy is Policy.STABLE
    assert (report.fairness.better_here, report.fairness.better_there, report.fairness.same) == (0, 0, 4)
    assert report.diagnosis is not None
    assert report.diagnosis.short_in_all == 2
    by_offers = {part.offers: part for part in report.diagnosis.parts}
    assert (by_offers[1].requests, by_offers[1].places, by_offers[1].short_by_tier) == (3, 2, (0, 1))
    assert (by_offers[0].requests, by_offers[0].places, by_offers[0].short_by_tier) == (1, 0, (1, 0))
    ((_region, best),) = report.diagnosis.regions.items()
    assert (best.offer_id, best.tier, best.serving) == (town.houses[0].offer_id, 1, 1)


def test_whom_nobody_suits_is_told_the_nearest_that_would_but_for_its_distance(town: Town) -> None:
    town.house("Dear", away_m=30 * KM, price=1_200_00)
    far = town.house("Far", away_m=20 * KM, radius_m=10 * KM)
    town.house("Farther", away_m=40 * KM, radius_m=10 * KM)
    person, child = town.person(ceiling=1_000_00), town.person(category=Category.CHILD_LOCOMOTOR)
    for one in (person, child):
        town.ask(one)
    done = go(town)
    make_report(town.database, done.round_id)
    beyond = {one.saying: one for one in told(town, person)}[Saying.BEYOND_REACH]
    assert beyond.offer_id == far.offer_id
    assert abs(beyond.values["metres"] - 20 * KM) < 3 * KM, "from the middle of the town"
    assert Saying.BEYOND_REACH not in {one.saying for one in told(town, child)}


def test_a_report_is_made_once_and_never_changed(town: Town) -> None:
    done = go(town)
    make_report(town.database, done.round_id)
    make_report(town.database, done.round_id)
    assert town.see(lambda work: work.scalar(sa.select(sa.func.count()).select_from(table_of(RoundReportRow)))) == 1
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), town.database.engine.begin() as connection:
        connection.execute(sa.delete(table_of(RoundReportRow)))


def test_a_round_whose_files_cannot_be_read_holds_up_nobody(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    broken = go(town)
    with town.database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(sa.text("DROP TRIGGER round_file_no_update"))
        else:
            connection.execute(sa.text("ALTER TABLE round_file DISABLE TRIGGER ALL"))
        connection.execute(sa.update(table_of(RoundFileRow)).values(data=b"nonsense"))
    whole, reporter = go(town), Reporter()
    assert [reporter(town.database) for _ in range(3)] == [0, 1, 0]
    assert town.see(lambda work: report_of(work, broken.round_id)) is None
    assert reported(town, whole.round_id).fairness.own.served.of == 0
    assert caplog.text.count("cannot be reported") == 1


@pytest.mark.parametrize("policy", Policy)
def test_a_whole_province_is_told_nothing_but_the_truth_and_the_trail_holds_the_report(
    province: Province, policy: Policy
) -> None:
    database = province.database
    done = run_round(database, policy=policy, seed=5, workers=1)
    assert done.ok
    make_report(database, done.round_id)

    def every_seventh(work: Work) -> tuple[int, Counter[Saying]]:
        one, instance = queries.round_(work, done.round_id), stored_instance(work, done.round_id)
        ended, said, wrong = (
            ended_round(one, instance, stored_result(work, done.round_id, instance)),
            Counter[Saying](),
            0,
        )
        outcomes = list(everybodys_outcomes(work, done.round_id))
        for outcome in outcomes[::7]:
            request = queries.request(work, outcome.request_id)
            statements = explanation_of(work, request, outcome)
            wrong += len(contradicted(ended, ended.position(request.id.hex), statements))
            said.update(statement.saying for statement in statements)
        return wrong, said

    wrong, said = database.read(SYSTEM, every_seventh)
    assert wrong == 0
    wanted = {Saying.ONE_MORE_SERVES, Saying.PLACE_OPENS} if policy is Policy.WELFARE else {Saying.CAME_FIRST_THERE}
    assert {Saying.FIRST_WISH, Saying.NEAREST, *wanted} <= set(said)
    assert database.read(SYSTEM, lambda work: replay_everything(work, METADATA)).differences == []
