"""Whom a provider visits, what it was asked for, and how full its offers will be."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.audit import queries as audit
from contracts.contract import queries as contracts
from contracts.kernel.work import Actor, Grant, Role
from market.placement import incoming, visiting
from market.placement import service as placement
from market.placement.rules import PlacementNotFound, PlacementStatus
from market.provider.rules import ProviderNotFound
from market.user import personal
from tests.placement.test_daybook import engaged, hire, paste
from tests.placement.town import House, Town
from tests.recipient.homes import AIGERIM, VAULT
from tests.user.people import ADMINISTRATOR

TOMORROW = date(2026, 4, 11)


@pytest.fixture
def house(town: Town) -> House:
    return town.house(capacity=5)


def carer(house: House) -> Actor:
    return Actor(UUID(int=720), "a carer", (Grant(Role.CARER, provider_id=house.provider_id),))


def people(town: Town, actor: Actor, house: House, day: date) -> list[visiting.Visited]:
    return town.do(actor, lambda w: visiting.people_of(w, VAULT, house.provider_id, day))


def test_who_serves_reads_names_and_addresses_and_leaves_an_event(town: Town, house: House) -> None:
    first = engaged(town, house)
    assert people(town, house.people, house, date(2026, 4, 10)) == [], "it begins tomorrow"
    for actor in (house.people, carer(house)):
        (seen,) = people(town, actor, house, TOMORROW)
        assert (seen.plate.name, seen.plate.address) == (AIGERIM.name, AIGERIM.address)
        assert (seen.engagement.id, seen.last, seen.visits) == (first.id, None, ())
    events = town.see(lambda w: audit.events_of(w, "provider", house.provider_id))
    reads = [event for event in events if event.verb == "people-read"]
    assert [event.actor_id for event in reads] == [house.people.id, carer(house).id]
    assert str(first.recipient_id) in reads[0].body
    assert AIGERIM.name not in reads[0].body


def test_a_stranger_reads_nobody(town: Town, house: House) -> None:
    first = engaged(town, house)
    other = town.house("Kind Hands")
    with pytest.raises(ProviderNotFound):
        people(town, other.people, house, TOMORROW)
    plates = town.do(other.people, lambda w: visiting.plates_of(w, VAULT, other.provider_id, [first.recipient_id]))
    assert plates == {}, "only those whom the house serves"
    mine = town.do(house.people, lambda w: visiting.plates_of(w, VAULT, house.provider_id, [first.recipient_id]))
    assert [plate.name for plate in mine.values()] == [AIGERIM.name]


def test_somebody_forgotten_has_a_number_and_no_name(town: Town, house: House) -> None:
    first = engaged(town, house)
    town.do(ADMINISTRATOR, lambda w: personal.erase(w, first.recipient_id))
    (seen,) = people(town, house.people, house, TOMORROW)
    assert (seen.plate.name, seen.plate.address) == ("", "")
    assert seen.plate.number.startswith("R-")


def test_the_last_visit_and_those_of_the_day_stand_beside_the_person(town: Town, house: House) -> None:
    hire(town, house, "Мадина")
    first = engaged(town, house)
    rows = [f"{first.number};{day}.04.2026;9:00;10:00;Мадина;1;дача" for day in (11, 12)]
    paste(town, house, "\n".join(rows))
    (seen,) = people(town, house.people, house, TOMORROW)
    assert seen.was_visited
    assert [visit.served_on for visit in seen.visits] == [TOMORROW]
    assert seen.last is not None
    assert (seen.last.place, seen.last.started_at.day) == ("дача", 12)


def test_places_to_answer_stand_in_order_of_their_deadlines_and_tell_nobody(town: Town, house: House) -> None:
    asked = []
    for _ in range(3):
        asked.append(town.book(town.person(), house))
        town.wait(hours=1)
    first, rest = (
        town.see(lambda w: incoming.places_of(w, house.provider_id, PlacementStatus.REQUESTED, limit=1)),
        town.see(lambda w: incoming.places_of(w, house.provider_id, PlacementStatus.REQUESTED, after=asked[0])),
    )
    assert [one.id for one in first + rest] == asked
    waiting = town.see(lambda w: incoming.waiting(w, house.provider_id))
    assert (waiting.count, waiting.first_until) == (3, first[0].respond_until)
    assert (first[0].units_a_month, str(first[0].category), first[0].unit_price_minor) == (8, "elderly", 900_00)
    town.do(house.people, lambda w: placement.decline(w, asked[1], reason="no carer speaks the language"))
    (declined,) = town.see(lambda w: incoming.places_of(w, house.provider_id, PlacementStatus.DECLINED))
    assert (declined.id, declined.decline_reason) == (asked[1], "no carer speaks the language")
    found, provider_id = town.see(lambda w: incoming.place(w, asked[0]))
    assert (found.id, provider_id) == (asked[0], house.provider_id)
    with pytest.raises(PlacementNotFound):
        town.see(lambda w: incoming.place(w, house.provider_id))


def test_an_offer_is_freer_from_the_day_on_which_a_place_ends(town: Town, house: House) -> None:
    ends = date(2026, 6, 1)
    town.placed(town.person(until_on=ends), house)
    town.book(town.person(), house)
    days = [date(2026, 5, 31), ends, date(2027, 1, 1)]
    held = town.see(lambda w: incoming.held_on(w, [house.offer_id], days))
    assert held == {house.offer_id: [2, 1, 1]}, "who waits for an answer holds a place, and no end of it is known"
    empty = town.house("Kind Hands")
    assert town.see(lambda w: incoming.held_on(w, [empty.offer_id], days)) == {empty.offer_id: [0, 0, 0]}


def test_a_placement_names_the_engagement_that_came_of_it(town: Town, house: House) -> None:
    placement_id = town.placed(town.person(), house)
    (accepted,) = town.see(lambda w: incoming.places_of(w, house.provider_id, PlacementStatus.ACCEPTED))
    engagement = town.see(lambda w: contracts.engagement_of_placement(w, placement_id))
    assert engagement is not None
    assert accepted.engagement_id == engagement.id
    assert town.see(lambda w: w.today) + timedelta(days=1) == engagement.from_on
