"""Setting thresholds, approving and rejecting, declaring an interest."""

from datetime import date
from uuid import UUID

from contracts.approval import queries
from contracts.approval.models import ApprovalRow, InterestRow, ThresholdRow
from contracts.approval.rules import (
    MOST_APPROVERS,
    ApprovalMissing,
    CountedOver,
    InterestDeclared,
    InterestNotFound,
    InterestStands,
    NothingToApprove,
    PersonNeeded,
    SelfApproval,
    Standing,
    Subject,
    ThresholdTaken,
    ThresholdWrong,
    Verdict,
    check_reason,
)
from contracts.approval.turns import begin_rule
from contracts.audit.service import record
from contracts.kernel.calendar import start_of
from contracts.kernel.ids import new_id
from contracts.kernel.money import MAX_MINOR
from contracts.kernel.work import Role, Work

DECIDERS = (Role.BUDGET_OFFICER, Role.FINANCE_OFFICER)  # whose hands acts and payments go through


def set_threshold(
    work: Work,
    *,
    territory: str,
    least_minor: int,
    approvers: int,
    from_on: date,
    source: str,
    counted_over: CountedOver = CountedOver.MONTH,
) -> UUID:
    """By a budget officer of the territory: who pays does not set how many must agree. From that day on the amount
    needs so many; 0 lifts it. Raises ThresholdWrong, ThresholdTaken."""
    work.actor.require(Role.BUDGET_OFFICER, territory=territory)
    begin_rule(work)
    if not 0 < least_minor <= MAX_MINOR:
        raise ThresholdWrong(pointer="/least", rule="positive")
    if not 0 <= approvers <= MOST_APPROVERS:
        raise ThresholdWrong(pointer="/approvers", rule="so-many")
    if from_on < work.today:
        raise ThresholdWrong(pointer="/from_on", rule="not-in-the-past")
    threshold_id = new_id()
    if not work.insert_if_new(
        ThresholdRow,
        id=threshold_id,
        territory=territory,
        least_minor=least_minor,
        approvers=approvers,
        counted_over=counted_over,
        from_on=from_on,
        from_at=max(start_of(from_on), work.now),  # what was ordered before today's change was ordered rightly
        source=check_reason(source),
        set_by=_person(work),
        set_at=work.now,
    ):
        raise ThresholdTaken(pointer="/from_on", rule="one-a-day")
    record(work, "approval-threshold", threshold_id, "set")
    return threshold_id


def decide(work: Work, subject: Subject, amount_minor: int, *, verdict: Verdict, reason: str = "") -> UUID:
    """A finance officer of the territory who had no part in it says yes, or no with a reason. The caller holds the
    subject's row. Raises SelfApproval, InterestDeclared, NothingToApprove, ReasonMissing."""
    work.actor.require(Role.FINANCE_OFFICER, territory=subject.territory)
    person = _person(work)
    if person in subject.hands:
        raise SelfApproval(rule="no-part-in-it")
    check_disinterested(work, subject.provider_ids)
    work.clock_on()  # what was ordered before, behind the same row, was ordered without this word
    if queries.approved(work, subject, amount_minor).needed == 0:
        raise NothingToApprove(rule="above-a-threshold")
    decision_id = new_id()
    work.insert(
        ApprovalRow,
        id=decision_id,
        kind=subject.kind,
        subject_id=subject.id,
        amount_minor=amount_minor,
        verdict=verdict,
        reason=check_reason(reason) if verdict is Verdict.REJECTED or reason.strip() else None,
        decided_by=person,
        decided_at=work.now,
    )
    record(work, "approval", subject.id, verdict)
    return decision_id


def check_approved(work: Work, subject: Subject, amount_minor: int) -> Standing:
    """Whether the actor may pay it now: enough others have approved it, nobody rejects it, and the actor is free
    towards who is paid. Raises ApprovalMissing, SelfApproval, InterestDeclared."""
    standing = queries.approved(work, subject, amount_minor)
    if not standing.is_complete:
        given = len(standing.approved)
        detail = "It was rejected" if standing.rejected else f"{given} of {standing.needed} have approved it"
        raise ApprovalMissing(detail, rule="approved", needed=standing.needed, given=given)
    if any(one.decided_by == work.actor.id for one in standing.approved):
        raise SelfApproval(rule="who-approves-does-not-pay")
    check_disinterested(work, subject.provider_ids)
    return standing


def check_disinterested(work: Work, provider_ids: frozenset[UUID]) -> None:
    """Raises InterestDeclared."""
    if work.actor.id is not None and queries.is_interested(work, work.actor.id, provider_ids):
        raise InterestDeclared(rule="no-interest")


def declare_interest(work: Work, *, provider_id: UUID, reason: str) -> UUID:
    """An officer is not free towards a provider (a relative works there, a loan): from now on he or she decides nothing
    about it. Raises InterestStands."""
    work.actor.require(*DECIDERS, Role.PROCUREMENT_OFFICER, Role.COMMITTEE_MEMBER)
    interest_id = new_id()
    if not work.insert_if_new(
        InterestRow,
        id=interest_id,
        user_id=_person(work),
        provider_id=provider_id,
        reason=check_reason(reason),
        declared_at=work.now,
        ended_at=None,
        ended_by=None,
    ):
        raise InterestStands(rule="once")
    record(work, "interest", interest_id, "declared")
    return interest_id


def end_interest(work: Work, interest_id: UUID) -> None:
    """By an administrator, who gave the role: nobody sets themselves free. Raises InterestNotFound."""
    work.actor.require(Role.ADMINISTRATOR)
    found = queries.interest(work, interest_id, lock=True)
    if found is None or found.ended_at is not None or found.user_id == work.actor.id:
        raise InterestNotFound
    ended = work.update(
        InterestRow, interest_id, InterestRow.ended_at.is_(None), ended_at=work.now, ended_by=_person(work)
    )
    assert ended, "the row is locked"
    record(work, "interest", interest_id, "ended")


def _person(work: Work) -> UUID:
    if work.actor.id is None:
        raise PersonNeeded
    return work.actor.id
