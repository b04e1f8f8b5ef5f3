"""Totals that triggers of the database keep: on SQLite, which has one writer, a row each; on PostgreSQL every writer
appends a part of its own, so that nobody waits for anybody, and the worker adds the parts up into part 0."""

import sqlalchemy as sa

from contracts.kernel.database import Base, table_of
from contracts.kernel.work import Work


def add_up_parts(work: Work, model: type[Base]) -> int:
    """``model``: a table with a ``part`` in its key and one other column, which is added up. How many totals moved.
    One statement: whoever reads meanwhile sees the parts or their sum, never both."""
    if work.connection.dialect.name == "sqlite":
        return 0
    table = table_of(model)
    (total,) = (column.name for column in table.columns if not column.primary_key)
    key = ", ".join(column.name for column in table.primary_key if column.name != "part")
    return work.execute(
        sa.text(
            f"WITH taken AS (DELETE FROM {table.name} WHERE part <> 0 RETURNING {key}, {total}) "  # noqa: S608 - names of our own
            f"INSERT INTO {table.name} ({key}, part, {total}) "
            f"SELECT {key}, 0, sum({total})::bigint FROM taken GROUP BY {key} ORDER BY {key} "
            f"ON CONFLICT ({key}, part) DO UPDATE SET {total} = {table.name}.{total} + excluded.{total}"
        )
    ).rowcount
