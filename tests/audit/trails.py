"""A trail to work on: clerks rename funding lines, and somebody seals now and then."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.audit.sealing import seal
from contracts.audit.service import record
from contracts.audit.verification import Verdict, verify
from contracts.budget.models import FundingLineRow
from contracts.kernel.clock import read_clock
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Work

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CLERK = Actor(UUID(int=7), 'Сәуле "the clerk"', None)
TABLES = ("audit_event", "audit_checkpoint", "audit_leaf")


def change(work: Work, line: UUID) -> UUID:
    """The first change opens the line, the next ones rename its programme."""
    said = f'Бағдарлама "{new_id()}"'
    if not work.insert_if_new(
        FundingLineRow, id=line, number=str(line), programme=said, territory="750000000", service_kind="x", year=2026
    ):
        work.update(FundingLineRow, line, programme=said)
    return record(work, "line", line, "renamed")


def write_events(database: Database, lines: Sequence[UUID]) -> list[UUID]:
    """One event for each line named, one use case each, by turns of the clerk and the system."""
    return [database.write((CLERK, SYSTEM)[n % 2], partial(change, line=line)) for n, line in enumerate(lines)]


def new_trail(database: Database, *, events: int, streams: int, seal_every: int, seed: int = 1) -> list[UUID]:
    """The ids of its events. Every stream has one at least; the last checkpoint covers all."""
    rng = random.Random(seed)
    lines = [new_id() for _ in range(streams)]
    chosen = lines + [rng.choice(lines) for _ in range(events - streams)]
    ids = []
    for begin in range(0, events, seal_every):
        ids += write_events(database, chosen[begin : begin + seal_every])
        seal(database, KEY)
    return ids


def verdict(database: Database) -> Verdict:
    return database.read(SYSTEM, lambda work: verify(work, KEY.public_key()))


def verdict_inside(connection: sa.Connection) -> Verdict:
    return verify(Work(connection, SYSTEM, read_clock(connection)), KEY.public_key())


def disarm(database: Database) -> None:
    """What the owner of a database can always do: switch off its own guards."""
    with database.engine.begin() as connection:
        for table in TABLES:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql(f"DROP TRIGGER {table}_no_update")
                connection.exec_driver_sql(f"DROP TRIGGER {table}_no_delete")
            else:
                connection.exec_driver_sql(f"DROP TRIGGER {table}_append_only ON {table}")
        if connection.dialect.name == "postgresql":
            key = "fk_audit_leaf_checkpoint_audit_checkpoint"
            connection.exec_driver_sql(f"ALTER TABLE audit_leaf DROP CONSTRAINT {key}")


@contextmanager
def hands_in(database: Database) -> Iterator[sa.Connection]:
    """A transaction in which everything goes; it is undone afterwards, so the verdict is asked inside of it."""
    with database.engine.connect() as connection:
        transaction = connection.begin()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        yield connection
        transaction.rollback()
