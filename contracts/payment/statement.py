"""Queries: a payee's money, act by act: what was ordered, what is on its way, what came."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.act.rules import ActStatus
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.payment.models import PaymentRow
from contracts.payment.rules import NOT_LIVE, UNDER_WAY, PaymentStatus

PAGE = 50


@dataclass(frozen=True, slots=True)
class StatedPayment:
    """``expected_on``: the day on which the payment server says that the bank has it."""

    id: UUID
    number: str
    status: PaymentStatus
    amount_minor: int
    ordered_at: datetime
    first_sent_at: datetime | None
    expected_on: date | None
    settled_at: datetime | None
    act_id: UUID
    act_number: str
    month: Month


@dataclass(frozen=True, slots=True)
class StatedAct:
    """Accepted, and no payment is under way or made."""

    id: UUID
    number: str
    month: Month
    total_minor: int
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
        sa.select(*facts, row.settled_at, row.act_id, act.number, act.month)
        .join(act, act.id == row.act_id)
        .where(*where)
        .order_by(row.id.desc())
        .limit(limit)
    )
    return [StatedPayment(*found) for found in work.rows(statement)]


def unordered_acts(work: Work, provider_id: UUID, *, limit: int = PAGE) -> list[StatedAct]:
    """The oldest month first."""
    names = (ActRow.id, ActRow.number, ActRow.month, ActRow.total_minor, ActRow.accepted_at)
    statement = sa.select(*names).where(*_unordered(provider_id)).order_by(ActRow.month, ActRow.id).limit(limit)
    return [StatedAct(*row) for row in work.rows(statement)]


def coming(work: Work, provider_id: UUID) -> Coming:
    amount = sa.func.coalesce(sa.func.sum(ActRow.total_minor), 0)
    ((acts, earned),) = work.rows(sa.select(sa.func.count(), amount).where(*_unordered(provider_id)))
    sent = sa.func.coalesce(sa.func.sum(PaymentRow.amount_minor), 0)
    where = (PaymentRow.provider_id == provider_id, PaymentRow.status.in_(UNDER_WAY))
    ((payments, moving),) = work.rows(sa.select(sa.func.count(), sent).where(*where))
    return Coming(int(acts), int(earned), int(payments), int(moving))


def _unordered(provider_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    live = sa.exists().where(PaymentRow.act_id == ActRow.id, PaymentRow.status.not_in(NOT_LIVE))
    return ActRow.provider_id == provider_id, ActRow.status == ActStatus.ACCEPTED, ~live
