"""Queries: what the visits of an act come to, one sum for each engagement and price."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActLineRow
from contracts.act.rules import Act, LineOf
from contracts.contract.models import EngagementRow
from contracts.contract.queries import price_on
from contracts.kernel.work import Work
from contracts.register.models import EntryRow
from contracts.register.queries import of_act, seconds_between


@dataclass(frozen=True, slots=True)
class Served:
    """What was served of one engagement at one price: the sums over its entries in an act."""

    engagement_id: UUID
    recipient_id: UUID
    kind: str
    setting: str
    unit: str
    unit_price_minor: int
    entries: int
    quantity: int
    seconds: int
    what: LineOf = LineOf.VISITS


def served_in(work: Work, act: Act) -> Sequence[Served]:
    """Ordered by engagement (the order in which accounts are locked), then by price."""
    visits = priced_visits(*of_act(act.id, act.contract_id, act.month))
    c = visits.c
    facts = (c.engagement_id, c.recipient_id, c.kind, c.setting, c.unit, c.price)
    statement = sa.select(*facts, *sums(c)).group_by(*facts).order_by(c.engagement_id, c.price)
    return [Served(*row[:6], *(int(total) for total in row[6:])) for row in work.rows(statement)]


def priced_visits(*which: sa.ColumnElement[bool]) -> sa.Subquery:
    """Each visit with its engagement's terms and the price of its day."""
    return (
        sa.select(
            EntryRow.id,
            EntryRow.act_id,
            EngagementRow.id.label("engagement_id"),
            EngagementRow.recipient_id,
            EngagementRow.kind,
            EngagementRow.setting,
            EngagementRow.unit,
            price_on(EntryRow.__table__.c.served_on).label("price"),
            EntryRow.quantity,
            seconds_between(EntryRow.started_at, EntryRow.ended_at).label("seconds"),
        )
        .join(EngagementRow, EngagementRow.id == EntryRow.engagement_id)
        .where(*which)
        .subquery()
    )


def sums(visits: Any) -> tuple[sa.ColumnElement[Any], ...]:
    """How many, how many units, how many seconds."""
    return sa.func.count(), sa.func.sum(visits.quantity), sa.func.sum(visits.seconds)


def entries_by_line(*which: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    """Which visits each line of these acts is made of: what ``act_entry`` keeps."""
    same = sa.and_(
        ActLineRow.act_id == EntryRow.act_id,
        ActLineRow.engagement_id == EntryRow.engagement_id,
        ActLineRow.what == LineOf.VISITS,
        ActLineRow.unit_price_minor == price_on(EntryRow.__table__.c.served_on),
    )
    return (
        sa.select(EntryRow.id, ActLineRow.id)
        .join(EngagementRow, EngagementRow.id == EntryRow.engagement_id)
        .join(ActLineRow, same)
        .where(*which)
    )
