"""An account that takes no money any more does not keep an act's money for ever: it goes to the one in force now."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.act import queries as acts
from contracts.audit import queries as audit
from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.payee import service as payees
from contracts.payment import progress, service
from contracts.payment.dispatch import Desk
from contracts.payment.rules import Fate, PaymentStatus
from contracts.payment.stripe import StripeGateway
from contracts.reconciliation.rules import Resolution
from tests.payment import batches
from tests.payment.houses import (
    ALMATY,
    CLOSED_ACCOUNT,
    FINANCE,
    GOOD_IBAN,
    QUICK,
    accepted_act,
    broken,
    payee,
    payment,
    reach,
)
from tests.reconciliation.bank import Entry
from tests.reconciliation.houses import cases, do, number, office, take_in, told
from tests.reconciliation.test_cases import agree

Payee = tuple[UUID, UUID, UUID]


@pytest.fixture
def house(database: Database) -> Payee:
    """Its bank has closed the account it named."""
    with database.engine.begin() as connection:
        start_travelling(connection)
    return do(database, SYSTEM, lambda work: payee(work, iban=CLOSED_ACCOUNT))


def accepted(database: Database, line: UUID, house: Payee, total: int = 100_00) -> UUID:
    return do(database, SYSTEM, lambda work: accepted_act(work, line, total=total, paid_to=house))


def order(database: Database, act_id: UUID) -> UUID:
    return do(database, FINANCE, lambda work: service.order(work, act_id))


def refused(database: Database, payment_id: UUID) -> UUID:
    def fn(work: Work) -> None:
        progress.claim_to_send(work, limit=9, patience=QUICK)
        assert progress.fail(work, payment_id, why="no such account")

    do(database, SYSTEM, fn)
    return payment_id


def moves_house(database: Database, house: Payee) -> UUID:
    """Another account, with its notice, its days and a second person."""
    director = Actor(UUID(int=66), "director", (Grant(Role.PROVIDER, provider_id=house[0]),))
    change = do(
        database, director, lambda w: payees.request_change(w, house[1], legal_name="Warm Home", iban=GOOD_IBAN)
    )
    with database.engine.begin() as connection:
        move_clock(connection, timedelta(days=4))
    do(database, FINANCE, lambda work: payees.approve_change(work, change, territory=ALMATY))
    return change


def verbs(database: Database, act_id: UUID) -> list[str]:
    return [event.verb for event in database.read(SYSTEM, lambda work: audit.events_of(work, "act", act_id))]


def test_an_act_whose_account_was_closed_is_paid_to_the_one_that_is_in_force(
    database: Database, gateway: StripeGateway, line: UUID, house: Payee
) -> None:
    act_id = accepted(database, line, house)
    first, desk = order(database, act_id), Desk(database, gateway, QUICK)
    reach(desk, PaymentStatus.RETURNED, first)
    moved = moves_house(database, house)
    do(database, FINANCE, lambda work: service.reverse(work, first))
    reach(desk, PaymentStatus.REVERSED, first)
    second = order(database, act_id)
    assert payment(database, second).payee_version_id == moved
    reach(desk, PaymentStatus.SETTLED, second)
    assert verbs(database, act_id) == ["accepted", "account-followed"]
    assert broken(database) == []


def test_until_a_payment_came_to_nothing_the_account_of_the_act_is_paid(
    database: Database, line: UUID, house: Payee
) -> None:
    untried, tried = accepted(database, line, house), accepted(database, line, house)
    refused(database, order(database, tried))
    again = refused(database, order(database, tried))
    assert payment(database, again).payee_version_id == house[2], "it has no other account"
    moved = moves_house(database, house)
    assert payment(database, order(database, untried)).payee_version_id == house[2]
    assert payment(database, order(database, tried)).payee_version_id == moved
    assert (verbs(database, untried), broken(database)) == (["accepted"], [])


def test_a_batch_pays_to_the_account_that_is_in_force_what_came_back_from_the_old_one(
    database: Database, line: UUID, house: Payee
) -> None:
    untried, tried = accepted(database, line, house), accepted(database, line, house)
    refused(database, order(database, tried))
    moved = moves_house(database, house)
    batch_id = batches.submitted(database, untried, tried)
    batches.order(database, batch_id)
    went = {payment(database, one).act_id: payment(database, one).payee_version_id
            for one in batches.payments_in(database, batch_id)}  # fmt: skip
    assert went == {untried: house[2], tried: moved}
    assert batches.broken(database) == []


def test_what_had_arrived_before_stands_beside_what_follows_it(database: Database, line: UUID, house: Payee) -> None:
    """The bank paid a part to the old account, and the rest came back from it."""
    bank = office(database)
    act_id = accepted(database, line, house)
    first = order(database, act_id)

    def settle(work: Work) -> None:
        progress.claim_to_send(work, limit=9, patience=QUICK)
        progress.sent(work, first, f"tr_{first.hex}")
        told(work, first, Fate.PAID)

    do(database, SYSTEM, settle)
    take_in(database, bank.statement(Entry(-60_00, number(database, first), CLOSED_ACCOUNT)))
    (case,) = cases(database)
    agree(database, case.number, Resolution.CORRECTION)
    refused(database, order(database, act_id))
    moved = moves_house(database, house)
    rest = order(database, act_id)
    assert (payment(database, rest).payee_version_id, payment(database, rest).amount_minor) == (moved, 40_00)
    assert database.read(SYSTEM, lambda work: acts.act(work, act_id)).payee_version_id == moved
    assert broken(database) == []
