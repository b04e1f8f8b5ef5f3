"""Balances, and the sentences that must always hold over the books."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from contracts.ledger.models import AccountRow, StageTotalRow, TransferRow
from contracts.ledger.rules import OVERDRAWABLE, AccountKind, TransferKind


@dataclass(frozen=True, slots=True)
class Account:
    """All amounts in minor units. ``free`` is what a transfer may still take."""

    id: UUID
    kind: AccountKind
    owner_id: UUID
    line_id: UUID | None
    debits_posted: int
    credits_posted: int
    debits_pending: int
    credits_pending: int

    @property
    def balance(self) -> int:
        return self.credits_posted - self.debits_posted

    @property
    def free(self) -> int:
        return self.balance - self.debits_pending


def account_of(work: Work, kind: AccountKind, owner_id: UUID) -> Account | None:
    return work.find(Account, AccountRow, AccountRow.kind == kind, AccountRow.owner_id == owner_id)


def account(work: Work, account_id: UUID, *, lock: bool = False) -> Account:
    """``lock``: for whoever empties the account and must know what it holds until the transfer is written."""
    found = work.find(Account, AccountRow, AccountRow.id == account_id, lock=lock)
    assert found is not None, f"account {account_id} is not there"
    return found


def stages(work: Work, lines: sa.Select[UUID]) -> dict[UUID, dict[AccountKind, int]]:
    """What the money of each funding line is doing now, by stage, in minor units: kept totals, so whatever number of
    vouchers it was reserved for. A line whose money never moved is missing."""
    total = StageTotalRow
    statement = sa.select(total.line_id, total.kind, sa.func.sum(total.balance_minor))
    rows = work.rows(statement.where(total.line_id.in_(lines)).group_by(total.line_id, total.kind))
    found: dict[UUID, dict[AccountKind, int]] = {}
    for line_id, kind, balance in rows:
        found.setdefault(line_id, {})[AccountKind(kind)] = int(balance)
    return found


def given(work: Work, *, debit: UUID, about_id: UUID) -> int:
    """What an account has given at once for a business object, over all transfers, in minor units."""
    posted = (TransferRow.about_id == about_id, TransferRow.debit_id == debit, TransferRow.kind == TransferKind.POSTED)
    return int(work.scalar(sa.select(sa.func.coalesce(sa.func.sum(TransferRow.amount_minor), 0)).where(*posted)))


def _side(column: Any, name: str) -> sa.Select[Any]:
    posted = sa.case(
        (TransferRow.kind.in_([TransferKind.POSTED, TransferKind.POST]), TransferRow.amount_minor), else_=0
    )
    waiting = sa.case(
        (TransferRow.kind == TransferKind.PENDING, TransferRow.amount_minor),
        (TransferRow.kind.in_([TransferKind.POST, TransferKind.VOID]), -TransferRow.amount_minor),
        else_=0,
    )
    return (
        (
            sa.select(
                column.label("account_id"), sa.func.sum(posted).label("posted"), sa.func.sum(waiting).label("pending")
            ).group_by(column)
        )
        .cte(name)
        .select()
    )


def _totals_differ() -> sa.Select[Any]:
    debited, credited = (
        _side(TransferRow.debit_id, "debit").subquery(),
        _side(TransferRow.credit_id, "credit").subquery(),
    )
    zero = sa.func.coalesce
    return (
        sa.select(AccountRow.id)
        .outerjoin(debited, debited.c.account_id == AccountRow.id)
        .outerjoin(credited, credited.c.account_id == AccountRow.id)
        .where(
            sa.or_(
                AccountRow.debits_posted != zero(debited.c.posted, 0),
                AccountRow.debits_pending != zero(debited.c.pending, 0),
                AccountRow.credits_posted != zero(credited.c.posted, 0),
                AccountRow.credits_pending != zero(credited.c.pending, 0),
            )
        )
    )


def _stages_differ() -> sa.Select[Any]:
    """Lines whose kept totals are not what their accounts hold."""
    held = sa.select(
        AccountRow.line_id, AccountRow.kind.cast(sa.String(32)).label("kind"),
        (AccountRow.credits_posted - AccountRow.debits_posted).label("balance"),
    ).where(AccountRow.line_id.is_not(None))  # fmt: skip
    kept = sa.select(StageTotalRow.line_id, StageTotalRow.kind, -StageTotalRow.balance_minor)
    both = held.union_all(kept).subquery()
    grouped = sa.select(both.c.line_id).group_by(both.c.line_id, both.c.kind)
    return grouped.having(sa.func.sum(both.c.balance) != 0)


def invariants() -> list[Invariant]:
    accounts = sa.select(sa.func.count()).select_from(AccountRow)
    overdrawn = sa.select(AccountRow.id).where(
        AccountRow.kind.not_in(OVERDRAWABLE),
        AccountRow.debits_posted + AccountRow.debits_pending > AccountRow.credits_posted,
    )
    pending = TransferRow.__table__.alias("pending")
    other = (
        sa.select(TransferRow.id)
        .join(pending, pending.c.id == TransferRow.resolves_id)
        .where(
            sa.or_(
                pending.c.kind != TransferKind.PENDING,
                pending.c.amount_minor != TransferRow.amount_minor,
                pending.c.debit_id != TransferRow.debit_id,
                pending.c.credit_id != TransferRow.credit_id,
            )
        )
    )
    # of balances, not of turnovers: what all accounts hold never exceeds what the treasury gave, and that is one
    # bounded total, so this sum stays below 2^63 (beyond it SQLite fails) for any number of accounts
    left = sa.select(sa.func.sum(AccountRow.debits_posted - AccountRow.credits_posted).label("over")).subquery()
    unbalanced = sa.select(sa.literal("ledger")).where(left.c.over != 0)
    return [
        Invariant("an account's running totals are the sums of its transfers", accounts, _totals_differ()),
        Invariant("no account is overdrawn", accounts, overdrawn),
        Invariant("what is kept of a line by stage is what its accounts hold", accounts, _stages_differ()),
        Invariant("debits equal credits over the whole ledger", accounts, unbalanced),
        Invariant(
            "a resolution repeats the pending transfer it resolves",
            sa.select(sa.func.count()).select_from(TransferRow).where(TransferRow.resolves_id.is_not(None)),
            other,
        ),
    ]
