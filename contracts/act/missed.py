"""Queries: what visits that did not take place come to, and what must hold of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActLineRow, ActRow
from contracts.act.rules import LineOf
from contracts.act.served import Served
from contracts.contract.models import EngagementRow
from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from contracts.register.models import AbsenceRow


def missed_in(work: Work, *which: sa.ColumnElement[bool]) -> list[tuple[UUID, Served]]:
    """By act, one sum for each engagement, kind and price, in that order. The price of one is what was computed when
    the absence was noted."""
    facts = (
        AbsenceRow.act_id, EngagementRow.id, EngagementRow.recipient_id, EngagementRow.kind, EngagementRow.setting,
        EngagementRow.unit, price_of_one(), AbsenceRow.kind,
    )  # fmt: skip
    statement = (
        sa.select(*facts, sa.func.count(), sa.func.sum(AbsenceRow.quantity))
        .join(EngagementRow, EngagementRow.id == AbsenceRow.engagement_id)
        .where(*which)
        .group_by(*facts)
        .order_by(AbsenceRow.act_id, EngagementRow.id, AbsenceRow.kind, price_of_one())
    )
    return [_served(row) for row in work.rows(statement)]


def price_of_one() -> sa.ColumnElement[int]:
    """Of one unit of an absence: it divides without a rest."""
    return sa.cast(AbsenceRow.payable_minor // AbsenceRow.quantity, sa.BigInteger)


def _served(row: Sequence[Any]) -> tuple[UUID, Served]:
    act_id, engagement, recipient, kind, setting, unit, price, what, count, quantity = row
    served = Served(
        engagement, recipient, kind, setting, unit, int(price), int(count), int(quantity), 0, LineOf(str(what))
    )
    return act_id, served


def invariants() -> list[Invariant]:
    lines = sa.select(sa.func.count()).select_from(ActLineRow).where(ActLineRow.what != LineOf.VISITS)
    sums = (
        sa.select(
            AbsenceRow.act_id,
            AbsenceRow.engagement_id,
            AbsenceRow.kind,
            price_of_one().label("price"),
            sa.func.count().label("entries"),
            sa.func.sum(AbsenceRow.quantity).label("quantity"),
            sa.func.sum(AbsenceRow.payable_minor).label("cost"),
        )
        .where(AbsenceRow.act_id.is_not(None), AbsenceRow.withdrawn_at.is_(None))
        .group_by(AbsenceRow.act_id, AbsenceRow.engagement_id, AbsenceRow.kind, price_of_one())
        .subquery()
    )
    same = sa.and_(
        sums.c.act_id == ActLineRow.act_id,
        sums.c.engagement_id == ActLineRow.engagement_id,
        sa.cast(sums.c.kind, sa.String) == sa.cast(ActLineRow.what, sa.String),
        sums.c.price == ActLineRow.unit_price_minor,
    )
    differs = sa.or_(
        ActLineRow.entries != sa.func.coalesce(sums.c.entries, 0),
        ActLineRow.quantity != sa.func.coalesce(sums.c.quantity, 0),
        ActLineRow.cost_minor != sa.func.coalesce(sums.c.cost, 0),
    )
    uneven = sa.select(ActLineRow.id).outerjoin(sums, same).where(ActLineRow.what != LineOf.VISITS, differs)
    taken = sa.select(sa.func.count()).select_from(AbsenceRow).where(AbsenceRow.act_id.is_not(None))
    own = sa.exists().where(
        ActLineRow.act_id == AbsenceRow.act_id,
        ActLineRow.engagement_id == AbsenceRow.engagement_id,
        sa.cast(ActLineRow.what, sa.String) == sa.cast(AbsenceRow.kind, sa.String),
    )
    astray = (
        sa.select(AbsenceRow.id)
        .outerjoin(ActRow, ActRow.id == AbsenceRow.act_id)
        .where(AbsenceRow.act_id.is_not(None))
        .where(sa.or_(AbsenceRow.withdrawn_at.is_not(None), ActRow.month != AbsenceRow.month, ~own))
    )
    return [
        Invariant("an act's line of missed visits is the sum of its absences", lines, uneven),
        Invariant("an absence in an act stands, is of its month and has a line there", taken, astray),
    ]
