"""Checkpoints bind every stream once, in turns, and nobody who writes at the same time is forgotten or blamed."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.audit.models import CheckpointRow, LeafRow
from contracts.audit.sealing import seal
from contracts.audit.verification import verify
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM, Work
from tests.audit.trails import KEY, change, verdict, write_events


def leaves(database: Database) -> list[tuple[int, int, int]]:
    """(checkpoint, place, sequence)"""
    statement = sa.select(LeafRow.checkpoint, LeafRow.place, LeafRow.sequence).order_by(
        LeafRow.checkpoint, LeafRow.place
    )
    return database.read(SYSTEM, lambda work: [tuple(row) for row in work.rows(statement)])


def test_a_checkpoint_binds_every_stream_that_changed_since_the_last_one(database: Database) -> None:
    first, second = new_id(), new_id()
    write_events(database, [first, first, second])
    assert seal(database, KEY) == 2
    write_events(database, [second])
    assert seal(database, KEY) == 1
    assert leaves(database) == [(1, 1, 2), (1, 2, 1), (2, 1, 2)]
    held = verdict(database)
    assert (held.events, held.streams, held.checkpoints, held.first_fault) == (4, 2, 2, None)


def test_where_nothing_changed_nothing_is_written(database: Database) -> None:
    assert seal(database, KEY) == 0
    write_events(database, [new_id()])
    assert seal(database, KEY) == 1
    assert seal(database, KEY) == 0
    assert verdict(database).checkpoints == 1


def test_more_than_a_checkpoint_takes_goes_into_the_next(database: Database) -> None:
    lines = [new_id() for _ in range(7)]
    write_events(database, lines)
    write_events(database, lines[:2])
    assert seal(database, KEY, max_leaves=3) == 7
    assert [(checkpoint, place) for checkpoint, place, _ in leaves(database)] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1),
    ]  # fmt: skip
    assert verdict(database).first_fault is None


def test_the_wrong_key_is_noticed(database: Database) -> None:
    write_events(database, [new_id()])
    seal(database, KEY)
    stranger = Ed25519PrivateKey.generate().public_key()
    fault = database.read(SYSTEM, lambda work: verify(work, stranger)).first_fault
    assert fault is not None
    assert (fault.checkpoint, fault.detail) == (1, "its signature does not hold")


@pytest.mark.parametrize("table", ["audit_checkpoint", "audit_leaf", "audit_event"])
def test_the_database_refuses_to_change_what_was_sealed(database: Database, table: str) -> None:
    write_events(database, [new_id()])
    seal(database, KEY)
    column = {"audit_checkpoint": "number", "audit_leaf": "sequence", "audit_event": "sequence"}[table]
    for statement in (f"UPDATE {table} SET {column} = 2", f"DELETE FROM {table}"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    assert verdict(database).first_fault is None


def change_slowly(work: Work, line: UUID, pause: float) -> None:
    change(work, line)
    time.sleep(pause)


UNBOUND = sa.text(
    "SELECT count(*) FROM audit_head h WHERE stream <> 'checkpoint' AND NOT EXISTS "
    "(SELECT 1 FROM audit_leaf l WHERE l.stream = h.stream AND l.sequence = h.sequence)"
)


def test_a_writer_who_is_slower_than_two_checkpoints_is_bound_by_the_third(postgresql_url: str) -> None:
    """The slow one has the higher transaction number and the lower position, and nobody after it is over."""
    database = open_database(postgresql_url)
    early, slow, late = (new_id() for _ in range(3))
    begun, drawn, over = (threading.Event() for _ in range(3))

    def first(work: Work) -> None:
        work.scalar(sa.select(sa.cast(sa.func.pg_current_xact_id(), sa.Text)))
        begun.set()
        assert drawn.wait(30)
        change(work, early)

    def second(work: Work) -> None:
        change(work, slow)
        drawn.set()
        assert over.wait(30)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(database.write, SYSTEM, first)
        assert begun.wait(30)
        two = pool.submit(database.write, SYSTEM, second)
        try:
            one.result()
            seal(database, KEY)
            database.write(SYSTEM, partial(change, line=late))
            seal(database, KEY)
        finally:
            over.set()
        two.result()
    seal(database, KEY)
    assert database.read(SYSTEM, lambda work: work.scalar(UNBOUND)) == 0
    database.close()


def settled_steps(database: Database) -> list[int]:
    settled = sa.select(CheckpointRow.settled).order_by(CheckpointRow.number)
    return database.read(SYSTEM, lambda work: [row.settled for row in work.rows(settled)])


def test_sealers_and_writers_at_once_forget_nothing_and_find_no_fault(database: Database) -> None:
    """Some writers are slow between their event and their commit: their positions appear after later ones."""
    lines = [new_id() for _ in range(12)]
    stop = threading.Event()

    def write(worker: int) -> None:
        for turn in range(25):
            line = lines[(worker * 5 + turn) % len(lines)]

            database.write(SYSTEM, partial(change_slowly, line=line, pause=0.02 if turn % 6 == 0 else 0))

    def watch() -> int:
        sealed = 0
        while not stop.is_set():
            sealed += seal(database, KEY, max_leaves=5)
            assert verdict(database).first_fault is None
        return sealed

    with ThreadPoolExecutor(6) as pool:
        watchers = [pool.submit(watch) for _ in range(2)]
        writers = [pool.submit(write, worker) for worker in range(4)]
        try:
            for writer in writers:
                writer.result()
        finally:
            stop.set()
        assert sum(watcher.result() for watcher in watchers) > 0
    seal(database, KEY)
    assert seal(database, KEY) == 0
    held = verdict(database)
    assert (held.events, held.streams, held.first_fault) == (100, 12, None)
    assert database.read(SYSTEM, lambda work: work.scalar(UNBOUND)) == 0
    steps = settled_steps(database)
    for _ in range(200):  # nothing settles while any transaction of the server, be it another test's, is older
        if steps[-1] > 0:
            break
        time.sleep(0.1)
        database.write(SYSTEM, partial(change, line=lines[0]))
        seal(database, KEY)
        steps = settled_steps(database)
    assert steps == sorted(steps)
    assert steps[-1] > 0
