"""The database's clock. A stored offset lets a demonstration or a test travel; a real installation has no such row."""

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from contracts.kernel.database import Base, Instant


class ClockRow(Base):
    """At most one row; where there is none the clock is the database's own and cannot be moved."""

    __tablename__ = "clock"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"), sa.CheckConstraint("rate > 0", name="forward"))
    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    real_at: Mapped[datetime]
    shown_at: Mapped[datetime]
    rate: Mapped[int] = mapped_column(sa.Integer)


_SQLITE_NOW = sa.text(
    "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now'), c.real_at, c.shown_at, c.rate "
    "FROM (SELECT 1) LEFT JOIN clock c ON c.id = 1"
)
_POSTGRESQL_NOW = sa.text(
    "SELECT clock_timestamp(), c.real_at, c.shown_at, c.rate FROM (SELECT 1) AS one LEFT JOIN clock c ON c.id = 1"
)


def _aware(value: str | datetime) -> datetime:
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC)


def read_clock(connection: sa.Connection) -> datetime:
    """Now, by the database's clock, moved by the stored offset and rate."""
    sqlite = connection.dialect.name == "sqlite"
    now, real_at, shown_at, rate = connection.execute(_SQLITE_NOW if sqlite else _POSTGRESQL_NOW).one()
    real = _aware(now)
    if rate is None:
        return real
    shown: datetime = _aware(shown_at) + (real - _aware(real_at)) * rate
    return shown


def real_clock(connection: sa.Connection) -> datetime:
    sqlite = connection.dialect.name == "sqlite"
    return _aware(connection.execute(_SQLITE_NOW if sqlite else _POSTGRESQL_NOW).one()[0])


def start_travelling(connection: sa.Connection, *, shown_at: datetime | None = None, rate: int = 1) -> None:
    """Make the clock of a demonstration or test movable. Never called for a real installation."""
    real = real_clock(connection)
    connection.execute(sa.insert(ClockRow).values(id=1, real_at=real, shown_at=shown_at or real, rate=rate))


def is_travelling(connection: sa.Connection) -> bool:
    return connection.execute(sa.select(ClockRow.id)).first() is not None


def move_clock(connection: sa.Connection, by: timedelta) -> datetime:
    """Forward only: order comes from sequences, but people read dates."""
    assert by >= timedelta(0), "time does not run back"
    shown = read_clock(connection) + by
    connection.execute(sa.update(ClockRow).values(real_at=real_clock(connection), shown_at=shown))
    return shown


class RealAgo(FunctionElement[datetime]):
    """The real instant ``seconds`` ago, inside a statement: for what waits on the outside world."""

    type = Instant()
    inherit_cache = False

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


@compiles(RealAgo, "sqlite")
def _sqlite_ago(element: RealAgo, _compiler: SQLCompiler, **_kw: object) -> str:
    return f"strftime('%Y-%m-%d %H:%M:%f', 'now', '-{element.seconds:d} seconds')"


@compiles(RealAgo, "postgresql")
def _postgresql_ago(element: RealAgo, _compiler: SQLCompiler, **_kw: object) -> str:
    return f"(clock_timestamp() - interval '{element.seconds:d} seconds')"


class CivilToday(FunctionElement[date]):
    """The day it is in the country by the database's (possibly moved) clock, inside a statement: for an invariant
    that says what is overdue."""

    type = sa.Date()
    inherit_cache = True


@compiles(CivilToday, "sqlite")
def _sqlite_today(_element: CivilToday, _compiler: SQLCompiler, **_kw: object) -> str:
    # the country keeps UTC+5 since 1 March 2024, and this is only ever asked about now
    shown = "julianday(shown_at) + (julianday('now') - julianday(real_at)) * rate"
    return f"date(coalesce((SELECT {shown} FROM clock), julianday('now')), '+5 hours')"  # noqa: S608 - no input


@compiles(CivilToday, "postgresql")
def _postgresql_today(_element: CivilToday, _compiler: SQLCompiler, **_kw: object) -> str:
    shown = "shown_at + (clock_timestamp() - real_at) * rate"
    now = f"coalesce((SELECT {shown} FROM clock), clock_timestamp())"  # noqa: S608 - no input
    return f"CAST(timezone('Asia/Almaty', {now}) AS DATE)"
