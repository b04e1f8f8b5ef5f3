"""What a round decided is found on its pages, for everybody in it and for nobody else; no page can be changed."""

from uuid import UUID

import numpy as np
import pytest
import sqlalchemy as sa
from alembic import command

from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from market.migrate import configuration
from market.placement import outcomes
from market.placement.checking import check_round
from market.placement.columns import Columns, RoundFileBroken, folded, halves
from market.placement.findings import REASONS, Findings, ahead_of
from market.placement.outcome_queries import everybodys_outcomes, invariants, outcome_of, pages_of
from market.placement.outcomes import MOST, outcome_on, pages
from market.placement.round import run_round
from market.placement.rules import Outcome
from matching import Classes
from tests.placement.province import Province, province

__all__ = ["province"]


def everybody(database: Database, round_id: UUID) -> list[Outcome]:
    return database.read(SYSTEM, lambda work: list(everybodys_outcomes(work, round_id)))


def test_pages_hold_every_request_once_in_the_order_of_ids_and_each_is_found_on_its_page() -> None:
    count, offers = MOST + 3, [new_id().hex for _ in range(5)]
    ids = [UUID(int=(n * 7919) % count << 64 | n).hex for n in range(count)]
    slot = np.arange(count) % 6 - 1
    found = Findings(slot, np.arange(count) % len(REASONS), slot * 1000, np.arange(count) % 3, slot + 1, slot * 2**33)
    made = list(pages(halves(ids), offers, found))
    assert [page.requests for page in made] == [MOST, 3]
    assert [page.first for page in made] == [min(ids), sorted(ids)[MOST]]
    round_id = new_id()
    for at in (0, 1, 2, count // 2, count - 1):
        page = max((page for page in made if page.first <= ids[at]), key=lambda page: page.first)
        told = outcome_on(page.data, round_id, UUID(hex=ids[at]))
        seat = at % 6 - 1
        assert told == Outcome(
            round_id,
            UUID(hex=ids[at]),
            None if seat < 0 else UUID(hex=offers[seat]),
            REASONS[at % len(REASONS)],
            None if seat < 0 else seat * 1000,
            at % 3 or None,
            seat + 1,
            None if seat < 0 else seat * 2**33,
        )
        assert outcome_on(page.data, round_id, new_id()) is None
    assert list(pages(halves([]), offers, found.at(np.zeros(0, dtype=np.int64)))) == []


def test_a_page_of_another_format_is_refused() -> None:
    strange, _ = folded(Columns({"format": "other"}, {}, {"request": ["ab" * 16], "offer": []}))
    with pytest.raises(RoundFileBroken):
        outcome_on(strange, new_id(), UUID(hex="ab" * 16))


def test_everybody_of_a_round_is_found_and_who_was_not_in_it_is_not(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "MOST", 64)
    report = run_round(province.database, workers=1)
    told = everybody(province.database, report.round_id)
    assert [one.request_id for one in told] == sorted(map(UUID, province.census.crowd.request_ids()))
    assert sum(one.offer_id is not None for one in told) == report.served
    assert len(province.database.read(SYSTEM, lambda work: list(pages_of(work, report.round_id)))) > 3

    def look(request_id: UUID) -> Outcome | None:
        return province.database.read(SYSTEM, lambda work: outcome_of(work, report.round_id, request_id))

    assert [look(one.request_id) for one in told[::37]] == told[::37]
    assert [look(one) for one in (new_id(), UUID(int=0))] == [None, None]
    assert province.database.read(SYSTEM, lambda work: check_round(work, 1)).faults == ()


def test_what_a_round_has_told_cannot_be_changed_or_removed(province: Province) -> None:
    run_round(province.database, workers=1)
    for statement in ("UPDATE outcome_page SET requests = 1", "DELETE FROM outcome_page"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), province.database.engine.begin() as connection:
            connection.execute(sa.text(statement))


def test_postgresql_does_not_try_to_pack_what_a_round_has_told(province: Province) -> None:
    if province.database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite packs nothing")
    column = "attrelid = 'outcome_page'::regclass AND attname = 'data'"
    with province.database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT attstorage FROM pg_attribute WHERE {column}").scalar() == "e"


def test_a_round_that_told_or_placed_fewer_than_it_says_is_found(province: Province) -> None:
    run_round(province.database, workers=1)
    for lie in ("requests = requests + 1", "served = served + 1", "status = 'failed'"):
        with province.database.engine.connect() as connection:
            assert [connection.execute(one.broken).all() for one in invariants()] == [[], []]
            transaction = connection.begin_nested()
            connection.execute(sa.text(f"UPDATE matching_round SET {lie}"))
            assert next(row[0] for one in invariants() for row in connection.execute(one.broken)) == 1
            transaction.rollback()


def test_outcomes_kept_as_rows_become_the_same_pages(province: Province) -> None:
    report = run_round(province.database, workers=1)
    before = everybody(province.database, report.round_id)
    url = province.database.engine.url.render_as_string(hide_password=False)
    command.downgrade(configuration(url), "0140")
    command.upgrade(configuration(url), "head")
    assert everybody(province.database, report.round_id) == before
    assert province.database.read(SYSTEM, lambda work: check_round(work, 1)).faults == ()


@pytest.mark.parametrize("seed", range(30))
def test_how_many_are_better_than_a_seat_is_counted_past_all_that_cost_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    costs = [np.sort(rng.integers(0, 4, rng.integers(0, 8))) for _ in range(20)]
    cost, first = np.concatenate(costs), np.concatenate([[0], np.cumsum([len(own) for own in costs])])
    classes = Classes.from_arrays(
        capacity=[1], tier=[0] * 20, count=[1] * 20, first_arc=first, arc_slot=np.zeros_like(cost), arc_cost=cost
    )
    better = np.concatenate([np.searchsorted(own, own) for own in costs])
    arc = rng.permutation(len(cost))
    assert ahead_of(classes, arc, classes.owners()[arc]).tolist() == better[arc].tolist()
