"""A bank line that names no payment is one's, as two people say: from then on it counts as if it had named it."""

from contracts.approval.service import check_disinterested
from contracts.audit.service import record
from contracts.kernel.calendar import civil_date
from contracts.kernel.work import Role, Work
from contracts.payment import queries as payments
from contracts.payment.queries import Payment
from contracts.payment.rules import PaymentNotFound
from contracts.reconciliation import queries
from contracts.reconciliation.bank_orders import settle_by_statement
from contracts.reconciliation.models import AssignedLineRow, BankLineRow
from contracts.reconciliation.rules import (
    Case,
    LineNotOfPayment,
    LinePaymentUnknown,
    NothingToAssign,
    check_fits,
)


def payment_for(work: Work, case: Case, number: str | None) -> Payment:
    """The payment with this number, where the line of the case can be its. Raises NothingToAssign, LinePaymentUnknown,
    LineNotOfPayment, InterestDeclared."""
    if case.bank_line_id is None:
        raise NothingToAssign(pointer="/resolution", rule="case-resolution")
    try:
        payment = payments.payment_numbered(work, (number or "").strip().upper())
    except PaymentNotFound:
        raise LinePaymentUnknown(pointer="/payment", rule="line-payment") from None
    if not work.actor.has(Role.FINANCE_OFFICER, territory=payment.territory):
        raise LinePaymentUnknown(pointer="/payment", rule="line-payment")
    _check_line_is_of(work, case, payment)
    return payment


def assign(work: Work, case: Case) -> None:
    """What the line says of its payment holds from here on. Raises LineNotOfPayment where it no longer can be its."""
    assert case.proposed_payment_id is not None
    payment = payments.payment(work, case.proposed_payment_id, lock=True)  # whoever gives it another line waits
    _check_line_is_of(work, case, payment)
    work.insert(
        AssignedLineRow, bank_line_id=case.bank_line_id, payment_id=payment.id, case_id=case.id, assigned_at=work.now
    )
    record(work, "reconciliation-case", case.id, "assigned")
    settle_by_statement(work, [payment.id])


def _check_line_is_of(work: Work, case: Case, payment: Payment) -> None:
    check_disinterested(work, frozenset({payment.provider_id}))
    (line,) = queries.lines(work, BankLineRow.id == case.bank_line_id)
    if line.account_id not in queries.ordered_from(work, [payment.id])[payment.id]:
        raise LineNotOfPayment(pointer="/payment", rule="line-paying-account")
    check_fits(
        line_minor=line.amount_minor,
        paid_minor=-sum(one.amount_minor for one in queries.lines_of_payment(work, payment.id)),
        amount_minor=payment.amount_minor,
        booked_on=line.booked_on,
        sent_on=None if payment.first_sent_at is None else civil_date(payment.first_sent_at),
    )
