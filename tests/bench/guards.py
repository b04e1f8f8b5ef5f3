"""What refuses overlapping visits, row by row, set aside while a bench loads visits of its own making."""

from contracts.kernel.runner import Database


def without_guards(database: Database) -> list[str]:
    """What refuses overlapping visits row by row is taken off while the visits are loaded, and put back before anything
    is measured. The statements that put it back."""
    with database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            named = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'register_entry'"
            found = connection.exec_driver_sql(named).all()
            for name, _ in found:
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            return [sql for _, sql in found]
        named = (
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = 'register_entry'::regclass AND contype = 'x'"
        )
        found = connection.exec_driver_sql(named).all()
        for name, _ in found:
            connection.exec_driver_sql(f'ALTER TABLE register_entry DROP CONSTRAINT "{name}"')
        return [f'ALTER TABLE register_entry ADD CONSTRAINT "{name}" {sql}' for name, sql in found]
