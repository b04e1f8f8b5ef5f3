"""Queries: a payee's money, act by act and advance by advance: what was ordered, what is on its way, what came."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.act.rules import ActStatus
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.ledger.models import UNORDERED, AccountRow
from contracts.payment.advance_models import AdvanceRow
from contracts.payment.models import PaymentRow
from contracts.payment.rules import UNDER_WAY, PaymentStatus

PAGE = 50
_LEFT = AccountRow.credits_posted - AccountRow.debits_posted - AccountRow.debits_pending


@dataclass(frozen=True, slots=True)
class StatedPayment:
    """Of an act of a month, or of an advance. ``expected_on``: when the bank has it, as the payment server says."""

    id: UUID
    number: str
    status: PaymentStatus
    amount_minor: int
    ordered_at: datetime
    first_sent_at: datetime | None
    expected_on: date | None
    settled_at: datetime | None
    act_id: UUID | None
    act_number: str | None
    month: Month | None
    advance_id: UUID | None
    advance_number: str | None


@dataclass(frozen=True, slots=True)
class StatedAct:
    """Accepted, and money of it that nobody ordered or set off: ``left_minor``."""

    id: UUID
    number: str
    month: Month
    left_minor: int
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Coming:
    """Money that the provider has earned and does not have: not ordered yet, and under way."""

    unordered: int
    unordered_minor: int
    under_way: int
    under_way_minor: int


def payments_of(work: Work, provider_id: UUID, *, after: UUID | None = None, limit: int = PAGE) -> list[StatedPayment]:
    """The newest first."""
    row, act = PaymentRow, ActRow
    where = [row.provider_id == provider_id] + ([] if after is None else [row.id < after])
    facts = (row.id, row.number, row.status, row.amount_minor, row.ordered_at, row.first_sent_at, row.expected_on)
    statement = (
        sa.select(*facts, row.settled_at, row.act_id, act.number, act.month, row.advance_id, AdvanceRow.number)
        .outerjoin(act, act.id == row.act_id)
        .outerjoin(AdvanceRow, AdvanceRow.id == row.advance_id)
        .where(*where)
        .order_by(row.id.desc())
        .limit(limit)
    )
    return [StatedPayment(*found) for found in work.rows(statement)]


def unordered_acts(work: Work, provider_id: UUID, *, limit: int = PAGE) -> list[StatedAct]:
    """The oldest month first."""
    names = (ActRow.id, ActRow.number, ActRow.month, _LEFT, ActRow.accepted_at)
    statement = _unordered(sa.select(*names), provider_id).order_by(ActRow.month, ActRow.id).limit(limit)
    return [StatedAct(*row) for row in work.rows(statement)]


def coming(work: Work, provider_id: UUID) -> Coming:
    amount = sa.func.coalesce(sa.func.sum(_LEFT), 0)
    ((acts, earned),) = work.rows(_unordered(sa.select(sa.func.count(), amount), provider_id))
    sent = sa.func.coalesce(sa.func.sum(PaymentRow.amount_minor), 0)
    where = (PaymentRow.provider_id == provider_id, PaymentRow.status.in_(UNDER_WAY))
    ((payments, moving),) = work.rows(sa.select(sa.func.count(), sent).where(*where))
    return Coming(int(acts), int(earned), int(payments), int(moving))


def _unordered(chosen: sa.Select[*tuple[Any, ...]], provider_id: UUID) -> sa.Select[*tuple[Any, ...]]:
    """From the small index of accounts whose money waits. A payment that came back holds its act's money."""
    came_back = sa.exists().where(PaymentRow.act_id == ActRow.id, PaymentRow.status == PaymentStatus.RETURNED)
    return (
        chosen.select_from(ActRow)
        .join(AccountRow, AccountRow.owner_id == ActRow.id)
        .where(sa.text(UNORDERED), ActRow.provider_id == provider_id, ActRow.status == ActStatus.ACCEPTED, ~came_back)
    )
