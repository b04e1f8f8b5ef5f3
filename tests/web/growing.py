"""A crowd with many times as many rows behind its pages, and how many steps SQLite takes for a page.

Steps of the database's own machine are counted, not time: a page that reads what it does not show takes more of them
when there is more, on any machine and at any load.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contracts.kernel.runner import Database

TIMES = 20
EACH = 50  # steps at once: the handler is Python
ELSEWHERE = "provider_id <> (SELECT id FROM provider WHERE number = 'P-0')"  # the desk that looks has its own rows


def _copy(column: str) -> str:
    """The id of the n-th copy of what the column names, wherever it is named."""
    return f"substr({column}, 1, 26) || printf('%06x', n)"


def _numbered(column: str) -> str:
    return f"substr({column}, 1, 30) || '-' || n"


def _earlier(*columns: str) -> dict[str, str]:
    return {name: f"datetime({name}, (-400 * n) || ' days')" for name in columns}


OWN: dict[str, dict[str, str]] = {  # what a copy has of its own
    "register_entry": {
        "id": _copy("id"), "client_id": _copy("client_id"), "act_id": "NULL",
        "served_on": "date(served_on, (-400 * n) || ' days')", **_earlier("started_at", "ended_at"),
    },
    "visit_flag": {"id": _copy("id"), "entry_id": _copy("entry_id")},
    "contract": {"id": _copy("id"), "number": _numbered("number"), "from_on": "date(from_on, (-n) || ' days')"},
    "act": {
        "id": _copy("id"), "number": _numbered("number"), "contract_id": _copy("contract_id"),
        "account_id": _copy("account_id"),
    },
    "account": {"id": _copy("id"), "owner_id": _copy("owner_id")},
    "payment": {
        "id": _copy("id"), "number": _numbered("number"), "act_id": _copy("act_id"), "gateway_transfer": "NULL",
    },
}  # fmt: skip
WHICH = {  # of which rows there are copies
    "contract": ELSEWHERE,
    "act": ELSEWHERE,
    "payment": ELSEWHERE,
    "account": f"kind IN ('reserved', 'committed') OR owner_id IN (SELECT id FROM act WHERE {ELSEWHERE})",
}


def grow(database: Database) -> int:
    """So many copies of each row. How many there are in all."""
    path = database.engine.url.database
    assert path, "a file, which is opened once more without foreign keys"
    with closing(sqlite3.connect(path)) as connection, connection:
        return sum(_grow(connection, table) for table in OWN)


def _grow(connection: sqlite3.Connection, table: str) -> int:
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(OWN[table].get(name, name) for name in names)
    connection.execute(
        f"WITH RECURSIVE times(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM times WHERE n < {TIMES}) "
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table}, times WHERE {WHICH.get(table, '1')}"
    )
    return int(connection.execute("SELECT changes()").fetchone()[0])


@dataclass
class Steps:
    taken: int = 0


@contextmanager
def counted() -> Iterator[Steps]:
    """The steps of every statement of any SQLite engine of this process."""
    steps = Steps()

    def step() -> int:
        steps.taken += EACH
        return 0

    def begin(_connection: Any, cursor: Any, *_rest: Any) -> None:
        cursor.connection.set_progress_handler(step, EACH)

    sa.event.listen(sa.Engine, "before_cursor_execute", begin)
    try:
        yield steps
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", begin)
