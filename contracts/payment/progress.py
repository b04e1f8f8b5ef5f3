"""What the worker takes, and what it learns: the transactions on both sides of every call to the payment server.

``sent``, ``fail``, ``park`` and ``follow`` find the row as it is, and do nothing where another worker, or the news
itself, was first. When the next try is due is bookkeeping of the queue, not business: it is changed without an event.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from contracts.act import queries as acts
from contracts.audit.service import record
from contracts.kernel.clock import real_clock
from contracts.kernel.database import table_of
from contracts.kernel.work import Work
from contracts.ledger import service as ledger
from contracts.payee import queries as payees
from contracts.payee.models import PayeeVersionRow
from contracts.payment import advance_books, queries, taking_back
from contracts.payment.doubts import Doubt
from contracts.payment.gateway import Finding
from contracts.payment.models import PaymentRow
from contracts.payment.queries import Destination, Payment
from contracts.payment.rules import (
    AT_THE_PEER,
    PAYMENT,
    SUSPECT,
    UNDER_WAY,
    Channel,
    Fate,
    Patience,
    PaymentStatus,
    next_look,
    verb_for,
)

_payments = table_of(PaymentRow)
LONGEST_ERROR = 500  # characters of a server's sentence that are kept


@dataclass(frozen=True, slots=True)
class Claim:
    """A payment in a worker's hands until ``lease`` (real time), as it is after the claim at ``now``."""

    payment: Payment
    destination: Destination
    lease: datetime
    now: datetime


def claim_to_send(work: Work, *, limit: int, patience: Patience) -> list[Claim]:
    """Payments that are due to be sent, ``sending`` from now on; the first time says so in the trail."""
    now = real_clock(work.connection)
    claims = []
    for payment in _fit(work, queries.due(work, (PaymentStatus.ORDERED, PaymentStatus.SENDING), now, limit), patience):
        lease = now + timedelta(seconds=patience.lease)
        if payment.status is PaymentStatus.ORDERED:
            assert work.update(
                PaymentRow,
                payment.id,
                _payments.c.status == PaymentStatus.ORDERED,
                status=PAYMENT.after("claimed", payment.status),
                first_sent_at=work.now,
                attempts=1,
                strikes=payment.strikes + 1,
                moved_at=now,
                next_try_at=lease,
            )
            record(work, "payment", payment.id, "sending")
        else:
            _hold(work, payment, lease)
        claims.append(_claimed(work, payment.id, lease))
    return claims


def claim_to_look(work: Work, *, limit: int, patience: Patience) -> list[Claim]:
    """Payments whose fate at the server is due to be looked at, or changed by a reversal."""
    now = real_clock(work.connection)
    claims = []
    for payment in _fit(work, queries.due(work, AT_THE_PEER, now, limit), patience):
        lease = now + timedelta(seconds=patience.lease)
        _hold(work, payment, lease)
        claims.append(_claimed(work, payment.id, lease))
    return claims


def _fit(work: Work, found: list[Payment], patience: Patience) -> list[Payment]:
    """Without what took one worker after the other with it: that waits for a person, and a suspect is tried alone."""
    for payment in found:
        if payment.strikes >= patience.strikes:
            _park(work, payment, Doubt.NO_WORD.of(tries=payment.strikes))
    fit = [payment for payment in found if payment.strikes < patience.strikes]
    return [payment for payment in fit if payment.strikes >= SUSPECT][:1] or fit


def _hold(work: Work, payment: Payment, lease: datetime) -> None:
    """A strike until the worker is heard of again."""
    _schedule(work, payment.id, next_try_at=lease, attempts=payment.attempts + 1, strikes=payment.strikes + 1)


def _claimed(work: Work, payment_id: UUID, lease: datetime) -> Claim:
    payment = queries.payment(work, payment_id)
    return Claim(payment, queries.destination(work, payment.payee_version_id), lease, work.now)


def put_off(work: Work, claim: Claim, pause: timedelta, *, why: str, strange: bool = False) -> None:
    """Try again after the pause; not where news made the payment due earlier, or another worker has it. Only a
    ``strange`` answer counts as a strike: an outage is nobody's fault, however long."""
    _schedule(
        work,
        claim.payment.id,
        lease=claim.lease,
        next_try_at=real_clock(work.connection) + pause,
        strikes=claim.payment.strikes if strange else 0,
        last_error=why[:LONGEST_ERROR],
    )


def record_account(work: Work, payee_version_id: UUID, *, account: str) -> str:
    """The payee version's account at the server; whoever was first named it, and that one is used."""
    version = payees.version(work, payee_version_id, lock=True)
    if work.update(
        PayeeVersionRow,
        payee_version_id,
        table_of(PayeeVersionRow).c.connected_account.is_(None),
        connected_account=account,
    ):
        record(work, "payee", version.payee_id, "connected")
        return account
    return version.connected_account or account


def sent(work: Work, payment_id: UUID, transfer_id: str) -> bool:
    """The transfer exists at the server. Whoever is second with the same transfer changes nothing."""
    payment = queries.payment(work, payment_id, lock=True)
    if payment.gateway_transfer == transfer_id:
        return False
    if payment.status is not PaymentStatus.SENDING:
        # our books were closed over it, or it has another transfer: two transfers, or one that nobody expects
        return _park(work, payment, Doubt.SECOND_TRANSFER.of(transfer=transfer_id))
    assert work.update(
        PaymentRow,
        payment_id,
        _payments.c.status == PaymentStatus.SENDING,
        status=PAYMENT.after("sent", payment.status),
        gateway_transfer=transfer_id,
        attempts=0,
        strikes=0,
        moved_at=real_clock(work.connection),
        next_try_at=real_clock(work.connection),
        last_error=None,
        parked_at=None,
    )
    record(work, "payment", payment_id, "sent")
    return True


def fail(work: Work, payment_id: UUID, *, why: str) -> bool:
    """The server refused for good: the money is free again, and an act can be ordered anew."""
    payment = queries.payment(work, payment_id, lock=True)
    if payment.status is not PaymentStatus.SENDING:
        return False
    ledger.void(work, payment.pending_transfer_id, reason="payment-failed")
    if payment.advance_id is not None:
        advance_books.give_up(work, payment)
    assert work.update(
        PaymentRow,
        payment_id,
        _payments.c.status == PaymentStatus.SENDING,
        status=PAYMENT.after("failed", payment.status),
        strikes=0,
        moved_at=real_clock(work.connection),
        next_try_at=None,
        last_error=why[:LONGEST_ERROR],
    )
    record(work, "payment", payment_id, "failed")
    return True


def park(work: Work, payment_id: UUID, *, why: str) -> bool:
    """The server's books and ours differ: nothing more is tried until a person has looked."""
    return _park(work, queries.payment(work, payment_id, lock=True), why)


def _park(work: Work, payment: Payment, why: str) -> bool:
    if payment.is_parked and payment.last_error == why[:LONGEST_ERROR]:
        return False
    assert work.update(
        PaymentRow, payment.id, next_try_at=None, strikes=0, last_error=why[:LONGEST_ERROR], parked_at=work.now
    )
    record(work, "payment", payment.id, "parked")
    return True


def _leave(work: Work, payment: Payment, why: str) -> bool:
    """To people; a reversal has nothing more to do, the server has the money."""
    work.update(PaymentRow, payment.id, reversal_ordered_by=None, reversal_ordered_at=None)
    return _park(work, payment, why)


def refuse_reversal(work: Work, payment_id: UUID, *, why: str) -> None:
    """The server would not give the money back: the payment goes on as it was, and is looked at again at once."""
    work.update(
        PaymentRow,
        payment_id,
        _payments.c.reversal_ordered_at.is_not(None),
        reversal_ordered_by=None,
        reversal_ordered_at=None,
        next_try_at=real_clock(work.connection),
        strikes=0,
        last_error=why[:LONGEST_ERROR],
        parked_at=None,
    )
    record(work, "payment", payment_id, "reversal-refused")


def follow(work: Work, claim: Claim, finding: Finding, *, patience: Patience, dice: float) -> bool:
    """Bring the payment to what the server's books say; False where it stands there already.

    The one way to ``settled``, ``returned`` and ``reversed``, whether a message or a poll led here. Where our books
    know more than the server's the payment is parked, for people to look.
    """
    payment = queries.payment(work, claim.payment.id, lock=True)
    if payment.status not in AT_THE_PEER:
        return False
    verb = verb_for(payment.status, finding.fate)
    if verb is None:
        look = next_look(payment.status, payment.attempts, patience, dice)
        at = None if look is None else real_clock(work.connection) + look
        _schedule(work, payment.id, lease=claim.lease, next_try_at=at, strikes=0, expected_on=finding.arrives_on)
        return False
    goal = PAYMENT.after(verb, payment.status)
    if (why := objection(work, payment)) is not None:
        return _leave(work, payment, why)
    _move_money(work, payment, goal)
    look = next_look(goal, 0, patience, dice)
    assert work.update(
        PaymentRow,
        payment.id,
        _payments.c.status == payment.status,
        status=goal,
        gateway_payout=finding.payout,
        expected_on=finding.arrives_on,
        settled_at=work.now if goal is PaymentStatus.SETTLED else None,
        attempts=0,
        strikes=0,
        moved_at=real_clock(work.connection),
        next_try_at=None if look is None else real_clock(work.connection) + look,
        last_error=None,
        parked_at=None,
    )
    record(work, "payment", payment.id, str(goal))
    return True


def hand_over(work: Work, payment: Payment, order: str) -> None:
    """The bank has the payment in a file; ``order`` is what it is called there. Only a statement says more."""
    assert payment.channel is Channel.FILE
    assert PAYMENT.after("claimed", payment.status) is PaymentStatus.SENDING
    assert work.update(
        PaymentRow,
        payment.id,
        _payments.c.status == PaymentStatus.ORDERED,
        status=PAYMENT.after("sent", PaymentStatus.SENDING),
        first_sent_at=work.now,
        gateway_transfer=order,
        moved_at=real_clock(work.connection),
    )
    record(work, "payment", payment.id, "sent")


def told_by_bank(work: Work, payment: Payment, fate: Fate) -> None:
    """What the bank's statement says of a payment by file."""
    verb = verb_for(payment.status, fate)
    if verb is None:
        return
    goal = PAYMENT.after(verb, payment.status)
    _move_money(work, payment, goal)
    assert work.update(
        PaymentRow,
        payment.id,
        _payments.c.status == payment.status,
        status=goal,
        settled_at=work.now if goal is PaymentStatus.SETTLED else None,
        moved_at=real_clock(work.connection),
    )
    record(work, "payment", payment.id, str(goal))


def objection(work: Work, payment: Payment) -> str | None:
    """Why the money of a payment that was settled is not put back to where it came from: that would count a part of it
    twice, or leave two payments of one act without an end."""
    if payment.status is not PaymentStatus.SETTLED:
        return None
    if taking_back.was_lessened(work, payment, _account_of(work, payment)):
        return Doubt.BACK_BOOKED_IN_PART.of()
    other = None if payment.act_id is None else queries.open_ended_payment(work, payment.act_id)
    return None if other is None else Doubt.BACK_BESIDE_ANOTHER.of(payment=other.number)


def _account_of(work: Work, payment: Payment) -> UUID:
    """Of what it pays."""
    if payment.act_id is None:
        return advance_books.advance_of(work, payment).account_id
    account_id = acts.act(work, payment.act_id).account_id
    assert account_id is not None, "acceptance opens it"
    return account_id


def _move_money(work: Work, payment: Payment, goal: PaymentStatus) -> None:
    if payment.act_id is None:
        advance_books.move(work, payment, goal)
        return
    reason = f"payment-{goal}"
    settles = goal is PaymentStatus.SETTLED
    if payment.status in UNDER_WAY:
        (ledger.post if settles else ledger.void)(work, payment.pending_transfer_id, reason=reason)
        return
    act = acts.act(work, payment.act_id)
    assert act.account_id is not None
    payable, paid = act.account_id, queries.paid_account(work, act.line_id)
    if settles:
        rest = payment.amount_minor - taking_back.owed_again(work, payment, act, reason)
        _post(work, payment, payable, paid, rest, reason)
    elif payment.status is PaymentStatus.SETTLED:
        rest = payment.amount_minor - taking_back.came_back(work, payment, act, reason)
        _post(work, payment, paid, payable, rest, reason)
    if goal is PaymentStatus.REVERSED:
        taking_back.given_up(work, payment, act)


def _post(work: Work, payment: Payment, debit: UUID, credit: UUID, amount: int, reason: str) -> None:
    if amount:  # all of it may be owed for visits that were untrue
        ledger.transfer(work, debit=debit, credit=credit, amount_minor=amount, reason=reason, about_id=payment.id)


def _schedule(work: Work, payment_id: UUID, *, lease: datetime | None = None, **columns: object) -> None:
    """Queue bookkeeping; with ``lease`` only while the payment is still in this worker's hands."""
    statement = sa.update(_payments).where(_payments.c.id == payment_id).values(**columns)
    work.execute(statement if lease is None else statement.where(_payments.c.next_try_at == lease))
