"""Who owns the transaction. ``write`` runs a use case in a savepoint of its own, commits it alone or with others, and
answers only after the commit.

SQLite has one writer: a thread that gathers what waits and commits it together (one fsync for up to 64 use cases).
PostgreSQL commits each use case by itself and runs it again after a deadlock or a serialisation failure.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from contracts.kernel.clock import read_clock
from contracts.kernel.database import is_sqlite, postgresql_engine, sqlite_engine
from contracts.kernel.errors import Unavailable
from contracts.kernel.work import Actor, Work

T = TypeVar("T")
log = logging.getLogger(__name__)
GROUP = 64  # use cases a commit: beyond this the fsync is no longer the cost, and the first one waits too long
RETRIES = 8  # after a deadlock: the victim runs again, with fresh reads
_AGAIN = {"40001", "40P01"}  # serialization_failure, deadlock_detected
# lock_not_available, cannot_connect_now, too_many_connections, out of (lock) memory
_BUSY = {"55P03", "57P03", "53300", "53200"}


class DatabaseUnavailable(Unavailable):
    code = "database-unavailable"
    title = "The database cannot be reached or is busy"


class Database(Protocol):
    """A place where use cases run. ``engine`` is for migrations, bulk loads and checks."""

    engine: sa.Engine

    def read(self, actor: Actor, fn: Callable[[Work], T]) -> T:
        """One snapshot, nothing written."""

    def write(self, actor: Actor, fn: Callable[[Work], T]) -> T:
        """All of ``fn`` or nothing; returns after the commit."""

    def close(self) -> None: ...


def open_database(url: str) -> Database:
    return SqliteDatabase(url) if is_sqlite(url) else PostgresqlDatabase(url)


def _perform(connection: sa.Connection, actor: Actor, fn: Callable[[Work], T]) -> T:
    work = Work(connection, actor, read_clock(connection))
    answer = fn(work)
    work.assert_recorded()
    return answer


def _read(engine: sa.Engine, actor: Actor, fn: Callable[[Work], T]) -> T:
    try:
        with engine.connect() as connection:
            return _perform(connection, actor, fn)
    except sa.exc.TimeoutError as error:
        raise DatabaseUnavailable from error
    except sa.exc.OperationalError as error:
        if _is_our_mistake(error):
            raise
        raise DatabaseUnavailable from error


def _is_our_mistake(error: sa.exc.DBAPIError) -> bool:
    """SQLite calls a wrong statement operational, too."""
    return getattr(error.orig, "sqlite_errorname", None) == "SQLITE_ERROR"


class PostgresqlDatabase:
    def __init__(self, url: str) -> None:
        self.engine = postgresql_engine(url)
        self._snapshot = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def read(self, actor: Actor, fn: Callable[[Work], T]) -> T:
        return _read(self._snapshot, actor, fn)

    def write(self, actor: Actor, fn: Callable[[Work], T]) -> T:
        for attempt in range(RETRIES):
            try:
                with self.engine.begin() as connection:
                    return _perform(connection, actor, fn)
            except sa.exc.DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state in _AGAIN and attempt + 1 < RETRIES:
                    log.info("transaction runs again after %s", state)
                    continue
                if state in _AGAIN | _BUSY or isinstance(error, sa.exc.OperationalError):
                    raise DatabaseUnavailable from error
                raise
            except sa.exc.TimeoutError as error:
                raise DatabaseUnavailable from error
        raise AssertionError("unreachable")

    def close(self) -> None:
        self.engine.dispose()


Task = tuple[Actor, Callable[[Work], Any], "Future[Any]"]


class SqliteDatabase:
    def __init__(self, url: str) -> None:
        self.engine = sqlite_engine(url, writable=True, pool_size=2)
        self._readers = sqlite_engine(url, writable=False)
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._writer = threading.Thread(target=self._write_forever, name="sqlite-writer", daemon=True)
        self._writer.start()

    def read(self, actor: Actor, fn: Callable[[Work], T]) -> T:
        return _read(self._readers, actor, fn)

    def write(self, actor: Actor, fn: Callable[[Work], T]) -> T:
        assert threading.current_thread() is not self._writer, "a use case never starts another transaction"
        answer: Future[T] = Future()
        self._tasks.put((actor, fn, answer))
        return answer.result()

    def close(self) -> None:
        self._tasks.put(None)
        self._writer.join()
        self._readers.dispose()
        self.engine.dispose()

    def _write_forever(self) -> None:
        while (first := self._tasks.get()) is not None:
            group, stop = [first], False
            while len(group) < GROUP and not stop:
                try:
                    task = self._tasks.get_nowait()
                except Empty:
                    break
                if task is None:
                    stop = True
                else:
                    group.append(task)
            self._commit_together(group)
            if stop:
                return

    def _commit_together(self, group: list[Task]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        failed: list[tuple[Future[Any], BaseException]] = []
        try:
            with self.engine.begin() as connection:
                for actor, fn, answer in group:
                    try:
                        with connection.begin_nested():
                            done.append((answer, _perform(connection, actor, fn)))
                    except BaseException as error:  # noqa: BLE001 - it is handed to the caller, whatever it is
                        failed.append((answer, error))
        except BaseException as error:  # noqa: BLE001 - the commit itself failed: nobody's work is kept
            lost = DatabaseUnavailable("The write could not be committed")
            lost.__cause__ = error
            for _, _, answer in group:
                answer.set_exception(lost)
            return
        for answer, value in done:
            answer.set_result(value)
        for answer, refusal in failed:
            answer.set_exception(refusal)
