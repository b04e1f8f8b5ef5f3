"""An answer in time makes an engagement; a refusal, a lapse or an end gives the place back."""

from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit.queries import events_of
from contracts.budget import queries as budget
from contracts.contract import queries as contracts
from contracts.contract.rules import EngagementStatus
from contracts.kernel.errors import Malformed, NotAllowed, WrongState
from market.placement import service
from market.placement.models import PlacementRow
from market.placement.rules import (
    AnswerTooLate,
    EndsOn,
    PlacementNotFound,
    PlacementStatus,
    ProviderNotAdmitted,
    RequestStatus,
    VoucherNotValid,
)
from market.provider import service as providing
from market.voucher import service as vouchers
from tests.placement.town import ADMISSION, BUDGET, CLERK, Town
from tests.recipient.homes import OPERATOR, OPERATOR_ELSEWHERE


def offered(town: Town, placement_id: UUID) -> None:
    """As a round leaves it: the holder is to answer."""
    with town.database.engine.begin() as connection:
        connection.execute(
            sa.update(PlacementRow).where(PlacementRow.id == placement_id).values(status=PlacementStatus.OFFERED)
        )


def test_acceptance_engages_from_tomorrow_at_the_price_of_the_booking(town: Town) -> None:
    house, person = town.house(price=900_00), town.person(until_on=date(2026, 7, 1))
    placement = town.book(person, house)
    town.do(house.people, lambda work: providing.set_tariff(work, house.offer_id, price_minor=950_00,
                                                           from_on=work.today + timedelta(days=1)))  # fmt: skip
    town.wait(days=3)
    engagement_id = town.do(house.people, lambda work: service.accept(work, placement))
    engagement = town.see(lambda work: contracts.engagement(work, engagement_id))
    assert (engagement.placement_id, engagement.recipient_id) == (placement, person.id)
    assert (engagement.unit_price_minor, engagement.units_a_month) == (900_00, 8)
    assert (engagement.from_on, engagement.until_on) == (date(2026, 4, 14), date(2026, 7, 1))
    money = town.see(lambda work: budget.availability(work, town.line_id))
    assert money.committed == 900_00 * 8 * 3
    accepted = town.placement(placement)
    assert (accepted.status, accepted.engagement_id) == (PlacementStatus.ACCEPTED, engagement_id)
    assert accepted.ends_on == date(2026, 7, 1)
    assert town.taken(house) == 1
    events = town.see(lambda work: events_of(work, "placement", placement))
    assert [event.verb for event in events] == ["requested", "accepted"]
    assert town.broken() == []


def test_a_voucher_that_begins_later_is_served_from_its_first_day(town: Town) -> None:
    house, person = town.house(), town.person(from_on=date(2026, 5, 1))
    engagement = town.placement(town.placed(person, house)).engagement_id
    assert engagement is not None
    assert town.see(lambda work: contracts.engagement(work, engagement)).from_on == date(2026, 5, 1)


def test_two_of_one_house_share_its_contract_of_the_year(town: Town) -> None:
    house = town.house(capacity=2)
    for _ in range(2):
        town.placed(town.person(), house)
    assert len(town.see(lambda work: contracts.contracts_of_provider(work, house.provider_id))) == 1


def test_only_the_side_that_was_asked_can_accept_and_to_strangers_nothing_is_there(town: Town) -> None:
    house, other, person = town.house(), town.house(), town.person()
    placement = town.book(person, house)
    for actor in (person.self, other.people, OPERATOR, OPERATOR_ELSEWHERE):
        with pytest.raises(PlacementNotFound):
            town.do(actor, lambda work: service.accept(work, placement))
    offered(town, placement)
    for actor in (house.people, other.people, OPERATOR_ELSEWHERE):
        with pytest.raises(PlacementNotFound):
            town.do(actor, lambda work: service.accept(work, placement))
    town.do(OPERATOR, lambda work: service.accept(work, placement))
    with pytest.raises(WrongState):
        town.do(person.self, lambda work: service.accept(work, placement))
    assert town.broken() == []


def test_an_answer_at_the_deadline_is_too_late_and_one_a_second_before_is_not(town: Town) -> None:
    house = town.house(capacity=2)
    late, early = town.book(town.person(), house), town.book(town.person(), house)
    until = town.placement(early).respond_until
    left = until - town.see(lambda work: work.now)
    town.wait(seconds=int(left.total_seconds()) - 20)
    town.do(house.people, lambda work: service.accept(work, early))
    town.wait(seconds=21)
    with pytest.raises(AnswerTooLate):
        town.do(house.people, lambda work: service.accept(work, late))
    assert town.placement(late).status is PlacementStatus.REQUESTED
    assert town.broken() == ["nobody's answer is overdue"]
    assert town.do(CLERK, service.lapse_overdue) == 1
    assert town.broken() == []


def test_nothing_is_accepted_for_a_suspended_house_or_a_revoked_voucher(town: Town) -> None:
    house, person = town.house(capacity=2), town.person()
    placement = town.book(person, house)
    town.do(ADMISSION, lambda work: providing.suspend(work, house.provider_id, reason="fire safety"))
    with pytest.raises(ProviderNotAdmitted):
        town.do(house.people, lambda work: service.accept(work, placement))
    town.do(ADMISSION, lambda work: providing.readmit(work, house.provider_id))
    town.do(BUDGET, lambda work: vouchers.revoke(work, person.voucher_id, reason="moved away"))
    with pytest.raises(VoucherNotValid):
        town.do(house.people, lambda work: service.accept(work, placement))
    assert town.see(lambda work: budget.availability(work, town.line_id)).committed == 0


def test_a_refusal_gives_the_place_back_and_the_wait_goes_on_where_it_was(town: Town) -> None:
    house, person = town.house(), town.person()
    town.ask(person)
    since = town.request(person).waiting_since
    town.wait(days=1)
    placement = town.book(person, house)
    with pytest.raises(Malformed):
        town.do(house.people, lambda work: service.decline(work, placement, reason=" "))
    town.do(house.people, lambda work: service.decline(work, placement, reason="the lift is broken"))
    assert town.placement(placement).status is PlacementStatus.DECLINED
    assert (town.request(person).status, town.request(person).waiting_since) == (RequestStatus.WAITING, since)
    assert town.taken(house) == 0
    event = town.see(lambda work: events_of(work, "placement", placement))[-1]
    assert (event.verb, "the lift is broken" in event.body) == ("declined", True)
    assert town.broken() == []
    town.book(person, house)


def test_a_holder_may_take_the_own_booking_back_and_refuse_an_offer_but_the_house_refuses_no_offer(town: Town) -> None:
    house, person = town.house(), town.person()
    booked = town.book(person, house)
    town.do(person.self, lambda work: service.decline(work, booked, reason="found another"))
    placement = town.book(person, house)
    offered(town, placement)
    with pytest.raises(PlacementNotFound):
        town.do(house.people, lambda work: service.decline(work, placement, reason="no"))
    town.do(person.self, lambda work: service.decline(work, placement, reason="too far"))
    assert town.taken(house) == 0


def test_what_nobody_answers_lapses_and_frees_the_place(town: Town) -> None:
    house, person = town.house(), town.person()
    placement = town.book(person, house)
    assert town.do(CLERK, service.lapse_overdue) == 0
    town.wait(days=5)
    assert town.broken() == ["nobody's answer is overdue"]
    with pytest.raises(NotAllowed):
        town.do(house.people, service.lapse_overdue)
    assert town.do(CLERK, service.lapse_overdue) == 1
    assert town.placement(placement).status is PlacementStatus.LAPSED
    assert (town.taken(house), town.request(person).status) == (0, RequestStatus.WAITING)
    assert town.see(lambda work: events_of(work, "placement", placement))[-1].verb == "lapsed"
    assert town.broken() == []


def test_an_end_today_frees_the_place_the_money_and_the_person(town: Town) -> None:
    house, person = town.house(), town.person()
    placement = town.placed(person, house)
    town.wait(days=10)
    town.do(person.self, lambda work: service.end(work, placement, on=work.today))
    assert town.taken(house) == 0
    ended = town.placement(placement)
    assert ended.status is PlacementStatus.ENDED
    engagement_id = ended.engagement_id
    assert engagement_id is not None
    engagement = town.see(lambda work: contracts.engagement(work, engagement_id))
    assert engagement.status is EngagementStatus.ENDED
    assert engagement.until_on == date(2026, 4, 20)
    assert town.request(person).status is RequestStatus.CLOSED
    assert town.see(lambda work: budget.availability(work, town.line_id)).committed == 900_00 * 3  # 9 of 30 days
    assert town.broken() == []
    town.book(person, house)  # the voucher still runs: asking begins a new wait
    assert town.broken() == []


def test_an_end_to_come_keeps_the_place_until_its_day(town: Town) -> None:
    house, person = town.house(), town.person()
    placement = town.placed(person, house)
    with pytest.raises(EndsOn):
        town.do(person.self, lambda work: service.end(work, placement, on=date(2026, 7, 2)))
    town.do(person.self, lambda work: service.end(work, placement, on=date(2026, 5, 1)))
    assert town.do(CLERK, service.lapse_overdue) == 0
    assert town.taken(house) == 1
    town.wait(days=22)
    assert town.broken() == ["a placement that is over holds no place"]
    assert town.do(CLERK, service.lapse_overdue) == 1
    assert (town.taken(house), town.placement(placement).status) == (0, PlacementStatus.ENDED)
    assert town.broken() == []


def test_the_last_day_of_the_voucher_ends_the_placement_by_itself(town: Town) -> None:
    house, person = town.house(), town.person(until_on=date(2026, 5, 1))
    placement = town.placed(person, house)
    town.wait(days=21)
    town.do(CLERK, service.lapse_overdue)
    assert (town.taken(house), town.placement(placement).status) == (0, PlacementStatus.ENDED)
    with pytest.raises(WrongState):
        town.do(person.self, lambda work: service.end(work, placement, on=work.today))
