"""What ends a placement ends its service and frees its money, and the money moves on with the person."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from contracts.audit.queries import events_of
from contracts.budget import queries as budget
from contracts.contract import queries as contracts
from contracts.contract import service as contracting
from contracts.contract.rules import DayOutside, Engagement, EngagementStatus
from contracts.kernel.work import SYSTEM, Work
from contracts.ledger import queries as ledger
from contracts.register import service as register
from contracts.register.rules import VisitAfterEngagement
from market.placement import service
from market.placement.rules import EndsOn, PlacementStatus, RequestStatus
from market.recipient import service as recipients
from market.voucher import queries as vouchers
from market.voucher import service as granting
from tests.placement.town import BUDGET, House, Person, Town
from tests.recipient.homes import OPERATOR, VAULT


def engagement(town: Town, placement_id: UUID) -> Engagement:
    found = town.see(lambda work: contracts.engagement_of_placement(work, placement_id))
    assert found is not None
    return found


def visit(town: Town, house: House, placement_id: UUID, day: date) -> UUID:
    served = engagement(town, placement_id)
    start = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    return town.do(house.people, lambda work: register.enter(
        work, served.id, client_id=str(day), worker_id=UUID(int=9), started_at=start,
        ended_at=start + timedelta(hours=1), quantity=1, place="home",
    ))  # fmt: skip


def bury(town: Town, person: Person, died_on: date) -> None:
    def write(work: Work) -> None:
        recipients.record_death(work, VAULT, person.id, died_on=died_on)
        service.end_all_of(work, person.id, died_on=died_on)

    town.do(OPERATOR, write)


def holds(town: Town) -> bool:
    sentences = [*contracts.invariants(), *vouchers.invariants(), *ledger.invariants()]
    assert town.broken() == []
    return town.see(lambda work: [i.name for i in sentences if work.rows(i.broken.limit(1))]) == []


def test_what_ends_after_a_revocation_goes_on_to_the_line_at_once(town: Town) -> None:
    house, person = town.house(), town.person()
    placement = town.placed(person, house)
    town.do(BUDGET, lambda work: granting.revoke(work, person.voucher_id, reason="moved"))
    town.do(person.self, lambda work: service.end(work, placement, on=work.today))
    assert town.see(lambda work: budget.availability(work, town.line_id)).reserved == 0
    assert holds(town)


def test_a_revoked_voucher_withdraws_what_nobody_has_answered(town: Town) -> None:
    house, person = town.house(), town.person()
    at_the_door = town.book(person, house)
    town.do(BUDGET, lambda work: granting.revoke(work, person.voucher_id, reason="moved"))
    town.do(BUDGET, lambda work: service.withdraw_of_voucher(work, person.voucher_id))
    assert (town.taken(house), town.request(person).status) == (0, RequestStatus.CLOSED)
    assert town.see(lambda work: events_of(work, "placement", at_the_door))[-1].verb == "withdrawn"
    other = town.person()
    later = town.book(other, house)
    town.do(BUDGET, lambda work: granting.revoke(work, other.voucher_id, reason="moved"))
    assert town.do(SYSTEM, service.end_of_day) == 1
    assert town.placement(later).status is PlacementStatus.DECLINED
    assert holds(town)


def test_a_death_ends_service_and_frees_place_and_money(town: Town) -> None:
    house, person = town.house(capacity=2), town.person()
    placement, booked = town.placed(person, house), town.book(town.person(), house)
    town.wait(days=10)
    bury(town, person, date(2026, 4, 15))
    ended = engagement(town, placement)
    assert (ended.status, ended.until_on) == (EngagementStatus.ENDED, date(2026, 4, 16))
    assert (town.placement(placement).status, town.placement(placement).ends_on) == (
        PlacementStatus.ENDED, date(2026, 4, 16),
    )  # fmt: skip
    assert town.taken(house) == 1
    assert town.see(lambda work: budget.availability(work, town.line_id)).committed == 900_00 * 2  # 5 of 30 days
    visit(town, house, placement, date(2026, 4, 15))
    with pytest.raises(VisitAfterEngagement):
        visit(town, house, placement, date(2026, 4, 16))
    assert town.placement(booked).status is PlacementStatus.REQUESTED
    town.do(SYSTEM, service.lapse_overdue)
    assert holds(town)


def test_the_days_end_finds_the_dead_nobody_looked_for(town: Town) -> None:
    house, person = town.house(), town.person()
    placement = town.placed(person, house)
    town.wait(days=5)
    town.do(OPERATOR, lambda work: recipients.record_death(work, VAULT, person.id, died_on=work.today))
    assert town.do(SYSTEM, service.end_of_day) == 1
    assert (town.taken(house), engagement(town, placement).until_on) == (0, date(2026, 4, 16))
    town.wait(days=1)
    assert town.do(SYSTEM, service.end_of_day) == 1
    assert engagement(town, placement).status is EngagementStatus.ENDED
    town.do(SYSTEM, lambda work: granting.close_expired(work, work.today))
    assert holds(town)


def test_no_end_wipes_out_service_that_was_confirmed(town: Town) -> None:
    house, person = town.house(), town.person()
    placement = town.placed(person, house)
    town.wait(days=5)
    entry = visit(town, house, placement, date(2026, 4, 13))
    town.do(OPERATOR, lambda work: register.confirm(work, entry))
    for actor, on, rule in (
        (person.self, date(2020, 1, 1), "end-not-in-the-past"),
        (house.people, date(2026, 4, 14), "end-not-in-the-past"),
        (OPERATOR, date(2026, 4, 13), "end-after-confirmed-service"),
    ):
        with pytest.raises(EndsOn) as refused:
            town.do(actor, lambda work, on=on: service.end(work, placement, on=on))  # type: ignore[misc] # bound now
        assert refused.value.members["rule"] == rule
    town.do(OPERATOR, lambda work: service.end(work, placement, on=date(2026, 4, 14)))
    assert town.placement(placement).ends_on == engagement(town, placement).until_on == date(2026, 4, 14)
    assert holds(town)


def test_an_engagement_ends_with_its_days_and_its_unused_money_goes_back_after_the_grace(town: Town) -> None:
    house, person = town.house(), town.person(until_on=date(2026, 5, 1))
    placement = town.placed(person, house)
    town.wait(days=10)
    entry = visit(town, house, placement, date(2026, 4, 20))
    town.wait(days=11)
    town.do(SYSTEM, service.lapse_overdue)
    assert engagement(town, placement).status is EngagementStatus.ENDED
    town.do(SYSTEM, lambda work: granting.close_expired(work, work.today))
    town.wait(days=59)
    assert town.do(SYSTEM, service.end_of_day) == 0
    town.wait(days=2)
    assert town.do(SYSTEM, service.end_of_day) == 0  # a visit is still to be confirmed, or cancelled
    town.do(house.people, lambda work: register.cancel(work, entry, reason="nobody was at home"))
    assert town.do(SYSTEM, service.end_of_day) == 1
    money = town.see(lambda work: budget.availability(work, town.line_id))
    assert (money.committed, money.reserved) == (0, 0)
    assert town.do(SYSTEM, service.end_of_day) == 0
    assert holds(town)


def test_the_balance_moves_along_to_another_provider_in_mid_month(town: Town) -> None:
    first, second = town.house(price=850_00), town.house("Sun", price=850_00)
    person = town.person(ceiling=850_00, until_on=date(2027, 1, 1))
    placement = town.placed(person, first)
    town.wait(days=2)
    town.do(person.self, lambda work: service.end(work, placement, on=work.today))
    moved = town.placed(person, second)
    money = town.see(lambda work: budget.availability(work, town.line_id))
    assert (money.reserved, money.committed) == (0, 850_00 * 8 * 9)
    assert engagement(town, moved).from_on == date(2026, 4, 13)
    with pytest.raises(DayOutside):
        town.do(SYSTEM, lambda work: contracting.release_unused(work, engagement(town, placement).id, on=work.today))
    assert holds(town)
