"""Tables, column types and engines: one schema for SQLite (embedded) and PostgreSQL (grown up).

Every model is a description of a table. Statements are Core; there is no session, no lazy loading, no identity map.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

from contracts.kernel.period import Month

BUSY_TIMEOUT_MS = 30_000  # how long another process may hold the SQLite file before a write gives up


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, on SQLite as sortable text."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        assert value.tzinfo is not None, "an instant is aware"
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class MonthType(TypeDecorator[Month]):
    """A calendar month as ``2026-03``: sorts by time."""

    impl = sa.String(7)
    cache_ok = True

    def process_bind_param(self, value: Month | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Month | None:  # noqa: ARG002
        return None if value is None else Month.parse(value)


Json = sa.JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    """All tables share one metadata. Personal columns carry ``info={"personal": True}``."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, TypeEngine[Any]]] = {
        UUID: sa.Uuid(),
        int: sa.BigInteger(),
        str: sa.String(),
        date: sa.Date(),
        datetime: Instant(),
        Month: MonthType(),
        bytes: sa.LargeBinary(),
        dict[str, Any]: Json,
        list[Any]: Json,
        list[str]: Json,
        StrEnum: sa.Enum(
            StrEnum,
            native_enum=False,
            create_constraint=True,
            length=32,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }


def table_of(model: type[Base]) -> sa.Table:
    table = model.__table__
    assert isinstance(table, sa.Table)
    return table


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that holds over the whole database: ``checked`` counts what was looked at, ``broken`` selects
    what breaks it (first column: a name for the broken thing)."""

    name: str
    checked: sa.Select[Any]
    broken: sa.Select[Any]


def is_sqlite(url: str) -> bool:
    return sa.make_url(url).get_backend_name() == "sqlite"


def sqlite_engine(url: str, *, writable: bool, pool_size: int = 8) -> sa.Engine:
    """WAL, full durability, foreign keys on. A writer begins IMMEDIATE: it never finds out at commit that it lost.

    What a writer needs to take a statement back goes to a file when there is much of it: in memory, SQLite walks all of
    it again after every statement that has a trigger, and 12,000 acts took minutes after a million visits.
    """
    engine = sa.create_engine(
        url,
        poolclass=sa.QueuePool,
        pool_size=pool_size,
        max_overflow=64,
        hide_parameters=True,  # a failed statement is logged without the values: they may be a person's, or a price
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "cache_size=-65536",
            *(() if writable else ("temp_store=MEMORY", "query_only=ON")),
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writable else "BEGIN")

    return engine


def postgresql_engine(url: str, *, pool_size: int = 16) -> sa.Engine:
    address = sa.make_url(url).set(drivername="postgresql+psycopg")
    return sa.create_engine(
        address,
        pool_size=pool_size,
        max_overflow=16,
        pool_timeout=10,
        hide_parameters=True,
        connect_args={"options": "-c timezone=UTC -c lock_timeout=15s"},
    )


def columns(model: type[Base], names: Sequence[str]) -> list[sa.ColumnElement[Any]]:
    table = table_of(model)
    return [table.c[name] for name in names]
