"""A holder sees what is reachable, nearest first, and books it if everything still holds."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.errors import DomainError
from contracts.kernel.work import SYSTEM
from market.catalogue.rules import Category, Unit
from market.placement import queries, service
from market.placement.rules import (
    AlreadyPlaced,
    CategoryNotServed,
    OfferNotOpen,
    OfferTooFar,
    PlacementStatus,
    PriceAboveVoucher,
    ProviderNotAdmitted,
    RequestStatus,
    VoucherNotValid,
    VoucherWrongService,
    distance_m,
)
from market.provider import service as providing
from market.provider.rules import NoFreePlace, OfferNotFound
from market.voucher import service as vouchers
from market.voucher.rules import VoucherNotFound
from tests.placement.town import ADMISSION, BUDGET, METRE, House, Person, Town
from tests.recipient.homes import OPERATOR, OPERATOR_ELSEWHERE


def names(town: Town, person: Person, limit: int = 50) -> list[str]:
    cards = town.see(lambda work: service.shortlist(work, person.voucher_id, limit=limit))
    return [card.provider_name for card in cards]


def test_cards_come_by_distance_then_price_and_say_what_can_be_compared(town: Town) -> None:
    far, dear, cheap = (
        town.house("Far", away_m=3_000),
        town.house("Dear", away_m=1_000, price=950_00),
        town.house("Cheap", away_m=1_000, price=700_00, capacity=4),
    )
    person = town.person()
    assert names(town, person) == ["Cheap", "Dear", "Far"]
    assert names(town, person, limit=1) == ["Cheap"]
    assert names(town, person, limit=0) == []
    card = town.see(lambda work: service.shortlist(work, person.voucher_id, limit=1))[0]
    assert (card.offer_id, card.places, card.price_minor, card.ceiling_minor) == (cheap.offer_id, 4, 700_00, 1_000_00)
    assert card.distance_m == 1_000
    assert {far.offer_id, dear.offer_id} == {
        c.offer_id for c in town.see(lambda work: service.shortlist(work, person.voucher_id))[1:]
    }


def test_distance_is_the_great_circle_on_the_mean_sphere() -> None:
    assert distance_m(43.0, 77.0, 43.0, 77.0) == 0
    assert distance_m(0.0, 0.0, 0.0, 180.0) == 20_015_114  # half the circumference
    assert distance_m(43.238, 76.945, 51.169, 71.449) == pytest.approx(974_000, rel=0.01)  # Almaty to Astana
    assert distance_m(43.238, 76.945, 43.238 + 500 * METRE, 76.945) == 500


def test_a_full_house_is_listed_because_it_can_be_wished_for_and_one_out_of_reach_is_not(town: Town) -> None:
    town.house("Full", away_m=100)
    full = town.houses[0]
    town.book(town.person(), full)
    town.house("Out of its own radius", away_m=6_000, radius_m=5_000)
    town.house("Too dear", away_m=200, price=1_400_00)
    town.house("For children", away_m=200, category=Category.CHILD_LOCOMOTOR)
    town.house("By the hour", away_m=200, unit=Unit.HOUR)
    closed, suspended = town.house("Closed", away_m=200), town.house("Suspended", away_m=200)
    town.do(closed.people, lambda work: providing.close_offer(work, closed.offer_id))
    town.do(ADMISSION, lambda work: providing.suspend(work, suspended.provider_id, reason="fire safety"))
    assert names(town, town.person()) == ["Full"]


def refusals(town: Town) -> list[tuple[House, Person, type[DomainError], str]]:
    closed, suspended = town.house(), town.house()
    town.do(closed.people, lambda work: providing.close_offer(work, closed.offer_id))
    town.do(ADMISSION, lambda work: providing.suspend(work, suspended.provider_id, reason="fire safety"))
    full = town.house()
    town.book(town.person(), full)
    someone = town.person()
    return [
        (closed, someone, OfferNotOpen, "offer-not-open"),
        (suspended, someone, ProviderNotAdmitted, "provider-not-admitted"),
        (full, someone, NoFreePlace, "no-free-place"),
        (town.house(unit=Unit.HOUR), someone, VoucherWrongService, "voucher-wrong-service"),
        (town.house(category=Category.CHILD_LOCOMOTOR), someone, CategoryNotServed, "category-not-served"),
        (town.house(away_m=5_001, radius_m=5_000), someone, OfferTooFar, "offer-too-far"),
        (town.house(price=1_000_01), someone, PriceAboveVoucher, "price-above-voucher"),
        (House(uuid4(), uuid4()), someone, OfferNotFound, "offer-not-found"),
    ]


def test_what_cannot_be_reached_is_refused_by_its_rule_and_nothing_is_written(town: Town) -> None:
    for house, person, error, code in refusals(town):
        with pytest.raises(error) as refusal:
            town.book(person, house)
        assert refusal.value.code == code
        assert refusal.value.members.get("rule"), code
        with pytest.raises(DomainError, match="asked"):
            town.request(person)
    assert town.broken() == []


def test_the_edge_of_the_radius_and_of_the_ceiling_is_inside(town: Town) -> None:
    house = town.house(away_m=5_000, radius_m=5_000, price=1_000_00)
    assert town.placement(town.book(town.person(), house)).distance_m == 5_000


def test_a_licence_that_ended_yesterday_takes_the_offer_off_the_list(town: Town) -> None:
    house = town.house()
    with town.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE licence SET until_on = '2026-04-10'")
    person = town.person()
    assert names(town, person) == []
    with pytest.raises(ProviderNotAdmitted):
        town.book(person, house)


def test_booking_holds_a_place_until_two_working_days_are_over(town: Town) -> None:
    house, person = town.house(capacity=2), town.person()
    placement = town.placement(town.book(person, house))
    assert (placement.status, placement.size, placement.distance_m) == (PlacementStatus.REQUESTED, 1, 1_000)
    assert placement.unit_price_minor == 900_00
    # asked on a Friday: Monday and Tuesday, to the end of Tuesday in Almaty
    assert placement.respond_until.isoformat() == "2026-04-14T19:00:00+00:00"
    assert town.taken(house) == 1
    assert town.request(person).status is RequestStatus.PLACED
    events = town.see(lambda work: events_of(work, "placement", placement.id))
    assert [event.verb for event in events] == ["requested"]
    assert town.broken() == []


def test_who_has_a_place_or_awaits_an_answer_books_no_second_one(town: Town) -> None:
    first, second, person = town.house(), town.house(), town.person()
    town.book(person, first)
    with pytest.raises(AlreadyPlaced):
        town.book(person, second)
    assert town.taken(second) == 0


def test_a_voucher_that_is_over_or_revoked_books_nothing_and_one_that_begins_later_does(town: Town) -> None:
    house = town.house(capacity=9)
    over, revoked = town.person(until_on=town.see(lambda w: w.today) + timedelta(days=1)), town.person()
    later = town.person(from_on=town.see(lambda w: w.today) + timedelta(days=20))
    town.do(BUDGET, lambda work: vouchers.revoke(work, revoked.voucher_id, reason="moved away"))
    town.book(later, house)
    town.wait(days=1)
    for person in (over, revoked):
        with pytest.raises(VoucherNotValid):
            town.book(person, house)
        with pytest.raises(VoucherNotValid):
            town.ask(person)


def test_nobody_else_books_with_my_voucher_but_an_operator_of_my_territory(town: Town) -> None:
    house, mine, other = town.house(), town.person(), town.person()
    for actor in (other.self, house.people, OPERATOR_ELSEWHERE):
        for verb in (
            partial(service.book, voucher_id=mine.voucher_id, offer_id=house.offer_id),
            partial(service.ask, voucher_id=mine.voucher_id),
            partial(service.shortlist, voucher_id=mine.voucher_id),
        ):
            with pytest.raises(VoucherNotFound):
                town.do(actor, verb)
    town.do(OPERATOR, lambda work: service.book(work, mine.voucher_id, house.offer_id))
    assert town.taken(house) == 1


def test_paying_more_than_the_voucher_is_allowed_only_on_days_the_switch_is_on(town: Town) -> None:
    house, person = town.house(price=1_200_00), town.person()
    with pytest.raises(PriceAboveVoucher):
        town.book(person, house)
    assert not town.see(lambda work: queries.may_pay_more(work, work.today))
    with town.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO indicator (id, code, value, unit, from_on, until_on, source) VALUES "
            "('00000000000000000000000000000077', 'voucher-top-up', 1, 'switch', '2026-04-01', '2026-05-01', 'order 9')"
        )
    placement = town.placement(town.book(person, house))
    assert placement.unit_price_minor == 1_200_00
    town.do(house.people, lambda work: service.accept(work, placement.id))
    assert town.broken() == []
    assert SYSTEM.grants is None
