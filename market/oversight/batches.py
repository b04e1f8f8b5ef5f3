"""Batches of payments on officers' desks: the list, the acts in one, and the funding lines they are paid from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.budget.models import FundingLineRow
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.ledger.models import AccountRow
from contracts.ledger.rules import AccountKind
from contracts.payment.batch_models import BatchLineRow, BatchRow
from contracts.payment.batch_rules import BatchStatus, Lack, LineStatus
from contracts.payment.models import PaymentRow
from contracts.payment.rules import PaymentStatus
from market.oversight.desk import inside, page_of
from market.provider.models import ProviderRow

_FREE = AccountRow.credits_posted - AccountRow.debits_posted - AccountRow.debits_pending
_INSIDE = BatchLineRow.status != LineStatus.REMOVED


@dataclass(frozen=True, slots=True)
class DeskBatch:
    id: UUID
    number: str
    territory: str
    year: int
    status: BatchStatus
    total_minor: int
    ordered_minor: int
    opened_at: datetime
    acts: int


def batches(
    work: Work,
    territories: Sequence[str],
    *,
    status: BatchStatus | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[DeskBatch]:
    """The newest first."""
    count = sa.select(sa.func.count()).where(BatchLineRow.batch_id == BatchRow.id, _INSIDE).scalar_subquery()
    chosen = sa.select(
        BatchRow.id, BatchRow.number, BatchRow.territory, BatchRow.year, BatchRow.status, BatchRow.total_minor,
        BatchRow.ordered_minor, BatchRow.opened_at, count,
    ).where(inside(BatchRow.territory, territories))  # fmt: skip
    if status is not None:
        chosen = chosen.where(BatchRow.status == status)
    return page_of(work, DeskBatch, chosen, BatchRow.id, after=after, limit=limit, newest=True)


@dataclass(frozen=True, slots=True)
class DeskLine:
    """An act in a batch. ``payment_number``: what it is paid with, since the batch was ordered."""

    id: UUID
    act_id: UUID
    act_number: str
    provider_name: str
    month: Month
    line_number: str
    amount_minor: int
    status: LineStatus
    lack: Lack | None
    payment_number: str | None
    payment_status: PaymentStatus | None


def lines_of_batch(work: Work, batch_id: UUID, *, after: UUID | None = None, limit: int) -> list[DeskLine]:
    chosen = (
        sa.select(
            BatchLineRow.id, BatchLineRow.act_id, ActRow.number, ProviderRow.name, ActRow.month, FundingLineRow.number,
            BatchLineRow.amount_minor, BatchLineRow.status, BatchLineRow.lack, PaymentRow.number, PaymentRow.status,
        )
        .join(ActRow, ActRow.id == BatchLineRow.act_id)
        .join(ProviderRow, ProviderRow.id == BatchLineRow.provider_id)
        .join(FundingLineRow, FundingLineRow.id == BatchLineRow.line_id)
        .outerjoin(PaymentRow, PaymentRow.id == BatchLineRow.payment_id)
        .where(BatchLineRow.batch_id == batch_id, _INSIDE)
    )  # fmt: skip
    return page_of(work, DeskLine, chosen, BatchLineRow.id, after=after, limit=limit)


@dataclass(frozen=True, slots=True)
class Purse:
    """A funding line that a batch pays from: so much by so many acts, and so much of it waits on those acts."""

    line_number: str
    acts: int
    amount_minor: int
    waiting_minor: int

    @property
    def is_covered(self) -> bool:
        return self.waiting_minor >= self.amount_minor


def purses(work: Work, batch_id: UUID) -> list[Purse]:
    """Of the acts that the batch holds; by number. The money of accepted acts is set aside on each of them."""
    payable = sa.and_(AccountRow.owner_id == BatchLineRow.act_id, AccountRow.kind == AccountKind.PAYABLE)
    covered = sa.case((BatchLineRow.amount_minor > _FREE, _FREE), else_=BatchLineRow.amount_minor)
    found = (
        sa.select(FundingLineRow.number, sa.func.count(), sa.func.sum(BatchLineRow.amount_minor), sa.func.sum(covered))
        .select_from(BatchLineRow)
        .join(FundingLineRow, FundingLineRow.id == BatchLineRow.line_id)
        .join(AccountRow, payable)
        .where(BatchLineRow.batch_id == batch_id, BatchLineRow.status == LineStatus.HELD)
        .group_by(FundingLineRow.number)
        .order_by(FundingLineRow.number)
    )
    return [Purse(number, int(acts), int(sum_), int(free)) for number, acts, sum_, free in work.rows(found)]
