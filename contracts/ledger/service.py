"""Moving money: a transfer row and two conditional updates of running totals, or nothing.

The totals need no after-image of their own: the recorded transfers imply them (``market check`` proves it).
"""

from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.database import table_of
from contracts.kernel.ids import new_id
from contracts.kernel.money import KZT, decimal_string
from contracts.kernel.work import AnyRow, Work
from contracts.ledger.models import AccountRow, TransferRow
from contracts.ledger.rules import (
    MAX_TOTAL,
    OVERDRAWABLE,
    AccountKind,
    AlreadyResolved,
    InsufficientFunds,
    TotalTooLarge,
    TransferKind,
)

_accounts = table_of(AccountRow)
_FREE = _accounts.c.credits_posted - _accounts.c.debits_posted - _accounts.c.debits_pending


def open_account(work: Work, kind: AccountKind, owner_id: UUID, *, line_id: UUID | None, currency: str = KZT) -> UUID:
    account_id = new_id()
    work.insert(
        AccountRow,
        id=account_id,
        kind=kind,
        owner_id=owner_id,
        line_id=line_id,
        currency=currency,
        debits_posted=0,
        credits_posted=0,
        debits_pending=0,
        credits_pending=0,
    )
    return account_id


def transfer(
    work: Work, *, debit: UUID, credit: UUID, amount_minor: int, reason: str, about_id: UUID, pending: bool = False
) -> UUID:
    """Take ``amount_minor`` from ``debit`` and give it to ``credit``. The transfer's id.

    A pending transfer holds the money back on the debit side until :func:`post` or :func:`void`.
    Raises InsufficientFunds, TotalTooLarge; the database's own CHECKs are the second wall.
    """
    assert amount_minor > 0, "a transfer has a positive amount"
    column = "debits_pending" if pending else "debits_posted"
    _take(work, debit, amount_minor, column)
    column = "credits_pending" if pending else "credits_posted"
    _add(work, credit, **{column: amount_minor})
    kind = TransferKind.PENDING if pending else TransferKind.POSTED
    return _write(work, kind, debit, credit, amount_minor, reason, about_id)


def post(work: Work, pending_id: UUID, *, reason: str) -> UUID:
    """The outside said it happened. Raises AlreadyResolved."""
    row = _pending(work, pending_id)
    amount = row.amount_minor
    _add(work, row.debit_id, debits_pending=-amount, debits_posted=amount)
    _add(work, row.credit_id, credits_pending=-amount, credits_posted=amount)
    return _resolve(work, TransferKind.POST, row, reason)


def void(work: Work, pending_id: UUID, *, reason: str) -> UUID:
    """The outside said it will never happen: the money is free again. Raises AlreadyResolved."""
    row = _pending(work, pending_id)
    _add(work, row.debit_id, debits_pending=-row.amount_minor)
    _add(work, row.credit_id, credits_pending=-row.amount_minor)
    return _resolve(work, TransferKind.VOID, row, reason)


def _take(work: Work, account_id: UUID, amount: int, column: str) -> None:
    allowed = sa.or_(_accounts.c.kind.in_(OVERDRAWABLE), amount <= _FREE)
    total = _accounts.c[column]
    taken = work.execute(
        sa.update(_accounts)
        .where(_accounts.c.id == account_id, allowed, total <= MAX_TOTAL - amount)
        .values({column: total + amount})
    )
    if taken.rowcount != 1:
        _check_room(work, account_id, {column: amount})
        raise InsufficientFunds(f"The account does not hold {decimal_string(amount)}", rule="never-overdrawn")


def _add(work: Work, account_id: UUID, **deltas: int) -> None:
    changed = work.execute(
        sa.update(_accounts)
        .where(
            _accounts.c.id == account_id, *[_accounts.c[name] <= MAX_TOTAL - delta for name, delta in deltas.items()]
        )
        .values({name: _accounts.c[name] + delta for name, delta in deltas.items()})
    )
    if changed.rowcount != 1:
        _check_room(work, account_id, deltas)
        raise AssertionError(f"account {account_id} is not there")


def _check_room(work: Work, account_id: UUID, deltas: dict[str, int]) -> None:
    """Running totals only grow; one that has no room left takes no money, in either direction."""
    full = sa.or_(*[_accounts.c[name] > MAX_TOTAL - delta for name, delta in deltas.items()])
    if work.scalar(sa.select(_accounts.c.id).where(_accounts.c.id == account_id, full)) is not None:
        raise TotalTooLarge(rule="account-total")


def _pending(work: Work, pending_id: UUID) -> AnyRow:
    # the row is locked, so two that resolve it at the same time stand in line and the second sees the first
    row = work.connection.execute(
        sa.select(TransferRow.__table__).where(TransferRow.id == pending_id).with_for_update()
    ).one()
    assert row.kind is TransferKind.PENDING, "only a pending transfer is resolved"
    if work.scalar(sa.select(TransferRow.id).where(TransferRow.resolves_id == pending_id)) is not None:
        raise AlreadyResolved(transfer_id=str(pending_id))
    return row


def _resolve(work: Work, kind: TransferKind, row: AnyRow, reason: str) -> UUID:
    return _write(work, kind, row.debit_id, row.credit_id, row.amount_minor, reason, row.about_id, resolves_id=row.id)


def _write(
    work: Work,
    kind: TransferKind,
    debit: UUID,
    credit: UUID,
    amount: int,
    reason: str,
    about_id: UUID,
    resolves_id: UUID | None = None,
) -> UUID:
    transfer_id = new_id()
    work.insert(
        TransferRow,
        id=transfer_id,
        kind=kind,
        debit_id=debit,
        credit_id=credit,
        amount_minor=amount,
        reason=reason,
        about_id=about_id,
        resolves_id=resolves_id,
        posted_on=work.today,
        at=work.now,
    )
    return transfer_id
