"""An offer closes: its people get other places by least change, after an officer's decision and with their own yes."""

from uuid import UUID

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.errors import Malformed, NotAllowed
from contracts.kernel.work import Role
from market.placement import service
from market.placement.rehoused import plan
from market.placement.rehousing import DecidedMove, NotServedThere, OfferStillOpen, ProposedMove, rehouse
from market.placement.rules import OfferTooFar, PlacementStatus, RequestStatus
from market.provider import service as providing
from market.provider.rules import NoFreePlace
from tests.placement.test_endings import holds
from tests.placement.town import BUDGET, House, Person, Town
from tests.recipient.homes import OPERATOR


def closed_house(town: Town, *people: Person) -> tuple[House, list[UUID]]:
    house = town.house("Warm Home", capacity=len(people), away_m=500)
    placed = [town.placed(person, house) for person in people]
    town.do(house.people, lambda work: providing.close_offer(work, house.offer_id))
    return house, placed


def proposed(town: Town, house: House) -> list[ProposedMove]:
    return town.do(OPERATOR, lambda work: plan(work, house.offer_id))


def decided(town: Town, house: House, moves: list[DecidedMove]) -> list[UUID]:
    return town.do(OPERATOR, lambda work: rehouse(work, house.offer_id, moves))


def test_the_most_urgent_get_the_places_there_are_and_the_others_stay(town: Town) -> None:
    late, urgent, middle = town.person(tier=3), town.person(tier=0), town.person(tier=1)
    house, (of_late, of_urgent, of_middle) = closed_house(town, late, urgent, middle)
    near, far = town.house("Light", away_m=2_000), town.house("Hope", away_m=9_000)
    moves = {move.placement_id: move for move in proposed(town, house)}
    assert {moves[of_urgent].offer_id, moves[of_middle].offer_id} == {near.offer_id, far.offer_id}
    assert moves[of_late] == ProposedMove(of_late, None, None, 500)
    assert (town.taken(near), town.taken(far), town.taken(house)) == (0, 0, 3), "a plan changes nothing"


def test_a_wish_comes_before_the_way(town: Town) -> None:
    person, wished = town.person(), town.house("Hope", away_m=9_000)
    town.house("Light", away_m=2_000)
    town.wish(person, wished)
    house, (placement,) = closed_house(town, person)
    assert proposed(town, house) == [ProposedMove(placement, wished.offer_id, 9_000, 500)]


def test_after_the_decision_the_holder_says_yes_and_is_served_there(town: Town) -> None:
    person = town.person()
    house, (placement,) = closed_house(town, person)
    light = town.house("Light", away_m=2_000)
    since = town.request(person).waiting_since
    (new,) = decided(town, house, [DecidedMove(placement, light.offer_id)])
    assert (town.placement(placement).status, town.placement(new).status) == (
        PlacementStatus.ENDED,
        PlacementStatus.OFFERED,
    )
    assert (town.taken(house), town.taken(light)) == (0, 1)
    assert (town.request(person).status, town.request(person).waiting_since) == (RequestStatus.PLACED, since)
    assert town.see(lambda work: events_of(work, "placement", placement))[-1].verb == "ended"
    offered = town.see(lambda work: events_of(work, "placement", new))[-1]
    assert (offered.verb, offered.actor_id) == ("offered", OPERATOR.id)
    assert holds(town)
    town.do(person.self, lambda work: service.accept(work, new))
    assert town.placement(new).status is PlacementStatus.ACCEPTED
    assert holds(town)


def test_who_says_no_waits_on(town: Town) -> None:
    person = town.person()
    house, (placement,) = closed_house(town, person)
    light = town.house("Light", away_m=2_000)
    (new,) = decided(town, house, [DecidedMove(placement, light.offer_id)])
    town.do(person.self, lambda work: service.decline(work, new, reason="too far"))
    assert (town.request(person).status, town.taken(light)) == (RequestStatus.WAITING, 0)
    assert holds(town)


def test_an_open_offer_is_left_by_nobody_and_strangers_decide_nothing(town: Town) -> None:
    person, house, light = town.person(), town.house(), town.house("Light", away_m=2_000)
    placement = town.placed(person, house)
    move = [DecidedMove(placement, light.offer_id)]
    with pytest.raises(OfferStillOpen):
        proposed(town, house)
    with pytest.raises(OfferStillOpen):
        decided(town, house, move)
    town.do(house.people, lambda work: providing.close_offer(work, house.offer_id))
    for stranger in (person.self, house.people):
        with pytest.raises(NotAllowed):
            town.do(stranger, lambda work: rehouse(work, house.offer_id, move))
    assert BUDGET.has(Role.BUDGET_OFFICER, territory="75")
    assert len(town.do(BUDGET, lambda work: rehouse(work, house.offer_id, move))) == 1


def test_a_decision_that_one_place_cannot_keep_changes_nothing(town: Town) -> None:
    people = town.person(), town.person()
    house, placed = closed_house(town, *people)
    light, away = town.house("Light", away_m=2_000), town.house("Beyond", away_m=200_000)
    with pytest.raises(NoFreePlace):
        decided(town, house, [DecidedMove(one, light.offer_id) for one in placed])
    with pytest.raises(OfferTooFar):
        decided(town, house, [DecidedMove(placed[0], light.offer_id), DecidedMove(placed[1], away.offer_id)])
    with pytest.raises(Malformed):
        decided(town, house, [DecidedMove(placed[0], light.offer_id), DecidedMove(placed[0], light.offer_id)])
    with pytest.raises(Malformed):
        decided(town, house, [])
    assert (town.taken(house), town.taken(light)) == (2, 0)
    other = town.placed(town.person(), light)
    with pytest.raises(NotServedThere):
        decided(town, house, [DecidedMove(other, light.offer_id)])
    assert holds(town)
