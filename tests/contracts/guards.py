"""What the owner of a database can always do: take the register's own guards away."""

import sqlalchemy as sa


def facts_may_change(connection: sa.Connection) -> None:
    on = "" if connection.dialect.name == "sqlite" else " ON register_entry"
    connection.exec_driver_sql(f"DROP TRIGGER register_entry_facts{on}")


def visits_may_overlap(connection: sa.Connection) -> None:
    for who in ("recipient", "worker"):
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER register_entry_{who}_update")
        else:
            connection.exec_driver_sql(f"ALTER TABLE register_entry DROP CONSTRAINT ex_register_entry_{who}")
