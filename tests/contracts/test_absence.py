"""What did not take place: a stay stops the clock, a visit that was missed costs what the rule of its day says."""

from datetime import date, datetime, timedelta

import pytest

from contracts.approval.rules import InterestDeclared
from contracts.approval.service import declare_interest
from contracts.contract.rules import Engagement, EngagementNotFound
from contracts.kernel.errors import Malformed, NotAllowed
from contracts.kernel.ids import new_id
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.register import absence, absences
from contracts.register.absence_rules import (
    Absence,
    AbsenceAndVisit,
    AbsenceDaysWrong,
    AbsenceKind,
    AbsenceNotFound,
    AbsenceRule,
    AbsenceRuleNotSet,
    AbsenceRulePeriodTaken,
    AbsenceWithdrawn,
    NewAbsence,
    NoticeInTime,
    VisitNotPlanned,
    payable_of,
)
from contracts.register.rules import NotServedThatDay
from contracts.schedule import service as scheduling
from contracts.schedule.rules import Slot
from tests.contracts.houses import (
    CARER,
    DIRECTOR,
    HOLDER,
    OFFICER,
    OPERATOR,
    STRANGER,
    WARM_HOME,
    House,
    almaty,
)

RULER = Actor(SYSTEM.id or new_id(), "budget officer of the country", (Grant(Role.BUDGET_OFFICER, territory=""),))
NINE = almaty(2026, 3, 4, 9)
YEAR = (date(2026, 1, 1), date(2027, 1, 1))


def rule(kind: AbsenceKind, percent: int = 0, *, counts: bool = False, hours: int = 0, **days: date) -> AbsenceRule:
    return AbsenceRule(new_id(), kind, percent, counts, hours, days.get("from_on", YEAR[0]),
                       days.get("until_on", YEAR[1]), "order 1")  # fmt: skip


@pytest.fixture
def engagement(house: House) -> Engagement:
    house.payee()
    for one in (
        rule(AbsenceKind.HOSPITAL),
        rule(AbsenceKind.NO_SHOW, 50, counts=True),
        rule(AbsenceKind.SHORT_NOTICE, 25, hours=24),
    ):
        house.do(RULER, lambda w, one=one: absence.set_rule(w, one))
    return house.engaged(house.voucher_contract(), unit="visit", unit_price_minor=10_01)


def enter(house: House, engagement: Engagement, new: NewAbsence, actor: Actor = CARER) -> Absence:
    entered = house.do(actor, lambda w: absence.enter(w, engagement.id, new))
    return house.see(lambda w: absences.absence(w, entered))


def no_show(at: datetime = NINE, quantity: int = 1) -> NewAbsence:
    return NewAbsence(AbsenceKind.NO_SHOW, planned_at=at, quantity=quantity)


def stay(first: date, until: date) -> NewAbsence:
    return NewAbsence(AbsenceKind.HOSPITAL, from_on=first, until_on=until)


def test_a_stay_in_hospital_stops_the_clock(house: House, engagement: Engagement) -> None:
    found = enter(house, engagement, stay(date(2026, 3, 4), date(2026, 3, 11)))
    assert (found.payable_minor, found.quantity) == (0, 0)
    assert house.see(lambda w: absences.days_stood_still(w, engagement.id)) == 7
    with pytest.raises(NotServedThatDay):
        house.visit(engagement, almaty(2026, 3, 10, 9))
    house.visit(engagement, almaty(2026, 3, 11, 9))
    assert house.verbs("absence", found.id) == ["entered"]
    assert house.verbs("engagement", engagement.id)[-1] == "stay-noted"
    house.do(DIRECTOR, lambda w: absence.withdraw(w, found.id, reason="it was her sister"))
    house.visit(engagement, almaty(2026, 3, 10, 9))
    assert house.see(lambda w: absences.days_stood_still(w, engagement.id)) == 0
    assert house.broken() == []


def test_a_visit_that_was_missed_costs_what_the_rule_of_its_day_says(house: House, engagement: Engagement) -> None:
    found = enter(house, engagement, no_show())
    assert (found.payable_minor, found.counts) == (5_01, True), "half of 10.01, half up"
    house.do(RULER, lambda w: absence.set_rule(w, rule(AbsenceKind.NO_SHOW, 10, from_on=date(2026, 3, 5))))
    assert enter(house, engagement, no_show(NINE + timedelta(days=1), 3)).payable_minor == 3_00
    assert house.see(lambda w: absences.absence(w, found.id)).payable_minor == 5_01, "what was, stays"
    with pytest.raises(AbsenceAndVisit):
        enter(house, engagement, no_show())
    house.do(OFFICER, lambda w: absence.withdraw(w, found.id, reason="she was there"))
    with pytest.raises(AbsenceWithdrawn):
        house.do(OFFICER, lambda w: absence.withdraw(w, found.id, reason="again"))


def test_who_declared_an_interest_in_the_organisation_takes_none_of_its_absences_back(
    house: House, engagement: Engagement
) -> None:
    found = enter(house, engagement, no_show())
    house.do(OFFICER, lambda w: declare_interest(w, provider_id=WARM_HOME, reason="my sister works there"))
    with pytest.raises(InterestDeclared):
        house.do(OFFICER, lambda w: absence.withdraw(w, found.id, reason="she was there"))
    assert house.see(lambda w: absences.absence(w, found.id)).withdrawn_at is None
    house.do(DIRECTOR, lambda w: absence.withdraw(w, found.id, reason="she was there"))
    assert house.verbs("absence", found.id)[-1] == "withdrawn"


def test_short_notice_is_what_the_rule_calls_short(house: House, engagement: Engagement) -> None:
    def told(before: timedelta) -> NewAbsence:
        return NewAbsence(AbsenceKind.SHORT_NOTICE, planned_at=NINE, told_at=NINE - before, quantity=2)

    with pytest.raises(NoticeInTime):
        enter(house, engagement, told(timedelta(hours=24)))
    with pytest.raises(AbsenceDaysWrong):
        enter(house, engagement, told(timedelta(minutes=-1)))
    found = enter(house, engagement, told(timedelta(hours=24, seconds=-1)))
    assert (found.payable_minor, found.counts) == (5_00, False), "twice a quarter of 10.01, half up"


def test_what_is_missed_was_planned_and_is_no_more_than_the_programme_gives(
    house: House, engagement: Engagement
) -> None:
    most = engagement.units_a_month
    taken_back = enter(house, engagement, no_show(NINE, most))
    house.do(DIRECTOR, lambda w: absence.withdraw(w, taken_back.id, reason="she was there"))
    enter(house, engagement, no_show(NINE, most - 2))
    for more in (most + 1, 3):
        with pytest.raises(VisitNotPlanned) as refused:
            enter(house, engagement, no_show(NINE + timedelta(days=1), more))
        assert refused.value.members["pointer"] == "/quantity", "also of several visits of the month together"
    enter(house, engagement, no_show(almaty(2026, 4, 2, 9), most))
    week = [Slot(0, "09:00", 60), Slot(2, "14:00", 60)]
    drawn = house.do(CARER, lambda w: scheduling.draw(w, engagement.id, from_on=date(2026, 3, 9), slots=week))
    enter(house, engagement, no_show(almaty(2026, 3, 10, 9)))  # nobody has approved it yet
    house.do(DIRECTOR, lambda w: scheduling.approve(w, drawn))
    for at in (almaty(2026, 3, 11, 9), almaty(2026, 3, 12, 14), almaty(2026, 3, 11, 14, 1)):
        with pytest.raises(VisitNotPlanned) as refused:
            enter(house, engagement, no_show(at))
        assert refused.value.members["pointer"] == "/planned_at"
    enter(house, engagement, no_show(almaty(2026, 3, 11, 14)))


def test_nobody_is_served_and_absent_at_once(house: House, engagement: Engagement) -> None:
    house.visit(engagement, NINE)
    for new in (no_show(), no_show(NINE + timedelta(minutes=30)), stay(date(2026, 3, 1), date(2026, 3, 8))):
        with pytest.raises(AbsenceAndVisit):
            enter(house, engagement, new)
    enter(house, engagement, no_show(NINE + timedelta(hours=3)))
    with pytest.raises(AbsenceAndVisit):
        enter(house, engagement, stay(date(2026, 3, 4), date(2026, 3, 5)))


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        (NewAbsence(AbsenceKind.HOSPITAL), Malformed), (stay(date(2026, 3, 5), date(2026, 3, 5)), Malformed),
        (stay(date(2026, 4, 1), date(2026, 4, 20)), AbsenceDaysWrong),
        (stay(date(2026, 1, 1), date(2026, 2, 3)), AbsenceDaysWrong),
        (NewAbsence(AbsenceKind.NO_SHOW, quantity=1), Malformed), (no_show(quantity=0), Malformed),
        (no_show(almaty(2026, 4, 11, 9)), AbsenceDaysWrong), (no_show(almaty(2026, 1, 31, 9)), AbsenceDaysWrong),
        (NewAbsence(AbsenceKind.NO_SHOW, planned_at=NINE, told_at=NINE, quantity=1), Malformed),
        (NewAbsence(AbsenceKind.SHORT_NOTICE, planned_at=NINE, quantity=1), Malformed),
    ],
)  # fmt: skip
def test_an_absence_that_cannot_be_is_refused(
    house: House, engagement: Engagement, new: NewAbsence, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        enter(house, engagement, new)


@pytest.mark.parametrize("other", [STRANGER, HOLDER, OFFICER, OPERATOR], ids=lambda a: a.name)
def test_nobody_else_enters_one(house: House, engagement: Engagement, other: Actor) -> None:
    with pytest.raises(EngagementNotFound):
        enter(house, engagement, no_show(), other)
    found = enter(house, engagement, no_show())
    if other is not OFFICER:
        with pytest.raises(AbsenceNotFound):
            house.do(other, lambda w: absence.withdraw(w, found.id, reason="x"))


def test_a_rule_has_its_days_its_bounds_and_its_officer(house: House, engagement: Engagement) -> None:
    later = rule(AbsenceKind.NO_SHOW, 0, from_on=date(2026, 6, 1))
    house.do(RULER, lambda w: absence.set_rule(w, later))
    with pytest.raises(AbsenceRulePeriodTaken):
        house.do(RULER, lambda w: absence.set_rule(w, rule(AbsenceKind.NO_SHOW, from_on=date(2026, 5, 1))))
    for wrong in (rule(AbsenceKind.NO_SHOW, 101), rule(AbsenceKind.NO_SHOW, -1), rule(AbsenceKind.NO_SHOW, hours=999)):
        with pytest.raises(Malformed):
            house.do(RULER, lambda w, wrong=wrong: absence.set_rule(w, wrong))
    with pytest.raises(NotAllowed):
        house.do(OFFICER, lambda w: absence.set_rule(w, rule(AbsenceKind.HOSPITAL, from_on=date(2026, 7, 1))))
    with pytest.raises(AbsenceRuleNotSet):
        house.see(lambda w: absences.rule_on(w, AbsenceKind.NO_SHOW, date(2027, 1, 1)))
    assert house.verbs("absence-rule", AbsenceKind.NO_SHOW) == ["set", "set"]  # type: ignore[arg-type] # a word
    assert engagement.unit == "visit"
    broken = [i.name for i in absences.invariants() if house.see(lambda w, i=i: w.rows(i.broken.limit(1)))]
    assert broken == []


def test_a_share_is_rounded_once_half_up() -> None:
    for percent, quantity, paid in (
        (50, 1, 5_01),
        (33, 1, 3_30),
        (25, 2, 5_00),
        (50, 3, 15_03),
        (100, 3, 30_03),
        (0, 9, 0),
    ):
        assert payable_of(10_01, quantity, rule(AbsenceKind.NO_SHOW, percent)) == paid
