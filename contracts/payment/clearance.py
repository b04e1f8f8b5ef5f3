"""An act's payment is approved by others before it is ordered: who may do so, and what must hold of what was paid."""

from collections.abc import Mapping
from typing import Any, Protocol  # Any: columns and their arithmetic, as SQLAlchemy types them
from uuid import UUID

import sqlalchemy as sa

from contracts.act import queries as acts
from contracts.act.models import ActRow
from contracts.act.rules import Act, ActNotFound, ActStatus
from contracts.approval import queries
from contracts.approval import service as approvals
from contracts.approval.models import ApprovalRow, ThresholdRow
from contracts.approval.rules import Beside, CountedOver, Standing, Subject, SubjectKind, Verdict
from contracts.kernel.database import Invariant
from contracts.kernel.work import Role, Work
from contracts.payment import weighing
from contracts.payment.batch_models import BatchLineRow, ClearanceRow
from contracts.payment.models import PaymentRow
from contracts.payment.rules import NOT_LIVE, ActNotAccepted


class Handled(Protocol):
    """An act, or a row of one on a desk."""

    @property
    def drafted_by(self) -> UUID: ...
    @property
    def submitted_by(self) -> UUID | None: ...
    @property
    def accepted_by(self) -> UUID | None: ...


def hands_of(act: Handled) -> frozenset[UUID]:
    return frozenset(one for one in (act.drafted_by, act.submitted_by, act.accepted_by) if one is not None)


def subject_of(work: Work, act: Act) -> Subject:
    providers = frozenset({act.provider_id})
    return Subject(SubjectKind.ACT, act.id, act.territory, providers, hands_of(act), weighing.beside(work, act))


def subject_in_line(work: Work, act: Act) -> Subject:
    """As ``subject_of``, behind all who order for the same organisation at the same time."""
    weighing.stand_in_line(work, [act.provider_id])
    return subject_of(work, act)


def keep_weight(work: Work, payment_id: UUID, beside: Beside) -> None:
    """What an order of one act was judged with, for whoever checks it later."""
    work.insert(ClearanceRow, payment_id=payment_id, day_minor=beside.day, month_minor=beside.month)


def standing_of(work: Work, act: Act) -> Standing:
    return queries.approved(work, subject_of(work, act), act.total_minor)


def decide_on_act(work: Work, act_id: UUID, *, verdict: Verdict, reason: str = "") -> UUID:
    """By a finance officer of its territory. Raises ActNotFound, ActNotAccepted, and as ``approval.decide``."""
    work.actor.require(Role.FINANCE_OFFICER)
    act = acts.act(work, act_id, lock=True)
    if not work.actor.has(Role.FINANCE_OFFICER, territory=act.territory):
        raise ActNotFound
    if act.status is not ActStatus.ACCEPTED:
        raise ActNotAccepted(rule="act-accepted", status=str(act.status))
    return approvals.decide(work, subject_of(work, act), act.total_minor, verdict=verdict, reason=reason)


def given(subject: Any, amount: Any, by: Any, at: Any) -> sa.ScalarSelect[int]:
    """How many others had said yes to the amount of the subject by then, and had not changed their mind."""
    word, newer = ApprovalRow, sa.orm.aliased(ApprovalRow)
    changed_mind = (
        sa.exists()
        .where(
            newer.subject_id == word.subject_id,
            newer.decided_by == word.decided_by,
            newer.amount_minor == word.amount_minor,
            newer.id > word.id,
            newer.decided_at <= at,
        )
        .correlate_except(newer)
    )  # left to itself it would look at any payment's moment
    return (
        sa.select(sa.func.count())
        .where(
            word.subject_id == subject,
            word.amount_minor == amount,
            word.verdict == Verdict.APPROVED,
            word.decided_at <= at,
            word.decided_by != by,
            ~changed_mind,
        )
        .scalar_subquery()
    )


def asks_for_more(territory: Any, weights: Mapping[CountedOver, Any], at: Any, yes: Any) -> sa.Exists:
    """Whether a threshold in force at that moment asked for more people than said yes."""
    later = sa.orm.aliased(ThresholdRow)
    superseded = (
        sa.exists()
        .where(
            later.territory == ThresholdRow.territory,
            later.least_minor == ThresholdRow.least_minor,
            later.from_at <= at,
            later.from_at > ThresholdRow.from_at,
        )
        .correlate_except(later)
    )
    reached = [
        sa.and_(ThresholdRow.counted_over == counted, ThresholdRow.least_minor <= weight)
        for counted, weight in weights.items()
    ]
    return sa.exists().where(
        sa.or_(*reached),
        ThresholdRow.from_at <= at,
        territory.startswith(ThresholdRow.territory),
        ThresholdRow.approvers > yes,
        ~superseded,
    )


def _under_approved() -> sa.Select[UUID]:
    """Ordered by itself while a threshold in force asked for more people than had said yes to its act by then. A rest,
    too, is judged by the whole act: that is what was approved."""
    whole, beside = ActRow.total_minor, sa.func.coalesce
    weights = {
        CountedOver.ORDER: whole,
        CountedOver.DAY: whole + beside(ClearanceRow.day_minor, 0),
        CountedOver.MONTH: whole + beside(ClearanceRow.month_minor, 0),
    }
    yes = given(ActRow.id, whole, PaymentRow.ordered_by, PaymentRow.ordered_at).correlate(PaymentRow, ActRow)
    asked = asks_for_more(ActRow.territory, weights, PaymentRow.ordered_at, yes)
    together = sa.exists().where(BatchLineRow.payment_id == PaymentRow.id)
    return (
        sa.select(PaymentRow.id)
        .join(ActRow, ActRow.id == PaymentRow.act_id)
        .outerjoin(ClearanceRow, ClearanceRow.payment_id == PaymentRow.id)
        .where(PaymentRow.status.not_in(NOT_LIVE), ~together, asked.correlate(PaymentRow, ActRow, ClearanceRow))
    )


def invariants() -> list[Invariant]:
    payments = sa.select(sa.func.count()).select_from(PaymentRow)
    return [
        Invariant("everything paid was approved by as many others as its amount asks for", payments, _under_approved())
    ]
