"""A visit schedule: drawn up by who serves, in force when the head has approved it; planned against delivered."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.contract import service as contracting
from contracts.contract.rules import Engagement, EngagementNotFound
from contracts.kernel.errors import Malformed, WrongState
from contracts.kernel.work import SYSTEM, Actor
from contracts.register import delivered
from contracts.register import service as register
from contracts.schedule import queries, service
from contracts.schedule.rules import (
    Expected,
    ScheduleExists,
    ScheduleNotFound,
    ScheduleOutside,
    ScheduleStatus,
    Slot,
    SlotsOverlap,
    WorkerPlannedElsewhere,
    overlap,
)
from contracts.schedule.service import HeadNeeded
from tests.contracts.houses import (
    CARER,
    DIRECTOR,
    ERLAN,
    HOLDER,
    MADINA,
    OFFICER,
    OPERATOR,
    SERIK,
    STRANGER,
    House,
    almaty,
)

MONDAY = date(2026, 3, 2)
WEEK = [Slot(0, "09:00", 60, MADINA), Slot(3, "09:00", 60, MADINA)]


@pytest.fixture
def engagement(house: House) -> Engagement:
    house.payee()
    return house.engaged(house.voucher_contract())


def drawn(house: House, engagement: Engagement, slots: list[Slot] | None = None, on: date = MONDAY) -> UUID:
    return house.do(CARER, lambda w: service.draw(w, engagement.id, from_on=on, slots=slots or WEEK))


def approved(house: House, engagement: Engagement, slots: list[Slot] | None = None, on: date = MONDAY) -> UUID:
    schedule = drawn(house, engagement, slots, on)
    house.do(DIRECTOR, lambda w: service.approve(w, schedule))
    return schedule


def expected(house: House, engagement: Engagement, first: date, until: date) -> list[Expected]:
    one = house.engagement(engagement.id)
    return house.see(lambda w: delivered.expected_between(w, [one], first, until))[engagement.id]


def test_a_carer_draws_and_the_head_approves(house: House, engagement: Engagement) -> None:
    schedule = drawn(house, engagement)
    assert expected(house, engagement, MONDAY, MONDAY + timedelta(days=7)) == [], "not in force yet"
    with pytest.raises(HeadNeeded):
        house.do(CARER, lambda w: service.approve(w, schedule))
    house.do(DIRECTOR, lambda w: service.approve(w, schedule))
    found = house.see(lambda w: queries.schedule(w, schedule))
    assert (found.status, found.drawn_by, found.approved_by) == (ScheduleStatus.APPROVED, CARER.id, DIRECTOR.id)
    assert [one.day for one in expected(house, engagement, MONDAY, MONDAY + timedelta(days=7))] == [
        MONDAY, MONDAY + timedelta(days=3)
    ]  # fmt: skip
    assert house.verbs("engagement", engagement.id) == ["engaged", "schedule-drawn", "schedule-approved"]
    with pytest.raises(WrongState):
        house.do(DIRECTOR, lambda w: service.approve(w, schedule))


@pytest.mark.parametrize("other", [STRANGER, HOLDER, OFFICER, OPERATOR], ids=lambda a: a.name)
def test_nobody_else_draws_or_approves(house: House, engagement: Engagement, other: Actor) -> None:
    schedule = drawn(house, engagement)
    with pytest.raises(EngagementNotFound):
        house.do(other, lambda w: service.draw(w, engagement.id, from_on=date(2026, 3, 9), slots=WEEK))
    for verb in (service.approve, service.withdraw):
        with pytest.raises(ScheduleNotFound):
            house.do(other, lambda w, verb=verb: verb(w, schedule))


def test_a_schedule_holds_until_the_next_begins_and_a_withdrawn_one_gives_way(
    house: House, engagement: Engagement
) -> None:
    approved(house, engagement)
    later = approved(house, engagement, [Slot(1, "14:00", 30)], MONDAY + timedelta(days=7))
    fortnight = [one.day.weekday() for one in expected(house, engagement, MONDAY, MONDAY + timedelta(days=14))]
    assert fortnight == [0, 3, 1]
    with pytest.raises(ScheduleExists):
        drawn(house, engagement, on=MONDAY + timedelta(days=7))
    house.do(DIRECTOR, lambda w: service.withdraw(w, later))
    fortnight = [one.day.weekday() for one in expected(house, engagement, MONDAY, MONDAY + timedelta(days=14))]
    assert fortnight == [0, 3, 0, 3]


def test_no_worker_is_planned_in_two_places(house: House, engagement: Engagement) -> None:
    approved(house, engagement)
    neighbour = house.engaged(engagement.contract_id, recipient_id=SERIK)
    clash = drawn(house, neighbour, [Slot(3, "09:30", 30, MADINA)])
    with pytest.raises(WorkerPlannedElsewhere):
        house.do(DIRECTOR, lambda w: service.approve(w, clash))
    house.do(DIRECTOR, lambda w: service.withdraw(w, clash))
    approved(house, neighbour, [Slot(3, "09:30", 30, ERLAN), Slot(3, "10:00", 30, MADINA)])


def test_a_schedule_that_begins_later_keeps_its_worker_too(house: House, engagement: Engagement) -> None:
    april = date(2026, 4, 6)
    approved(house, engagement, on=april)
    neighbour = house.engaged(engagement.contract_id, recipient_id=SERIK)
    clash = drawn(house, neighbour, [Slot(3, "09:30", 30, MADINA)])
    with pytest.raises(WorkerPlannedElsewhere):
        house.do(DIRECTOR, lambda w: service.approve(w, clash))
    approved(house, neighbour, [Slot(3, "09:30", 30, ERLAN)], on=april)
    house.do(DIRECTOR, lambda w: service.approve(w, clash))  # by then somebody else comes


@pytest.mark.parametrize(
    ("slots", "refusal"),
    [
        ([], Malformed), ([Slot(7, "09:00", 60)], Malformed), ([Slot(0, "9:00", 60)], Malformed),
        ([Slot(0, "24:00", 60)], Malformed), ([Slot(0, "09:00", 0)], Malformed), ([Slot(0, "09:00", 1441)], Malformed),
        ([Slot(0, "09:00", 60), Slot(0, "09:59", 10)], SlotsOverlap),
        ([Slot(6, "23:30", 60), Slot(0, "00:15", 10)], SlotsOverlap), ([Slot(0, "09:00", 1)] * 22, Malformed),
    ],
)  # fmt: skip
def test_a_week_that_cannot_be_is_refused(
    house: House, engagement: Engagement, slots: list[Slot], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        house.do(CARER, lambda w: service.draw(w, engagement.id, from_on=MONDAY, slots=slots))


def test_a_schedule_begins_within_the_engagement(house: House, engagement: Engagement) -> None:
    for day in (date(2026, 1, 31), date(2026, 7, 1)):
        with pytest.raises(ScheduleOutside):
            drawn(house, engagement, on=day)


def test_planned_against_delivered_and_a_stay_in_hospital_is_no_missed_visit(
    house: House, engagement: Engagement
) -> None:
    approved(house, engagement)
    house.visit(engagement, almaty(2026, 3, 2, 9))
    house.visit(engagement, almaty(2026, 3, 6, 9))
    gone = house.visit(engagement, almaty(2026, 3, 12, 9))
    house.do(DIRECTOR, lambda w: register.cancel(w, gone, reason="nobody was there"))
    house.do(OPERATOR, lambda w: contracting.suspend_engagement(w, engagement.id, on=date(2026, 3, 16)))
    one = house.engagement(engagement.id)
    (found,) = house.see(lambda w: delivered.progress_of(w, [one], MONDAY, date(2026, 3, 23)))
    assert (found.planned, found.delivered) == (4, 2)
    assert found.missed == (date(2026, 3, 5), date(2026, 3, 9), date(2026, 3, 12))
    broken = [i.name for i in queries.invariants() if house.database.read(SYSTEM, lambda w, i=i: w.rows(i.broken))]
    assert broken == []


def test_slots_overlap_as_clocks_do() -> None:
    assert not overlap(Slot(0, "09:00", 60), Slot(0, "10:00", 60))
    assert overlap(Slot(0, "09:00", 61), Slot(0, "10:00", 60))
    assert overlap(Slot(6, "23:00", 90), Slot(0, "00:29", 5))
    assert not overlap(Slot(6, "23:00", 90), Slot(0, "00:30", 5))
