"""The last place goes to exactly one of many who want it at the same moment, whatever else happens to the offer."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest

from contracts.kernel.errors import DomainError
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from market.placement import queries, service
from market.placement.rules import AlreadyPlaced, PlacementStatus
from market.provider import queries as providers
from market.provider import service as providing
from market.provider.rules import CapacityBelowTaken, NoFreePlace
from tests.placement.town import House, Person, Town, open_town

CROWD = 64


def at_once(pool: ThreadPoolExecutor, deeds: Sequence[Callable[[], object]]) -> list[object]:
    """All begin together; the answer of each, or what it was refused with. Anything else is raised."""
    start = threading.Barrier(len(deeds))

    def carry_out(deed: Callable[[], object]) -> object:
        start.wait()
        try:
            return deed()
        except DomainError as refusal:
            return refusal

    return [future.result() for future in [pool.submit(carry_out, deed) for deed in deeds]]


def kinds(answers: list[object]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


def storm(town: Town, house: House, crowd: list[Person], rounds: int) -> None:
    with ThreadPoolExecutor(len(crowd)) as pool:
        for number in range(rounds):
            answers = at_once(pool, [partial(town.book, person, house) for person in crowd])
            assert kinds(answers) == {"UUID": 1, "NoFreePlace": len(crowd) - 1}, number
            assert town.taken(house) == 1
            (winner,) = [answer for answer in answers if isinstance(answer, UUID)]
            town.do(SYSTEM, partial(service.decline, placement_id=winner, reason="the next round"))
    assert town.taken(house) == 0
    assert town.broken() == []


def crowd_of(town: Town, count: int) -> list[Person]:
    people = [town.person() for _ in range(count)]
    for person in people:
        town.ask(person)
    return people


def test_of_64_who_book_the_last_place_one_wins_and_63_are_told_so_ten_times(town: Town) -> None:
    storm(town, town.house(capacity=1), crowd_of(town, CROWD), rounds=10)


@pytest.mark.soak
def test_a_thousand_rounds_of_the_storm(town: Town) -> None:
    storm(town, town.house(capacity=1), crowd_of(town, CROWD), rounds=1_000)


def test_one_person_who_books_everywhere_at_once_gets_one_place(town: Town) -> None:
    houses, person = [town.house() for _ in range(4)], town.person()
    with ThreadPoolExecutor(8) as pool:
        for _ in range(10):
            answers = at_once(pool, [partial(town.book, person, house) for house in houses * 2])
            assert kinds(answers) == {"UUID": 1, "AlreadyPlaced": 7}
            assert sum(town.taken(house) for house in houses) == 1
            (placement,) = [answer for answer in answers if isinstance(answer, UUID)]
            town.do(SYSTEM, partial(service.decline, placement_id=placement, reason="again"))
    assert town.broken() == []


def test_a_place_that_is_given_back_while_others_book_it_is_taken_at_most_once(town: Town) -> None:
    house, crowd = town.house(capacity=1), crowd_of(town, 8)
    holder = crowd[0]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            held = town.book(holder, house)
            back = partial(service.decline, placement_id=held, reason="changed my mind")
            deeds = [partial(town.do, holder.self, back), *[partial(town.book, p, house) for p in crowd[1:]]]
            answers = at_once(pool, deeds)
            winners = [answer for answer in answers[1:] if isinstance(answer, UUID)]
            assert answers[0] is None
            assert len(winners) <= 1
            assert town.taken(house) == len(winners)
            for winner in winners:
                town.do(SYSTEM, partial(service.decline, placement_id=winner, reason="the next round"))
    assert town.broken() == []


def test_accepting_and_taking_back_at_the_same_moment_ends_in_one_of_the_two(town: Town) -> None:
    house = town.house(capacity=20)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            person = town.person()
            placement = town.book(person, house)
            accept = partial(service.accept, placement_id=placement)
            decline = partial(service.decline, placement_id=placement, reason="changed my mind")
            at_once(pool, [partial(town.do, house.people, accept), partial(town.do, person.self, decline)])
            status = town.placement(placement).status
            assert status in {PlacementStatus.ACCEPTED, PlacementStatus.DECLINED}
    assert town.broken() == []


def test_capacity_lowered_while_people_book_never_falls_below_what_is_taken(town: Town) -> None:
    house, crowd = town.house(capacity=8), crowd_of(town, 8)
    with ThreadPoolExecutor(9) as pool:
        for _ in range(10):
            lower = partial(providing.set_capacity, offer_id=house.offer_id, capacity=3)
            answers = at_once(
                pool, [partial(town.do, house.people, lower), *[partial(town.book, p, house) for p in crowd]]
            )
            offer = town.see(lambda work: providers.offer(work, house.offer_id))
            winners = [answer for answer in answers[1:] if isinstance(answer, UUID)]
            assert offer.taken == len(winners) <= offer.capacity
            assert offer.capacity == (8 if isinstance(answers[0], CapacityBelowTaken) else 3)
            assert all(isinstance(a, UUID | NoFreePlace) for a in answers[1:])
            for winner in winners:
                town.do(SYSTEM, partial(service.decline, placement_id=winner, reason="the next round"))
            town.do(house.people, partial(providing.set_capacity, offer_id=house.offer_id, capacity=8))
    assert town.broken() == []


def test_the_invariants_see_a_counter_that_was_tampered_with_and_a_placement_of_a_closed_request(
    database: Database,
) -> None:
    town = open_town(database)
    house, person = town.house(capacity=5), town.person()
    placement = town.book(person, house)
    assert town.broken() == []
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE offer SET taken = 3")
    assert town.broken() == ["an offer's counter is the sum of its live placements"]
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE offer SET taken = 1")
        connection.exec_driver_sql("UPDATE request SET status = 'closed'")
    assert town.broken() == ["a closed request has no live placement"]
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE request SET status = 'placed'")
        connection.exec_driver_sql("UPDATE placement SET status = 'accepted', ends_on = '2027-01-01'")
    assert town.broken() == ["an accepted placement has an engagement"]
    assert town.see(lambda work: queries.placement(work, placement)).status is PlacementStatus.ACCEPTED
    with pytest.raises(AlreadyPlaced):
        town.book(person, house)
