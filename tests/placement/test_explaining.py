"""What a round says to each holder: read off the stored outcome, and never a position in a line."""

from uuid import UUID

import pytest

from market.placement import service
from market.placement.explaining import Saying, Statement, Topic, explain
from market.placement.explanations import explanation_of
from market.placement.holder_queries import outcomes_lately
from market.placement.rules import Outcome, PlacementStatus, Policy, Reason
from tests.placement.test_round import go
from tests.placement.town import Person, Town

KM = 1_000
ROUND, REQUEST = UUID(int=1), UUID(int=2)


def said(town: Town, person: Person) -> list[tuple[Topic, Saying, dict[str, int]]]:
    request = town.request(person)
    (outcome, *_) = town.see(lambda work: outcomes_lately(work, request))
    return [(s.topic, s.saying, s.values) for s in town.see(lambda work: explanation_of(work, request, outcome))]


def test_everyone_is_told_why_here_why_not_there_and_what_would_change_it(town: Town) -> None:
    near, far = town.house("Near", away_m=KM), town.house("Far", away_m=20 * KM)
    first, second, third = (town.person(tier=tier) for tier in (0, 1, 2))
    town.wish(first, near)
    town.wish(second, near, far)
    town.ask(third)
    go(town)
    keeps = [
        (Topic.CHANGE, Saying.DECLINING_KEEPS_THE_WAIT, {}),
        (Topic.CHANGE, Saying.SILENCE_KEEPS_THE_WAIT, {}),
    ]
    assert [saying for _, saying, _ in said(town, first)][:2] == [Saying.FIRST_WISH, Saying.DISTANCE]
    assert said(town, second)[0] == (Topic.HERE, Saying.LATER_WISH, {"rank": 2})
    assert said(town, second)[2:] == [
        (Topic.PREFERRED, Saying.FULL_MORE_GOOD, {"count": 1}),
        (Topic.PREFERRED, Saying.ONE_MORE_PLACE, {}),
        *keeps,
    ]
    assert said(town, third) == [
        (Topic.WAIT, Saying.ALL_FULL_MORE_GOOD, {"count": 2}),
        (Topic.WAIT, Saying.ONE_MORE_PLACE, {}),
        (Topic.CHANGE, Saying.STAYS_IN_EVERY_ROUND, {}),
        (Topic.CHANGE, Saying.BOOK_WHAT_IS_FREE, {}),
    ]


def test_an_answered_place_is_explained_without_the_choice_that_is_over(town: Town) -> None:
    town.house(away_m=KM)
    person = town.person()
    town.ask(person)
    go(town)
    offered = town.live(person)
    assert offered is not None
    town.do(person.self, lambda work: service.accept(work, offered.id))
    assert [saying for _, saying, _ in said(town, person)] == [Saying.NEAREST, Saying.DISTANCE]


def test_the_last_round_comes_first_and_another_persons_is_not_there(town: Town) -> None:
    house, person, other = town.house(), town.person(tier=1), town.person(tier=0)
    for one in (person, other):
        town.ask(one)
    go(town)
    offered = town.live(other)
    assert offered is not None
    town.do(other.self, lambda work: service.decline(work, offered.id, reason="too far"))
    town.book(other, house)
    go(town)
    request = town.request(person)
    outcomes = town.see(lambda work: outcomes_lately(work, request))
    assert [o.request_id for o in outcomes] == [request.id] * 2
    assert outcomes[0].round_id > outcomes[1].round_id


@pytest.mark.parametrize("policy", Policy)
def test_the_policy_decides_what_is_said_of_a_full_place(policy: Policy) -> None:
    waits = Outcome(ROUND, REQUEST, None, Reason.CAPACITY, None, None, 3, 0)
    sits = Outcome(ROUND, REQUEST, UUID(int=3), Reason.NEARER_FULL, 5_000, None, 2, 0)
    came_first = policy is Policy.STABLE
    full = Saying.FULL_CAME_FIRST if came_first else Saying.FULL_MORE_GOOD
    all_full = Saying.ALL_FULL_CAME_FIRST if came_first else Saying.ALL_FULL_MORE_GOOD
    assert explain(waits, policy)[0] == Statement(Topic.WAIT, all_full, {"count": 3})
    assert explain(sits, policy)[2] == Statement(Topic.PREFERRED, full, {"count": 2})
    assert Saying.ONE_MORE_PLACE not in {s.saying for s in explain(waits, policy)}, "its price is nothing"


def test_where_nobody_suits_nothing_is_promised() -> None:
    nobody = Outcome(ROUND, REQUEST, None, Reason.NO_ELIGIBLE_OFFER, None, None, 0, None)
    assert [s.saying for s in explain(nobody, Policy.WELFARE, placement=PlacementStatus.ENDED)] == [
        Saying.NOBODY_SUITS, Saying.STAYS_IN_EVERY_ROUND,
    ]  # fmt: skip
