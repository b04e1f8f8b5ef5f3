"""A visit's money is taken back while the payment that brought it is given up: whoever is second waits, and sees what
the first did.

On PostgreSQL: SQLite has one writer.
"""

from collections.abc import Iterator

import pytest

from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM, Work
from contracts.ledger.rules import AccountKind
from contracts.payment import progress, queries, service
from contracts.payment.rules import Fate
from tests.collection.households import FINANCE, one_household
from tests.collection.test_taking_back import (
    SECOND,
    balance,
    broken,
    entries,
    next_act,
    pay,
    propose,
    take,
    taking_back,
    the_act,
)
from tests.contracts.houses import House
from tests.payment.advances import told
from tests.payment.houses import payable
from tests.payment.test_correction_races import Other, meanwhile

pytestmark = pytest.mark.postgresql


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    opened = open_database(postgresql_url)
    yield opened
    opened.close()


def test_a_set_off_that_is_undone_meanwhile_is_not_undone_once_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    engagement, database = one_household(house), house.database
    first = the_act(house, engagement)
    payment_id = pay(house, first)
    take(house, entries(house, first)[0])
    second = next_act(house, engagement, 16)
    (entry_id,) = entries(house, second)
    house.do(FINANCE, lambda w: service.order_rest(w, second))
    told(database, payment_id, Fate.BACK)
    propose(house, entry_id)

    def given_up(work: Work) -> None:
        progress.told_by_bank(work, queries.payment(work, payment_id, lock=True), Fate.REVERSED)

    other = Other(database, SECOND, lambda w: taking_back.agree(w, entry_id))
    tries = meanwhile(other, monkeypatch, database, SYSTEM, given_up)
    assert other.refused is None
    assert (tries, other.begun) == (1, 1)
    assert [payable(database, act_id).balance for act_id in (first, second)] == [10_00, 0]
    assert balance(house, AccountKind.RECOVERY, payment_id) == 0
    assert broken(house) == []
