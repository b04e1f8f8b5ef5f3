"""What always holds of advances."""

from typing import Any  # columns and their arithmetic, as SQLAlchemy types them

import sqlalchemy as sa

from contracts.kernel.database import Invariant
from contracts.ledger.models import AccountRow, TransferRow
from contracts.ledger.rules import AccountKind
from contracts.payment.advance_models import AdvanceRow, AdvanceRuleRow, AdvanceTermRow, SetOffUndoneRow
from contracts.payment.advance_rules import BASIS_POINTS, AdvanceStatus
from contracts.payment.models import PaymentRow, SetOffRow
from contracts.payment.rules import NOT_LIVE, UNDER_WAY, PaymentStatus

_WAS_ORDERED = AdvanceRow.status.in_([AdvanceStatus.ORDERED, AdvanceStatus.UNPAID])


def _above_its_limit() -> sa.Select[Any]:
    base, share, at = AdvanceRow.base_minor, AdvanceRow.share_bp, AdvanceRow.closed_at
    whole, rest = base // BASIS_POINTS, base % BASIS_POINTS  # the product of both would not fit in 64 bits
    ceiling = whole * share + (rest * share) // BASIS_POINTS
    agreed = (
        sa.select(AdvanceTermRow.most_bp)
        .where(AdvanceTermRow.contract_id == AdvanceRow.contract_id, AdvanceTermRow.from_at <= at)
        .order_by(AdvanceTermRow.from_on.desc())
        .limit(1)
        .correlate(AdvanceRow)
        .scalar_subquery()
    )
    later = sa.orm.aliased(AdvanceRuleRow)
    newer = (later.territory == AdvanceRuleRow.territory, later.from_at <= at, later.from_at > AdvanceRuleRow.from_at)
    superseded = sa.exists().where(*newer).correlate(AdvanceRow, AdvanceRuleRow)
    here = (AdvanceRow.territory.startswith(AdvanceRuleRow.territory), AdvanceRuleRow.from_at <= at, ~superseded)
    ruled = sa.select(sa.func.min(AdvanceRuleRow.most_bp)).where(*here).correlate(AdvanceRow).scalar_subquery()
    zero = sa.func.coalesce
    return sa.select(AdvanceRow.number).where(
        _WAS_ORDERED,
        sa.or_(
            AdvanceRow.amount_minor > AdvanceRow.ceiling_minor, AdvanceRow.ceiling_minor != ceiling,
            share > zero(agreed, 0), share > zero(ruled, 0),
        ),
    )  # fmt: skip


def _other_than_its_payment() -> sa.Select[Any]:
    ended = PaymentRow.status.in_(NOT_LIVE)
    differs = sa.or_(
        PaymentRow.amount_minor != AdvanceRow.amount_minor,
        PaymentRow.provider_id != AdvanceRow.provider_id,
        PaymentRow.territory != AdvanceRow.territory,
        PaymentRow.payee_version_id != AdvanceRow.payee_version_id,
        ended != (AdvanceRow.status == AdvanceStatus.UNPAID),
    )
    return (
        sa.select(AdvanceRow.number)
        .outerjoin(PaymentRow, PaymentRow.advance_id == AdvanceRow.id)
        .where(sa.or_(PaymentRow.id.is_not(None) != _WAS_ORDERED, sa.and_(PaymentRow.id.is_not(None), differs)))
    )


def _unaccounted() -> sa.Select[Any]:
    """Arrived: advanced, with what the bank paid beside it, is owed or was set off. Else nothing of it is; while it is
    under way, or came back, its money waits on its own account."""
    recovery, payable = sa.orm.aliased(AccountRow), sa.orm.aliased(AccountRow)
    moved, status = TransferRow.amount_minor, PaymentRow.status
    by_hand = sa.and_(
        TransferRow.debit_id == recovery.id,
        TransferRow.reason == "recovered",
        TransferRow.about_id.not_in(sa.select(SetOffRow.id)),
    )
    underpaid = sa.and_(TransferRow.credit_id == payable.id, TransferRow.reason == "underpaid")
    overpaid = sa.and_(TransferRow.credit_id == recovery.id, TransferRow.reason == "overpaid")
    zero = sa.func.coalesce
    corrected = zero(
        sa.select(sa.func.sum(sa.case((overpaid, moved), else_=-moved)))
        .where(sa.or_(overpaid, by_hand, underpaid))
        .correlate(recovery, payable)
        .scalar_subquery(),
        0,
    )
    owed = recovery.credits_posted - recovery.debits_posted
    held = payable.credits_posted - payable.debits_posted
    known = owed + _set_off() - _undone() - corrected
    nothing = owed + _set_off() - _undone() != sa.case((corrected > 0, corrected), else_=0)
    whole = held != PaymentRow.amount_minor
    wrong = sa.or_(
        sa.and_(status == PaymentStatus.SETTLED, sa.or_(known != PaymentRow.amount_minor, held != 0)),
        sa.and_(status.in_(UNDER_WAY), sa.or_(whole, nothing)),
        sa.and_(status == PaymentStatus.RETURNED, whole),
        sa.and_(status.in_(NOT_LIVE), sa.or_(held != 0, nothing)),
    )
    own = sa.and_(recovery.kind == AccountKind.RECOVERY, recovery.owner_id == PaymentRow.id)
    return (
        sa.select(PaymentRow.number)
        .join(AdvanceRow, AdvanceRow.id == PaymentRow.advance_id)
        .join(payable, payable.id == AdvanceRow.account_id)
        .outerjoin(recovery, own)
        .where(sa.or_(recovery.id.is_(None), wrong))
    )


def _set_off() -> Any:
    summed = sa.select(sa.func.coalesce(sa.func.sum(SetOffRow.amount_minor), 0))
    return summed.where(SetOffRow.payment_id == PaymentRow.id).correlate(PaymentRow).scalar_subquery()


def _undone() -> Any:
    summed = sa.select(sa.func.coalesce(sa.func.sum(SetOffUndoneRow.amount_minor), 0))
    mine = summed.join(SetOffRow, SetOffRow.id == SetOffUndoneRow.set_off_id)
    return mine.where(SetOffRow.payment_id == PaymentRow.id).correlate(PaymentRow).scalar_subquery()


def _undone_too_much() -> sa.Select[Any]:
    undone = sa.func.sum(SetOffUndoneRow.amount_minor)
    return (
        sa.select(SetOffUndoneRow.set_off_id)
        .join(SetOffRow, SetOffRow.id == SetOffUndoneRow.set_off_id)
        .group_by(SetOffUndoneRow.set_off_id, SetOffRow.amount_minor)
        .having(undone > SetOffRow.amount_minor)
    )


def invariants() -> list[Invariant]:
    advances = sa.select(sa.func.count()).select_from(AdvanceRow)
    payments = sa.select(sa.func.count()).select_from(PaymentRow)
    undone = sa.select(sa.func.count()).select_from(SetOffUndoneRow)
    both = sa.select(PaymentRow.number).where(PaymentRow.act_id.is_(None) == PaymentRow.advance_id.is_(None))
    return [
        Invariant("a payment is of an act or of an advance, never of both", payments, both),
        Invariant("no advance is more than its contract and the rule allowed", advances, _above_its_limit()),
        Invariant("an advance has a payment of its own once it is ordered", advances, _other_than_its_payment()),
        Invariant("what was advanced was set off, is owed, or was given back", advances, _unaccounted()),
        Invariant("no more of a set-off is undone than it was of", undone, _undone_too_much()),
    ]
