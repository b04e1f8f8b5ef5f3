"""A month becomes a payment: every floor's own service, a demonstration's clock, a real payment server."""

from datetime import timedelta
from uuid import UUID

from contracts.act import service as acting
from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.period import Month
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.payee import queries as payee_queries
from contracts.payee import service as payees
from contracts.payment import service
from contracts.payment.dispatch import Desk
from contracts.payment.rules import PaymentStatus
from contracts.payment.stripe import StripeGateway
from tests.contracts.houses import ALMATY, DIRECTOR, OFFICER, SYSTEM_CLERK, WARM_HOME, almaty, build
from tests.payment.houses import (
    FINANCE,
    GOOD_IBAN,
    QUICK,
    broken,
    line_with_money,
    next_bin,
    ordered,
    paid,
    payable,
    payee,
    payment,
    reach,
)

THIEFS_IBAN = "KZ59125KZT5004100101"


def test_three_visits_become_a_settled_payment(database: Database, gateway: StripeGateway) -> None:
    house = build(database)
    payee_id = house.do(
        SYSTEM_CLERK,
        lambda w: payees.open_payee(w, provider_id=WARM_HOME, bin=next_bin(), legal_name="Warm Home", iban=GOOD_IBAN),
    )
    contract_id = house.voucher_contract()
    engagement = house.engaged(contract_id)
    for day in (2, 4, 6):
        house.confirmed(engagement, almaty(2026, 3, day, 9), hours=1.5)
    act_id = house.do(DIRECTOR, lambda w: acting.draft(w, contract_id, month=Month(2026, 3)))
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(OFFICER, lambda w: acting.accept(w, act_id))
    payment_id = house.do(FINANCE, lambda w: service.order(w, act_id))
    house.move(days=40)  # a demonstration's jump neither delays nor hurries the money
    desk = Desk(database, gateway, QUICK)
    (settled,) = reach(desk, PaymentStatus.SETTLED, payment_id)
    assert settled.amount_minor == 45_00
    assert (paid(database, house.line_id), payable(database, act_id).balance) == (45_00, 0)
    assert house.verbs("payee", payee_id) == ["opened", "connected"]
    assert house.broken() == broken(database) == []


def test_a_bank_account_changed_after_acceptance_is_not_the_one_that_is_paid(
    database: Database, gateway: StripeGateway
) -> None:
    """The swap of an account between approval and payment is how payments are stolen."""
    line = line_with_money(database)
    provider_id, payee_id, version_id = database.write(SYSTEM, payee)
    with database.engine.begin() as connection:
        start_travelling(connection)
    payment_id = ordered(database, line, paid_to=(provider_id, payee_id, version_id))
    thief = Actor(UUID(int=66), "thief", (Grant(Role.PROVIDER, provider_id=provider_id),))
    change = database.write(
        thief, lambda w: payees.request_change(w, payee_id, legal_name="Warm Home", iban=THIEFS_IBAN)
    )
    with database.engine.begin() as connection:
        move_clock(connection, timedelta(days=4))
    database.write(FINANCE, lambda w: payees.approve_change(w, change, territory=ALMATY))
    reach(Desk(database, gateway, QUICK), PaymentStatus.SETTLED, payment_id)
    versions = database.read(SYSTEM, lambda w: payee_queries.versions(w, payee_id))
    assert [(v.id, v.connected_account is not None) for v in versions] == [(version_id, True), (change, False)]
    assert payment(database, payment_id).payee_version_id == version_id
    assert broken(database) == []
