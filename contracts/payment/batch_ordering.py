"""A batch is approved on its total, and ordered as a whole.

What could no longer be paid when it is ordered (its payment was ordered before or came back, its organisation owes
money by now) drops out with its reason, and the rest goes: a hundred organisations do not wait for one, and the rest is
never more than what was approved.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from contracts.act.rules import Act
from contracts.approval import queries as approval_queries
from contracts.approval import service as approvals
from contracts.approval.rules import InterestDeclared, SelfApproval, Standing, Subject, SubjectKind, Verdict
from contracts.audit.service import record
from contracts.kernel.database import table_of
from contracts.kernel.ids import new_id
from contracts.kernel.work import Work
from contracts.payment import batch_queries as queries
from contracts.payment import weighing
from contracts.payment.batch_models import BatchLineRow, BatchRow
from contracts.payment.batch_rules import (
    BATCH,
    OPEN,
    Batch,
    BatchEmpty,
    BatchLine,
    BatchNotSubmitted,
    BatchOver,
    BatchStatus,
    LineStatus,
    by_provider,
    total_of,
)
from contracts.payment.batching import MOST_NAMED, conditions_of, owned
from contracts.payment.clearance import hands_of
from contracts.payment.rules import ThirdPersonNeeded
from contracts.payment.service import insert

_batches, _lines = table_of(BatchRow), table_of(BatchLineRow)


def subject_of(work: Work, batch: Batch, lines: Collection[BatchLine], acts: Mapping[UUID, Act]) -> Subject:
    """Whoever opened it, handed it in or had a part in one of its acts is not free to approve it."""
    hands = {one for one in (batch.opened_by, batch.submitted_by) if one is not None}
    hands.update(*[hands_of(act) for act in acts.values()])
    parts = by_provider(list(lines))
    beside = weighing.beside_all(work, parts, territory=batch.territory, act_ids=set(acts))
    return Subject(SubjectKind.BATCH, batch.id, batch.territory, frozenset(parts), frozenset(hands), beside)


def standing_of(work: Work, batch: Batch) -> Standing:
    lines = queries.lines(work, batch.id)
    acts = queries.acts_of(work, [one.act_id for one in lines])
    return approval_queries.approved(work, subject_of(work, batch, lines, acts), batch.total_minor)


def decide(work: Work, batch_id: UUID, *, verdict: Verdict, reason: str = "") -> UUID:
    """By a finance officer of its territory who had no part in it and is free towards everybody it pays. Raises
    BatchNotSubmitted, and as ``approval.decide``, naming the act or the organisation."""
    batch = _submitted(work, batch_id)
    lines = queries.lines(work, batch_id)
    acts = queries.acts_of(work, [one.act_id for one in lines])
    if own := parts_of(work, acts):
        raise SelfApproval(f"You had a part in {own}", rule="no-part-in-it")
    check_free(work, lines)
    subject = subject_of(work, batch, lines, acts)
    return approvals.decide(work, subject, batch.total_minor, verdict=verdict, reason=reason)


def order(work: Work, batch_id: UUID) -> None:
    """All acts of the batch at once: payable -> paid, each by a payment of its own that the worker sends. Raises
    BatchNotSubmitted, ThirdPersonNeeded, ApprovalMissing, SelfApproval, InterestDeclared, and BatchEmpty where none of
    it can be paid any more."""
    batch = _submitted(work, batch_id)
    lines = queries.lines(work, batch_id)
    acts = queries.acts_of(work, [one.act_id for one in lines], lock=True)
    if own := parts_of(work, acts):
        raise ThirdPersonNeeded(f"You had a part in {own}", rule="three-persons")
    check_free(work, lines)
    weighing.stand_in_line(work, {one.provider_id for one in lines})
    subject = subject_of(work, batch, lines, acts)
    approvals.check_approved(work, subject, batch.total_minor)
    how = conditions_of(work, lines)
    going = [one for one in lines if how[one.act_id].lack is None]
    if not going:
        raise BatchEmpty(rule="payable")
    made = _order_lines(work, going, acts)
    for line in lines:
        lack = how[line.act_id].lack
        status = LineStatus.DROPPED if lack else LineStatus.ORDERED
        assert work.update(
            BatchLineRow, line.id, _lines.c.status == LineStatus.HELD, status=status, lack=lack,
            payment_id=made.get(line.id),
        )  # fmt: skip
    assert work.update(
        BatchRow, batch_id, _batches.c.status == batch.status, status=BATCH.after("ordered", batch.status),
        ordered_minor=total_of(going), day_minor=subject.beside.day, month_minor=subject.beside.month,
        ordered_by=work.actor.id, ordered_at=work.now,
    )  # fmt: skip
    record(work, "payment-batch", batch_id, "ordered")


def _order_lines(work: Work, lines: Collection[BatchLine], acts: Mapping[UUID, Act]) -> dict[UUID, UUID]:
    """Payments by batch line. By funding line first: two batches meet at the lines' accounts in one order."""
    assert work.actor.id is not None, "a third person orders"
    made = {}
    for line in sorted(lines, key=lambda one: (one.line_id, one.act_id)):
        made[line.id] = payment_id = new_id()
        insert(work, acts[line.act_id], payment_id, work.actor.id, line.amount_minor)
        record(work, "payment", payment_id, "ordered")
    return made


def _submitted(work: Work, batch_id: UUID) -> Batch:
    batch = owned(work, batch_id)
    if batch.status not in OPEN:
        raise BatchOver(rule="open", status=str(batch.status))
    if batch.status is not BatchStatus.SUBMITTED:
        raise BatchNotSubmitted(rule="submitted", status=str(batch.status))
    return batch


def parts_of(work: Work, acts: Mapping[UUID, Act]) -> str:
    """The acts in which the actor had a part, for people to read; empty where there is none."""
    own = [act.number for act in acts.values() if work.actor.id is None or work.actor.id in hands_of(act)]
    return ", ".join(own[:MOST_NAMED])


def ties_of(work: Work, lines: Collection[BatchLine]) -> dict[UUID, str]:
    """The organisations of the batch towards which the actor is not free, by id, with their legal names."""
    if work.actor.id is None:
        return {}
    tied = approval_queries.interested_in(work, work.actor.id, {one.provider_id for one in lines})
    names = queries.payees_named(work, tied)
    return {one: names.get(one, str(one)) for one in tied}


def check_free(work: Work, lines: Collection[BatchLine]) -> None:
    """Raises InterestDeclared, naming the organisations."""
    if tied := ties_of(work, lines):
        names = ", ".join(list(tied.values())[:MOST_NAMED])
        raise InterestDeclared(f"You declared an interest in {names}", rule="no-interest", organisations=names)
