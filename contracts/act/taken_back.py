"""Queries: visits, and absences noted instead of one, whose money is taken back, and what must hold of them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.missed import price_of_one
from contracts.act.models import ActEntryRow, ActLineRow, ActRow, TakeBackRow
from contracts.act.rules import Act, ActLine, ActStatus, LineOf
from contracts.act.take_back import (
    NotInAcceptedAct,
    Served,
    TakeBack,
    TakeBackStatus,
    Worth,
    worth_of,
)
from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from contracts.ledger.models import TransferRow
from contracts.register.absence_rules import Absence
from contracts.register.models import AbsenceRow, EntryRow
from contracts.register.queries import entry, seconds_between
from contracts.register.rules import Entry

TAKEN_BACK = "visit-taken-back"  # why money moves; the transfers are about the visit or the absence
MOST = 200  # shown at once
_TAKEN = TakeBackRow.status == TakeBackStatus.TAKEN


def doubted(work: Work, about_id: UUID) -> Entry | Absence:
    """What may be found untrue. Raises EntryNotFound."""
    return work.find(Absence, AbsenceRow, AbsenceRow.id == about_id) or entry(work, about_id)


def take_back(work: Work, about_id: UUID) -> TakeBack | None:
    return work.find(TakeBack, TakeBackRow, TakeBackRow.id == about_id)


def of_each(work: Work, about_ids: Collection[UUID]) -> dict[UUID, TakeBack]:
    """By visit or absence, of a page of them."""
    return {one.id: one for one in work.find_all(TakeBack, TakeBackRow, TakeBackRow.id.in_(about_ids))}


def of_act(work: Work, act_id: UUID, *which: TakeBackStatus) -> list[tuple[TakeBack, datetime]]:
    """Those in such a status, each with when the visit was, or was to be, in the order in which they were proposed."""
    where = (TakeBackRow.act_id == act_id, TakeBackRow.status.in_(which))
    order_by = (TakeBackRow.proposed_at, TakeBackRow.id)
    found = work.find_all(TakeBack, TakeBackRow, *where, order_by=order_by, limit=MOST)
    ids = [one.id for one in found]
    began = sa.select(EntryRow.id, EntryRow.started_at).where(EntryRow.id.in_(ids))
    planned = sa.select(AbsenceRow.id, AbsenceRow.planned_at).where(AbsenceRow.id.in_(ids))
    at = {row[0]: row[1] for row in work.rows(began.union_all(planned))}
    return [(one, at[one.id]) for one in found]


def back_of_acts(work: Work, act_ids: Collection[UUID]) -> dict[UUID, int]:
    """By act of a page: how much of it was taken back, where something was."""
    summed = sa.select(TakeBackRow.act_id, sa.func.sum(TakeBackRow.amount_minor))
    found = work.rows(summed.where(TakeBackRow.act_id.in_(act_ids), _TAKEN).group_by(TakeBackRow.act_id))
    return {act_id: int(back) for act_id, back in found}


def line_of(work: Work, act: Act, found: Entry | Absence) -> ActLine:
    """The line that bills the visit or the absence. Raises NotInAcceptedAct."""
    if isinstance(found, Absence):
        price = found.payable_minor // found.quantity if found.quantity else 0
        which = _bills(found.engagement_id, LineOf(found.kind), price)
    else:
        line_id = sa.select(ActEntryRow.act_line_id).where(ActEntryRow.entry_id == found.id)
        which = ActLineRow.id == line_id.scalar_subquery()
    line = work.find(ActLine, ActLineRow, ActLineRow.act_id == act.id, which)
    if line is None or act.status is not ActStatus.ACCEPTED:
        raise NotInAcceptedAct(rule="in-an-accepted-act", act=act.number)
    return line


def worth(work: Work, act: Act, line: ActLine, about_id: UUID) -> Worth:
    """What taking the visit or absence back comes to, after all that was taken back of its line before."""
    gone = sa.select(TakeBackRow.id).where(TakeBackRow.act_line_id == line.id, _TAKEN)
    rows = EntryRow if line.what is LineOf.VISITS else AbsenceRow
    before, own = _served(work, rows, rows.id.in_(gone)), _served(work, rows, rows.id == about_id)
    both = Served(before.quantity + own.quantity, before.seconds + own.seconds)
    return worth_of(act, line, before=before, with_it=both)


def _served(work: Work, rows: type[EntryRow | AbsenceRow], which: sa.ColumnElement[bool]) -> Served:
    """Of an absence nobody measured seconds."""
    seconds = seconds_between(EntryRow.started_at, EntryRow.ended_at) if rows is EntryRow else sa.literal(0)
    (row,) = work.rows(sa.select(sa.func.sum(rows.quantity), sa.func.sum(seconds)).where(which))
    return Served(int(row[0] or 0), int(row[1] or 0))


def _bills(engagement: Any, what: Any, price: Any) -> sa.ColumnElement[bool]:
    """A line that bills such absences."""
    same_kind = sa.cast(ActLineRow.what, sa.String) == sa.cast(what, sa.String)
    return sa.and_(ActLineRow.engagement_id == engagement, same_kind, ActLineRow.unit_price_minor == price)


def _outside_accepted_acts() -> sa.Select[Any]:
    billed = sa.case(
        (TakeBackRow.entry_id.is_not(None), ActEntryRow.act_line_id == TakeBackRow.act_line_id),
        else_=sa.and_(
            AbsenceRow.act_id == TakeBackRow.act_id, _bills(AbsenceRow.engagement_id, AbsenceRow.kind, price_of_one())
        ),
    )
    return (
        sa.select(TakeBackRow.id)
        .join(ActRow, ActRow.id == TakeBackRow.act_id)
        .join(ActLineRow, ActLineRow.id == TakeBackRow.act_line_id)
        .outerjoin(ActEntryRow, ActEntryRow.entry_id == TakeBackRow.entry_id)
        .outerjoin(AbsenceRow, AbsenceRow.id == TakeBackRow.absence_id)
        .where(
            sa.or_(
                ActRow.status != ActStatus.ACCEPTED,
                ~sa.func.coalesce(billed, sa.false()),
                ActRow.line_id != TakeBackRow.line_id,
                ActLineRow.act_id != TakeBackRow.act_id,
            )
        )
    )


def _not_in_the_books() -> sa.Select[Any]:
    """What was moved for a visit is what was taken back for it, and nothing of one that was not."""
    taken = sa.select(TakeBackRow.id.label("visit"), sa.func.coalesce(TakeBackRow.amount_minor, 0).label("sum"))
    moved = sa.select(TransferRow.about_id, -TransferRow.amount_minor).where(TransferRow.reason == TAKEN_BACK)
    both = taken.union_all(moved).subquery()
    return sa.select(both.c.visit).group_by(both.c.visit).having(sa.func.sum(both.c.sum) != 0)


def _beyond_their_lines() -> sa.Select[Any]:
    back, own = sa.func.sum(TakeBackRow.amount_minor), sa.func.sum(TakeBackRow.copayment_minor)
    return (
        sa.select(ActLineRow.id)
        .join(TakeBackRow, TakeBackRow.act_line_id == ActLineRow.id)
        .group_by(ActLineRow.id, ActLineRow.amount_minor, ActLineRow.copayment_minor)
        .having(sa.or_(back > ActLineRow.amount_minor, own > ActLineRow.copayment_minor))
    )


def invariants() -> list[Invariant]:
    every = sa.select(sa.func.count()).select_from(TakeBackRow)
    return [
        Invariant(
            "money is taken back of a visit or an absence in an accepted act alone", every, _outside_accepted_acts()
        ),
        Invariant(
            "what is taken back of a visit or an absence is what the books moved for it", every, _not_in_the_books()
        ),
        Invariant("no more is taken back of a line than it was billed at", every, _beyond_their_lines()),
    ]
