"""The sentences that must always hold over what recipients owe and pay."""

from typing import Any

import sqlalchemy as sa

from contracts.act.models import ActLineRow, ActRow
from contracts.act.pricing import Collector
from contracts.act.rules import ActStatus
from contracts.collection.aligning import FAILED, REMITTED
from contracts.collection.models import CollectionRow, DuePartRow, DueRow, RemissionRow
from contracts.collection.rules import LIVE, LONGEST_SENDING, CollectionKind, CollectionStatus
from contracts.kernel.clock import RealAgo
from contracts.kernel.database import Invariant
from contracts.ledger.models import AccountRow, TransferRow
from contracts.ledger.rules import AccountKind, TransferKind

_INTENT = CollectionRow.kind == CollectionKind.INTENT
_PAID = CollectionRow.status == CollectionStatus.SUCCEEDED


def _sum(amount: Any, *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.coalesce(sa.func.sum(amount), 0)).where(*where).scalar_subquery()


def _parts_astray() -> sa.Select[Any]:
    """A due asks what accepted acts ask of its recipient, and less what was remitted."""
    parts = _sum(DuePartRow.amount_minor, DuePartRow.due_id == DueRow.id)
    remitted = _sum(RemissionRow.amount_minor, RemissionRow.due_id == DueRow.id)
    return sa.select(DueRow.number).where(
        sa.or_(DueRow.asked_minor != parts, DueRow.remitted_minor != remitted, DueRow.asked_minor == 0)
    )


def _acts_astray() -> sa.Select[Any]:
    """A part is what the lines of its act, accepted and collected by the agency, ask of the engagement's recipient."""
    lines = _sum(
        ActLineRow.copayment_minor,
        ActLineRow.act_id == DuePartRow.act_id,
        ActLineRow.engagement_id == DueRow.engagement_id,
    )
    return (
        sa.select(DueRow.number)
        .join(DuePartRow, DuePartRow.due_id == DueRow.id)
        .join(ActRow, ActRow.id == DuePartRow.act_id)
        .where(
            sa.or_(
                DuePartRow.amount_minor != lines,
                ActRow.status != ActStatus.ACCEPTED,
                ActRow.collector != Collector.AGENCY,
                ActRow.month != DueRow.month,
            )
        )
    )


def _collected_too_much() -> sa.Select[Any]:
    """Of all that was asked; what was remitted after it was paid is on its way back."""
    paid = _sum(CollectionRow.amount_minor, CollectionRow.due_id == DueRow.id, _INTENT, _PAID)
    back = _sum(CollectionRow.amount_minor, CollectionRow.due_id == DueRow.id, ~_INTENT, _PAID)
    return sa.select(DueRow.number).where(sa.or_(paid - back > DueRow.asked_minor, back > paid))


def _refunded_too_much() -> sa.Select[Any]:
    refund = sa.orm.aliased(CollectionRow)
    back = _sum(
        refund.amount_minor,
        refund.of_id == CollectionRow.id,
        refund.status.in_([*LIVE, CollectionStatus.SUCCEEDED]),
    )
    return (
        sa.select(DueRow.number)
        .join(CollectionRow, CollectionRow.due_id == DueRow.id)
        .where(_INTENT, back > sa.case((_PAID, CollectionRow.amount_minor), else_=0))
    )


def _several_live() -> sa.Select[Any]:
    return (
        sa.select(CollectionRow.due_id)
        .where(CollectionRow.status.in_(LIVE))
        .group_by(CollectionRow.due_id)
        .having(sa.func.count() > 1)
    )


def _books_astray() -> sa.Select[Any]:
    """The due's account holds what was asked and given back, less what was paid and what was taken off."""
    paid = _sum(CollectionRow.amount_minor, CollectionRow.due_id == DueRow.id, _INTENT, _PAID)
    back = _sum(CollectionRow.amount_minor, CollectionRow.due_id == DueRow.id, ~_INTENT, _PAID)
    off = _sum(TransferRow.amount_minor, TransferRow.about_id == DueRow.id, TransferRow.reason == REMITTED)
    held = _sum(CollectionRow.amount_minor, CollectionRow.due_id == DueRow.id, _INTENT, CollectionRow.status.in_(LIVE))
    failed = _sum(
        CollectionRow.amount_minor,
        CollectionRow.due_id == DueRow.id,
        CollectionRow.status == CollectionStatus.FAILED,
    )
    own = sa.and_(AccountRow.owner_id == DueRow.id, AccountRow.kind == AccountKind.DUE)
    return (
        sa.select(DueRow.number)
        .outerjoin(AccountRow, own)
        .where(
            sa.or_(
                AccountRow.id.is_(None),
                AccountRow.credits_posted != DueRow.asked_minor + back + failed,
                AccountRow.debits_posted != paid + off,
                AccountRow.debits_pending != held,
                off > DueRow.remitted_minor + failed,
            )
        )
    )


def _transfers_astray() -> sa.Select[Any]:
    """A collection without an end holds its pending transfer, a paid one posted it, and any other gave it up."""
    resolved = TransferRow.__table__.alias("resolved")
    over = (CollectionStatus.SUCCEEDED, CollectionStatus.FAILED)
    kinds = ((LIVE, None), (over, TransferKind.POST))
    right = sa.case(
        *[
            (CollectionRow.status.in_(statuses), resolved.c.kind.is_(None) if kind is None else resolved.c.kind == kind)
            for statuses, kind in kinds
        ],
        else_=resolved.c.kind == TransferKind.VOID,
    )
    pending = TransferRow.__table__.alias("pending")
    return (
        sa.select(CollectionRow.id)
        .join(pending, pending.c.id == CollectionRow.pending_transfer_id)
        .outerjoin(resolved, resolved.c.resolves_id == pending.c.id)
        .where(
            sa.or_(sa.not_(sa.func.coalesce(right, sa.false())), pending.c.amount_minor != CollectionRow.amount_minor)
        )
    )


def _failed_astray() -> sa.Select[Any]:
    """The money of a refund that failed after it had succeeded is collected again, once; and of no other."""
    again = _sum(TransferRow.amount_minor, TransferRow.about_id == CollectionRow.id, TransferRow.reason == FAILED)
    failed = sa.and_(~_INTENT, CollectionRow.status == CollectionStatus.FAILED)
    expected = sa.case((failed, CollectionRow.amount_minor), else_=0)
    return sa.select(CollectionRow.id).where(again != expected)


def _nameless() -> sa.Select[Any]:
    named = CollectionRow.status.in_([CollectionStatus.OPEN, CollectionStatus.SUCCEEDED])
    return sa.select(CollectionRow.id).where(named, CollectionRow.gateway_id.is_(None))


def _slow() -> sa.Select[Any]:
    waiting = CollectionRow.status.in_([CollectionStatus.ORDERED, CollectionStatus.SENDING])
    late = sa.and_(waiting, CollectionRow.moved_at <= RealAgo(LONGEST_SENDING))
    parked = sa.and_(CollectionRow.status.in_(LIVE), CollectionRow.next_try_at.is_(None))
    return sa.select(CollectionRow.id).where(sa.or_(late, parked))


def invariants() -> list[Invariant]:
    dues = sa.select(sa.func.count()).select_from(DueRow)
    every = sa.select(sa.func.count()).select_from(CollectionRow)
    return [
        Invariant("a due is the sum of what acts ask, and what was remitted of it has reasons", dues, _parts_astray()),
        Invariant("what is asked of a recipient stands in an accepted act", dues, _acts_astray()),
        Invariant("no more is collected of a due than was asked", dues, _collected_too_much()),
        Invariant("no more is given back of an intent than was paid", every, _refunded_too_much()),
        Invariant("a due has one intent or refund under way at most", dues, _several_live()),
        Invariant("a due's account holds what is still to be paid", dues, _books_astray()),
        Invariant("a collection's transfer waits, is posted or given up as it is itself", every, _transfers_astray()),
        Invariant("a refund that came back is collected again, once", every, _failed_astray()),
        Invariant("what is open or paid has a name at the payment server", every, _nameless()),
        Invariant("no collection waits longer than it should, or for a person", every, _slow()),
    ]
