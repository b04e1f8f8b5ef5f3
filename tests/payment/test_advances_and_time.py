"""What happens between the steps of an advance: it comes back, its account or its limit changes, somebody waits."""

from datetime import timedelta
from threading import Thread
from uuid import UUID

import pytest

from contracts.audit.service import record
from contracts.contract import queries as contracts
from contracts.kernel.calendar import start_of
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.payee.models import PayeeVersionRow
from contracts.payee.rules import VersionStatus
from contracts.payment import advancing, weighing
from contracts.payment import service as paying
from contracts.payment.advance_models import AdvanceTermRow
from contracts.payment.advance_rules import AdvanceAccountChanged, AdvanceNotAgreed, AdvanceOpen, AdvanceStatus
from contracts.payment.rules import Fate
from tests.payment.advances import (
    SHARE,
    House,
    advance,
    approve,
    arrived,
    ask,
    broken,
    contract,
    order,
    told,
    verbs,
)
from tests.payment.batches import acts, do
from tests.payment.houses import FINANCE, line_with_money

BOTH = Actor(
    UUID(int=411), "Aigul", (Grant(Role.FINANCE_OFFICER, territory=""), Grant(Role.BUDGET_OFFICER, territory=""))
)


@pytest.fixture
def line(database: Database) -> UUID:
    return line_with_money(database, 10_000_00)


def agreed_yesterday(work: Work, contract_id: UUID) -> None:
    day = work.today - timedelta(days=1)
    work.insert(
        AdvanceTermRow, id=new_id(), contract_id=contract_id, most_bp=SHARE, from_on=day, from_at=start_of(day),
        source="agreement 1", set_by=UUID(int=0), set_at=start_of(day),
    )  # fmt: skip
    record(work, "contract", contract_id, "advance-agreed")


def test_an_advance_is_not_ordered_beside_one_that_came_back_since_it_was_asked_for(
    database: Database, line: UUID, house: House
) -> None:
    of = contract(database, line, house)
    _first, payment_id = arrived(database, house, of, 200_00)
    (act,) = acts(database, line, 200_00, paid_to=house)
    do(database, FINANCE, lambda w: paying.set_off(w, act))
    second = ask(database, house, of)
    approve(database, second)
    told(database, payment_id, Fate.BACK)
    with pytest.raises(AdvanceOpen):
        order(database, second)
    told(database, payment_id, Fate.PAID)
    order(database, second)
    assert verbs(database, second) == ["asked", "ordered"]
    assert broken(database) == []


def test_an_advance_does_not_go_to_an_account_that_was_replaced_since(
    database: Database, line: UUID, house: House
) -> None:
    of = contract(database, line, house)
    advance_id = ask(database, house, of)
    approve(database, advance_id)

    def replaced(work: Work) -> None:
        assert work.update(PayeeVersionRow, house[2], status=VersionStatus.SUPERSEDED)
        record(work, "payee", house[1], "change-approved")

    do(database, SYSTEM, replaced)
    with pytest.raises(AdvanceAccountChanged):
        order(database, advance_id)
    assert advance(database, advance_id).status is AdvanceStatus.ASKED


def test_what_is_allowed_at_the_end_of_the_line_decides_about_an_advance(
    database: Database, line: UUID, house: House
) -> None:
    advance_id = ask(database, house, contract(database, line, house))
    approve(database, advance_id)
    refused: list[type[Exception]] = []

    def order_it() -> None:
        try:
            order(database, advance_id)
        except AdvanceNotAgreed as error:
            refused.append(type(error))

    waits = Thread(target=order_it)

    def forbid(work: Work) -> None:
        weighing.stand_in_line(work, [house[0]])
        waits.start()
        waits.join(0.3)  # it has looked by now, and waits
        assert waits.is_alive()
        advancing.set_rule(work, territory="75", most_bp=0, from_on=work.today, source="order 8")

    do(database, BOTH, forbid)
    waits.join()
    assert refused == [AdvanceNotAgreed]
    assert advance(database, advance_id).status is AdvanceStatus.ASKED
    assert broken(database) == []


def test_a_share_that_is_agreed_while_an_advance_is_ordered_holds_from_after_it(
    database: Database, line: UUID, house: House
) -> None:
    of = contract(database, line, house, agreed=None)
    do(database, SYSTEM, lambda w: agreed_yesterday(w, of))
    advance_id = ask(database, house, of)
    approve(database, advance_id)

    def end_it(work: Work) -> UUID:
        return advancing.agree(work, of, most_bp=0, from_on=work.today, source="agreement 2")

    waits = Thread(target=lambda: do(database, BOTH, end_it))

    def order_it(work: Work) -> None:
        contracts.contract(work, of, lock=True)
        waits.start()
        waits.join(0.3)
        assert waits.is_alive()
        advancing.order(work, advance_id)

    do(database, FINANCE, order_it)
    waits.join()
    assert advance(database, advance_id).status is AdvanceStatus.ORDERED
    assert broken(database) == []
