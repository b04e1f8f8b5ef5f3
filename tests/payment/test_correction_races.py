"""A correction is approved, or an advance comes back, while the same payee's money moves: whoever is second waits, and
sees what the first did.

On PostgreSQL: SQLite has one writer.
"""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.kernel.errors import DomainError
from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM, Actor, Work
from contracts.ledger import service as ledger
from contracts.payment import progress, queries
from contracts.payment import service as paying
from contracts.payment.advance_rules import Use
from contracts.payment.rules import Fate, NothingToSetOff, PaymentStatus
from contracts.reconciliation import service
from contracts.reconciliation.rules import CaseStatus, DifferenceChanged, Resolution
from tests.payment.advances import House, arrived, broken, contract, send, told, use
from tests.payment.batches import acts, do
from tests.payment.houses import FINANCE, ordered, paid, payable, payment
from tests.reconciliation.bank import Entry
from tests.reconciliation.houses import DANA, ERLAN, cases, number, office, take_in

pytestmark = pytest.mark.postgresql


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    opened = open_database(postgresql_url)
    yield opened
    opened.close()


class Other(Thread):
    """Somebody else with a transaction of their own. ``refused``: what they heard. ``begun``: how often; again where
    two waited for each other."""

    def __init__(self, database: Database, actor: Actor, verb: Callable[[Work], object]) -> None:
        super().__init__()
        self.database, self.actor, self.verb = database, actor, verb
        self.refused: DomainError | None = None
        self.begun = 0

    def run(self) -> None:
        def once_more(work: Work) -> None:
            self.begun += 1
            self.verb(work)

        try:
            do(self.database, self.actor, once_more)
        except DomainError as refusal:
            self.refused = refusal

    def begin(self) -> None:
        """Until they wait for somebody, or are through."""
        self.start()
        with self.database.engine.connect() as connection:
            waits = sa.text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            while self.is_alive() and not connection.scalar(waits):
                connection.rollback()  # else it would see the same activity again


def proposed(database: Database, payment_id: UUID, amount: int) -> str:
    """The bank paid so much, and one person wants our books to say so."""
    bank = office(database)
    take_in(database, bank.statement(Entry(-amount, number(database, payment_id)), days=9))
    do(database, SYSTEM, service.reconcile)
    (case,) = cases(database)
    how = Resolution.CORRECTION
    do(database, DANA, lambda w: service.propose(w, case.number, resolution=how, reason="as the bank says"))
    return case.number


def meanwhile(
    other: Other, monkeypatch: pytest.MonkeyPatch, database: Database, actor: Actor, verb: Callable[[Work], object]
) -> int:
    """The other begins when the verb has read what it must know, and is about to move money. How often the verb was
    tried."""
    transfer, tries = ledger.transfer, []

    def slowly(work: Work, **facts: Any) -> UUID:
        if not other.ident:
            other.begin()
        return transfer(work, **facts)

    def counted(work: Work) -> None:
        tries.append(work.now)
        verb(work)

    monkeypatch.setattr(ledger, "transfer", slowly)
    do(database, actor, counted)
    other.join()
    return len(tries)


def test_what_is_set_off_while_a_correction_is_booked_is_set_off_against_what_is_left(
    database: Database, line: UUID, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance_id, payment_id = arrived(database, house, contract(database, line, house), 200_00)
    (act,) = acts(database, line, 150_00, paid_to=house)
    case = proposed(database, payment_id, 120_00)
    other = Other(database, FINANCE, lambda w: paying.set_off(w, act))
    tries = meanwhile(other, monkeypatch, database, ERLAN, lambda w: service.approve(w, case))
    assert other.refused is None
    assert (tries, other.begun) == (1, 1)
    assert use(database, advance_id) == Use(0, 120_00)
    assert payable(database, act).free == 30_00
    assert broken(database) == []


def test_nothing_is_set_off_against_an_advance_that_is_coming_back(
    database: Database, line: UUID, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance_id, payment_id = arrived(database, house, contract(database, line, house), 200_00)
    (act,) = acts(database, line, 150_00, paid_to=house)
    other = Other(database, FINANCE, lambda w: paying.set_off(w, act))

    def comes_back(work: Work) -> None:
        progress.told_by_bank(work, queries.payment(work, payment_id, lock=True), Fate.BACK)

    tries = meanwhile(other, monkeypatch, database, SYSTEM, comes_back)
    assert isinstance(other.refused, NothingToSetOff)
    assert (tries, other.begun) == (1, 1)
    assert use(database, advance_id) == Use(0, 0)
    assert broken(database) == []


def test_a_correction_of_a_payment_that_is_coming_back_is_not_booked(database: Database, line: UUID) -> None:
    payment_id = ordered(database, line, total=200_00)
    send(database, payment_id)
    told(database, payment_id, Fate.PAID)
    case = proposed(database, payment_id, 120_00)
    other = Other(database, ERLAN, lambda w: service.approve(w, case))

    def comes_back(work: Work) -> None:
        progress.told_by_bank(work, queries.payment(work, payment_id, lock=True), Fate.BACK)
        other.begin()

    do(database, SYSTEM, comes_back)
    other.join()
    assert isinstance(other.refused, DifferenceChanged)
    assert other.begun == 1
    assert payment(database, payment_id).status is PaymentStatus.RETURNED
    assert paid(database, line) == 0
    assert [one.status for one in cases(database)] == [CaseStatus.PROPOSED]
    assert broken(database) == []
