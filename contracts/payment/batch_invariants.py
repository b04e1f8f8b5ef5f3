"""What always holds of batches."""

import sqlalchemy as sa

from contracts.kernel.database import Invariant
from contracts.payment.batch_models import BatchLineRow, BatchRow
from contracts.payment.batch_rules import BatchStatus, LineStatus
from contracts.payment.models import PaymentRow


def _sums(*statuses: LineStatus) -> sa.ScalarSelect[int]:
    summed = sa.select(sa.func.coalesce(sa.func.sum(BatchLineRow.amount_minor), 0))
    return summed.where(BatchLineRow.batch_id == BatchRow.id, BatchLineRow.status.in_(statuses)).scalar_subquery()


def invariants() -> list[Invariant]:
    batches = sa.select(sa.func.count()).select_from(BatchRow)
    lines = sa.select(sa.func.count()).select_from(BatchLineRow)
    inside = [one for one in LineStatus if one is not LineStatus.REMOVED]
    whole = sa.select(BatchRow.number).where(
        sa.or_(BatchRow.total_minor != _sums(*inside), BatchRow.ordered_minor != _sums(LineStatus.ORDERED))
    )
    holds = BatchRow.status.in_([BatchStatus.DRAFT, BatchStatus.SUBMITTED])
    misheld = (
        sa.select(BatchLineRow.id)
        .join(BatchRow, BatchRow.id == BatchLineRow.batch_id)
        .where(sa.or_(sa.and_(BatchLineRow.status == LineStatus.HELD, ~holds), sa.and_(
            BatchLineRow.status.in_([LineStatus.ORDERED, LineStatus.DROPPED]), BatchRow.status != BatchStatus.ORDERED
        )))
    )  # fmt: skip
    other = (
        sa.select(PaymentRow.number)
        .join(BatchLineRow, BatchLineRow.payment_id == PaymentRow.id)
        .join(BatchRow, BatchRow.id == BatchLineRow.batch_id)
        .where(
            sa.or_(
                PaymentRow.act_id != BatchLineRow.act_id,
                PaymentRow.amount_minor != BatchLineRow.amount_minor,
                PaymentRow.ordered_by != BatchRow.ordered_by,
                PaymentRow.territory != BatchRow.territory,
            )
        )
    )
    twice = (
        sa.select(BatchLineRow.act_id)
        .where(BatchLineRow.status == LineStatus.HELD)
        .group_by(BatchLineRow.act_id)
        .having(sa.func.count() > 1)
    )
    return [
        Invariant("a batch's total is the sum of its acts, and what was ordered that of its payments", batches, whole),
        Invariant("only a batch that is not ordered yet holds acts", lines, misheld),
        Invariant("no act is held by two batches", lines, twice),
        Invariant("a payment of a batch pays its act, in its amount, by who ordered the batch", lines, other),
    ]  # fmt: skip
