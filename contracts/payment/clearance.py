"""An act's payment is approved by others before it is ordered: who may do so."""

from typing import Protocol
from uuid import UUID

from contracts.act import queries as acts
from contracts.act.rules import Act, ActNotFound, ActStatus
from contracts.approval import queries
from contracts.approval import service as approvals
from contracts.approval.rules import Beside, Standing, Subject, SubjectKind, Verdict
from contracts.kernel.work import Role, Work
from contracts.payment import weighing
from contracts.payment.batch_models import ClearanceRow
from contracts.payment.rules import ActNotAccepted


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
