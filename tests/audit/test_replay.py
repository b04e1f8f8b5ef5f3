"""The books after replay, from the audit trail alone, are the books: over everything the demonstration does, and an act
that was drawn up twice."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from contracts.act import service as acting
from contracts.audit.replay import Replay
from contracts.contract import service as contracting
from contracts.kernel.clock import read_clock
from contracts.kernel.period import Month
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.oversight.replay import LEFT_OUT, LEFT_OUT_COLUMNS, business_tables, replay_everything
from market.seed.demo import seed_demo
from market.settings import Settings
from market.tables import METADATA
from tests.contracts.guards import facts_may_change
from tests.contracts.houses import DIRECTOR, OFFICER, OPERATOR, House, almaty, build


def replayed(database: Database) -> Replay:
    return database.read(SYSTEM, lambda work: replay_everything(work, METADATA))


@pytest.fixture
def house(database: Database) -> House:
    return build(database)


@pytest.fixture
def region(database: Database, database_url: str, tmp_path: Path) -> Database:
    seed_demo(database, Settings(tmp_path, database_url, None, None, None), seed=1, progress=lambda _text: None)
    return database


def test_what_is_left_out_is_there_and_nothing_else_is_left_out() -> None:
    assert METADATA.tables.keys() >= LEFT_OUT.keys()
    assert {table.name for table in business_tables(METADATA)} == METADATA.tables.keys() - LEFT_OUT.keys()
    assert all(column in METADATA.tables[table].columns for table, column in LEFT_OUT_COLUMNS)


def test_an_act_drawn_up_twice_and_an_engagement_with_a_pause_replay_exactly(house: House) -> None:
    house.payee()
    contract_id = house.voucher_contract()
    engagement = house.engaged(contract_id)
    house.confirmed(engagement, almaty(2026, 3, 2, 9))
    act_id = house.do(DIRECTOR, lambda w: acting.draft(w, contract_id, month=Month(2026, 3)))
    house.confirmed(engagement, almaty(2026, 3, 3, 9))
    house.do(DIRECTOR, lambda w: acting.redraft(w, act_id))
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(OFFICER, lambda w: acting.accept(w, act_id))
    house.do(OPERATOR, lambda w: contracting.suspend_engagement(w, engagement.id))
    house.do(OPERATOR, lambda w: contracting.resume_engagement(w, engagement.id))
    house.do(OPERATOR, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 6, 1)))
    house.do(OFFICER, lambda w: contracting.terminate(w, contract_id, on=date(2026, 6, 1), reason="the house was sold"))
    result = replayed(house.database)
    assert result.differences == []
    assert result.rows >= 20


def test_everything_the_demonstration_does_replays_exactly(region: Database) -> None:
    result = replayed(region)
    assert result.differences == []
    assert result.rows > 100
    assert result.sets >= 15
    assert result.counted <= 4  # sets whose rows live on


FORGERIES = {
    "UPDATE voucher SET ceiling_minor = ceiling_minor + 1 WHERE number = (SELECT min(number) FROM voucher)": "voucher ",
    "UPDATE contract SET territory = '710000000'": "territory is '710000000', the trail says '350000000'",
    "DELETE FROM api_key": "the trail has it, the table has not",
    "UPDATE register_entry SET quantity = 2 WHERE served_on = (SELECT min(served_on) FROM register_entry)":
        "quantity is 2, the trail says 1",
    "DELETE FROM round_price WHERE price = 0": "rows that no event names, the trail says",
    "UPDATE service_kind SET name_en = 'forged' WHERE code = (SELECT min(code) FROM service_kind)":
        "service_kind *: a set of",
}  # fmt: skip


def test_what_was_changed_behind_the_services_is_named(region: Database) -> None:
    for statement, named in FORGERIES.items():
        with region.engine.connect() as connection:
            transaction = connection.begin()
            facts_may_change(connection)
            changed = connection.execute(sa.text(statement)).rowcount
            found = [str(one) for one in _inside(connection).differences]
            transaction.rollback()
        assert changed, statement
        assert any(named in one for one in found), (statement, found[:3])
    assert replayed(region).differences == []


def _inside(connection: sa.Connection) -> Replay:
    return replay_everything(Work(connection, SYSTEM, read_clock(connection)), METADATA)
