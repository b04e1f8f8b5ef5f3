"""Ordering: by a third person, once, of an accepted act; the money waits."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from contracts.act.rules import ActNotFound, ActStatus
from contracts.kernel.errors import NotAllowed, NotFound
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.payment import queries, service
from contracts.payment.rules import (
    ActNotAccepted,
    NothingToPay,
    PaymentExists,
    PaymentStatus,
    ThirdPersonNeeded,
)
from tests.payment.houses import (
    ACCEPTER,
    ACT_TOTAL,
    DRAFTER,
    FINANCE,
    SUBMITTER,
    accepted_act,
    broken,
    paid,
    payable,
    payment,
    verbs,
)


def test_an_ordered_payment_holds_the_acts_money(database: Database, line: UUID) -> None:
    act = database.write(SYSTEM, lambda work: accepted_act(work, line))
    payment_id = database.write(FINANCE, lambda work: service.order(work, act))
    made = payment(database, payment_id)
    assert (made.status, made.amount_minor, made.ordered_by) == (PaymentStatus.ORDERED, ACT_TOTAL, FINANCE.id)
    assert made.number.startswith("P-")
    assert payable(database, act).free == 0
    assert payable(database, act).balance == ACT_TOTAL
    assert paid(database, line) == 0
    assert verbs(database, payment_id) == ["ordered"]
    assert broken(database) == []


@pytest.mark.parametrize("person", [DRAFTER, SUBMITTER, ACCEPTER, None])
def test_who_had_a_part_in_the_act_does_not_order_its_payment(
    database: Database, line: UUID, person: UUID | None
) -> None:
    act = database.write(SYSTEM, lambda work: accepted_act(work, line))
    actor = Actor(person, "Marat", (Grant(Role.FINANCE_OFFICER, territory=""),))
    with pytest.raises(ThirdPersonNeeded):
        database.write(actor, lambda work: service.order(work, act))
    assert payable(database, act).free == ACT_TOTAL
    assert database.read(SYSTEM, lambda work: queries.payments_of_act(work, act)) == []


def test_only_a_finance_officer_of_the_territory_orders(database: Database, line: UUID) -> None:
    act = database.write(SYSTEM, lambda work: accepted_act(work, line))
    budget_officer = Actor(UUID(int=8), "Aigul", (Grant(Role.BUDGET_OFFICER, territory=""),))
    with pytest.raises(NotAllowed):
        database.write(budget_officer, lambda work: service.order(work, act))
    elsewhere = Actor(UUID(int=8), "Saule", (Grant(Role.FINANCE_OFFICER, territory="71"),))
    with pytest.raises(ActNotFound):
        database.write(elsewhere, lambda work: service.order(work, act))
    with pytest.raises(ActNotFound):
        database.write(FINANCE, lambda work: service.order(work, UUID(int=5)))
    assert database.read(SYSTEM, lambda work: queries.payments_of_act(work, act)) == []


@pytest.mark.parametrize("status", [ActStatus.DRAFT, ActStatus.SUBMITTED, ActStatus.RETURNED])
def test_an_act_that_is_not_accepted_is_not_paid(database: Database, line: UUID, status: ActStatus) -> None:
    act = database.write(SYSTEM, lambda work: accepted_act(work, line, status=status))
    with pytest.raises(ActNotAccepted):
        database.write(FINANCE, lambda work: service.order(work, act))


def test_an_act_of_zero_is_not_paid(database: Database, line: UUID) -> None:
    act = database.write(SYSTEM, lambda work: accepted_act(work, line, total=0))
    with pytest.raises(NothingToPay):
        database.write(FINANCE, lambda work: service.order(work, act))


def test_of_many_who_order_the_same_act_one_does(database: Database, line: UUID) -> None:
    act = database.write(SYSTEM, lambda work: accepted_act(work, line))
    with ThreadPoolExecutor(16) as pool:
        futures = [pool.submit(database.write, FINANCE, lambda work: service.order(work, act)) for _ in range(16)]
    refusals = [f.exception() for f in futures if f.exception() is not None]
    assert len(refusals) == 15
    assert all(isinstance(refusal, PaymentExists) for refusal in refusals), refusals
    assert len(database.read(SYSTEM, lambda work: queries.payments_of_act(work, act))) == 1
    assert broken(database) == []


def test_a_payment_is_shown_to_its_payee_and_to_officers_of_the_territory_only(database: Database, line: UUID) -> None:
    act = database.write(SYSTEM, lambda work: accepted_act(work, line))
    payment_id = database.write(FINANCE, lambda work: service.order(work, act))
    provider = payment(database, payment_id).provider_id
    own = Actor(UUID(int=1), "Warm Home", (Grant(Role.PROVIDER, provider_id=provider),))
    auditor = Actor(UUID(int=2), "Timur", (Grant(Role.AUDITOR, territory="75"),))
    for reader in (own, auditor, FINANCE):
        assert database.read(reader, lambda work: service.show(work, payment_id)).id == payment_id
    stranger = Actor(UUID(int=3), "Quiet House", (Grant(Role.PROVIDER, provider_id=UUID(int=3)),))
    far = Actor(UUID(int=2), "Timur", (Grant(Role.AUDITOR, territory="71"),))
    for foreign in (stranger, far):
        with pytest.raises(NotFound):
            database.read(foreign, lambda work: service.show(work, payment_id))
