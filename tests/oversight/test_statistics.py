"""The public figures are made once a day, kept safe, and tell of nobody."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.audit.queries import events_of
from contracts.audit.service import record
from contracts.budget import queries as budget
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from contracts.ledger import queries as accounts
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from market.oversight import statistics
from market.oversight.queries import Demand
from market.oversight.statistics import STAGES
from market.worker import DailyFigures
from tests.placement.test_round import waiting
from tests.placement.town import Town, open_town


@pytest.fixture
def town(database: Database) -> Town:
    return open_town(database)


def facts(town: Town) -> dict[str, object]:
    found = town.see(statistics.latest)
    assert found is not None
    return found.facts


def money_of(town: Town) -> dict[str, int | None]:
    """Of the town, by stage."""
    found = facts(town)
    amounts = found["money"]["750000000"]  # type: ignore[index]  # it is a table
    return dict(zip(found["stages"], amounts, strict=True))  # type: ignore[call-overload]  # and its head


def test_the_figures_of_a_day_are_taken_once_and_recorded(town: Town) -> None:
    town.house()
    waiting(town, 6)
    assert statistics.take(town.database) is True
    waiting(town, 6)
    assert statistics.take(town.database) is False
    assert facts(town)["everybody"] == [0, 6, 6]
    (event,) = town.see(lambda work: events_of(work, "statistics", "2026-04-10"))
    assert event.verb == "taken"


def test_the_worker_takes_them_anew_on_the_next_day(town: Town) -> None:
    daily = DailyFigures()
    assert [daily(town.database), daily(town.database)] == [1, 0]
    town.wait(days=1)
    assert daily(town.database) == 1
    found = town.see(statistics.latest)
    assert found is not None
    assert found.day.isoformat() == "2026-04-11"


def test_two_workers_take_them_once(town: Town) -> None:
    measured = town.see(statistics.measure)
    assert town.do(SYSTEM, lambda work: statistics.keep(work, measured)) is True
    assert town.do(SYSTEM, lambda work: statistics.keep(work, measured)) is False


def test_fewer_than_five_people_have_no_statistics(town: Town) -> None:
    waiting(town, 4)
    statistics.take(town.database)
    assert facts(town)["everybody"] is None
    assert facts(town)["people"] == {name: {} for name in ("territory", "kind", "setting", "category", "tier")}
    assert '"4"' not in json.dumps(facts(town)["people"])


def test_a_small_number_of_people_with_a_place_is_not_told_by_the_others(town: Town) -> None:
    house = town.house(capacity=9)
    for person in waiting(town, 9)[:3]:
        town.placed(person, house)
    statistics.take(town.database)
    assert facts(town)["everybody"] == [None, None, 9]
    assert facts(town)["people"]["territory"] == {"750000000": [None, None, 9]}  # type: ignore[index]  # it is a table


def test_many_vouchers_of_few_people_are_few_people() -> None:
    rich = Demand(placed=30, waiting=40, people_placed=4, people_waiting=30, people=32)
    assert statistics.shown_whole(rich) == [None, None, 70]
    everybody = Demand(placed=100, waiting=100, people_placed=90, people_waiting=90, people=150)
    poor = Demand(placed=70, waiting=60, people_placed=86, people_waiting=60, people=118)
    shown = statistics.table_of(everybody, {"0": rich, "1": poor})
    assert shown == {"0": [None, None, 70], "1": [None, None, 130]}


def test_money_stands_where_enough_people_stand_behind_it(town: Town) -> None:
    town.house()
    waiting(town, 6)
    statistics.take(town.database)
    money = money_of(town)
    assert money["appropriated"] == 10_000_000_00
    assert 0 < (money["reserved"] or 0) == 10_000_000_00 - (money["free"] or 0)
    assert {money[stage] for stage in ("committed", "payable", "paid", "owed")} == {0}


def test_money_of_few_people_is_not_shown(town: Town) -> None:
    waiting(town, 4)
    statistics.take(town.database)
    money = money_of(town)
    assert money["appropriated"] == 10_000_000_00
    assert (money["reserved"], money["free"]) == (None, None), "one of them would tell the other"
    assert {money[stage] for stage in ("committed", "payable", "paid", "owed")} == {0}


def test_what_organisations_had_in_advance_is_a_part_of_the_whole(town: Town) -> None:
    house = town.house(capacity=9)
    for person in waiting(town, 12)[:6]:
        town.placed(person, house)
    town.do(SYSTEM, lambda work: advanced(work, 70_000_00))
    statistics.take(town.database)
    money = money_of(town)
    assert money["owed"] == 70_000_00
    assert None not in money.values()
    assert money.pop("appropriated") == sum(amount or 0 for amount in money.values())


def advanced(work: Work, amount: int) -> None:
    """As an order of an advance leaves it once the bank has paid."""
    (line,) = budget.lines(work)
    free = accounts.account_of(work, AccountKind.APPROPRIATED, line.id)
    assert free is not None
    owed = ledger.open_account(work, AccountKind.RECOVERY, new_id(), line_id=line.id)
    ledger.transfer(work, debit=free.id, credit=owed, amount_minor=amount, reason="advance-ordered", about_id=line.id)
    record(work, "funding-line", line.id, "advanced")


AMOUNTS = st.lists(st.integers(0, 10**12), min_size=len(STAGES) - 1, max_size=len(STAGES) - 1)
PEOPLE = st.none() | st.lists(st.none() | st.integers(0, 9), min_size=3, max_size=3)


@given(AMOUNTS, PEOPLE)
def test_the_parts_of_the_money_add_up_or_too_few_are_shown_to_work_one_out(
    parts: list[int], people: statistics.Shown | None
) -> None:
    whole, *shown = statistics.shown_money([sum(parts), *parts], people)
    assert whole == sum(parts), "what the year has is no secret"
    hidden = shown.count(None)
    assert hidden != 1
    assert hidden or shown == parts
    assert all(one is None or one == part for one, part in zip(shown, parts, strict=True))


def test_providers_and_places_are_counted(town: Town) -> None:
    town.house(capacity=7)
    town.house("Closed")
    statistics.take(town.database)
    assert facts(town)["providers"] == [["750000000", "ngo", 2]]
    assert facts(town)["supply"] == [["domestic", "home", "places", 2, 8, 8]]
