"""Queries: visits whose money is taken back, and what must hold of them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActEntryRow, ActLineRow, ActRow, TakeBackRow
from contracts.act.rules import Act, ActLine, ActStatus
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
from contracts.register.models import EntryRow
from contracts.register.queries import seconds_between
from contracts.register.rules import Entry

TAKEN_BACK = "visit-taken-back"  # why money moves; the transfers are about the visit
MOST = 200  # shown at once
_TAKEN = TakeBackRow.status == TakeBackStatus.TAKEN


def take_back(work: Work, entry_id: UUID) -> TakeBack | None:
    return work.find(TakeBack, TakeBackRow, TakeBackRow.entry_id == entry_id)


def of_visits(work: Work, entry_ids: Collection[UUID]) -> dict[UUID, TakeBack]:
    """By visit, of a page of them."""
    found = work.find_all(TakeBack, TakeBackRow, TakeBackRow.entry_id.in_(entry_ids))
    return {one.entry_id: one for one in found}


def of_act(work: Work, act_id: UUID, *which: TakeBackStatus) -> list[tuple[TakeBack, Entry]]:
    """Those in such a status, each with its visit, in the order in which they were proposed."""
    where = (TakeBackRow.act_id == act_id, TakeBackRow.status.in_(which))
    order_by = (TakeBackRow.proposed_at, TakeBackRow.entry_id)
    found = work.find_all(TakeBack, TakeBackRow, *where, order_by=order_by, limit=MOST)
    visits = work.find_all(Entry, EntryRow, EntryRow.id.in_([one.entry_id for one in found]))
    by_id = {visit.id: visit for visit in visits}
    return [(one, by_id[one.entry_id]) for one in found]


def back_of_acts(work: Work, act_ids: Collection[UUID]) -> dict[UUID, int]:
    """By act of a page: how much of it was taken back, where something was."""
    summed = sa.select(TakeBackRow.act_id, sa.func.sum(TakeBackRow.amount_minor))
    found = work.rows(summed.where(TakeBackRow.act_id.in_(act_ids), _TAKEN).group_by(TakeBackRow.act_id))
    return {act_id: int(back) for act_id, back in found}


def line_of_visit(work: Work, act: Act, entry_id: UUID) -> ActLine:
    """The line that bills the visit. Raises NotInAcceptedAct."""
    line_id = sa.select(ActEntryRow.act_line_id).where(ActEntryRow.entry_id == entry_id).scalar_subquery()
    found = work.find(ActLine, ActLineRow, ActLineRow.id == line_id, ActLineRow.act_id == act.id)
    if found is None or act.status is not ActStatus.ACCEPTED:
        raise NotInAcceptedAct(rule="in-an-accepted-act", act=act.number)
    return found


def worth(work: Work, act: Act, line: ActLine, entry_id: UUID) -> Worth:
    """What taking the visit back comes to, after all that was taken back of its line before."""
    gone = sa.select(TakeBackRow.entry_id).where(TakeBackRow.act_line_id == line.id, _TAKEN)
    before, own = _served(work, EntryRow.id.in_(gone)), _served(work, EntryRow.id == entry_id)
    both = Served(before.quantity + own.quantity, before.seconds + own.seconds)
    return worth_of(act, line, before=before, with_it=both)


def _served(work: Work, *which: sa.ColumnElement[bool]) -> Served:
    zero = sa.func.coalesce
    seconds = sa.func.sum(seconds_between(EntryRow.started_at, EntryRow.ended_at))
    (row,) = work.rows(sa.select(zero(sa.func.sum(EntryRow.quantity), 0), zero(seconds, 0)).where(*which))
    return Served(int(row[0]), int(row[1]))


def _outside_accepted_acts() -> sa.Select[Any]:
    return (
        sa.select(TakeBackRow.entry_id)
        .join(ActRow, ActRow.id == TakeBackRow.act_id)
        .outerjoin(ActEntryRow, ActEntryRow.entry_id == TakeBackRow.entry_id)
        .where(
            sa.or_(
                ActRow.status != ActStatus.ACCEPTED,
                ActEntryRow.act_line_id.is_distinct_from(TakeBackRow.act_line_id),
                ActRow.line_id != TakeBackRow.line_id,
                TakeBackRow.act_line_id.not_in(sa.select(ActLineRow.id).where(ActLineRow.act_id == TakeBackRow.act_id)),
            )
        )
    )


def _not_in_the_books() -> sa.Select[Any]:
    """What was moved for a visit is what was taken back for it, and nothing of one that was not."""
    taken = sa.select(TakeBackRow.entry_id.label("visit"), sa.func.coalesce(TakeBackRow.amount_minor, 0).label("sum"))
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
        Invariant("money is taken back of a visit in an accepted act alone", every, _outside_accepted_acts()),
        Invariant("what is taken back of a visit is what the books moved for it", every, _not_in_the_books()),
        Invariant("no more is taken back of a line than it was billed at", every, _beyond_their_lines()),
    ]
