"""What a line of an act is made of, prices that change, acts that correct others, what an act said each time it changed
hands, and who signed it."""

import sqlalchemy as sa
from alembic import op

from contracts.kernel import database

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _mode() -> sa.Enum:
    return _words("vatmode", "exempt", "included", "added")


def _code() -> sa.Enum:
    return _words("deductioncode", "not-served", "no-proof", "above-programme", "wrong-price", "poor-quality", "other")


def upgrade() -> None:
    _change_acts()
    _change_lines()
    _add_prices_and_terms()
    _add_editions()


def _change_acts() -> None:
    with op.batch_alter_table("act") as table:
        table.add_column(sa.Column("part", sa.BigInteger(), server_default="0", nullable=False))
        table.add_column(sa.Column("corrects_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("vat_mode", _mode(), server_default="exempt", nullable=False))
        table.add_column(sa.Column("vat_rate_bp", sa.BigInteger(), server_default="0", nullable=False))
        collector = _words("collector", "agency", "provider")
        table.add_column(sa.Column("collector", collector, server_default="agency", nullable=False))
        table.add_column(sa.Column("editions", sa.BigInteger(), server_default="0", nullable=False))
        table.drop_constraint("uq_act_contract_id_month", type_="unique")
        table.create_unique_constraint(op.f("uq_act_contract_id_month_part"), ["contract_id", "month", "part"])
        table.create_foreign_key(op.f("fk_act_corrects_id_act"), "act", ["corrects_id"], ["id"])
        table.create_check_constraint(op.f("ck_act_correction"), "(part = 0) = (corrects_id IS NULL)")


def _change_lines() -> None:
    with op.batch_alter_table("act_line") as table:
        for name in ("cost_minor", "deducted_minor", "vat_minor", "copayment_minor"):
            table.add_column(sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
        table.add_column(sa.Column("deduct_code", _code(), nullable=True))
        table.add_column(sa.Column("deduct_note", sa.String(length=500), nullable=True))
        table.add_column(sa.Column("deducted_by", sa.Uuid(), nullable=True))
        table.drop_constraint("uq_act_line_act_id_engagement_id", type_="unique")
        table.create_unique_constraint(
            op.f("uq_act_line_act_id_engagement_id_unit_price_minor"), ["act_id", "engagement_id", "unit_price_minor"]
        )
    op.execute("UPDATE act_line SET cost_minor = amount_minor")
    with op.batch_alter_table("act_line") as table:
        table.create_check_constraint(
            op.f("ck_act_line_deducted"), "deducted_minor >= 0 AND deducted_minor <= cost_minor"
        )
        table.create_check_constraint(op.f("ck_act_line_deducted_for"), "(deducted_minor = 0) = (deduct_code IS NULL)")
        table.create_check_constraint(op.f("ck_act_line_parts"), "vat_minor >= 0 AND copayment_minor >= 0")


def _signed() -> list[sa.Column[object]]:
    return [
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", database.Instant(timezone=True), nullable=False),
    ]


def _add_prices_and_terms() -> None:
    op.create_table(
        "engagement_price",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", database.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("unit_price_minor > 0", name=op.f("ck_engagement_price_positive")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_engagement_price_engagement_id_engagement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement_price")),
        sa.UniqueConstraint("engagement_id", "from_on", name=op.f("uq_engagement_price_engagement_id_from_on")),
    )
    op.create_table(
        "copayment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("charge_minor", sa.BigInteger(), nullable=False),
        sa.Column("from_month", database.MonthType(length=7), nullable=False),
        *_signed(),
        sa.CheckConstraint("charge_minor >= 0", name=op.f("ck_copayment_charge")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_copayment_engagement_id_engagement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copayment")),
        sa.UniqueConstraint("engagement_id", "from_month", name=op.f("uq_copayment_engagement_id_from_month")),
    )
    op.create_table(
        "provider_vat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("mode", _mode(), nullable=False),
        sa.Column("rate_bp", sa.BigInteger(), nullable=False),
        sa.Column("from_month", database.MonthType(length=7), nullable=False),
        *_signed(),
        sa.CheckConstraint(
            "(mode = 'exempt') = (rate_bp = 0) AND rate_bp BETWEEN 0 AND 10000", name=op.f("ck_provider_vat_rate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_vat")),
        sa.UniqueConstraint("provider_id", "from_month", name=op.f("uq_provider_vat_provider_id_from_month")),
    )
    op.create_table(
        "act_term",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", _words("termcode", "copayment-collector", "signatures"), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        *_signed(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_term")),
        sa.UniqueConstraint("code", "territory", "from_on", name=op.f("uq_act_term_code_territory_from_on")),
    )


def _add_editions() -> None:
    op.create_table(
        "act_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("frozen_by", sa.Uuid(), nullable=False),
        sa.Column("frozen_at", database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_act_edition_act_id_act")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_edition")),
        sa.UniqueConstraint("act_id", "number", name=op.f("uq_act_edition_act_id_number")),
    )
    op.create_table(
        "act_return",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("returned_by", sa.Uuid(), nullable=False),
        sa.Column("returned_at", database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["act_edition.id"], name=op.f("fk_act_return_edition_id_act_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_return")),
    )
    op.create_index(op.f("ix_act_return_edition_id"), "act_return", ["edition_id"])
    op.create_table(
        "act_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("side", _words("side", "provider", "customer"), nullable=False),
        sa.Column("subject_bin", sa.String(length=12), nullable=True),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("container_sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_at", database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["act_edition.id"], name=op.f("fk_act_signature_edition_id_act_edition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_signature")),
        sa.UniqueConstraint("edition_id", "side", name=op.f("uq_act_signature_edition_id_side")),
    )
    op.create_table(
        "act_signature_container",
        sa.Column("signature_id", sa.Uuid(), nullable=False),
        sa.Column("signer", sa.String(length=300), nullable=False),
        sa.Column("container", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["act_signature.id"], name=op.f("fk_act_signature_container_signature_id_act_signature")
        ),
        sa.PrimaryKeyConstraint("signature_id", name=op.f("pk_act_signature_container")),
    )
    _guard()


APPEND_ONLY = ("act_edition", "act_return", "act_signature", "act_signature_container", "engagement_price")


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )


def downgrade() -> None:
    for table in ("act_signature_container", "act_signature", "act_return", "act_edition"):
        op.drop_table(table)
    for table in ("act_term", "provider_vat", "copayment", "engagement_price"):
        op.drop_table(table)
    with op.batch_alter_table("act_line") as batch:
        for name in ("deducted", "deducted_for", "parts", "deductioncode"):
            batch.drop_constraint(op.f(f"ck_act_line_{name}"), type_="check")
        batch.drop_constraint(op.f("uq_act_line_act_id_engagement_id_unit_price_minor"), type_="unique")
        batch.create_unique_constraint("uq_act_line_act_id_engagement_id", ["act_id", "engagement_id"])
        for name in (
            "cost_minor", "deducted_minor", "vat_minor", "copayment_minor", "deduct_code", "deduct_note", "deducted_by",
        ):  # fmt: skip
            batch.drop_column(name)
    with op.batch_alter_table("act") as batch:
        for name in ("correction", "vatmode", "collector"):
            batch.drop_constraint(op.f(f"ck_act_{name}"), type_="check")
        batch.drop_constraint(op.f("fk_act_corrects_id_act"), type_="foreignkey")
        batch.drop_constraint(op.f("uq_act_contract_id_month_part"), type_="unique")
        batch.create_unique_constraint("uq_act_contract_id_month", ["contract_id", "month"])
        for name in ("part", "corrects_id", "vat_mode", "vat_rate_bp", "collector", "editions"):
            batch.drop_column(name)
