"""A payment that nobody can bring on harms no other, waits for a person in the end, and is seen while it waits."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from contracts.audit.service import record
from contracts.kernel.clock import real_clock
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from contracts.payment import queries, service
from contracts.payment.dispatch import Desk, look_due, send_due
from contracts.payment.gateway import SentTransfer, TransferOrder
from contracts.payment.models import PaymentRow
from contracts.payment.rules import LONGEST_ON_THE_WAY, LONGEST_SENDING, PaymentStatus
from contracts.payment.stripe import StripeGateway
from contracts.reconciliation.comparing import differences
from contracts.reconciliation.rules import CaseKind
from tests.payment.houses import CLOSED_ACCOUNT, FINANCE, QUICK, broken, ordered, payment, reach, verbs
from tests.peer.sandbox import KEY, Peer

HASTY = replace(QUICK, lease=0.05)


class _Deadly(StripeGateway):
    """Asking for this payment's transfer ends the worker."""

    def __init__(self, inner: StripeGateway, deadly: UUID) -> None:
        vars(self).update(vars(inner))
        self._deadly = deadly

    def create_transfer(self, order: TransferOrder, *, key: str) -> SentTransfer:
        if order.payment_id == self._deadly:
            raise _TheWorkerDied
        return super().create_transfer(order, key=key)


class _DeadlyReversal(StripeGateway):
    """Asking for money back ends the worker."""

    def __init__(self, inner: StripeGateway) -> None:
        vars(self).update(vars(inner))

    def reverse(self, transfer_id: str, *, amount_minor: int, key: str) -> None:
        raise _TheWorkerDied


class _TheWorkerDied(Exception):
    pass


def until(look: Callable[[], object], step: Callable[[], object], *, patience: float = 20.0) -> None:
    end = time.monotonic() + patience
    while not look():
        assert time.monotonic() < end, f"not within {patience} s"
        step()
        time.sleep(0.02)


def test_a_payment_that_takes_its_workers_with_it_is_parked_and_all_others_are_paid(
    desk: Desk, gateway: StripeGateway, line: UUID
) -> None:
    poison, *others = [ordered(desk.database, line) for _ in range(6)]
    deadly = replace(desk, gateway=_Deadly(gateway, poison), patience=HASTY)

    def worker() -> None:
        with contextlib.suppress(_TheWorkerDied):
            send_due(deadly)

    until(lambda: payment(desk.database, poison).is_parked, worker)
    parked = payment(desk.database, poison)
    assert (parked.status, parked.last_error) == (PaymentStatus.SENDING, "5 tries in a row ended without a word")
    assert verbs(desk.database, poison) == ["ordered", "sending", "parked"]
    reach(deadly, PaymentStatus.SETTLED, *others)
    assert broken(desk.database) == ["no payment waits for a person"]
    desk.database.write(FINANCE, lambda work: service.resume(work, poison))
    reach(desk, PaymentStatus.SETTLED, poison)
    assert broken(desk.database) == []


def test_a_reversal_that_takes_its_workers_with_it_waits_for_a_person_who_has_it_tried_again(
    desk: Desk, gateway: StripeGateway, line: UUID
) -> None:
    one = ordered(desk.database, line, iban=CLOSED_ACCOUNT)
    reach(desk, PaymentStatus.RETURNED, one)
    desk.database.write(FINANCE, lambda work: service.reverse(work, one))
    deadly = replace(desk, gateway=_DeadlyReversal(gateway), patience=HASTY)

    def worker() -> None:
        with contextlib.suppress(_TheWorkerDied):
            look_due(deadly)

    until(lambda: payment(desk.database, one).is_parked, worker)
    assert payment(desk.database, one).status is PaymentStatus.RETURNED
    assert broken(desk.database) == ["no payment waits for a person"]
    assert desk.database.read(SYSTEM, lambda work: [found.kind for found in differences(work)]) == [
        CaseKind.PAYMENT_STOPPED
    ]
    desk.database.write(FINANCE, lambda work: service.resume(work, one))
    reach(desk, PaymentStatus.REVERSED, one)
    assert verbs(desk.database, one)[-4:] == ["reversal-ordered", "parked", "resumed", "reversed"]
    assert broken(desk.database) == []


def test_an_answer_that_nobody_can_read_parks_the_payment_and_an_outage_never_does(
    database: Database, line: UUID, peer: Peer
) -> None:
    unreadable, tries = "{", 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        if unreadable:
            return httpx.Response(200, text=unreadable)
        return httpx.Response(503, text="down")

    payment_id = ordered(database, line)
    gateway = StripeGateway(peer.url, KEY, transport=httpx.MockTransport(answer))
    desk = Desk(database, gateway, replace(HASTY, first_pause=0.001, longest_pause=0.001))
    until(lambda: payment(database, payment_id).is_parked, lambda: send_due(desk))
    assert tries == desk.patience.strikes
    unreadable = ""
    database.write(FINANCE, lambda work: service.resume(work, payment_id))
    until(lambda: tries > 4 * desk.patience.strikes, lambda: send_due(desk))
    assert payment(database, payment_id).strikes == 0
    assert not payment(database, payment_id).is_parked
    gateway.close()


@pytest.mark.parametrize(
    ("status", "limit"), [(PaymentStatus.ORDERED, LONGEST_SENDING), (PaymentStatus.SENT, LONGEST_ON_THE_WAY)]
)
def test_a_payment_that_does_not_move_is_in_trouble_once_its_limit_is_over(
    database: Database, line: UUID, status: PaymentStatus, limit: int
) -> None:
    payment_id = ordered(database, line)

    def stand_still(work: Work, seconds: int) -> None:
        since = real_clock(work.connection) - timedelta(seconds=seconds)
        named = {"gateway_transfer": "tr_1"} if status is PaymentStatus.SENT else {}
        work.update(PaymentRow, payment_id, status=status, moved_at=since, **named)
        record(work, "payment", payment_id, str(status))

    database.write(SYSTEM, lambda work: stand_still(work, limit - 60))
    assert broken(database) == []
    assert not database.read(SYSTEM, lambda work: queries.is_stuck(work, payment_id))
    database.write(SYSTEM, lambda work: stand_still(work, limit + 1))
    assert broken(database) == ["no payment is under way longer than it should be"]
    assert database.read(SYSTEM, lambda work: queries.is_stuck(work, payment_id))
