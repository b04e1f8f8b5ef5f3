"""What a round solved and what came of it, kept for whoever wants to check it or solve it again; never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0020"
branch_labels = None
depends_on = None

PART = sa.Enum("instance", "result", name="roundpart", native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "round_file",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("part", PART, nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("piece >= 0", name=op.f("ck_round_file_piece")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["matching_round.id"], name=op.f("fk_round_file_round_id_matching_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "part", "piece", name=op.f("pk_round_file")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER round_file_no_{verb.lower()} BEFORE {verb} ON round_file "
                "BEGIN SELECT RAISE(ABORT, 'round_file is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER round_file_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON round_file "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )


def downgrade() -> None:
    op.drop_table("round_file")
