"""What must hold of what was ordered: as many others had agreed as the thresholds of that moment asked for."""

from dataclasses import dataclass
from typing import Any  # columns and their arithmetic, as SQLAlchemy types them

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.approval.models import ApprovalRow, ThresholdRow
from contracts.approval.rules import CountedOver, Verdict
from contracts.kernel.database import Base, Invariant
from contracts.payment.advance_models import AdvanceRow
from contracts.payment.advance_rules import LEAST_APPROVERS
from contracts.payment.batch_models import BatchLineRow, BatchRow, ClearanceRow
from contracts.payment.batch_rules import BatchStatus
from contracts.payment.models import PaymentRow
from contracts.payment.rules import NOT_LIVE


@dataclass(frozen=True, slots=True)
class _Ordered:
    """Columns of the ``rows`` that were ordered: who was to agree to how much of what, and with what else it weighed
    on the day and in the month."""

    rows: tuple[type[Base], ...]
    subject: Any
    territory: Any
    amount: Any
    day: Any
    month: Any
    by: Any
    at: Any

    def given(self) -> Any:
        """How many others had said yes to the amount by then, and had not changed their mind."""
        word, newer = ApprovalRow, sa.orm.aliased(ApprovalRow)
        changed_mind = (
            sa.exists()
            .where(
                newer.subject_id == word.subject_id,
                newer.decided_by == word.decided_by,
                newer.amount_minor == word.amount_minor,
                newer.id > word.id,
                newer.decided_at <= self.at,
            )
            .correlate_except(newer)
        )  # left to itself it would look at any payment's moment
        yes = sa.select(sa.func.count()).where(
            word.subject_id == self.subject,
            word.amount_minor == self.amount,
            word.verdict == Verdict.APPROVED,
            word.decided_at <= self.at,
            word.decided_by != self.by,
            ~changed_mind,
        )
        return yes.correlate(*self.rows).scalar_subquery()

    def lacks_approval(self) -> sa.Exists:
        """A threshold in force at that moment asked for more people than said yes."""
        later = sa.orm.aliased(ThresholdRow)
        superseded = (
            sa.exists()
            .where(
                later.territory == ThresholdRow.territory,
                later.least_minor == ThresholdRow.least_minor,
                later.from_at <= self.at,
                later.from_at > ThresholdRow.from_at,
            )
            .correlate_except(later)
        )
        beside = {CountedOver.ORDER: 0, CountedOver.DAY: self.day, CountedOver.MONTH: self.month}
        reached = [
            sa.and_(ThresholdRow.counted_over == counted, ThresholdRow.least_minor <= self.amount + more)
            for counted, more in beside.items()
        ]
        asked = sa.exists().where(
            sa.or_(*reached),
            ThresholdRow.from_at <= self.at,
            self.territory.startswith(ThresholdRow.territory),
            ThresholdRow.approvers > self.given(),
            ~superseded,
        )
        return asked.correlate(*self.rows)


def _alone(kept: Any) -> Any:
    """What an order weighed beside its own amount; of those before it was kept: nothing."""
    return sa.func.coalesce(kept, 0)


def _acts() -> sa.Select[Any]:
    """Ordered by themselves. A rest, too, is judged by the whole act: that is what was approved."""
    of = _Ordered(
        (PaymentRow, ActRow, ClearanceRow), ActRow.id, ActRow.territory, ActRow.total_minor,
        _alone(ClearanceRow.day_minor), _alone(ClearanceRow.month_minor), PaymentRow.ordered_by, PaymentRow.ordered_at,
    )  # fmt: skip
    together = sa.exists().where(BatchLineRow.payment_id == PaymentRow.id)
    return (
        sa.select(PaymentRow.id)
        .join(ActRow, ActRow.id == PaymentRow.act_id)
        .outerjoin(ClearanceRow, ClearanceRow.payment_id == PaymentRow.id)
        .where(PaymentRow.status.not_in(NOT_LIVE), ~together, of.lacks_approval())
    )


def _batches() -> sa.Select[Any]:
    of = _Ordered(
        (BatchRow,), BatchRow.id, BatchRow.territory, BatchRow.total_minor, BatchRow.day_minor, BatchRow.month_minor,
        BatchRow.ordered_by, BatchRow.ordered_at,
    )  # fmt: skip
    return sa.select(BatchRow.number).where(BatchRow.status == BatchStatus.ORDERED, of.lacks_approval())


def _advances() -> sa.Select[Any]:
    of = _Ordered(
        (PaymentRow, AdvanceRow, ClearanceRow), AdvanceRow.id, AdvanceRow.territory, AdvanceRow.amount_minor,
        _alone(ClearanceRow.day_minor), _alone(ClearanceRow.month_minor), PaymentRow.ordered_by, PaymentRow.ordered_at,
    )  # fmt: skip
    own = PaymentRow.ordered_by == AdvanceRow.asked_by
    return (
        sa.select(AdvanceRow.number)
        .join(PaymentRow, PaymentRow.advance_id == AdvanceRow.id)
        .outerjoin(ClearanceRow, ClearanceRow.payment_id == PaymentRow.id)
        .where(sa.or_(of.given() < LEAST_APPROVERS, own, of.lacks_approval()))
    )


def invariants() -> list[Invariant]:
    payments, batches, advances = (
        sa.select(sa.func.count()).select_from(one) for one in (PaymentRow, BatchRow, AdvanceRow)
    )
    return [
        Invariant("everything paid was approved by as many others as its amount asks for", payments, _acts()),
        Invariant("every ordered batch was approved by as many others as its total asks for", batches, _batches()),
        Invariant("every advance was approved by as many others as it asks for", advances, _advances()),
    ]
