"""What an order weighs: what else the same territory ordered for the same organisation on the day and in the month.

A sum that is cut up into several orders, or several batches, weighs what it would have weighed whole. Failed and
reversed payments no longer count; the act that is paid itself counts by its total, not by what was paid of it before.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.act.rules import Act
from contracts.approval.rules import Beside
from contracts.approval.turns import weigh_between_rules
from contracts.kernel.calendar import start_of
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.payee.models import PayeeRow
from contracts.payment.models import PaymentRow
from contracts.payment.rules import NOT_LIVE


@dataclass(frozen=True, slots=True)
class Load:
    """An act that is, or may be, ordered."""

    act_id: UUID
    provider_id: UUID
    territory: str

    @classmethod
    def of(cls, act: Act) -> "Load":
        return cls(act.id, act.provider_id, act.territory)


def stand_in_line(work: Work, provider_ids: Collection[UUID]) -> None:
    """Whoever orders for the same organisations waits here, and weighs with what was ordered meanwhile, by the rules
    that have begun. In the order of ids, so that two batches never wait for each other; what time it is, is read behind
    the locks."""
    weigh_between_rules(work)
    payees = sa.select(PayeeRow.id).where(PayeeRow.provider_id.in_(provider_ids)).order_by(PayeeRow.id)
    work.rows(payees.with_for_update(key_share=True))
    work.clock()


def besides(work: Work, loads: Iterable[Load]) -> dict[UUID, Beside]:
    """By act: what else was ordered for its organisation by its territory. One SELECT for a page of acts."""
    every = list(loads)
    ordered = _ordered_this_month(work, {one.provider_id for one in every})
    found = {}
    for load in every:
        mine = [o for o in ordered if (o.provider_id, o.territory) == (load.provider_id, load.territory)]
        found[load.act_id] = _sum(work, [one for one in mine if one.act_id != load.act_id])
    return found


def beside(work: Work, act: Act) -> Beside:
    return besides(work, [Load.of(act)])[act.id]


def beside_of(work: Work, provider_id: UUID, territory: str) -> Beside:
    """Of an order that pays no act."""
    return _sum(work, [one for one in _ordered_this_month(work, [provider_id]) if one.territory == territory])


def beside_all(work: Work, parts: Mapping[UUID, int], *, territory: str, act_ids: Collection[UUID]) -> Beside:
    """Of orders made together, ``parts`` by provider: how much more than all of them together the heaviest provider
    weighs with what it was paid besides these acts. A batch is judged by its own total where that is more."""
    total, day, month = sum(parts.values()), 0, 0
    ordered = [one for one in _ordered_this_month(work, parts) if one.territory == territory]
    for provider_id, part in parts.items():
        other = _sum(work, [o for o in ordered if o.provider_id == provider_id and o.act_id not in act_ids])
        day, month = max(day, part + other.day - total), max(month, part + other.month - total)
    return Beside(day, month)


@dataclass(frozen=True, slots=True)
class _Ordered:
    provider_id: UUID
    territory: str
    act_id: UUID | None
    amount_minor: int
    ordered_at: datetime


def ordered_this_month(work: Work) -> sa.ScalarSelect[int]:
    """Inside a statement over acts: what else of the month counts beside each of them."""
    return (
        sa.select(sa.func.coalesce(sa.func.sum(PaymentRow.amount_minor), 0))
        .where(
            PaymentRow.provider_id == ActRow.provider_id,
            PaymentRow.territory == ActRow.territory,
            PaymentRow.act_id.is_distinct_from(ActRow.id),  # an advance counts beside every act
            PaymentRow.ordered_at >= start_of(Month.of(work.today).first_day),
            PaymentRow.status.not_in(NOT_LIVE),
        )
        .correlate(ActRow)
        .scalar_subquery()
    )


def _ordered_this_month(work: Work, provider_ids: Collection[UUID]) -> list[_Ordered]:
    since = start_of(Month.of(work.today).first_day)
    where = (
        PaymentRow.provider_id.in_(provider_ids),
        PaymentRow.ordered_at >= since,
        PaymentRow.status.not_in(NOT_LIVE),
    )
    return work.find_all(_Ordered, PaymentRow, *where, order_by=(PaymentRow.id,))


def _sum(work: Work, ordered: Collection[_Ordered]) -> Beside:
    midnight = start_of(work.today)
    today = sum(one.amount_minor for one in ordered if one.ordered_at >= midnight)
    return Beside(day=today, month=sum(one.amount_minor for one in ordered))
