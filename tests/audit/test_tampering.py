"""A thousand things that somebody with the owner's rights could do: each is found, and where it is."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
import sqlalchemy as sa

from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database, open_database
from tests.audit.hands import EVENT, HANDS, Trail
from tests.audit.trails import disarm, hands_in, new_trail, verdict, verdict_inside, write_events

TAMPERS = 1_000


@pytest.fixture
def trail(database: Database) -> Iterator[Database]:
    new_trail(database, events=300, streams=40, seal_every=25)
    assert verdict(database).first_fault is None
    disarm(database)
    yield database
    assert verdict(database).first_fault is None, "every tamper was undone"


def test_a_thousand_random_tampers_are_all_found_at_the_exact_position(trail: Database) -> None:
    missed = []
    with trail.engine.connect() as connection:
        before = Trail.read(connection)
    for number in range(TAMPERS):
        hand = HANDS[number % len(HANDS)]
        with hands_in(trail) as connection:
            expected = hand(replace(before, connection=connection), random.Random(number))
            fault = verdict_inside(connection).first_fault
        if not expected.fits(fault):
            missed.append(f"{hand.__name__} {number}: expected {expected}, found {fault!r}")
    assert missed == []


JUNK = ("CAST(x'ff00fe' AS TEXT)", "'word'", "x'00'", "1.5", "-1", "9223372036854775807")
COLUMNS = {
    "audit_event": ("body", "verb", "stream", "at", "id", "actor_id", "sequence", "hash", "previous_hash"),
    "audit_leaf": ("checkpoint", "place", "stream", "sequence", "position", "hash"),
    "audit_checkpoint": ("number", "at", "position", "horizon", "settled", "size", "root", "signature"),
    "audit_head": ("stream", "sequence", "position", "hash"),
}


@pytest.mark.parametrize("table", COLUMNS)
def test_what_is_not_even_text_or_a_number_is_a_fault_like_any_other(sqlite_url: str, table: str) -> None:
    """SQLite keeps anything in any column, except in the whole numbers that are its row's own key."""
    database = open_database(sqlite_url)
    new_trail(database, events=6, streams=2, seal_every=3)
    disarm(database)
    for column, junk in product(COLUMNS[table], JUNK):
        with hands_in(database) as connection:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
            row = "rowid = 4" if table == "audit_event" else "rowid = 2"
            if (table, column) == ("audit_checkpoint", "number") and not junk.lstrip("-").isdigit():
                continue
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = {junk} WHERE {row}")
            fault = verdict_inside(connection).first_fault
        assert fault is not None, (column, junk)
        if table == "audit_event":
            assert fault.position == 4, (column, junk)
    database.close()


def test_an_event_that_is_not_sealed_yet_is_protected_by_its_chain_and_head(trail: Database) -> None:
    write_events(trail, [new_id()])
    with trail.engine.connect() as connection:
        last = Trail.read(connection).events[-1]
    with hands_in(trail) as connection:
        connection.execute(sa.delete(EVENT).where(EVENT.c.position == last.position))
        fault = verdict_inside(connection).first_fault
    assert fault is not None
    assert (fault.position, fault.stream, fault.sequence) == (last.position, last.stream, 1)
