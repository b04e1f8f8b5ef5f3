"""What the money of many lines is doing, in two statements, and by month of service."""

from datetime import date
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.act import queries as acts
from contracts.act import service as acting
from contracts.act.models import ActTotalRow
from contracts.budget import queries as budget
from contracts.budget import service as budgeting
from contracts.budget.queries import Availability, FundingLineNotFound
from contracts.kernel.period import Month
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.worker import AddingUp
from tests.contracts.houses import ALMATY, ASTANA, DIRECTOR, OFFICER, House, almaty

FEBRUARY, MARCH = Month(2026, 2), Month(2026, 3)


def open_line(house: House, territory: str, kind: str, year: int, amount: int) -> UUID:
    def fn(work: Work) -> UUID:
        line = budgeting.open_line(work, programme="004", territory=territory, service_kind=kind, year=year)
        budgeting.appropriate(work, line, amount_minor=amount)
        return line

    return house.do(SYSTEM, fn)


def served(house: House) -> None:
    """Two months of visits: February accepted, March handed in."""
    house.payee()
    contract = house.voucher_contract()
    engagement = house.engaged(contract)
    for month, hours in ((2, 3), (3, 2)):
        house.confirmed(engagement, almaty(2026, month, 10, 9), hours=hours)
    for month in (FEBRUARY, MARCH):
        act = house.do(DIRECTOR, lambda w, m=month: acting.draft(w, contract, month=m))
        house.do(DIRECTOR, partial(acting.submit, act_id=act))
        if month is FEBRUARY:
            house.do(OFFICER, partial(acting.accept, act_id=act))


def test_the_stages_of_every_line_of_a_year_add_up(house: House) -> None:
    served(house)
    open_line(house, ALMATY, "medical", 2026, 500_00)
    open_line(house, ASTANA, "domestic", 2026, 700_00)
    open_line(house, ALMATY, "domestic", 2027, 900_00)
    seen = {f.line.number: f.money for f in house.see(lambda w: budget.figures(w, (ALMATY[:2],), year=2026))}
    assert list(seen) == ["2026-75-domestic-004", "2026-75-medical-004"]
    domestic = seen["2026-75-domestic-004"]
    assert domestic == house.see(lambda w: budget.availability(w, house.line_id))
    assert (domestic.payable, domestic.paid) == (30_00, 0)
    assert domestic.reserved > 0 < domestic.committed
    assert sum((domestic.free, domestic.reserved, domestic.committed, domestic.payable)) == domestic.appropriated
    assert seen["2026-75-medical-004"].free == 500_00


def test_lines_are_added_up_stage_by_stage() -> None:
    one, other = Availability(100, 10, 20, 30, 25, 15), Availability(7, 1, 1, 2, 1, 2)
    assert budget.together([one, other]) == Availability(107, 11, 21, 32, 26, 17)
    assert budget.together(iter([one])) == one
    assert budget.together([]) == Availability(0, 0, 0, 0, 0, 0)


def test_a_scope_of_nothing_sees_no_line_and_the_whole_country_sees_all(house: House) -> None:
    open_line(house, ASTANA, "domestic", 2026, 700_00)
    assert house.see(lambda w: budget.figures(w, (), year=2026)) == []
    assert len(house.see(lambda w: budget.figures(w, ("",), year=2026))) == 2
    assert len(house.see(lambda w: budget.figures(w, ("71", "75"), year=2026))) == 2
    assert house.see(lambda w: budget.years(w, ("71",))) == [2026]
    assert house.see(lambda w: budget.years(w, ())) == []


def test_a_line_is_found_by_its_number_and_shows_what_it_was_given(house: House) -> None:
    house.do(OFFICER, lambda w: budgeting.appropriate(w, house.line_id, amount_minor=5_00))
    line = house.see(lambda w: budget.line_numbered(w, "2026-75-domestic-004"))
    assert line.id == house.line_id
    given = house.see(lambda w: budget.appropriations(w, line.id))
    assert [one.amount_minor for one in given] == [5_00, 100_000_000_00]
    with pytest.raises(FundingLineNotFound):
        house.see(lambda w: budget.line_numbered(w, "2026-75-domestic-005"))


def test_months_are_those_in_which_the_visits_took_place(house: House) -> None:
    served(house)
    of_line = house.see(lambda w: acts.months_of_lines(w, [house.line_id]))
    assert [(m.month, m.submitted, m.accepted, m.paid, m.sent, m.unordered) for m in of_line] == [
        (FEBRUARY, 0, 30_00, 0, 0, 30_00),
        (MARCH, 20_00, 0, 0, 0, 0),
    ]
    assert house.see(lambda w: acts.months_of_lines(w, [])) == []


def test_parts_of_months_added_up_say_the_same(house: House) -> None:
    served(house)
    before = house.see(lambda w: acts.months_of_lines(w, [house.line_id]))
    AddingUp()(house.database)
    assert house.see(lambda w: acts.months_of_lines(w, [house.line_id])) == before
    parts = sa.select(ActTotalRow.part).distinct()
    assert {row.part for row in house.see(lambda w: w.rows(parts))} == {0}
    assert house.broken() == []


@pytest.mark.parametrize("damage", ["UPDATE act_total SET total_minor = total_minor + 1", "DELETE FROM act_total"])
def test_a_month_of_a_line_that_is_not_what_its_acts_come_to_is_reported(house: House, damage: str) -> None:
    served(house)
    assert house.broken() == []
    with house.database.engine.begin() as connection:
        connection.execute(sa.text(damage))
    assert "what is kept of a line's acts by month is what they come to" in house.broken()


def test_visits_behind_a_line_of_an_act_are_paged_in_order_of_time(house: House) -> None:
    house.payee()
    contract = house.voucher_contract()
    engagement = house.engaged(contract)
    for day in (20, 3, 11):
        house.confirmed(engagement, almaty(2026, 3, day, 9))
    act = house.do(DIRECTOR, lambda w: acting.draft(w, contract, month=MARCH))
    first = house.see(lambda w: acts.visits_of_line(w, act, engagement.id, limit=2))
    assert [v.served_on for v in first] == [date(2026, 3, 3), date(2026, 3, 11), date(2026, 3, 20)]
    rest = house.see(lambda w: acts.visits_of_line(w, act, engagement.id, after=first[1].id, limit=2))
    assert [v.served_on for v in rest] == [date(2026, 3, 20)]
    assert house.see(lambda w: acts.act_numbered(w, f"{acts.act(w, act).number}")).id == act


def test_money_that_nobody_ordered_is_found_in_an_index_of_its_own(database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by size")
    waiting = "SELECT owner_id FROM account WHERE kind = 'payable' AND credits_posted > debits_posted + debits_pending"
    with database.engine.connect() as connection:
        small = [str(row) for row in connection.execute(sa.text(f"EXPLAIN QUERY PLAN {waiting}"))]
    assert any("ix_account_unordered" in step for step in small)
