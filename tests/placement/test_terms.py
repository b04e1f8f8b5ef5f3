"""What rounds are held to: dated decisions that bind whoever waits, and that the round keeps with its answer."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.errors import Malformed, NotAllowed
from market.catalogue.rules import ServiceKind
from market.placement import held, service
from market.placement.checking import check_round
from market.placement.round import RoundReport, run_round
from market.placement.rules import Policy, RoundRuleCode
from market.placement.stored_queries import stored_instance
from market.placement.terms import CapsCross, PlaceCap, RoundTerms
from tests.placement.town import BUDGET, CLERK, House, Person, Town
from tests.recipient.homes import OPERATOR

KM = 1_000
SPRING = date(2026, 4, 10)


def go(town: Town, **options: object) -> RoundReport:
    report = run_round(town.database, actor=BUDGET, workers=1, **options)  # type: ignore[arg-type]  # its own keywords
    assert report.ok, report.problems
    assert town.see(lambda work: check_round(work, report.number)).faults == ()
    return report


def rule(town: Town, code: RoundRuleCode, value: int, **more: object) -> UUID:
    facts: dict[str, object] = {"from_on": SPRING, "until_on": date(2027, 1, 1), "source": "order 7"}
    return town.do(BUDGET, lambda work: held.set_round_rule(work, code=code, value=value, **facts | more))  # type: ignore[arg-type]


def people(town: Town, count: int, **facts: object) -> list[Person]:
    found = [town.person(**facts) for _ in range(count)]  # type: ignore[arg-type]  # person's own names
    for person in found:
        town.ask(person)
        town.wait(minutes=1)
    return found


def seats(town: Town, *houses: House) -> list[int]:
    return [town.taken(house) for house in houses]


def test_nobody_is_placed_further_than_the_office_allows(town: Town) -> None:
    near, far = town.house(away_m=4 * KM), town.house(away_m=30 * KM)
    people(town, 2)
    rule(town, RoundRuleCode.WORST_DISTANCE, 10 * KM, territory="75")
    rule(town, RoundRuleCode.WORST_DISTANCE, 2 * KM)  # of the country: the region has its own
    report = go(town)
    assert (report.served, seats(town, near, far)) == (1, [1, 0])
    kept = town.see(lambda work: stored_instance(work, report.round_id)).arcs.terms
    assert set(kept.worst) == {("", 2 * KM), ("75", 10 * KM)}


def test_a_rule_binds_from_its_day_on_and_until_it_was_ended(town: Town) -> None:
    town.house(away_m=4 * KM, capacity=9)
    rule_id = rule(town, RoundRuleCode.WORST_DISTANCE, KM, from_on=SPRING + timedelta(days=1))
    people(town, 1)
    assert go(town).served == 1
    town.wait(days=2)
    people(town, 1)
    assert go(town).served == 0
    tomorrow = town.see(lambda work: work.today) + timedelta(days=1)
    town.do(BUDGET, lambda work: held.end_round_rule(work, rule_id, on=tomorrow))
    town.wait(days=1)
    assert go(town).served == 1
    verbs = [event.verb for event in town.see(lambda work: events_of(work, "round-rule", rule_id))]
    assert verbs == ["set", "ended"]


@pytest.mark.parametrize("policy", list(Policy))
def test_a_limit_on_places_counts_those_who_are_placed_already(town: Town, policy: Policy) -> None:
    one, other = town.house(capacity=5), town.house(capacity=5)
    guest = town.person()
    town.book(guest, one)
    rule(town, RoundRuleCode.PLACE_CAP, 4, territory="75")
    rule(town, RoundRuleCode.PLACE_CAP, 1, territory="75", provider_id=other.provider_id)
    rule(town, RoundRuleCode.PLACE_CAP, 0, kind=ServiceKind.LEGAL)
    people(town, 6)
    report = go(town, policy=policy)
    assert (report.served, sum(seats(town, one, other))) == (3, 4)
    assert town.taken(other) <= 1
    assert go(town, policy=policy).served == 0


def test_a_limit_on_money_is_never_exceeded(town: Town) -> None:
    """Eight visits a month at 500 tenge are 4,000 a month each."""
    town.house(price=500_00, capacity=9)
    people(town, 5)
    rule(town, RoundRuleCode.MONEY_CAP, 13_000_00, territory="75", kind=ServiceKind.DOMESTIC)
    assert go(town).served == 3
    assert go(town).served == 0


def test_limits_that_overlap_crosswise_are_refused_by_name(town: Town) -> None:
    town.house()
    people(town, 1)
    crossing = RoundTerms(caps=(PlaceCap("one", 5, 5, (0, 1)), PlaceCap("other", 5, 5, (1, 2))))
    with pytest.raises(CapsCross, match="one and other"):
        crossing.forest(3)
    nested = RoundTerms(caps=(PlaceCap("all", 9, 9, (0, 1, 2)), PlaceCap("two", 5, 4, (0, 1)))).forest(4)
    assert nested is not None
    assert nested.of_slot.tolist() == [0, 0, 1, -1]
    assert (nested.limit.tolist(), nested.parent.tolist()) == ([4, 9], [1, -1])
    assert RoundTerms.of_json(crossing.to_json()) == crossing


def test_who_was_served_by_a_provider_stays_there_if_that_is_worth_the_way(town: Town) -> None:
    near, former = town.house(away_m=KM, capacity=9), town.house(away_m=9 * KM, capacity=9)
    (person,) = people(town, 1)
    placement = town.placed(person, former)
    tomorrow = town.see(lambda work: work.today) + timedelta(days=1)
    town.do(person.self, lambda work: service.end(work, placement, on=tomorrow))
    town.wait(days=2)
    town.do(CLERK, service.lapse_overdue)
    town.ask(person)
    rule(town, RoundRuleCode.CONTINUITY, 5 * KM, from_on=town.see(lambda work: work.today))
    go(town)
    live = town.live(person)
    assert live is not None
    assert live.offer_id == near.offer_id
    town.do(person.self, lambda work: service.decline(work, live.id, reason="a stranger"))
    town.wait(days=1)
    standing = town.see(lambda work: held.rules_on(work, work.today))
    tomorrow = town.see(lambda work: work.today) + timedelta(days=1)
    town.do(BUDGET, lambda work: held.end_round_rule(work, standing[0].id, on=tomorrow))
    town.wait(days=1)
    rule(town, RoundRuleCode.CONTINUITY, 20 * KM, from_on=town.see(lambda work: work.today))
    go(town)
    live = town.live(person)
    assert live is not None
    assert live.offer_id == former.offer_id


def test_rules_are_set_by_the_budget_office_of_the_place_from_today_on_with_a_source(town: Town) -> None:
    with pytest.raises(NotAllowed):
        town.do(OPERATOR, lambda work: held.set_round_rule(
            work, code=RoundRuleCode.PLACE_CAP, value=1, from_on=SPRING, until_on=date(2027, 1, 1), source="x",
        ))  # fmt: skip
    rule(town, RoundRuleCode.PLACE_CAP, 5)
    with pytest.raises(held.RoundRulePeriodTaken):
        rule(town, RoundRuleCode.PLACE_CAP, 6)
    rule(town, RoundRuleCode.PLACE_CAP, 6, territory="75")
    for code, value, more in (
        (RoundRuleCode.BY_ADDRESS, 2, {}),
        (RoundRuleCode.WORST_DISTANCE, -1, {}),
        (RoundRuleCode.WORST_DISTANCE, 1, {"kind": ServiceKind.LEGAL}),
        (RoundRuleCode.PLACE_CAP, 1, {"from_on": SPRING - timedelta(days=1)}),
        (RoundRuleCode.PLACE_CAP, 1, {"until_on": SPRING}),
        (RoundRuleCode.PLACE_CAP, 1, {"source": " "}),
    ):
        with pytest.raises(Malformed):
            rule(town, code, value, **more)
    with pytest.raises(held.RoundRuleNotFound):
        town.do(BUDGET, lambda work: held.end_round_rule(work, UUID(int=1), on=SPRING))
