"""What an absence costs and takes: dated rules that an officer sets with their source; what follows for one. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from contracts.kernel.errors import Conflict, Malformed, NotFound, RuleBroken, WrongState
from contracts.kernel.money import price_of
from contracts.kernel.period import Month

MOST_NOTICE_HOURS = 24 * 14
MOST_SOURCE = 500
AROUND = timedelta(hours=1)  # from the planned beginning: whoever came later came to another visit
LONGEST_STAY = timedelta(days=366)  # a longer one is no absence: the service ends
WHOLE = 100


class AbsenceKind(StrEnum):
    HOSPITAL = "hospital"  # the voucher's clock stops: days on which nothing is served
    NO_SHOW = "no-show"  # the worker came, and nobody was there
    SHORT_NOTICE = "short-notice"  # called off too late for the hour to be given to somebody else


VISITS = frozenset({AbsenceKind.NO_SHOW, AbsenceKind.SHORT_NOTICE})  # one planned visit that did not take place


class AbsenceNotFound(NotFound):
    code = "absence-not-found"
    title = "There is no such absence"


class AbsenceRuleNotSet(NotFound):
    code = "absence-rule-not-set"
    title = "No rule for this absence is set for that day"


class AbsenceRulePeriodTaken(Conflict):
    code = "absence-rule-period-taken"
    title = "A later rule for this absence begins within the period"


class AbsenceDaysWrong(RuleBroken):
    code = "absence-days"
    title = "An absence is entered when it is over, and its days lie within the service"


class AbsenceAndVisit(Conflict):
    code = "absence-and-visit"
    title = "A visit stands in the register for that time, or another absence"


class VisitNotPlanned(RuleBroken):
    code = "visit-not-planned"
    title = "No such visit was planned: its time stands in the approved schedule, its units in the programme"


class NoticeInTime(RuleBroken):
    code = "notice-in-time"
    title = "The visit was called off in time: there is nothing to note"


class AbsenceWithdrawn(WrongState):
    code = "absence-withdrawn"
    title = "This absence was taken back already"


class AbsenceInAct(WrongState):
    code = "absence-in-act"
    title = "This absence stands in an act and can no longer be taken back"


@dataclass(frozen=True, slots=True)
class AbsenceRule:
    """Of the days from ``from_on`` up to, not including, ``until_on``. ``payable_percent`` of the unit price;
    ``counts``: the units are taken off the month's volume; ``notice_hours``: what is told later is short notice."""

    id: UUID
    kind: AbsenceKind
    payable_percent: int
    counts: bool
    notice_hours: int
    from_on: date
    until_on: date
    source: str


@dataclass(frozen=True, slots=True)
class NewAbsence:
    """A stay has days, ``from_on`` up to, not including, ``until_on``; a visit that did not take place ``planned_at``
    and its ``quantity``, and where it was called off, ``told_at``."""

    kind: AbsenceKind
    from_on: date | None = None
    until_on: date | None = None
    planned_at: datetime | None = None
    told_at: datetime | None = None
    quantity: int = 0


@dataclass(frozen=True, slots=True)
class Absence:
    id: UUID
    engagement_id: UUID
    contract_id: UUID
    recipient_id: UUID
    kind: AbsenceKind
    month: Month
    from_on: date
    until_on: date
    planned_at: datetime | None
    told_at: datetime | None
    quantity: int
    payable_minor: int
    counts: bool
    rule_id: UUID
    entered_by: UUID
    entered_at: datetime
    withdrawn_at: datetime | None
    withdraw_reason: str | None
    act_id: UUID | None


def check_rule(rule: AbsenceRule) -> None:
    """Raises Malformed."""
    if not 0 <= rule.payable_percent <= WHOLE:
        raise Malformed("A share is 0 to 100 per cent", pointer="/payable_percent", rule="percent")
    if not 0 <= rule.notice_hours <= MOST_NOTICE_HOURS:
        raise Malformed(f"Notice is 0 to {MOST_NOTICE_HOURS} hours", pointer="/notice_hours", rule="notice")
    if rule.from_on >= rule.until_on:
        raise Malformed("A period must end after it begins", pointer="/until_on", rule="period")
    if not 0 < len(rule.source) <= MOST_SOURCE:
        raise Malformed("Name the act this rule comes from", pointer="/source", rule="source-named")


def check_form(new: NewAbsence, *, now: datetime, today: date) -> None:
    """What an absence must be by itself. Raises Malformed, AbsenceDaysWrong."""
    if new.kind is AbsenceKind.HOSPITAL:
        if new.from_on is None or new.until_on is None or new.from_on >= new.until_on:
            raise Malformed("A stay has a first and a last day", pointer="/until_on", rule="stay-days")
        if new.until_on > today + timedelta(days=1) or new.until_on - new.from_on > LONGEST_STAY:
            raise AbsenceDaysWrong(pointer="/until_on", rule="stay-over")
        return
    if new.planned_at is None or not 0 < new.quantity <= WHOLE:
        raise Malformed("Say when the visit was planned, and its units", pointer="/planned_at", rule="planned-visit")
    if new.planned_at > now:
        raise AbsenceDaysWrong(pointer="/planned_at", rule="planned-over")
    if (new.kind is AbsenceKind.SHORT_NOTICE) != (new.told_at is not None):
        raise Malformed("Say when it was called off, where it was", pointer="/told_at", rule="told-at")


def check_notice(new: NewAbsence, rule: AbsenceRule) -> None:
    """Raises NoticeInTime, AbsenceDaysWrong for what was told afterwards."""
    if new.told_at is None or new.planned_at is None:
        return
    if new.told_at > new.planned_at:
        raise AbsenceDaysWrong("It was told after the visit: nobody was there", pointer="/told_at", rule="told-before")
    if new.planned_at - new.told_at >= timedelta(hours=rule.notice_hours):
        raise NoticeInTime(f"{rule.notice_hours} hours are notice enough", pointer="/told_at", rule="notice")


def payable_of(unit_price_minor: int, quantity: int, rule: AbsenceRule) -> int:
    """The rule's share of the price of a unit, rounded once, half up, as it is printed in the act; times the units."""
    return quantity * price_of(unit_price_minor, Fraction(rule.payable_percent, WHOLE))
