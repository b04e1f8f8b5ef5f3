"""The waiting list: who asks keeps the place in it, and may say where to."""

from uuid import uuid4

import pytest

from contracts.audit.queries import events_of
from market.catalogue.rules import Unit
from market.placement import queries, service
from market.placement.rules import MAX_WISHES, AlreadyPlaced, RequestStatus, WishesWrong
from market.provider import service as providing
from tests.placement.town import CLERK, House, Town


def test_asking_puts_the_holder_on_the_list_with_what_a_round_needs(town: Town) -> None:
    person = town.person(tier=1, ceiling=900_00)
    asked = town.ask(person)
    request = town.request(person)
    assert (request.id, request.status, request.tier, request.ceiling_minor) == (
        asked,
        RequestStatus.WAITING,
        1,
        900_00,
    )
    assert (request.kind, request.setting, request.unit, request.size) == ("domestic", "home", "visit", 1)
    assert (request.category, request.language, request.territory) == ("elderly", "kk", "750000000")
    assert [e.verb for e in town.see(lambda work: events_of(work, "request", asked))] == ["asked"]


def test_asking_again_changes_nothing_and_keeps_the_place_in_the_list(town: Town) -> None:
    person = town.person()
    asked = town.ask(person)
    since = town.request(person).waiting_since
    town.wait(days=3)
    assert town.ask(person) == asked
    assert town.request(person).waiting_since == since
    assert len(town.see(lambda work: events_of(work, "request", asked))) == 1


def test_wishes_are_kept_in_order_and_a_new_ranking_replaces_the_old(town: Town) -> None:
    first, second, person = town.house(), town.house(), town.person()
    request = town.wish(person, first, second)
    assert town.see(lambda work: queries.wishes_of(work, request)) == [first.offer_id, second.offer_id]
    town.wish(person, second)
    assert town.see(lambda work: queries.wishes_of(work, request)) == [second.offer_id]
    town.wish(person)
    assert town.see(lambda work: queries.wishes_of(work, request)) == []
    assert [e.verb for e in town.see(lambda work: events_of(work, "request", request))] == ["asked", *["wished"] * 3]


def test_a_wish_that_cannot_be_kept_is_refused_by_its_position_and_rule(town: Town) -> None:
    good, closed, hourly, person = town.house(), town.house(), town.house(unit=Unit.HOUR), town.person()
    town.do(closed.people, lambda work: providing.close_offer(work, closed.offer_id))
    unknown = House(uuid4(), uuid4())
    for houses, pointer, rule in (
        ([good, closed], "/offer_ids/1", "open-offer"),
        ([hourly], "/offer_ids/0", "same-kind-setting-unit"),
        ([good, unknown], "/offer_ids/1", "known-offer"),
        ([good, good], "/offer_ids/1", "named-once"),
        ([House(uuid4(), uuid4()) for _ in range(MAX_WISHES + 1)], "/offer_ids", "at-most-ten"),
    ):
        with pytest.raises(WishesWrong) as refusal:
            town.wish(person, *houses)
        assert (refusal.value.members["pointer"], refusal.value.members["rule"]) == (pointer, rule)
    town.wish(person, good)
    with pytest.raises(WishesWrong):
        town.wish(person, closed)
    request = town.request(person)
    assert town.see(lambda work: queries.wishes_of(work, request.id)) == [good.offer_id]


def test_who_is_placed_wishes_no_more(town: Town) -> None:
    house, person = town.house(), town.person()
    town.book(person, house)
    with pytest.raises(AlreadyPlaced):
        town.wish(person, house)


def test_who_waits_with_a_voucher_that_is_over_waits_no_longer(town: Town) -> None:
    person, other = town.person(until_on=town.see(lambda w: w.today).replace(month=5)), town.person()
    town.ask(person)
    town.ask(other)
    town.wait(days=60)
    assert town.do(CLERK, service.lapse_overdue) == 1
    assert town.do(CLERK, service.lapse_overdue) == 0
    assert town.request(person).status is RequestStatus.CLOSED
    assert town.request(other).status is RequestStatus.WAITING
