"""Opening the installation's database for a command, and saying in one sentence what is wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from contracts.kernel.errors import Unavailable
from contracts.kernel.runner import Database, open_database
from market.settings import Settings

_NO_MISTAKE_OF_OURS = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError, sa.exc.DatabaseError)


class DatabaseNotReady(Unavailable):
    code = "database-not-ready"
    title = "The database has no schema yet; run 'market migrate'"


class DatabaseFault(Unavailable):
    code = "database-fault"
    title = "The database cannot be reached, or is damaged"


@contextmanager
def reachable() -> Iterator[None]:
    """What a database refuses becomes DatabaseFault with its own first line; our wrong statements stay as they are."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        if type(error) not in _NO_MISTAKE_OF_OURS:
            raise
        raise DatabaseFault(f"{DatabaseFault.title}: {str(error.orig).splitlines()[0]}") from error
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        raise DatabaseFault("MARKET_DATABASE_URL must name a SQLite file or a PostgreSQL database") from error


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """Raises DatabaseNotReady where there is no migrated database, DatabaseFault where there is none at all."""
    with reachable():
        database = open_database(settings.database_url)
        try:
            with database.engine.connect() as connection:
                ready = sa.inspect(connection).has_table("alembic_version")
            if not ready:
                raise DatabaseNotReady
            yield database
        finally:
            database.close()
