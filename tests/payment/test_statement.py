"""What a payee reads: what is earned and not ordered, what is on its way, what came."""

from uuid import UUID

from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from contracts.payment import progress, service, statement
from contracts.payment.rules import PaymentStatus
from tests.payment.houses import FINANCE, QUICK, accepted_act, line_with_money, payee


def test_money_is_followed_from_the_accepted_act_to_the_payment(database: Database) -> None:
    line = line_with_money(database)
    house = database.write(SYSTEM, payee)
    first, second = (
        database.write(SYSTEM, lambda w, t=total: accepted_act(w, line, paid_to=house, total=t))
        for total in (1_00, 2_00)
    )
    provider_id = house[0]

    def coming(of: UUID = provider_id) -> statement.Coming:
        return database.read(SYSTEM, lambda w: statement.coming(w, of))

    assert coming() == statement.Coming(2, 3_00, 0, 0)
    assert [a.id for a in database.read(SYSTEM, lambda w: statement.unordered_acts(w, provider_id))] == [first, second]
    payment_id = database.write(FINANCE, lambda w: service.order(w, first))
    assert coming() == statement.Coming(1, 2_00, 1, 1_00)
    (paid,) = database.read(SYSTEM, lambda w: statement.payments_of(w, provider_id))
    assert (paid.id, paid.act_id, paid.status, paid.expected_on) == (payment_id, first, PaymentStatus.ORDERED, None)
    assert database.read(SYSTEM, lambda w: statement.payments_of(w, provider_id, after=payment_id)) == []
    database.write(SYSTEM, lambda w: progress.claim_to_send(w, limit=1, patience=QUICK))
    database.write(SYSTEM, lambda w: progress.fail(w, payment_id, why="closed account"))
    assert coming() == statement.Coming(2, 3_00, 0, 0), "what failed is earned, and is ordered anew"
    assert coming(new_id()) == statement.Coming(0, 0, 0, 0)
