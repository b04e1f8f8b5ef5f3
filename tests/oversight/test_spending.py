"""What a budget officer reads of a funding line's contracts."""

from uuid import UUID

from contracts.contract import queries as contracts
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from contracts.payee import queries as payees
from contracts.payment.rules import Fate
from market.catalogue import service as catalogue
from market.oversight.spending import contracts_of_line
from tests.competition.halls import ngos
from tests.payment.advances import House, send, told
from tests.payment.houses import line_with_money, ordered


def house(work: Work, provider_id: UUID) -> House:
    payee_id = contracts.payee_id_of(work, provider_id)
    assert payee_id is not None
    version = payees.active_version(work, payee_id)
    assert version is not None
    return provider_id, payee_id, version.id


def test_money_that_comes_back_is_not_paid_and_was_accepted_once(database: Database) -> None:
    database.write(SYSTEM, catalogue.load)
    line, (provider_id,) = line_with_money(database), ngos(database)
    known = database.read(SYSTEM, lambda work: house(work, provider_id))
    payment_id = ordered(database, line, total=100_00, paid_to=known)

    def figures() -> tuple[int, int]:
        (found,) = database.read(SYSTEM, lambda work: contracts_of_line(work, line, limit=9))
        return found.accepted, found.paid

    assert figures() == (100_00, 0)
    send(database, payment_id)
    for fate, paid in ((Fate.PAID, 100_00), (Fate.BACK, 0), (Fate.PAID, 100_00)):
        told(database, payment_id, fate)
        assert figures() == (100_00, paid), fate
