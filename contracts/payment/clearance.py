"""An act's payment is approved by others before it is ordered: who may do so, and what must hold of what was paid."""

from uuid import UUID

import sqlalchemy as sa

from contracts.act import queries as acts
from contracts.act.models import ActRow
from contracts.act.rules import Act, ActNotFound, ActStatus
from contracts.approval import queries
from contracts.approval import service as approvals
from contracts.approval.models import ApprovalRow, ThresholdRow
from contracts.approval.rules import Standing, Subject, SubjectKind, Verdict
from contracts.kernel.database import Invariant
from contracts.kernel.work import Role, Work
from contracts.payment.models import PaymentRow
from contracts.payment.rules import NOT_LIVE, ActNotAccepted


def subject_of(act: Act) -> Subject:
    hands = frozenset(one for one in (act.drafted_by, act.submitted_by, act.accepted_by) if one is not None)
    return Subject(SubjectKind.ACT, act.id, act.territory, frozenset({act.provider_id}), hands)


def standing_of(work: Work, act: Act) -> Standing:
    return queries.approved(work, subject_of(act), act.total_minor)


def decide_on_act(work: Work, act_id: UUID, *, verdict: Verdict, reason: str = "") -> UUID:
    """By a finance officer of its territory. Raises ActNotFound, ActNotAccepted, and as ``approval.decide``."""
    work.actor.require(Role.FINANCE_OFFICER)
    act = acts.act(work, act_id, lock=True)
    if not work.actor.has(Role.FINANCE_OFFICER, territory=act.territory):
        raise ActNotFound
    if act.status is not ActStatus.ACCEPTED:
        raise ActNotAccepted(rule="act-accepted", status=str(act.status))
    return approvals.decide(work, subject_of(act), act.total_minor, verdict=verdict, reason=reason)


def _under_approved() -> sa.Select[UUID]:
    """Ordered while a threshold in force asked for more people than had said yes by then."""
    given, newer = ApprovalRow, sa.orm.aliased(ApprovalRow)
    changed_mind = sa.exists().where(
        newer.subject_id == given.subject_id,
        newer.decided_by == given.decided_by,
        newer.amount_minor == given.amount_minor,
        newer.id > given.id,
        newer.decided_at <= PaymentRow.ordered_at,
    )
    yes = (
        sa.select(sa.func.count())
        .where(
            given.subject_id == PaymentRow.act_id,
            given.amount_minor == PaymentRow.amount_minor,
            given.verdict == Verdict.APPROVED,
            given.decided_at <= PaymentRow.ordered_at,
            given.decided_by != PaymentRow.ordered_by,
            ~changed_mind,
        )
        .correlate(PaymentRow)
        .scalar_subquery()
    )
    later = sa.orm.aliased(ThresholdRow)
    superseded = sa.exists().where(
        later.territory == ThresholdRow.territory,
        later.least_minor == ThresholdRow.least_minor,
        later.from_at <= PaymentRow.ordered_at,
        later.from_at > ThresholdRow.from_at,
    )
    asked = sa.exists().where(
        ThresholdRow.least_minor <= PaymentRow.amount_minor,
        ThresholdRow.from_at <= PaymentRow.ordered_at,
        ActRow.territory.startswith(ThresholdRow.territory),
        ThresholdRow.approvers > yes,
        ~superseded,
    )
    return (
        sa.select(PaymentRow.id)
        .join(ActRow, ActRow.id == PaymentRow.act_id)
        .where(PaymentRow.status.not_in(NOT_LIVE), asked.correlate(PaymentRow, ActRow))
    )


def invariants() -> list[Invariant]:
    payments = sa.select(sa.func.count()).select_from(PaymentRow)
    return [
        Invariant("everything paid was approved by as many others as its amount asks for", payments, _under_approved())
    ]
