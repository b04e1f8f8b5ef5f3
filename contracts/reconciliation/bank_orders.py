"""Payments through the bank's file: ordered as ISO 20022 pain.001, settled by what its statement says."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.ids import human_number, new_id
from contracts.kernel.work import Role, Work
from contracts.payment import progress
from contracts.payment import queries as payments
from contracts.payment.credit_transfers import Credit, Payer, credit_transfers
from contracts.payment.paying_accounts import NOBODY, PayingAccountUnknown, account
from contracts.payment.queries import Payment
from contracts.payment.rules import Channel, Fate, PaymentStatus
from contracts.reconciliation import queries
from contracts.reconciliation.models import BankOrderPaymentRow, BankOrderRow
from contracts.reconciliation.queries import BankOrder
from contracts.reconciliation.rules import BankOrderNotFound, NothingToSend

MOST_IN_AN_ORDER = 5_000  # payments a file: what banks take
READERS = (Role.FINANCE_OFFICER, Role.BUDGET_OFFICER, Role.AUDITOR)


def make_order(work: Work, account_id: UUID, *, pay_on: date | None = None, batch_id: UUID | None = None) -> UUID:
    """All payments of the account that wait, or those of one batch, in one order. From here on they are the bank's:
    only its statement says what came of them. Raises NothingToSend, PayingAccountUnknown."""
    work.actor.require(Role.FINANCE_OFFICER)
    payer = account(work, account_id)
    if not work.actor.has(Role.FINANCE_OFFICER, territory=payer.territory):
        raise PayingAccountUnknown
    waiting = queries.waiting_for_file(work, payer, MOST_IN_AN_ORDER, batch_id=batch_id)
    if not waiting:
        raise NothingToSend(rule="payments-by-file")
    order_id, number = new_id(), human_number("B")
    total = sum(payment.amount_minor for payment in waiting)
    work.insert(
        BankOrderRow, id=order_id, number=number, account_id=account_id, payments=len(waiting), total_minor=total,
        pay_on=pay_on or work.today, made_by=work.actor.id or NOBODY, made_at=work.now,
    )  # fmt: skip
    work.insert_many(BankOrderPaymentRow, [{"payment_id": p.id, "order_id": order_id} for p in waiting])
    record(work, "bank-order", order_id, "made")
    for payment in waiting:
        progress.hand_over(work, payment, f"{number}/{payment.number}")
    return order_id


def file_of(work: Work, number: str) -> tuple[BankOrder, bytes]:
    """The order's file, the same bytes every time: a bank that has it already knows it by its number."""
    order = queries.bank_order(work, number)
    payer = account(work, order.account_id)
    if not work.actor.has(*READERS, territory=payer.territory):
        raise BankOrderNotFound
    lines = []
    for payment, of in queries.payments_of_order(work, order.id):
        to = payments.destination(work, payment.payee_version_id)
        lines.append(Credit(payment.number, payment.amount_minor, to.legal_name, to.bin, to.iban, _about(payment, of)))
    from_ = Payer(payer.name, payer.iban, None)
    return order, credit_transfers(order.number, from_, lines, made_at=order.made_at, pay_on=order.pay_on)


def _about(payment: Payment, number: str) -> str:
    """What the payee's bank shows beside the money."""
    return f"ADVANCE {number}" if payment.act_id is None else f"R-1 {number}"


def settle_by_statement(work: Work, payment_ids: Sequence[UUID]) -> None:
    """Payments by file whose lines say exactly what was ordered have arrived; whose money was booked back have come
    back. Whatever differs stays as it is, and is a case."""
    for payment_id in payment_ids:
        payment = payments.payment(work, payment_id, lock=True)
        if payment.channel is not Channel.FILE:
            continue
        lines = queries.lines_of_payment(work, payment_id)
        net = -sum(line.amount_minor for line in lines)
        to = payments.destination(work, payment.payee_version_id).iban
        right = all(line.amount_minor > 0 or line.other_iban in (None, to) for line in lines)
        if payment.status is PaymentStatus.SENT and right and net == payment.amount_minor:
            progress.told_by_bank(work, payment, Fate.PAID)
        elif net == 0 and _may_come_back(work, payment):
            progress.told_by_bank(work, payment, Fate.BACK)


def answer_for_bank(work: Work, payment_id: UUID, *, never_paid: bool) -> None:
    """Two people have looked at what the bank made of it, and no line is to come that says exactly what was ordered:
    what it paid has arrived; what they say was ``never_paid`` has come back, and may be given up."""
    payment = payments.payment(work, payment_id, lock=True)
    if payment.channel is not Channel.FILE or payment.status is not PaymentStatus.SENT:
        return
    lines = queries.lines_of_payment(work, payment_id)
    if sum(line.amount_minor for line in lines) < 0:
        progress.told_by_bank(work, payment, Fate.PAID)
    elif never_paid and not lines:
        progress.told_by_bank(work, payment, Fate.BACK)


def _may_come_back(work: Work, payment: Payment) -> bool:
    """Where two people have booked already that a part of it came back, the rest is theirs to book, too: the whole
    would count that part twice. So is what comes back while more of its act is on its way."""
    if payment.status is PaymentStatus.SENT:
        return True
    settled = payment.status is PaymentStatus.SETTLED and queries.corrections(work, payment.id) == 0
    return settled and progress.objection(work, payment) is None
