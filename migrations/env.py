"""Alembic's entry. The address comes from the caller (``market migrate``, tests) or from the settings."""

import sqlalchemy as sa
from alembic import context

from market.migrate import keep_triggers
from market.settings import Settings
from market.tables import METADATA

LOCK_TIMEOUT = "10s"  # a migration that waits longer for a lock would stop everybody behind it


def run() -> None:
    url = context.config.attributes.get("url") or Settings.from_environment().database_url
    address = sa.make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.commit()
        else:
            keep_triggers(connection)
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            user_module_prefix="database.",
        )
        with context.begin_transaction():
            context.run_migrations()


run()
