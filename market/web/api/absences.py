"""Absences: what did not take place, by rules that have their days and their source."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.contract import queries as contracts
from contracts.contract.rules import EngagementNotFound
from contracts.kernel.ids import new_id
from contracts.kernel.work import Work
from contracts.register import absence, absences
from contracts.register.absence_rules import Absence, AbsenceKind, AbsenceNotFound, AbsenceRule, NewAbsence
from market.placement import stays
from market.web.routes import reads, writes
from market.web.wire import Asked, Day, Listing, Moment, Money, ReasonGiven, shown
from market.web.work import Id, TheCaller


class AbsenceGiven(Asked):
    """A stay in hospital has ``from_on`` and ``until_on`` (not included); a visit that did not take place
    ``planned_at`` and ``quantity``, and where it was called off, ``told_at``."""

    kind: AbsenceKind
    from_on: Day | None = None
    until_on: Day | None = None
    planned_at: Moment | None = None
    told_at: Moment | None = None
    quantity: Annotated[int, Field(ge=0, le=100)] = 0


class RuleGiven(Asked):
    """``counts``: the units are taken off the month's volume."""

    kind: AbsenceKind
    payable_percent: Annotated[int, Field(ge=0, le=100)]
    counts: bool
    notice_hours: Annotated[int, Field(ge=0, le=336)] = 0
    from_on: Day
    until_on: Day
    source: Annotated[str, Field(min_length=1, max_length=500)]


class AbsenceView(msgspec.Struct, frozen=True):
    id: UUID
    engagement_id: UUID
    kind: AbsenceKind
    from_on: date
    until_on: date
    planned_at: datetime | None
    told_at: datetime | None
    quantity: int
    payable: Money
    counts: bool
    rule_id: UUID
    entered_at: datetime
    withdrawn_at: datetime | None
    withdraw_reason: str | None


class AbsencesView(msgspec.Struct, frozen=True):
    """``days_stood_still``: how long the voucher's clock has stopped."""

    items: list[AbsenceView]
    days_stood_still: int


class RuleView(msgspec.Struct, frozen=True):
    id: UUID
    kind: AbsenceKind
    payable_percent: int
    counts: bool
    notice_hours: int
    from_on: date
    until_on: date
    source: str


def _view(found: Absence) -> AbsenceView:
    return shown(AbsenceView, found)


def _show(work: Work, absence_id: UUID) -> AbsenceView:
    found = absences.absence(work, absence_id)
    try:
        contracts.engagement_for_reader(work, found.engagement_id)
    except EngagementNotFound:
        raise AbsenceNotFound from None
    return _view(found)


@writes("/engagements/{engagement_id:uuid}/absences")
def enter(caller: TheCaller, engagement_id: Id, data: JSONBody[AbsenceGiven]) -> AbsenceView:
    """By the provider's people. A stay stops the service on its days, and they are given back at the voucher's end,
    within the year of its money; what a visit that did not take place costs, and
    whether it is taken off the volume, the rule of its day says."""
    new = NewAbsence(**data.values())
    return caller.write(lambda work: _show(work, stays.enter(work, engagement_id, new)))


@reads("/engagements/{engagement_id:uuid}/absences")
def list_absences(caller: TheCaller, engagement_id: Id) -> AbsencesView:
    """The newest first. For the provider, the recipient and officers."""

    def read(work: Work) -> AbsencesView:
        found = absence.absences_for_reader(work, engagement_id)
        return AbsencesView([_view(one) for one in found], absences.days_stood_still(work, engagement_id))

    return caller.read(read)


@writes("/absences/{absence_id:uuid}/withdrawal")
def withdraw(caller: TheCaller, absence_id: Id, data: JSONBody[ReasonGiven]) -> AbsenceView:
    """By the provider's people or a budget officer."""
    return caller.do(
        lambda work: stays.withdraw(work, absence_id, reason=data.reason), lambda work: _show(work, absence_id)
    )


@reads("/absence-rules", public=True)
def list_rules(caller: TheCaller) -> Listing[RuleView]:
    return caller.read(lambda work: Listing([shown(RuleView, one) for one in absences.rules(work)]))


@writes("/absence-rules")
def set_rule(caller: TheCaller, data: JSONBody[RuleGiven]) -> RuleView:
    """By a budget officer of the whole country. The rule before it ends where this one begins."""
    rule = AbsenceRule(id=new_id(), **data.values())
    return caller.do(lambda work: absence.set_rule(work, rule), lambda _work: shown(RuleView, rule))


HANDLERS = [enter, list_absences, withdraw, list_rules, set_rule]
