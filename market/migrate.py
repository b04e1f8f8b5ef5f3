"""``market migrate``: the schema to its newest version."""

import re
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

ROOT = Path(__file__).resolve().parent.parent
# how Alembic changes what SQLite cannot: a new table, its rows, the old table dropped, the new one renamed
DROPPED = re.compile(r"\s*DROP TABLE (\w+)\s*$")
RENAMED = re.compile(r"\s*ALTER TABLE _alembic_tmp_(\w+) RENAME TO (\w+)\s*$")
TRIGGERS = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"


def configuration(url: str) -> Config:
    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    command.upgrade(configuration(url), "head")


def keep_triggers(connection: sa.Connection) -> None:
    """A table that is built anew on SQLite has the triggers it had."""
    kept: dict[str, list[str]] = {}

    @sa.event.listens_for(connection, "before_cursor_execute")
    def before(_connection: object, cursor: Any, statement: str, *_rest: object) -> None:
        if dropped := DROPPED.match(statement):
            kept[dropped[1]] = [row[0] for row in cursor.execute(TRIGGERS, (dropped[1],)).fetchall()]

    @sa.event.listens_for(connection, "after_cursor_execute")
    def after(_connection: object, cursor: Any, statement: str, *_rest: object) -> None:
        if renamed := RENAMED.match(statement):
            for trigger in kept.pop(renamed[2], []):
                cursor.execute(trigger)
