"""Paying an act: ordered by a third person; what people do with payments. What the worker does is in ``dispatch``."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.act import queries as acts
from contracts.act.rules import Act, ActNotFound, ActStatus
from contracts.approval.service import check_approved, check_disinterested
from contracts.audit.service import record
from contracts.kernel.clock import real_clock
from contracts.kernel.database import table_of
from contracts.kernel.ids import human_number, new_id
from contracts.kernel.money import KZT
from contracts.kernel.work import Role, Work
from contracts.ledger import queries as accounts
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from contracts.payment import progress, queries
from contracts.payment.batch_queries import check_in_no_batch
from contracts.payment.clearance import keep_weight, subject_in_line
from contracts.payment.following import follow_account
from contracts.payment.models import PaymentRow, SetOffRow
from contracts.payment.paying_accounts import channel_of
from contracts.payment.queries import Payment
from contracts.payment.rules import (
    PAYMENT,
    ActNotAccepted,
    Channel,
    Fate,
    NothingToPay,
    NothingToSetOff,
    NothingToTry,
    NotParked,
    PaidByFile,
    PaymentExists,
    PaymentNotFound,
    PaymentStatus,
    RecoveryFirst,
    ReversalOrdered,
    check_third_person,
)

_payments = table_of(PaymentRow)


# --- what people do ---------------------------------------------------------------------------------------------------
def order(work: Work, act_id: UUID) -> UUID:
    """Order the payment of an accepted act: payable -> paid, pending until the payee's bank has it. The payment's id.

    Raises ThirdPersonNeeded, ActNotAccepted, ActInBatch, NothingToPay, PaymentExists, and ApprovalMissing,
    SelfApproval or InterestDeclared where others must agree first.
    """
    work.actor.require(Role.FINANCE_OFFICER)
    act = acts.act(work, act_id, lock=True)  # two who order at the same time stand in line
    if not work.actor.has(Role.FINANCE_OFFICER, territory=act.territory):
        raise ActNotFound
    ordered_by = check_third_person(work.actor.id, act.drafted_by, act.submitted_by, act.accepted_by)
    if act.status is not ActStatus.ACCEPTED:
        raise ActNotAccepted(rule="act-accepted", status=str(act.status))
    check_in_no_batch(work, act_id)
    left = _left_of(work, act)
    subject = subject_in_line(work, act)
    check_approved(work, subject, act.total_minor)
    assert act.payee_version_id is not None, "acceptance freezes it"
    if queries.owed_by(work, act.payee_version_id, act.line_id):
        raise RecoveryFirst(rule="recovery-first")
    payment_id = new_id()
    insert(work, act, payment_id, ordered_by, left)
    keep_weight(work, payment_id, subject.beside)
    record(work, "payment", payment_id, "ordered")
    return payment_id


def _left_of(work: Work, act: Act) -> int:
    """What of the act nobody has ordered, set off or paid yet. Raises NothingToPay, PaymentExists."""
    if act.total_minor == 0:
        raise NothingToPay(rule="positive-amount")
    if queries.open_ended_payment(work, act.id) is not None:
        raise PaymentExists(rule="one-payment-at-a-time")
    assert act.account_id is not None, "acceptance opens it"
    left = accounts.account(work, act.account_id, lock=True).free
    if left <= 0:
        raise PaymentExists(rule="paid-once")
    return left


def set_off(work: Work, act_id: UUID) -> int:
    """What the payee had too much before is paid with this act: the money of the act counts as paid, and the line has
    its own back. How much, in minor units. Raises as :func:`order` does, and NothingToSetOff."""
    amount = _set_off(work, act_id)
    if amount == 0:
        raise NothingToSetOff(rule="recovery-first")
    return amount


def order_rest(work: Work, act_id: UUID) -> UUID | None:
    """Sets off what the payee owes, if anything, and orders what is left; None where nothing is. Raises as
    :func:`order` does."""
    if _set_off(work, act_id):
        account_id = acts.act(work, act_id).account_id
        assert account_id is not None
        if accounts.account(work, account_id).free == 0:
            return None
    return order(work, act_id)


def _set_off(work: Work, act_id: UUID) -> int:
    work.actor.require(Role.FINANCE_OFFICER)
    act = acts.act(work, act_id, lock=True)
    if not work.actor.has(Role.FINANCE_OFFICER, territory=act.territory):
        raise ActNotFound
    person = check_third_person(work.actor.id, act.drafted_by, act.submitted_by, act.accepted_by)
    if act.status is not ActStatus.ACCEPTED:
        raise ActNotAccepted(rule="act-accepted", status=str(act.status))
    before = left = _left_of(work, act)
    check_approved(work, subject_in_line(work, act), act.total_minor)
    assert act.payee_version_id is not None
    # every debt to the line comes and goes through this account: two who set off the same one stand in line here
    accounts.account(work, queries.paid_account(work, act.line_id), lock=True)
    for payment_id, recovery, amount in queries.owed_by(work, act.payee_version_id, act.line_id):
        if left > 0:
            left -= _recover(work, act, payment_id, recovery, min(left, amount), person)
    return before - left


def _recover(work: Work, act: Act, payment_id: UUID, recovery: UUID, amount: int, person: UUID) -> int:
    assert act.account_id is not None
    free = accounts.account_of(work, AccountKind.APPROPRIATED, act.line_id)
    assert free is not None
    set_off_id, paid = new_id(), queries.paid_account(work, act.line_id)
    moved, back = (
        ledger.transfer(work, debit=debit, credit=credit, amount_minor=amount, reason=reason, about_id=set_off_id)
        for debit, credit, reason in ((act.account_id, paid, "set-off"), (recovery, free.id, "recovered"))
    )
    work.insert(
        SetOffRow, id=set_off_id, act_id=act.id, payment_id=payment_id, amount_minor=amount, transfer_id=moved,
        recovery_id=back, set_off_by=person, set_off_at=work.now,
    )  # fmt: skip
    record(work, "payment", payment_id, "recovered")
    return amount


@dataclass(frozen=True, slots=True)
class Order:
    """What a payment is of, and which accounts its money leaves and goes to; of an act or of an advance."""

    payment_id: UUID
    provider_id: UUID
    territory: str
    payee_version_id: UUID
    debit: UUID
    credit: UUID
    amount_minor: int
    ordered_by: UUID
    act_id: UUID | None = None
    advance_id: UUID | None = None


def insert(work: Work, act: Act, payment_id: UUID, ordered_by: UUID, amount: int) -> None:
    """An act's payment and its pending transfer; the caller has checked that it may be, and records it."""
    act = follow_account(work, act)
    assert act.account_id is not None
    assert act.payee_version_id is not None, "acceptance freezes both"
    paid = queries.paid_account(work, act.line_id)
    write_order(
        work,
        Order(
            payment_id, act.provider_id, act.territory, act.payee_version_id, debit=act.account_id, credit=paid,
            amount_minor=amount, ordered_by=ordered_by, act_id=act.id,
        ),
    )  # fmt: skip


def write_order(work: Work, order: Order) -> None:
    """The payment's row and its pending transfer. The caller records it."""
    pending = ledger.transfer(
        work, debit=order.debit, credit=order.credit, amount_minor=order.amount_minor, reason="payment-ordered",
        about_id=order.payment_id, pending=True,
    )  # fmt: skip
    nothing_yet = dict.fromkeys(
        ("first_sent_at", "last_error", "gateway_transfer", "gateway_payout", "expected_on", "settled_at",
         "parked_at", "reversal_ordered_by", "reversal_ordered_at")
    )  # fmt: skip
    at = real_clock(work.connection)
    work.insert(
        PaymentRow, id=order.payment_id, number=human_number("P"), act_id=order.act_id, advance_id=order.advance_id,
        provider_id=order.provider_id, territory=order.territory, payee_version_id=order.payee_version_id,
        amount_minor=order.amount_minor, currency=KZT, status=PaymentStatus.ORDERED, pending_transfer_id=pending,
        ordered_by=order.ordered_by, ordered_at=work.now, next_try_at=at, attempts=0, strikes=0, moved_at=at,
        channel=channel_of(work, order.territory), **nothing_yet,
    )  # fmt: skip


def reverse(work: Work, payment_id: UUID) -> None:
    """Call the money back from the payee's account at the payment server; the worker does it.

    Raises WrongState before the money was sent, ReversalOrdered, InterestDeclared. Where the server refuses (the payee
    has been paid out), the payment stays what it is and says why. What went by file and came back is with us already:
    it is given up at once, and the act may be ordered anew. Raises PaidByFile while the bank has it.
    """
    payment = _owned(work, payment_id)
    if payment.channel is Channel.FILE:
        if payment.status is not PaymentStatus.RETURNED:
            raise PaidByFile(rule="payment-by-file")
        progress.told_by_bank(work, payment, Fate.REVERSED)
        return
    PAYMENT.after("reversed", payment.status)
    if payment.reversal_ordered_at is not None:
        raise ReversalOrdered(rule="one-reversal")
    assert work.update(
        PaymentRow,
        payment_id,
        _payments.c.reversal_ordered_at.is_(None),
        reversal_ordered_by=work.actor.id,
        reversal_ordered_at=work.now,
        attempts=0,
        next_try_at=real_clock(work.connection),
        last_error=None,
        parked_at=None,
    )
    record(work, "payment", payment_id, "reversal-ordered")


def resume(work: Work, payment_id: UUID) -> None:
    """Let the worker try a parked payment again, or look at it again, after a person looked. Raises NotParked,
    NothingToTry, InterestDeclared."""
    payment = _owned(work, payment_id)
    if not payment.is_parked:
        raise NotParked(rule="payment-resumed", status=str(payment.status))
    if not payment.may_resume:
        raise NothingToTry(rule="payment-resumed", status=str(payment.status))
    assert work.update(
        PaymentRow,
        payment_id,
        _payments.c.parked_at.is_not(None),
        next_try_at=real_clock(work.connection),
        moved_at=real_clock(work.connection),
        strikes=0,
        last_error=None,
        parked_at=None,
    )
    record(work, "payment", payment_id, "resumed")


def looked_into(work: Work, payment_id: UUID, *, asked_at: datetime) -> bool:
    """Two people decided what it was that the payment server contradicts: a payment that has its end waits for nobody
    any more, until there is news of it. What was parked after they were asked they have not looked into."""
    payment = queries.payment(work, payment_id, lock=True)
    if not payment.is_contradicted or payment.parked_at is None or payment.parked_at > asked_at:
        return False
    assert work.update(PaymentRow, payment_id, last_error=None, parked_at=None)
    record(work, "payment", payment_id, "looked-into")
    return True


def show(work: Work, payment_id: UUID) -> Payment:
    """To the payee's own people, and to officers and auditors of the territory."""
    payment = queries.payment(work, payment_id)
    officers = (Role.FINANCE_OFFICER, Role.BUDGET_OFFICER, Role.AUDITOR)
    work.actor.require_provider(payment.provider_id, *officers, territory=payment.territory)
    return payment


def _owned(work: Work, payment_id: UUID) -> Payment:
    """The payment, locked, for a finance officer of its territory who is free towards the payee. Raises
    InterestDeclared."""
    work.actor.require(Role.FINANCE_OFFICER)
    payment = queries.payment(work, payment_id, lock=True)
    if not work.actor.has(Role.FINANCE_OFFICER, territory=payment.territory):
        raise PaymentNotFound
    check_disinterested(work, frozenset({payment.provider_id}))
    return payment
