"""Reading advances, what limits them, and what became of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.contract.models import EngagementRow
from contracts.contract.rules import Contract
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.ledger.models import AccountRow, TransferRow
from contracts.ledger.rules import AccountKind, TransferKind
from contracts.payment.advance_models import AdvanceRow, AdvanceRuleRow, AdvanceTermRow, SetOffUndoneRow
from contracts.payment.advance_rules import (
    Advance,
    AdvanceNotFound,
    AdvanceRule,
    AdvanceStatus,
    AdvanceTerm,
    Allowance,
    Use,
    is_running,
    strictest,
)
from contracts.payment.models import PaymentRow, SetOffRow
from contracts.payment.rules import PaymentStatus

MOST = 200  # advances, rules or terms in one answer; of one contract there are a few a year
_HELD = AccountRow.credits_posted - AccountRow.debits_posted


def advance(work: Work, advance_id: UUID, *, lock: bool = False) -> Advance:
    """Raises AdvanceNotFound."""
    found = work.find(Advance, AdvanceRow, AdvanceRow.id == advance_id, lock=lock)
    if found is None:
        raise AdvanceNotFound
    return found


def advance_numbered(work: Work, number: str) -> Advance:
    """Raises AdvanceNotFound."""
    found = work.find(Advance, AdvanceRow, AdvanceRow.number == number)
    if found is None:
        raise AdvanceNotFound
    return found


def advances_of_contract(work: Work, contract_id: UUID) -> list[Advance]:
    """The newest first."""
    mine = AdvanceRow.contract_id == contract_id
    return work.find_all(Advance, AdvanceRow, mine, order_by=(AdvanceRow.id.desc(),), limit=MOST)


def contracts_with_advances(work: Work, contract_ids: Collection[UUID]) -> set[UUID]:
    """Those of a page of contracts of which an advance was ever asked for."""
    found = sa.select(AdvanceRow.contract_id).where(AdvanceRow.contract_id.in_(contract_ids)).distinct()
    return {row.contract_id for row in work.rows(found)}


def payments_of(work: Work, advance_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """By advance: the payment it was ordered with."""
    found = sa.select(PaymentRow.advance_id, PaymentRow.id).where(PaymentRow.advance_id.in_(advance_ids))
    return {advance: payment for advance, payment in work.rows(found) if advance is not None}


# --- what may be advanced ---------------------------------------------------------------------------------------------
def allowance(work: Work, contract: Contract) -> Allowance:
    """Now."""
    terms = terms_of(work, contract.id, at=work.now)
    rules = rules_in_force(work, territory=contract.territory, at=work.now)
    agreed, runs = terms[0].most_bp if terms else None, is_running(contract, work.today)
    return Allowance(_still_held(work, contract.id), agreed, strictest(rules), runs)


def _still_held(work: Work, contract_id: UUID) -> int:
    """What the contract's engagements hold for months whose acts are not accepted yet."""
    held = sa.func.coalesce(sa.func.sum(_HELD - AccountRow.debits_pending), 0)
    mine = sa.select(held).join(EngagementRow, EngagementRow.account_id == AccountRow.id)
    return int(work.scalar(mine.where(EngagementRow.contract_id == contract_id)))


def terms_of(work: Work, contract_id: UUID, *, at: datetime | None = None) -> list[AdvanceTerm]:
    """The newest first; with ``at`` those that had begun by then, so the first of them is in force."""
    where = [AdvanceTermRow.contract_id == contract_id] + ([] if at is None else [AdvanceTermRow.from_at <= at])
    return work.find_all(AdvanceTerm, AdvanceTermRow, *where, order_by=(AdvanceTermRow.from_on.desc(),), limit=MOST)


def rules_in_force(work: Work, *, territory: str, at: datetime) -> list[AdvanceRule]:
    """Of the territory and of all that it lies in, the latest of each."""
    row, later = AdvanceRuleRow, sa.orm.aliased(AdvanceRuleRow)
    newer = (later.territory == row.territory, later.from_at <= at, later.from_at > row.from_at)
    here = (sa.literal(territory).startswith(row.territory), row.from_at <= at, ~sa.exists().where(*newer))
    return work.find_all(AdvanceRule, row, *here, order_by=(row.territory,), limit=MOST)


def all_rules(work: Work) -> list[AdvanceRule]:
    """Also those of days to come and gone, the newest first."""
    order_by = (AdvanceRuleRow.from_on.desc(), AdvanceRuleRow.territory)
    return work.find_all(AdvanceRule, AdvanceRuleRow, order_by=order_by, limit=MOST)


def is_open(work: Work, contract_id: UUID, *, besides: UUID | None = None) -> bool:
    """Whether an advance of the contract is asked for, on its way, or not used up: then there is no second one.
    ``besides``: this one does not count."""
    owed = sa.exists().where(AccountRow.kind == AccountKind.RECOVERY, AccountRow.owner_id == PaymentRow.id, _HELD > 0)
    going = sa.or_(PaymentRow.status != PaymentStatus.SETTLED, owed)
    unfinished = sa.or_(
        AdvanceRow.status == AdvanceStatus.ASKED, sa.and_(AdvanceRow.status == AdvanceStatus.ORDERED, going)
    )
    found = (
        sa.select(AdvanceRow.id)
        .outerjoin(PaymentRow, PaymentRow.advance_id == AdvanceRow.id)
        .where(AdvanceRow.contract_id == contract_id, unfinished)
    )
    if besides is not None:
        found = found.where(AdvanceRow.id != besides)
    return work.scalar(found.limit(1)) is not None


# --- what became of it ------------------------------------------------------------------------------------------------
def uses(work: Work, advance_ids: Collection[UUID]) -> dict[UUID, Use]:
    """By advance; those that were never ordered are not there."""
    used = _standing().subquery()
    owes = sa.and_(AccountRow.kind == AccountKind.RECOVERY, AccountRow.owner_id == PaymentRow.id)
    statement = (
        sa.select(
            PaymentRow.advance_id,
            sa.func.coalesce(sa.func.max(_HELD), 0),
            sa.func.coalesce(sa.func.sum(used.c.left), 0),
        )
        .outerjoin(AccountRow, owes)
        .outerjoin(used, used.c.payment_id == PaymentRow.id)
        .where(PaymentRow.advance_id.in_(advance_ids))
        .group_by(PaymentRow.advance_id)
    )
    return {key: Use(int(owed), int(taken)) for key, owed, taken in work.rows(statement) if key is not None}


@dataclass(frozen=True, slots=True)
class StandingSetOff:
    """What of a set-off holds: nothing of it was undone, or not all."""

    id: UUID
    payment_id: UUID
    act_id: UUID
    left_minor: int
    set_off_at: datetime


def _standing() -> sa.Select[*tuple[Any, ...]]:
    undone = (
        sa.select(sa.func.coalesce(sa.func.sum(SetOffUndoneRow.amount_minor), 0))
        .where(SetOffUndoneRow.set_off_id == SetOffRow.id)
        .correlate(SetOffRow)
        .scalar_subquery()
    )
    left = (SetOffRow.amount_minor - undone).label("left")
    return sa.select(SetOffRow.id, SetOffRow.payment_id, SetOffRow.act_id, left, SetOffRow.set_off_at)


def standing_set_offs(work: Work, payment_id: UUID) -> list[StandingSetOff]:
    """Of a payment that is being recovered, the latest first; what was undone whole is left out."""
    return _set_offs(work, SetOffRow.payment_id == payment_id)


def standing_set_offs_of_act(work: Work, act_id: UUID) -> list[StandingSetOff]:
    """As :func:`standing_set_offs`, of the act that was paid with them."""
    return _set_offs(work, SetOffRow.act_id == act_id)


def _set_offs(work: Work, which: sa.ColumnElement[bool]) -> list[StandingSetOff]:
    rows = work.rows(_standing().where(which).order_by(SetOffRow.id.desc()))
    found = [StandingSetOff(key, of, act, int(left), at) for key, of, act, left, at in rows]
    return [one for one in found if one.left_minor > 0]


@dataclass(frozen=True, slots=True)
class TakenBy:
    """What an act was paid with of an advance."""

    act_number: str
    month: Month
    left_minor: int
    set_off_at: datetime


def acts_set_off(work: Work, payment_id: UUID) -> list[TakenBy]:
    """Acts that were set off against it, the latest first."""
    taken = _standing().where(SetOffRow.payment_id == payment_id).subquery()
    found = (
        sa.select(ActRow.number, ActRow.month, taken.c.left, taken.c.set_off_at)
        .join(taken, taken.c.act_id == ActRow.id)
        .where(taken.c.left > 0)
        .order_by(taken.c.id.desc())
        .limit(MOST)
    )
    return [TakenBy(number, month, int(left), at) for number, month, left, at in work.rows(found)]


@dataclass(frozen=True, slots=True)
class PaidBefore:
    """What an act was paid with of money that its payee had: of that advance, or of a payment that was too much."""

    payment_number: str
    advance_number: str | None
    left_minor: int
    set_off_at: datetime


def paid_before(work: Work, act_id: UUID) -> list[PaidBefore]:
    """Of one act, in the order in which it was set off."""
    taken = _standing().where(SetOffRow.act_id == act_id).subquery()
    found = (
        sa.select(PaymentRow.number, AdvanceRow.number, taken.c.left, taken.c.set_off_at)
        .join(taken, taken.c.payment_id == PaymentRow.id)
        .outerjoin(AdvanceRow, AdvanceRow.id == PaymentRow.advance_id)
        .where(taken.c.left > 0)
        .order_by(taken.c.id)
        .limit(MOST)
    )
    return [PaidBefore(payment, advance, int(left), at) for payment, advance, left, at in work.rows(found)]


def had_before(work: Work, act_ids: Collection[UUID]) -> dict[UUID, tuple[int, datetime]]:
    """By act of a page: how much of it was paid with money that its payee had, and when the last of it was."""
    taken = _standing().where(SetOffRow.act_id.in_(act_ids)).subquery()
    found = (
        sa.select(taken.c.act_id, sa.func.sum(taken.c.left), sa.func.max(taken.c.set_off_at))
        .where(taken.c.left > 0)
        .group_by(taken.c.act_id)
    )
    return {act_id: (int(amount), at) for act_id, amount, at in work.rows(found)}


def owed_in_all(work: Work, provider_id: UUID) -> int:
    """What an organisation has of advances, or had too much, and has not served for or given back."""
    owes = sa.and_(AccountRow.kind == AccountKind.RECOVERY, AccountRow.owner_id == PaymentRow.id)
    owed = sa.select(sa.func.coalesce(sa.func.sum(_HELD), 0)).join(PaymentRow, owes)
    return int(work.scalar(owed.where(PaymentRow.provider_id == provider_id)))


def came_from(work: Work, payment_id: UUID, account_id: UUID) -> dict[UUID, int]:
    """Where the money on an advance's account was taken from when the bank sent the payment back, by account."""
    posted = (TransferRow.about_id == payment_id, TransferRow.kind == TransferKind.POSTED)
    moves = sa.select(TransferRow.debit_id, TransferRow.credit_id, TransferRow.amount_minor).where(
        *posted, TransferRow.reason.like("payment-%")
    )
    found: dict[UUID, int] = {}
    for debit, credit, amount in work.rows(moves):
        other, sign = (debit, 1) if credit == account_id else (credit, -1)
        found[other] = found.get(other, 0) + sign * int(amount)
    return found
