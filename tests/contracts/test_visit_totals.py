"""Visits of a contract's month are kept counted by the database, in the transaction that writes them, so that a house
with 100,000 visits sees its months as fast as one with ten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.act import service as acting
from contracts.contract.rules import Engagement
from contracts.kernel.errors import DomainError
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register import batch, journal, many
from contracts.register.batch import Sent
from contracts.register.models import EntryRow, VisitTotalRow
from contracts.register.rules import Entry, EntryStatus, Visit
from market.worker import AddingUp
from tests.contracts.houses import BOTAGOZ, CARER, DIRECTOR, MADINA, SERIK, WARM_HOME, House, almaty

MARCH = Month(2026, 3)


@pytest.fixture
def engagement(house: House) -> Engagement:
    house.payee()
    return house.engaged(house.voucher_contract())


def counted(house: House) -> tuple[int, int]:
    """Entered and confirmed, of March."""
    sums = house.see(lambda work: journal.month_sums(work, WARM_HOME, [MARCH]))
    return (sums[0].entered, sums[0].confirmed) if sums else (0, 0)


def visit(day: int) -> Visit:
    start = morning(day)
    return Visit(str(day), MADINA, start, start + timedelta(hours=1), 1, "home")


def morning(day: int) -> datetime:
    return almaty(2026, 3, day, 9)


def test_a_visit_counts_where_its_status_stands(house: House, engagement: Engagement) -> None:
    assert counted(house) == (0, 0)
    first = house.visit(engagement, morning(2))
    house.confirmed(engagement, morning(3))
    assert counted(house) == (1, 1)
    house.do(CARER, lambda work: acting.strike(work, first, reason="nobody was there"))
    assert counted(house) == (0, 1)
    assert house.broken() == []


def test_a_visit_that_is_refused_is_not_counted(house: House, engagement: Engagement) -> None:
    house.visit(engagement, morning(2))
    with pytest.raises(DomainError):
        house.visit(engagement, morning(2))
    assert counted(house) == (1, 0)


def test_an_act_that_takes_visits_moves_no_count(house: House, engagement: Engagement) -> None:
    for day in (2, 3, 4):
        house.confirmed(engagement, morning(day))
    AddingUp()(house.database)
    before = rows(house)
    house.do(DIRECTOR, lambda work: acting.draft(work, engagement.contract_id, month=MARCH))
    assert rows(house) == before
    assert counted(house) == (0, 3)


def rows(house: House) -> list[tuple[object, ...]]:
    every = sa.select(VisitTotalRow.__table__).order_by(VisitTotalRow.status, VisitTotalRow.part)
    return [tuple(row) for row in house.see(lambda work: work.rows(every))]


def test_a_page_of_the_journal_goes_through_every_contract_in_the_order_of_writing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.payee()
    contract = house.voucher_contract()
    served = [house.engaged(contract, recipient_id=one) for one in (BOTAGOZ, SERIK)]
    written = []
    for day in (9, 3, 7, 5):
        written += [house.visit(served[0], morning(day)), house.confirmed(served[1], almaty(2026, 3, day, 14))]
    house.do(CARER, lambda work: acting.strike(work, written[2], reason="nobody was there"))
    for at_once in (1, 400):
        monkeypatch.setattr(journal, "PILES_AT_ONCE", at_once)
        assert paged(house, None) == written
        assert paged(house, EntryStatus.ENTERED) == [written[0], written[4], written[6]]
        assert paged(house, EntryStatus.CANCELLED) == [written[2]]


def paged(house: House, status: EntryStatus | None) -> list[UUID]:
    """The month, three visits a page."""
    found: list[UUID] = []
    while page := house.see(partial(three, status=status, after=found[-1] if found else None)):
        found += [one.id for one in page]
    return found


def three(work: Work, status: EntryStatus | None, after: UUID | None) -> list[Entry]:
    return journal.entries_of_provider(work, WARM_HOME, MARCH, status=status, after=after, limit=3)


def test_a_file_of_visits_and_its_taking_back_are_counted(house: House, engagement: Engagement) -> None:
    sent = Sent(digest="a" * 64, name="march.csv", form="csv")
    file = house.do(DIRECTOR, partial(batch.begin, provider_id=WARM_HOME, sent=sent)).id
    lines = [many.Row(engagement, visit(day)) for day in range(2, 9)]
    house.do(DIRECTOR, lambda work: many.enter_many(work, b"k" * 32, lines, batch_id=file))
    assert counted(house) == (7, 0)
    house.do(DIRECTOR, lambda work: batch.finish(work, file, rows=7, wrong=0))
    house.do(DIRECTOR, lambda work: batch.undo(work, file, reason="the wrong month"))
    assert counted(house) == (0, 0)
    assert house.broken() == []


def test_who_enters_visits_of_one_contract_at_once_loses_no_count(house: House) -> None:
    house.payee()
    contract = house.voucher_contract()
    served = [house.engaged(contract, recipient_id=one) for one in (BOTAGOZ, SERIK)]
    times = [(n, day) for n in range(2) for day in range(2, 8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda at: house.visit(served[at[0]], almaty(2026, 3, at[1], 9 + 2 * at[0])), times))
    assert counted(house) == (len(times), 0)
    AddingUp()(house.database)
    assert counted(house) == (len(times), 0)
    assert {row[3] for row in rows(house)} == {0}


def test_nobody_waits_for_who_enters_other_visits_of_the_contract(house: House) -> None:
    if house.database.engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time by its nature")
    house.payee()
    contract = house.voucher_contract()
    first, second = (house.engaged(contract, recipient_id=one) for one in (BOTAGOZ, SERIK))
    with house.database.engine.begin() as connection:
        connection.execute(_copy_of(house, first, 2))
        with ThreadPoolExecutor(1) as other:
            other.submit(house.visit, second, almaty(2026, 3, 2, 12)).result(timeout=30)
    assert counted(house) == (3, 0)


def _copy_of(house: House, engagement: Engagement, day: int) -> sa.Insert:
    """A visit of that day, written in a transaction of its own that stays open."""
    house.visit(engagement, morning(day))
    table = EntryRow.__table__
    again = {"id": sa.func.gen_random_uuid(), "client_id": sa.literal("again")}
    later = {name: table.c[name] + sa.text("INTERVAL '5 days'") for name in ("started_at", "ended_at")}
    columns = [(again | later).get(column.name, column) for column in table.columns]
    return sa.insert(EntryRow).from_select([column.name for column in table.columns], sa.select(*columns))


@pytest.mark.parametrize("damage", ["UPDATE visit_total SET visits = visits + 1", "DELETE FROM visit_total"])
def test_a_count_that_is_not_what_stands_in_the_register_is_reported(
    house: House, engagement: Engagement, damage: str
) -> None:
    house.visit(engagement, morning(2))
    assert house.broken() == []
    with house.database.engine.begin() as connection:
        connection.execute(sa.text(damage))
    assert "the visits counted of a month are those in the register" in house.broken()
