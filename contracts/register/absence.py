"""Entering and taking back absences, and setting their rules."""

from datetime import date, timedelta
from uuid import UUID

from contracts.audit.service import record
from contracts.contract import queries as contracts
from contracts.contract.rules import Engagement
from contracts.contract.service import lift_stay, note_stay
from contracts.kernel.calendar import civil_date
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.work import Role, Work
from contracts.register import absences, delivered
from contracts.register.absence_rules import (
    VISITS,
    Absence,
    AbsenceAndVisit,
    AbsenceDaysWrong,
    AbsenceInAct,
    AbsenceKind,
    AbsenceNotFound,
    AbsenceRule,
    AbsenceRulePeriodTaken,
    AbsenceWithdrawn,
    NewAbsence,
    VisitNotPlanned,
    check_form,
    check_notice,
    check_rule,
    payable_of,
)
from contracts.register.models import AbsenceRow, AbsenceRuleRow
from contracts.register.rules import check_reason
from contracts.register.service import check_served_on, check_takes_back, own_engagement, person, take_turns
from contracts.schedule.queries import schedules_of
from contracts.schedule.rules import in_force


def enter(work: Work, engagement_id: UUID, new: NewAbsence) -> UUID:
    """By the provider's people. A stay stops the service on its days; a visit that did not take place costs what the
    rule of its day says. Raises AbsenceDaysWrong, NotServedThatDay, VisitNotPlanned, AbsenceAndVisit, NoticeInTime,
    AbsenceRuleNotSet, Malformed."""
    engagement = own_engagement(work, engagement_id)
    check_form(new, now=work.now, today=work.today)
    take_turns(work, engagement.recipient_id)
    from_on = new.from_on or civil_date(new.planned_at or work.now)
    until_on = new.until_on or from_on + timedelta(days=1)
    if not engagement.from_on <= from_on or until_on > engagement.until_on:
        raise AbsenceDaysWrong(pointer="/from_on", rule="inside-the-engagement")
    if new.kind in VISITS:
        check_served_on(work, engagement, from_on)
        _check_planned(work, engagement, new, from_on)
    _check_absent(work, engagement, new)
    rule = absences.rule_on(work, new.kind, from_on)
    check_notice(new, rule)
    absence_id = new_id()
    work.insert(
        AbsenceRow,
        id=absence_id,
        engagement_id=engagement.id,
        contract_id=engagement.contract_id,
        recipient_id=engagement.recipient_id,
        kind=new.kind,
        month=Month.of(from_on),
        from_on=from_on,
        until_on=until_on,
        planned_at=new.planned_at,
        told_at=new.told_at,
        quantity=new.quantity,
        payable_minor=payable_of(contracts.price_of_day(work, engagement, from_on), new.quantity, rule),
        counts=rule.counts,
        rule_id=rule.id,
        entered_by=person(work),
        entered_at=work.now,
        withdrawn_at=None,
        withdraw_reason=None,
        act_id=None,
    )
    record(work, "absence", absence_id, "entered")
    if new.kind is AbsenceKind.HOSPITAL:
        note_stay(work, engagement.id, from_on=from_on, until_on=until_on)
    return absence_id


def _check_planned(work: Work, engagement: Engagement, new: NewAbsence, day: date) -> None:
    """Nobody confirms a visit that was missed: so it is one of the schedule, on days that have one, and no more than
    the programme gives in a month."""
    missed = absences.units_missed(work, engagement.id, Month.of(day))
    if missed + new.quantity > engagement.units_a_month:
        raise VisitNotPlanned(pointer="/quantity", rule="within-the-programme")
    if in_force(schedules_of(work, engagement.id), day) is None:
        return
    plans = delivered.expected_between(work, [engagement], day, day + timedelta(days=1))
    if all(one.started_at != new.planned_at for one in plans[engagement.id]):
        raise VisitNotPlanned(pointer="/planned_at", rule="as-scheduled")


def _check_absent(work: Work, engagement: Engagement, new: NewAbsence) -> None:
    """Nobody was served and absent at once."""
    if new.planned_at is None:
        assert new.from_on is not None
        assert new.until_on is not None
        from_on, until_on = new.from_on, new.until_on
        visited = absences.is_visited_on(work, engagement.id, from_on, until_on)
    else:
        from_on = civil_date(new.planned_at)
        until_on = from_on + timedelta(days=1)
        visited = absences.is_visited_at(work, engagement.id, new.planned_at)
    if visited or absences.is_absent(work, engagement.id, from_on, until_on, new.planned_at):
        raise AbsenceAndVisit(pointer="/planned_at" if new.planned_at else "/from_on", rule="served-or-absent")


def withdraw(work: Work, absence_id: UUID, *, reason: str, let_go_by: UUID | None = None) -> None:
    """By the provider's people or a budget officer. ``let_go_by``: the act that may lose it, its row
    held by the caller. Raises AbsenceInAct, AbsenceWithdrawn, InterestDeclared, ReasonMissing."""
    found = absences.absence(work, absence_id, lock=True)
    check_takes_back(work, found.contract_id, AbsenceNotFound)
    said = check_reason(reason)
    if found.withdrawn_at is not None:
        raise AbsenceWithdrawn
    if found.act_id not in {None, let_go_by}:
        raise AbsenceInAct(rule="not-in-an-act")
    work.update(AbsenceRow, absence_id, withdrawn_at=work.now, withdraw_reason=said, act_id=None)
    record(work, "absence", absence_id, "withdrawn")
    if found.kind is AbsenceKind.HOSPITAL:
        lift_stay(work, found.engagement_id, from_on=found.from_on, until_on=found.until_on)


def claim(work: Work, contract_id: UUID, *, month: Month, act_id: UUID) -> None:
    """Give the contract's payable absences of the month that no act has to this one. The caller, who decides on acts,
    records it. There are few: each is a row of the trail."""
    for found in absences.loose(work, AbsenceRow.contract_id == contract_id, AbsenceRow.month == month):
        work.update(AbsenceRow, found.id, act_id=act_id)


def release(work: Work, act_id: UUID) -> None:
    """The act gives them back. The caller records it."""
    for found in absences.of_act(work, act_id):
        work.update(AbsenceRow, found.id, act_id=None)


def absences_for_reader(work: Work, engagement_id: UUID) -> list[Absence]:
    """For its provider, its recipient and officers. Raises EngagementNotFound."""
    contracts.engagement_for_reader(work, engagement_id)
    return absences.absences_of(work, engagement_id)


def set_rule(work: Work, rule: AbsenceRule) -> UUID:
    """The rule before it ends where this one begins. By a budget officer of the whole country. Raises
    AbsenceRulePeriodTaken where a later one begins within the period."""
    work.actor.require(Role.BUDGET_OFFICER, territory="")
    check_rule(rule)
    earlier = absences.rule_running_into(work, rule.kind, rule.from_on)
    if earlier is not None:
        work.update(AbsenceRuleRow, earlier.id, until_on=rule.from_on)
    inserted = work.insert_if_new(
        AbsenceRuleRow,
        id=rule.id,
        kind=rule.kind,
        payable_percent=rule.payable_percent,
        counts=rule.counts,
        notice_hours=rule.notice_hours,
        from_on=rule.from_on,
        until_on=rule.until_on,
        source=rule.source,
    )
    record(work, "absence-rule", rule.kind, "set")  # holds the stream's head: of two at once the second sees the first
    if not inserted or absences.rules_sharing(work, rule.kind, rule.from_on, rule.until_on) > 1:
        raise AbsenceRulePeriodTaken(pointer="/from_on", rule="periods-do-not-overlap")
    return rule.id
