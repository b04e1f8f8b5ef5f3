"""The database itself refuses two visits of one worker or one recipient at the same time; a visit may be confirmed by a
signed page of paper."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0008"
branch_labels = None
depends_on = None

OLD = ("tap", "code", "operator")
NEW = (*OLD, "paper")
WHO = ("worker", "recipient")


def upgrade() -> None:
    with op.batch_alter_table("register_entry") as table:
        table.add_column(sa.Column("paper_page", sa.String(length=40), nullable=True))
        table.drop_constraint(op.f("ck_register_entry_confirmation"), type_="check")
        table.create_check_constraint(op.f("ck_register_entry_confirmation"), _among(NEW))
        table.create_check_constraint(
            op.f("ck_register_entry_paper_names_its_page"),
            "(paper_page IS NULL) = (confirmed_how IS NULL OR confirmed_how <> 'paper')",
        )
    if op.get_bind().dialect.name == "sqlite":
        for who in WHO:
            _forbid_on_sqlite(who)
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for who in WHO:
        op.execute(
            f"ALTER TABLE register_entry ADD CONSTRAINT ex_register_entry_{who} EXCLUDE USING gist "
            f"({who}_id WITH =, tstzrange(started_at, ended_at) WITH &&) WHERE (status <> 'cancelled')"
        )


def _forbid_on_sqlite(who: str) -> None:
    """No visit is longer than a day, so the index on (who, start) is read for one day."""
    overlap = (  # only our own names stand in it
        f"SELECT 1 FROM register_entry AS other WHERE other.{who}_id = NEW.{who}_id AND other.id <> NEW.id "  # noqa: S608
        "AND other.started_at > datetime(NEW.started_at, '-1 day') AND other.started_at < NEW.ended_at "
        "AND other.ended_at > NEW.started_at AND other.status <> 'cancelled'"
    )
    for name, event in (
        ("insert", "INSERT"),
        ("update", f"UPDATE OF {who}_id, started_at, ended_at, status"),
    ):
        op.execute(
            f"CREATE TRIGGER register_entry_{who}_{name} BEFORE {event} ON register_entry "
            f"WHEN NEW.status <> 'cancelled' AND EXISTS ({overlap}) "
            f"BEGIN SELECT RAISE(ABORT, 'ex_register_entry_{who}'); END"
        )


def downgrade() -> None:
    for who in WHO:
        if op.get_bind().dialect.name == "sqlite":
            for name in ("insert", "update"):
                op.execute(f"DROP TRIGGER register_entry_{who}_{name}")
        else:
            op.execute(f"ALTER TABLE register_entry DROP CONSTRAINT ex_register_entry_{who}")
    op.execute("UPDATE register_entry SET confirmed_how = 'operator' WHERE confirmed_how = 'paper'")
    with op.batch_alter_table("register_entry") as table:
        table.drop_constraint(op.f("ck_register_entry_paper_names_its_page"), type_="check")
        table.drop_constraint(op.f("ck_register_entry_confirmation"), type_="check")
        table.create_check_constraint(op.f("ck_register_entry_confirmation"), _among(OLD))
        table.drop_column("paper_page")


def _among(words: tuple[str, ...]) -> str:
    return "confirmed_how IN ({})".format(", ".join(f"'{word}'" for word in words))
