"""The trail of one object says of itself whether it holds: what a page shows."""

import random
from dataclasses import replace
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.audit.one_stream import Held, hold
from contracts.audit.rules import Fault
from contracts.kernel.clock import read_clock
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM, Work
from tests.audit.hands import HANDS, Trail
from tests.audit.test_tampering import COLUMNS, JUNK
from tests.audit.trails import KEY, disarm, hands_in, new_trail, write_events


def held(database: Database, stream: str) -> Held:
    return database.read(SYSTEM, partial(hold, stream=stream, public_key=KEY.public_key()))


def test_a_stream_holds_and_tells_how_much_of_it_is_sealed(database: Database) -> None:
    line = new_id()
    new_trail(database, events=20, streams=4, seal_every=5)
    write_events(database, [line, line])
    assert held(database, f"line:{line}") == Held(events=2, sealed=0, sealed_at=None, fault=None)
    from_trail = new_trail(database, events=6, streams=2, seal_every=6, seed=2)
    assert from_trail
    now = held(database, f"line:{line}")
    assert (now.events, now.sealed, now.fault) == (2, 2, None)
    assert now.sealed_at is not None
    write_events(database, [line])
    later = held(database, f"line:{line}")
    assert (later.events, later.sealed, later.fault) == (3, 2, None)


def test_a_stream_that_is_not_there_holds_nothing(database: Database) -> None:
    assert held(database, f"line:{new_id()}") == Held(0, 0, None, None)


def test_another_key_did_not_sign_it(database: Database) -> None:
    new_trail(database, events=4, streams=1, seal_every=4)
    with database.engine.connect() as connection:
        stream = Trail.read(connection).events[0].stream
    other = Ed25519PrivateKey.generate().public_key()
    verdict = database.read(SYSTEM, partial(hold, stream=stream, public_key=other))
    assert verdict.fault is not None
    assert verdict.fault.checkpoint == 1


def test_what_is_found_over_everything_is_found_in_its_own_stream(database: Database) -> None:
    """Every hand that touches the events or the head of a stream is found by walking that stream alone."""
    new_trail(database, events=120, streams=12, seal_every=15)
    disarm(database)
    with database.engine.connect() as connection:
        before = Trail.read(connection)
    for number in range(160):
        hand = HANDS[number % len(HANDS)]
        with hands_in(database) as connection:
            expected = hand(replace(before, connection=connection), random.Random(number))
            work = Work(connection, SYSTEM, read_clock(connection))
            if expected.stream is not None:
                fault = hold(work, expected.stream, KEY.public_key()).fault
                assert fault is not None, (hand.__name__, number, expected)
            else:
                streams = {leaf.stream for leaf in before.leaves}
                assert any(_found(work, s) for s in streams) or _beyond(hand.__name__), (hand.__name__, number)


def _found(work: Work, stream: str) -> Fault | None:
    return hold(work, stream, KEY.public_key()).fault


def _beyond(hand: str) -> bool:
    """What only a walk over all checkpoints finds: an older checkpoint, the head of the checkpoints."""
    return hand in {
        "change_a_checkpoint", "delete_a_checkpoint", "change_a_leaf", "delete_a_leaf", "add_a_leaf",
        "change_the_head_of_the_checkpoints",
    }  # fmt: skip


@pytest.mark.parametrize("table", ["audit_event", "audit_leaf", "audit_checkpoint", "audit_head"])
def test_junk_is_a_fault_and_no_crash(sqlite_url: str, table: str) -> None:
    sqlite_database = open_database(sqlite_url)
    new_trail(sqlite_database, events=6, streams=1, seal_every=3)
    disarm(sqlite_database)
    with sqlite_database.engine.connect() as connection:
        stream = Trail.read(connection).events[0].stream
    for column in COLUMNS[table]:
        for junk in JUNK:
            with hands_in(sqlite_database) as connection:
                connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
                if (table, column) == ("audit_checkpoint", "number") and not junk.lstrip("-").isdigit():
                    continue
                connection.exec_driver_sql(f"UPDATE {table} SET {column} = {junk} WHERE rowid = 2")
                hold(Work(connection, SYSTEM, read_clock(connection)), stream, KEY.public_key())
    sqlite_database.close()
