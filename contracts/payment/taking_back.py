"""Where the money of an untrue visit comes from: what its payee has not been paid yet is free money of the line again,
what it was paid it owes, and the next acts pay that off as they do any debt.

A payment that comes back after that brings the owed part with it, so that its payee never owes what it no longer has;
paid out after all, it is owed again; given up, it is the line's, and acts that had paid it off are owed for again.
"""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from contracts.act.rules import Act
from contracts.act.taken_back import TAKEN_BACK, back_of_acts
from contracts.kernel.work import Work
from contracts.ledger import queries as accounts
from contracts.ledger import service as ledger
from contracts.ledger.models import TransferRow
from contracts.ledger.rules import AccountKind
from contracts.payment import queries
from contracts.payment.advance_models import SetOffUndoneRow
from contracts.payment.advance_queries import StandingSetOff, standing_set_offs, standing_set_offs_of_act
from contracts.payment.batch_queries import check_in_no_batch
from contracts.payment.models import SetOffRow
from contracts.payment.queries import Payment
from contracts.payment.rules import OPEN_ENDED, MoreThanPaid, PaymentExists, PaymentStatus
from contracts.payment.undoing import undo_set_offs, undone

GIVEN_UP = "taken-back-unpaid"
UNDERPAID, OVERPAID, RECOVERED = "underpaid", "overpaid", "recovered"


def take_back(work: Work, act: Act, amount: int, about_id: UUID) -> None:
    """So much of an accepted act is not its payee's. The caller holds the act's row and records it. Raises ActInBatch
    and, while a payment of the act has no end, PaymentExists."""
    check_in_no_batch(work, act.id)
    set_offs = standing_set_offs_of_act(work, act.id)
    own = {one.id for one in queries.payments_of_act(work, act.id)}
    held = [queries.payment(work, one, lock=True) for one in _payments(own, set_offs)]
    if any(one.status in OPEN_ENDED for one in held):
        raise PaymentExists(rule="payment-has-its-end")
    accounts.account(work, queries.paid_account(work, act.line_id), lock=True)  # set-off waits here, or was before us
    left = amount - _of_unpaid(work, act, amount, about_id)
    for payment in reversed(held):  # of the first the bank may have given back what the last paid again
        if left and payment.id in own and payment.status is PaymentStatus.SETTLED:
            left -= _of_payment(work, act, payment, left, about_id)
    for set_off in standing_set_offs_of_act(work, act.id):  # what was undone before we held its payment is not there
        left -= _of_set_off(work, act, set_off, left, about_id)
    assert left == 0, "an accepted act is unpaid, paid, or set off"


def is_under_way(work: Work, act_id: UUID) -> bool:
    """Whether a payment that brings the act's money has no end yet, so that nothing is taken back."""
    own = {one.id for one in queries.payments_of_act(work, act_id)}
    every = _payments(own, standing_set_offs_of_act(work, act_id))
    return any(queries.payment(work, one).status in OPEN_ENDED for one in every)


def _payments(own: set[UUID], set_offs: Sequence[StandingSetOff]) -> list[UUID]:
    """In the order in which they are locked."""
    return sorted(own | {one.payment_id for one in set_offs})


def _of_unpaid(work: Work, act: Act, most: int, about_id: UUID) -> int:
    assert act.account_id is not None, "acceptance opens it"
    amount = min(most, accounts.account(work, act.account_id, lock=True).free)
    _move(work, act.account_id, free_account(work, act.line_id), amount, TAKEN_BACK, about_id)
    return amount


def _of_payment(work: Work, act: Act, payment: Payment, most: int, about_id: UUID) -> int:
    recovery = recovery_of(work, payment.id, act.line_id)
    amount = min(most, payment.amount_minor - _owed_for_visits(work, recovery.id))
    _move(work, queries.paid_account(work, act.line_id), recovery.id, amount, TAKEN_BACK, about_id)
    return amount


def _of_set_off(work: Work, act: Act, set_off: StandingSetOff, most: int, about_id: UUID) -> int:
    """It was paid with money that the payee had before, and that it owes again."""
    amount = min(most, set_off.left_minor)
    recovery = recovery_of(work, set_off.payment_id, act.line_id)
    paid = queries.paid_account(work, act.line_id)
    if moved := _move(work, paid, recovery.id, amount, TAKEN_BACK, about_id):
        undone(work, set_off, amount, moved)
    return amount


def recovery_of(work: Work, payment_id: UUID, line_id: UUID) -> accounts.Account:
    """What a payee has to give back of one payment; opened when it owes the first of it."""
    found = accounts.account_of(work, AccountKind.RECOVERY, payment_id)
    return found or accounts.account(work, ledger.open_account(work, AccountKind.RECOVERY, payment_id, line_id=line_id))


def free_account(work: Work, line_id: UUID) -> UUID:
    found = accounts.account_of(work, AccountKind.APPROPRIATED, line_id)
    assert found is not None, "a line is opened with it"
    return found.id


def _owed_for_visits(work: Work, recovery_id: UUID) -> int:
    """Of what was paid with the payment itself; a set-off that was undone is owed for another act."""
    of_others = sa.select(SetOffUndoneRow.transfer_id)
    where = (TransferRow.credit_id == recovery_id, TransferRow.reason == TAKEN_BACK, TransferRow.id.not_in(of_others))
    return int(work.scalar(sa.select(sa.func.coalesce(sa.func.sum(TransferRow.amount_minor), 0)).where(*where)))


# --- what the bank does with the payment afterwards ------------------------------------------------------------------
def came_back(work: Work, payment: Payment, act: Act, reason: str) -> int:
    """The settled payment's money is with us again: what of it is still owed for untrue visits goes back onto the act
    from there. How much; the caller moves the rest."""
    recovery = accounts.account_of(work, AccountKind.RECOVERY, payment.id)
    if recovery is None:
        return 0
    accounts.account(work, queries.paid_account(work, act.line_id), lock=True)
    recovery = accounts.account(work, recovery.id, lock=True)
    amount = min(recovery.free, _owed_for_visits(work, recovery.id), payment.amount_minor)
    assert act.account_id is not None
    _move(work, recovery.id, act.account_id, amount, reason, payment.id)
    return amount


def owed_again(work: Work, payment: Payment, act: Act, reason: str) -> int:
    """It was paid out after all. How much of it is owed; the caller moves the rest."""
    amount, recovery = _brought(work, payment)
    if recovery is not None:
        assert act.account_id is not None
        _move(work, act.account_id, recovery, amount, reason, payment.id)
    return amount


def given_up(work: Work, payment: Payment, act: Act) -> None:
    """Nothing was paid in the end: for the untrue visits nothing will be, and acts that were set off with what was
    owed for them are owed for again."""
    amount, recovery = _brought(work, payment)
    if recovery is None:
        return
    assert act.account_id is not None
    accounts.account(work, queries.paid_account(work, act.line_id), lock=True)  # set-off waits here, or was before us
    _move(work, act.account_id, free_account(work, act.line_id), amount, GIVEN_UP, payment.id)
    undo_set_offs(work, payment.id, act.account_id, _owed_for_visits(work, recovery) - amount)


def underpaid(work: Work, payment: Payment, act: Act, amount: int, about_id: UUID) -> UUID:
    """The bank paid so much less for the act than our books say, and people agreed: so much less is owed, the act is
    owed for what it was paid rightly, and acts that were set off with the rest are owed for again. The transfer of the
    whole amount. The caller holds the payment and the line's paid account. Raises MoreThanPaid."""
    paid, owed, visits = queries.paid_account(work, act.line_id), 0, 0
    recovery = accounts.account_of(work, AccountKind.RECOVERY, payment.id)
    if recovery is not None:
        owed, visits = min(recovery.free, amount), _owed_for_visits(work, recovery.id)
    of_others = max(0, amount - owed - _paid_with(work, payment, act, visits))
    if of_others > sum(one.left_minor for one in standing_set_offs(work, payment.id)):
        raise MoreThanPaid(rule="paid-at-most")
    if recovery is not None:
        _move(work, recovery.id, paid, owed, "owed-less", about_id)
    assert act.account_id is not None
    moved = _move(work, paid, act.account_id, amount, UNDERPAID, about_id)
    assert moved is not None, "a difference is not nothing"
    _move(work, act.account_id, free_account(work, act.line_id), owed, GIVEN_UP, about_id)
    undo_set_offs(work, payment.id, act.account_id, of_others)
    return moved


def _paid_with(work: Work, payment: Payment, act: Act, visits: int) -> int:
    """How much of the act is paid with it, as far as nothing else pays it, and nobody owes it or took it back."""
    if payment.status is not PaymentStatus.SETTLED:
        return 0
    assert act.account_id is not None
    unpaid = accounts.account(work, act.account_id).balance
    set_off = sum(one.left_minor for one in standing_set_offs_of_act(work, act.id))
    back = back_of_acts(work, [act.id]).get(act.id, 0)
    return min(payment.amount_minor - visits, act.total_minor - unpaid - set_off - back)


def was_lessened(work: Work, payment: Payment, account_id: UUID) -> bool:
    """Whether people have booked, after the bank's word, that less of it is with its payee than was paid: some of it is
    on the account of what it pays again, or was given back beyond what was too much."""
    again = (TransferRow.credit_id == account_id, TransferRow.reason == UNDERPAID, TransferRow.at >= payment.ordered_at)
    if work.scalar(sa.select(sa.exists().where(*again))):
        return True
    recovery = accounts.account_of(work, AccountKind.RECOVERY, payment.id)
    if recovery is None:
        return False
    too_much = sa.and_(TransferRow.credit_id == recovery.id, TransferRow.reason == OVERPAID)
    of_acts = TransferRow.about_id.in_(sa.select(SetOffRow.id))
    given_back = sa.and_(TransferRow.debit_id == recovery.id, TransferRow.reason == RECOVERED, ~of_acts)
    moved = sa.case((too_much, TransferRow.amount_minor), else_=-TransferRow.amount_minor)
    summed = sa.select(sa.func.coalesce(sa.func.sum(moved), 0)).where(sa.or_(too_much, given_back))
    return int(work.scalar(summed)) < 0


def _brought(work: Work, payment: Payment) -> tuple[int, UUID | None]:
    """What of the act's money came from the payment's recovery, and that account."""
    recovery = accounts.account_of(work, AccountKind.RECOVERY, payment.id)
    if recovery is None:
        return 0, None
    of_it = (TransferRow.about_id == payment.id, TransferRow.reason.like("payment-%"))
    signed = sa.case((TransferRow.debit_id == recovery.id, TransferRow.amount_minor), else_=-TransferRow.amount_minor)
    touches = sa.or_(TransferRow.debit_id == recovery.id, TransferRow.credit_id == recovery.id)
    summed = sa.select(sa.func.coalesce(sa.func.sum(signed), 0)).where(*of_it, touches)
    return int(work.scalar(summed)), recovery.id


def _move(work: Work, debit: UUID, credit: UUID, amount: int, reason: str, about_id: UUID) -> UUID | None:
    if amount == 0:
        return None
    return ledger.transfer(work, debit=debit, credit=credit, amount_minor=amount, reason=reason, about_id=about_id)
