"""Ways of paying advances and setting them off that are wrong on purpose.

Each is right as long as nobody dies and nobody acts at the same time.
"""

import time
from collections.abc import Callable
from uuid import UUID

from contracts.act import queries as acts
from contracts.audit.service import record
from contracts.contract import queries as contracts
from contracts.kernel.ids import new_id
from contracts.kernel.work import Actor, Grant, Role, Work
from contracts.ledger import queries as accounts
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from contracts.payment import advance_books, advance_queries, advancing, dispatch, queries, service
from contracts.payment.advance_models import AdvanceRow
from contracts.payment.advance_rules import Advance, AdvanceDecided, AdvanceStatus
from contracts.payment.dispatch import Desk
from contracts.payment.models import SetOffRow
from contracts.payment.queries import Payment
from contracts.payment.rules import UNDER_WAY, PaymentExists, PaymentStatus

Commit = Callable[[str, Actor, Callable[[Work], object]], int]
Order = Callable[[Commit, Actor, UUID], int]
Look = Callable[[Desk], int]
TO_READ = 0.05  # seconds that a person looks at a page before the button is pressed


# --- an advance is paid, and then it is said to be ordered ------------------------------------------------------------
def pay_then_mark(commit: Commit, actor: Actor, advance_id: UUID) -> int:
    """What has a payment and is asked for all the same is taken for stuck: its provider asks anew."""
    seen: list[tuple[Advance, bool]] = []
    commit("look", actor, lambda work: seen.append(_with_payment(work, advance_id)))
    ((advance, has_payment),) = seen
    if has_payment:
        director = Actor(UUID(int=301), "Director", (Grant(Role.PROVIDER, provider_id=advance.provider_id),))
        return commit("ask anew", director, lambda work: _ask_anew(work, advance))
    if not commit("order advance", actor, lambda work: _pay(work, advance_id)):
        return 0
    return commit("order advance", actor, lambda work: _mark(work, advance_id))


def _with_payment(work: Work, advance_id: UUID, *, lock: bool = False) -> tuple[Advance, bool]:
    advance = advance_queries.advance(work, advance_id, lock=lock)
    return advance, advance_id in advance_queries.payments_of(work, [advance_id])


def _ask_anew(work: Work, advance: Advance) -> None:
    advancing.withdraw(work, advance.id)
    advancing.ask(work, advance.contract_id, amount_minor=advance.amount_minor, purpose=advance.purpose)


def _pay(work: Work, advance_id: UUID) -> None:
    advance, has_payment = _with_payment(work, advance_id, lock=True)
    if has_payment:
        raise PaymentExists
    assert work.actor.id is not None
    contract = contracts.contract(work, advance.contract_id)
    record(work, "payment", advancing._pay(work, advance, contract, work.actor.id), "ordered")


def _mark(work: Work, advance_id: UUID) -> None:
    allowed = advance_queries.allowance(
        work, contracts.contract(work, advance_queries.advance(work, advance_id).contract_id)
    )
    if not work.update(
        AdvanceRow, advance_id, AdvanceRow.status == AdvanceStatus.ASKED, status=AdvanceStatus.ORDERED,
        base_minor=allowed.base_minor, share_bp=allowed.share_bp, ceiling_minor=allowed.ceiling_minor,
        closed_by=work.actor.id, closed_at=work.now,
    ):  # fmt: skip
        raise AdvanceDecided
    record(work, "advance", advance_id, "ordered")


# --- an advance has arrived, and then it is owed ----------------------------------------------------------------------
def owe_afterwards(desk: Desk) -> int:
    """The payment is settled first; who heard of it remembers to book what is owed from now on."""
    heard: list[Payment] = []
    book = advance_books.move

    def remember(work: Work, payment: Payment, goal: PaymentStatus) -> None:
        if goal is PaymentStatus.SETTLED and payment.status in UNDER_WAY:
            heard.append(payment)
        else:
            book(work, payment, goal)

    advance_books.move = remember
    try:
        moved = dispatch.look_due(desk)
    finally:
        advance_books.move = book
    for payment in heard:
        desk.commit("record debt", lambda work, p=payment: _owe(work, p))
    return moved


def _owe(work: Work, payment: Payment) -> None:
    advance_books.move(work, payment, PaymentStatus.SETTLED)
    record(work, "payment", payment.id, "owed")


# --- a debt is brought to what was reckoned from what a page said of it -----------------------------------------------
def set_off_what_was_read(commit: Commit, actor: Actor, act_id: UUID) -> int:
    debts: list[tuple[UUID, UUID, int]] = []
    commit("look", actor, lambda work: debts.extend(_owed(work, act_id)))
    time.sleep(TO_READ)
    return commit("order", actor, lambda work: _order(work, act_id, debts))


def _owed(work: Work, act_id: UUID) -> list[tuple[UUID, UUID, int]]:
    act = acts.act(work, act_id)
    assert act.payee_version_id is not None
    return queries.owed_by(work, act.payee_version_id, act.line_id)


def _order(work: Work, act_id: UUID, debts: list[tuple[UUID, UUID, int]]) -> None:
    act = acts.act(work, act_id, lock=True)
    left = service._left_of(work, act)
    for payment_id, recovery, owed in debts:
        taken = min(left, owed)
        if taken:
            _take(work, act_id, payment_id, recovery, taken, owed - taken)
            left -= taken
    if left:
        service.order(work, act_id)


def _take(work: Work, act_id: UUID, payment_id: UUID, recovery: UUID, taken: int, owed_after: int) -> None:
    act, less = acts.act(work, act_id), accounts.account(work, recovery, lock=True).free - owed_after
    free = accounts.account_of(work, AccountKind.APPROPRIATED, act.line_id)
    assert act.account_id is not None
    assert free is not None
    if less == 0:
        raise PaymentExists  # comes back and reads again
    set_off_id, paid = new_id(), queries.paid_account(work, act.line_id)
    ends = (recovery, free.id) if less > 0 else (free.id, recovery)
    moved, back = (
        ledger.transfer(work, debit=debit, credit=credit, amount_minor=amount, reason=reason, about_id=set_off_id)
        for debit, credit, amount, reason in ((act.account_id, paid, taken, "set-off"), (*ends, abs(less), "recovered"))
    )
    work.insert(
        SetOffRow, id=set_off_id, act_id=act_id, payment_id=payment_id, amount_minor=taken, transfer_id=moved,
        recovery_id=back, set_off_by=work.actor.id, set_off_at=work.now,
    )  # fmt: skip
    record(work, "payment", payment_id, "recovered")


ADVANCE_ORDERS: dict[str, Order] = {"pay, then mark the advance": pay_then_mark}
ACT_ORDERS: dict[str, Order] = {"set off what was read": set_off_what_was_read}
LOOKS: dict[str, Look] = {"owe afterwards": owe_afterwards}
