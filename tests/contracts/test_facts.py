"""What was entered of a visit stands: whoever writes behind the services' back is refused by the database itself."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from contracts.contract.rules import Engagement
from contracts.kernel.database import table_of
from contracts.register import service as register
from contracts.register.models import EntryRow
from contracts.register.rules import EntryStatus
from tests.contracts.houses import CARER, House, almaty

MOVES = {
    "status", "confirmed_by", "confirmed_at", "confirmed_how", "paper_page", "cancel_reason", "act_id", "batch_id",
    "items",
}  # fmt: skip
FACTS = {
    "id": "'{other}'", "month": "'2026-04'", "engagement_id": "'{other}'", "contract_id": "'{other}'",
    "recipient_id": "'{other}'", "worker_id": "'{other}'", "client_id": "'another'", "served_on": "'2026-03-04'",
    "started_at": "'2026-03-02 03:00:00'", "ended_at": "'2026-03-02 04:30:00'", "place": "'elsewhere'",
    "quantity": "quantity + 1", "entered_by": "'{other}'", "entered_at": "'2026-03-05 05:00:00'",
}  # fmt: skip


@pytest.fixture
def engagement(house: House) -> Engagement:
    house.payee()
    return house.engaged(house.voucher_contract())


def _write(house: House, statement: str) -> int:
    with house.database.engine.begin() as connection:
        return connection.execute(sa.text(statement)).rowcount


def test_every_column_is_a_fact_or_may_move() -> None:
    assert {column.name for column in table_of(EntryRow).columns} == FACTS.keys() | MOVES


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_is_never_changed(house: House, engagement: Engagement, fact: str) -> None:
    house.visit(engagement, almaty(2026, 3, 2, 9))
    postgresql = house.database.engine.dialect.name == "postgresql"
    other = uuid4()
    value = FACTS[fact].format(other=other if postgresql else other.hex)
    with pytest.raises(sa.exc.IntegrityError, match="the facts of a visit are never changed"):
        _write(house, f"UPDATE register_entry SET {fact} = {value}")
    assert _write(house, f"UPDATE register_entry SET {fact} = {fact}") == 1  # says what stood already
    assert house.broken() == []


def test_no_visit_is_deleted(house: House, engagement: Engagement) -> None:
    visit = house.visit(engagement, almaty(2026, 3, 2, 9))
    house.do(CARER, lambda work: register.cancel(work, visit, reason="slip of the pen"))
    statements = ["DELETE FROM register_entry"]
    if house.database.engine.dialect.name == "postgresql":
        statements.append("TRUNCATE register_entry CASCADE")
    for statement in statements:
        with pytest.raises(sa.exc.IntegrityError, match="no visit is deleted"):
            _write(house, statement)


def test_a_mistake_is_corrected_by_a_counter_entry(house: House, engagement: Engagement) -> None:
    wrong = house.confirmed(engagement, almaty(2026, 3, 2, 9))
    house.do(CARER, lambda work: register.cancel(work, wrong, reason="an hour later"))
    right = house.confirmed(engagement, almaty(2026, 3, 2, 10))
    with house.database.engine.connect() as connection:
        table = table_of(EntryRow)
        found = {row.id: row.status for row in connection.execute(sa.select(table.c.id, table.c.status))}
    assert found == {wrong: EntryStatus.CANCELLED, right: EntryStatus.CONFIRMED}
    assert house.broken() == []
