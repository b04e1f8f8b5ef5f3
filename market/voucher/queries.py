"""Vouchers with what decides their validity, those whose money is due back, and what must hold over all of them."""

from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contracts.kernel.clock import CivilToday
from contracts.kernel.database import Invariant, columns
from contracts.kernel.work import Work
from contracts.ledger.models import AccountRow, TransferRow
from contracts.ledger.rules import AccountKind
from market.catalogue.rules import ServiceKind
from market.recipient.models import RecipientRow
from market.voucher.models import VoucherRow
from market.voucher.rules import Voucher, VoucherNotFound, VoucherStatus, is_expired, is_valid

__all__ = [
    "due_back",
    "invariants",
    "is_expired",
    "is_valid",
    "next_begins_on",
    "overlapping",
    "voucher",
    "voucher_numbered",
    "vouchers_in",
    "vouchers_of",
]

MAX_LISTED = 500  # vouchers a page
_OWN = [f.name for f in fields(Voucher) if f.name != "holder_died_on"]
_BALANCE = AccountRow.credits_posted - AccountRow.debits_posted
_FREE = _BALANCE - AccountRow.debits_pending


def _vouchers() -> sa.Select[Any]:
    return sa.select(*columns(VoucherRow, _OWN), RecipientRow.died_on.label("holder_died_on")).join(
        RecipientRow, RecipientRow.id == VoucherRow.recipient_id
    )


def _one(work: Work, where: sa.ColumnElement[bool], *, lock: bool) -> Voucher:
    statement = _vouchers().where(where)
    if lock:
        statement = statement.with_for_update(of=VoucherRow)
    row = work.connection.execute(statement).one_or_none()
    if row is None:
        raise VoucherNotFound
    return Voucher(*row)


def voucher(work: Work, voucher_id: UUID, *, lock: bool = False) -> Voucher:
    """Raises VoucherNotFound."""
    return _one(work, VoucherRow.id == voucher_id, lock=lock)


def items_of(work: Work, voucher_id: UUID) -> frozenset[str] | None:
    """Which items its programme names; None: all of its kind, also where there is no voucher."""
    found = work.scalar(sa.select(VoucherRow.items).where(VoucherRow.id == voucher_id))
    return None if found is None else frozenset(found)


def voucher_numbered(work: Work, number: str) -> Voucher:
    """Raises VoucherNotFound."""
    return _one(work, VoucherRow.number == number, lock=False)


def vouchers_of(work: Work, recipient_id: UUID) -> list[Voucher]:
    """The newest first."""
    statement = _vouchers().where(VoucherRow.recipient_id == recipient_id)
    return [Voucher(*row) for row in work.rows(statement.order_by(VoucherRow.issued_at.desc(), VoucherRow.id))]


def vouchers_in(work: Work, territory: str, *, after_number: str = "", limit: int = MAX_LISTED) -> list[Voucher]:
    """Those under a territory prefix, a page at a time by number."""
    here = VoucherRow.territory.startswith(territory, autoescape=True)
    statement = _vouchers().where(here, VoucherRow.number > after_number).order_by(VoucherRow.number)
    return [Voucher(*row) for row in work.rows(statement.limit(min(limit, MAX_LISTED)))]


def overlapping(
    work: Work, *, recipient_id: UUID, kind: ServiceKind, setting: str, from_on: date, until_on: date
) -> str | None:
    """The number of an issued voucher of this person for the same service on some of the same days."""
    found: str | None = work.scalar(
        sa.select(VoucherRow.number)
        .where(
            VoucherRow.recipient_id == recipient_id,
            VoucherRow.kind == kind,
            VoucherRow.setting == setting,
            VoucherRow.status == VoucherStatus.ISSUED,
            VoucherRow.from_on < until_on,
            from_on < VoucherRow.until_on,
        )
        .limit(1)
    )
    return found


def next_begins_on(work: Work, voucher: Voucher) -> date | None:
    """When the person's next voucher for the same service begins."""
    row = VoucherRow
    same = (row.recipient_id == voucher.recipient_id, row.kind == voucher.kind, row.setting == voucher.setting)
    later = (row.status == VoucherStatus.ISSUED, row.from_on >= voucher.granted_until)
    found: date | None = work.scalar(sa.select(sa.func.min(row.from_on)).where(*same, *later))
    return found


def due_back(work: Work, on: date, *, limit: int) -> list[Voucher]:
    """Vouchers whose days (or whose holder's days) are over on that day, and ended ones to which money came back
    since; locked. In order of their lines, so that two that release at the same time never wait in a circle."""
    issued = VoucherRow.status == VoucherStatus.ISSUED
    own = sa.select(VoucherRow.id)
    holder = own.join(RecipientRow, RecipientRow.id == VoucherRow.recipient_id)
    account = own.join(AccountRow, AccountRow.id == VoucherRow.account_id)
    due = sa.union(
        *(
            one.limit(limit).subquery().select()
            for one in (
                own.where(issued, VoucherRow.until_on <= on),
                holder.where(issued, RecipientRow.died_on <= on),
                account.where(~issued, _FREE > 0),
            )
        )
    ).subquery()
    statement = (
        _vouchers()
        .where(VoucherRow.id.in_(sa.select(due.c.id)))
        .order_by(VoucherRow.line_id, VoucherRow.id)
        .limit(limit)
        .with_for_update(of=VoucherRow, skip_locked=True)
    )
    return [Voucher(*row) for row in work.rows(statement)]


def _months() -> sa.ColumnElement[int]:
    """How many calendar months a voucher touches as it was granted, as ``Period.months`` counts them."""
    begin, end = VoucherRow.from_on, sa.func.coalesce(VoucherRow.granted_until_on, VoucherRow.until_on)
    whole = (sa.extract("year", end) - sa.extract("year", begin)) * 12
    return (
        whole
        + sa.extract("month", end)
        - sa.extract("month", begin)
        + sa.case((sa.extract("day", end) > 1, 1), else_=0)
    )


def _reserved_differs() -> sa.Select[Any]:
    source = aliased(AccountRow)
    reserved = (
        sa.select(TransferRow.credit_id, sa.func.sum(TransferRow.amount_minor).label("amount"))
        .join(source, source.id == TransferRow.debit_id)
        .where(source.kind == AccountKind.APPROPRIATED)
        .group_by(TransferRow.credit_id)
        .subquery()
    )
    return (
        sa.select(VoucherRow.number)
        .outerjoin(reserved, reserved.c.credit_id == VoucherRow.account_id)
        .where(
            sa.func.coalesce(reserved.c.amount, 0) != VoucherRow.units_a_month * VoucherRow.ceiling_minor * _months()
        )
    )


def _strayed() -> sa.Select[Any]:
    """Money of a voucher that came from, or went to, something else than its line or an engagement."""
    other = aliased(AccountRow)
    elsewhere = sa.or_(
        other.line_id != VoucherRow.line_id,
        other.kind.not_in([AccountKind.APPROPRIATED, AccountKind.COMMITTED]),
    )
    given, taken = (
        sa.select(VoucherRow.number)
        .join(TransferRow, mine == VoucherRow.account_id)
        .join(other, other.id == theirs)
        .where(elsewhere)
        for mine, theirs in (
            (TransferRow.debit_id, TransferRow.credit_id),
            (TransferRow.credit_id, TransferRow.debit_id),
        )
    )
    return sa.select(given.union_all(taken).subquery().c.number)


def invariants() -> list[Invariant]:
    every = sa.select(sa.func.count()).select_from(VoucherRow)
    account = sa.select(VoucherRow.number).join(AccountRow, AccountRow.id == VoucherRow.account_id)
    foreign = account.where(
        sa.or_(
            AccountRow.kind != AccountKind.RESERVED,
            AccountRow.owner_id != VoucherRow.id,
            AccountRow.line_id != VoucherRow.line_id,
        )
    )
    ended = VoucherRow.status != VoucherStatus.ISSUED
    overdue = sa.and_(VoucherRow.status == VoucherStatus.ISSUED, VoucherRow.until_on < CivilToday(), _BALANCE > 0)
    return [
        Invariant("a voucher's account is its own, on its funding line", every, foreign),
        Invariant("a voucher reserved units x ceiling x months", every, _reserved_differs()),
        Invariant("a voucher's money goes only to engagements and back to its line", every, _strayed()),
        Invariant("a closed or revoked voucher holds no money", every.where(ended), account.where(ended, _BALANCE > 0)),
        Invariant("an expired voucher's money is back on its line", every, account.where(overdue)),
    ]
