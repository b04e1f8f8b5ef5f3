"""Opening the installation's database for a command, and closing it on every path."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from contracts.kernel.errors import Unavailable
from contracts.kernel.runner import Database, open_database
from market.settings import Settings


class DatabaseNotReady(Unavailable):
    code = "database-not-ready"
    title = "The database cannot be reached or has no schema yet; run 'market migrate'"


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """Raises DatabaseNotReady where there is no migrated database."""
    database: Database | None = None
    try:
        database = open_database(settings.database_url)
        with database.engine.connect() as connection:
            ready = sa.inspect(connection).has_table("alembic_version")
        if not ready:
            raise DatabaseNotReady
        yield database
    except (sa.exc.OperationalError, sa.exc.ArgumentError) as error:
        raise DatabaseNotReady from error
    finally:
        if database is not None:
            database.close()
