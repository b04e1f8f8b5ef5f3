"""The foundation: every table of the chain."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from contracts.kernel import database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "treasury",
                "appropriated",
                "reserved",
                "committed",
                "payable",
                "paid",
                name="accountkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("debits_posted", sa.BigInteger(), nullable=False),
        sa.Column("credits_posted", sa.BigInteger(), nullable=False),
        sa.Column("debits_pending", sa.BigInteger(), nullable=False),
        sa.Column("credits_pending", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind = 'treasury' OR debits_posted + debits_pending <= credits_posted",
            name=op.f("ck_account_never_overdrawn"),
        ),
        sa.CheckConstraint(
            "debits_posted <= 1000000000000000000 AND credits_posted <= 1000000000000000000 AND debits_pending <= 1000000000000000000 AND credits_pending <= 1000000000000000000",
            name=op.f("ck_account_totals_bounded"),
        ),
        sa.CheckConstraint(
            "debits_posted >= 0 AND credits_posted >= 0 AND debits_pending >= 0 AND credits_pending >= 0",
            name=op.f("ck_account_totals_not_negative"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("kind", "owner_id", name=op.f("uq_account_kind_owner_id")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_line_id_kind"), ["line_id", "kind"], unique=False)

    op.create_table(
        "audit_checkpoint",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", database.Instant(timezone=True), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_event",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", database.Instant(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("verb", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_audit_event_from_one")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("id", name=op.f("uq_audit_event_id")),
        sa.UniqueConstraint("stream", "sequence", name=op.f("uq_audit_event_stream_sequence")),
    )
    op.create_table(
        "audit_head",
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("real_at", database.Instant(timezone=True), nullable=False),
        sa.Column("shown_at", database.Instant(timezone=True), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_one_row")),
        sa.CheckConstraint("rate > 0", name=op.f("ck_clock_forward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_table(
        "funding_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("programme", sa.String(length=80), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("service_kind", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_funding_line_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_line")),
        sa.UniqueConstraint("number", name=op.f("uq_funding_line_number")),
        sa.UniqueConstraint(
            "programme",
            "territory",
            "service_kind",
            "year",
            name=op.f("uq_funding_line_programme_territory_service_kind_year"),
        ),
    )
    with op.batch_alter_table("funding_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_funding_line_territory"), ["territory"], unique=False)

    op.create_table(
        "idempotency",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column(
            "answer", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.Column("created_at", database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "operation", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "indicator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("from_on < until_on", name=op.f("ck_indicator_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("code", "from_on", name=op.f("uq_indicator_code_from_on")),
    )
    op.create_table(
        "matching_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column(
            "policy",
            sa.Enum("welfare", "stable", name="policy", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("time_limit_seconds", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "requested",
                "running",
                "complete",
                "failed",
                name="roundstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", database.Instant(timezone=True), nullable=False),
        sa.Column("finished_at", database.Instant(timezone=True), nullable=True),
        sa.Column("instance_sha256", sa.String(length=64), nullable=True),
        sa.Column("requests", sa.BigInteger(), nullable=True),
        sa.Column("served", sa.BigInteger(), nullable=True),
        sa.Column(
            "served_by_tier",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("certificate", sa.String(), nullable=True),
        sa.Column(
            "facts", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matching_round")),
        sa.UniqueConstraint("number", name=op.f("uq_matching_round_number")),
    )
    op.create_table(
        "payee",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("bin", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee")),
        sa.UniqueConstraint("bin", name=op.f("uq_payee_bin")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_payee_provider_id")),
    )
    op.create_table(
        "person_key",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_key")),
    )
    op.create_table(
        "price_limit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "domestic",
                "medical",
                "psychological",
                "pedagogical",
                "labour",
                "cultural",
                "economic",
                "legal",
                name="servicekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "setting",
            sa.Enum(
                "in-patient",
                "semi-in-patient",
                "home",
                "temporary-stay",
                name="caresetting",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "unit",
            sa.Enum(
                "person-day",
                "visit",
                "hour",
                "session",
                "night",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("floor_minor", sa.BigInteger(), nullable=False),
        sa.Column("ceiling_minor", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint(
            "0 < floor_minor AND floor_minor <= ceiling_minor", name=op.f("ck_price_limit_floor_below_ceiling")
        ),
        sa.CheckConstraint("from_on < until_on", name=op.f("ck_price_limit_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_limit")),
        sa.UniqueConstraint(
            "territory",
            "kind",
            "setting",
            "unit",
            "from_on",
            name=op.f("uq_price_limit_territory_kind_setting_unit_from_on"),
        ),
    )
    op.create_table(
        "service_kind",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name_kk", sa.String(), nullable=False),
        sa.Column("name_ru", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_service_kind")),
    )
    op.create_table(
        "territory",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("iso", sa.String(length=6), nullable=False),
        sa.Column("name_kk", sa.String(), nullable=False),
        sa.Column("name_ru", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_territory")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("created_at", database.Instant(timezone=True), nullable=False),
        sa.Column("disabled_at", database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("login", name=op.f("uq_user_account_login")),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("received_at", database.Instant(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("handled_at", database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", database.Instant(timezone=True), nullable=False),
        sa.Column("revoked_at", database.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_api_key_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    )
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_key_user_id"), ["user_id"], unique=False)

    op.create_table(
        "audit_leaf",
        sa.Column("checkpoint", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint"], ["audit_checkpoint.number"], name=op.f("fk_audit_leaf_checkpoint_audit_checkpoint")
        ),
        sa.PrimaryKeyConstraint("checkpoint", "place", name=op.f("pk_audit_leaf")),
        sa.UniqueConstraint("stream", "sequence", name=op.f("uq_audit_leaf_stream_sequence")),
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column(
            "basis",
            sa.Enum("award", "voucher-list", name="basis", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column(
            "terms", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "active",
                "completed",
                "terminated",
                "cancelled",
                name="contractstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("concluded_at", database.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("from_on < until_on", name=op.f("ck_contract_period")),
        sa.ForeignKeyConstraint(["line_id"], ["funding_line.id"], name=op.f("fk_contract_line_id_funding_line")),
        sa.ForeignKeyConstraint(["payee_id"], ["payee.id"], name=op.f("fk_contract_payee_id_payee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("award_id", name=op.f("uq_contract_award_id")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_number")),
    )
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_territory"), ["territory"], unique=False)
        batch_op.create_index(
            "uq_contract_voucher_list",
            ["provider_id", "line_id", "from_on"],
            unique=True,
            sqlite_where=sa.text("basis = 'voucher-list'"),
            postgresql_where=sa.text("basis = 'voucher-list'"),
        )

    op.create_table(
        "locality",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("population", sa.BigInteger(), nullable=False),
        sa.Column("kato", sa.String(length=9), nullable=True),
        sa.ForeignKeyConstraint(["territory"], ["territory.code"], name=op.f("fk_locality_territory_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locality")),
    )
    with op.batch_alter_table("locality", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_locality_territory"), ["territory"], unique=False)

    op.create_table(
        "payee_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("legal_name", sa.String(), nullable=False),
        sa.Column("iban", sa.String(length=20), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "active",
                "superseded",
                "rejected",
                name="versionstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", database.Instant(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", database.Instant(timezone=True), nullable=True),
        sa.Column("connected_account", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> requested_by", name=op.f("ck_payee_version_second_person")
        ),
        sa.ForeignKeyConstraint(["payee_id"], ["payee.id"], name=op.f("fk_payee_version_payee_id_payee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee_version")),
        sa.UniqueConstraint("payee_id", "version", name=op.f("uq_payee_version_payee_id_version")),
    )
    with op.batch_alter_table("payee_version", schema=None) as batch_op:
        batch_op.create_index(
            "uq_payee_version_active",
            ["payee_id"],
            unique=True,
            sqlite_where=sa.text("status = 'active'"),
            postgresql_where=sa.text("status = 'active'"),
        )

    op.create_table(
        "provider",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("bin", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column(
            "sector",
            sa.Enum("state", "ngo", "business", name="sector", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "organisation_type",
            sa.Enum(
                "general-home",
                "psychoneurological-home",
                "children-locomotor-home",
                "children-psychoneurological-home",
                "day-stay",
                "rehabilitation-centre",
                "adaptation-centre",
                "home-care-psychoneurological",
                "home-care-elderly",
                "home-care-mixed",
                "home-care-without-branches",
                "ngo",
                name="organisationtype",
                native_enum=False,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "registered",
                "admitted",
                "suspended",
                name="providerstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("registered_at", database.Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", database.Instant(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["territory"], ["territory.code"], name=op.f("fk_provider_territory_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("bin", name=op.f("uq_provider_bin")),
        sa.UniqueConstraint("number", name=op.f("uq_provider_number")),
    )
    with op.batch_alter_table("provider", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_provider_territory"), ["territory"], unique=False)

    op.create_table(
        "role_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "recipient",
                "representative",
                "operator",
                "carer",
                "provider",
                "procurement-officer",
                "committee-member",
                "budget-officer",
                "finance-officer",
                "auditor",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("territory", sa.String(length=9), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("granted_by IS NULL OR granted_by <> user_id", name=op.f("ck_role_grant_not_to_oneself")),
        sa.CheckConstraint("until_on IS NULL OR from_on <= until_on", name=op.f("ck_role_grant_period")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_role_grant_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_recipient_id"), ["recipient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_user_id"), ["user_id"], unique=False)

    op.create_table(
        "round_lease",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("alive_at", database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["matching_round.id"], name=op.f("fk_round_lease_round_id_matching_round")
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_round_lease")),
    )
    op.create_table(
        "service_item",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name_kk", sa.String(), nullable=False),
        sa.Column("name_ru", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("limit_amount", sa.BigInteger(), nullable=True),
        sa.Column("limit_unit", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["kind"], ["service_kind.code"], name=op.f("fk_service_item_kind_service_kind")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_service_item")),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", database.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", database.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", database.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_session_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "tender",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "published",
                "opened",
                "evaluated",
                "complete",
                "cancelled",
                "unsuccessful",
                name="tenderstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("deadline_at", database.Instant(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("published_at", database.Instant(timezone=True), nullable=True),
        sa.Column("opened_at", database.Instant(timezone=True), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("cancellation_reason", sa.String(length=500), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["territory"], ["territory.code"], name=op.f("fk_tender_territory_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender")),
        sa.UniqueConstraint("number", name=op.f("uq_tender_number")),
    )
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tender_territory"), ["territory"], unique=False)

    op.create_table(
        "transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "posted",
                "pending",
                "post",
                "void",
                name="transferkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("debit_id", sa.Uuid(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("resolves_id", sa.Uuid(), nullable=True),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("at", database.Instant(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('post', 'void')) = (resolves_id IS NOT NULL)", name=op.f("ck_transfer_resolution")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_transfer_positive")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_transfer_two_accounts")),
        sa.ForeignKeyConstraint(["credit_id"], ["account.id"], name=op.f("fk_transfer_credit_id_account")),
        sa.ForeignKeyConstraint(["debit_id"], ["account.id"], name=op.f("fk_transfer_debit_id_account")),
        sa.ForeignKeyConstraint(["resolves_id"], ["transfer.id"], name=op.f("fk_transfer_resolves_id_transfer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("resolves_id", name=op.f("uq_transfer_resolves_id")),
    )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transfer_about_id"), ["about_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_credit_id"), ["credit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_debit_id"), ["debit_id"], unique=False)

    op.create_table(
        "act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("month", database.MonthType(length=7), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "accepted",
                name="actstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("drafted_at", database.Instant(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", database.Instant(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_at", database.Instant(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(), nullable=True),
        sa.Column("payee_version_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("accepted_by IS NULL OR accepted_by <> submitted_by", name=op.f("ck_act_second_person")),
        sa.CheckConstraint("total_minor >= 0", name=op.f("ck_act_total")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_act_account_id_account")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_act_contract_id_contract")),
        sa.ForeignKeyConstraint(["line_id"], ["funding_line.id"], name=op.f("fk_act_line_id_funding_line")),
        sa.ForeignKeyConstraint(
            ["payee_version_id"], ["payee_version.id"], name=op.f("fk_act_payee_version_id_payee_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
        sa.UniqueConstraint("contract_id", "month", name=op.f("uq_act_contract_id_month")),
        sa.UniqueConstraint("number", name=op.f("uq_act_number")),
    )
    with op.batch_alter_table("act", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_act_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_act_territory"), ["territory"], unique=False)

    op.create_table(
        "engagement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("setting", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("units_a_month", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "suspended",
                "ended",
                name="engagementstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_engagement_period")),
        sa.CheckConstraint("unit_price_minor > 0 AND units_a_month > 0", name=op.f("ck_engagement_positive")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_engagement_account_id_account")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_engagement_contract_id_contract")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
        sa.UniqueConstraint("number", name=op.f("uq_engagement_number")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_engagement_placement_id")),
    )
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_engagement_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_engagement_offer_id"), ["offer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_engagement_recipient_id"), ["recipient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_engagement_voucher_id"), ["voucher_id"], unique=False)

    op.create_table(
        "licence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint("until_on IS NULL OR from_on < until_on", name=op.f("ck_licence_period")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_licence_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence")),
        sa.UniqueConstraint("number", name=op.f("uq_licence_number")),
    )
    with op.batch_alter_table("licence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_licence_provider_id"), ["provider_id"], unique=False)

    op.create_table(
        "lot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "domestic",
                "medical",
                "psychological",
                "pedagogical",
                "labour",
                "cultural",
                "economic",
                "legal",
                name="servicekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "setting",
            sa.Enum(
                "in-patient",
                "semi-in-patient",
                "home",
                "temporary-stay",
                name="caresetting",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "unit",
            sa.Enum(
                "person-day",
                "visit",
                "hour",
                "session",
                "night",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("ceiling_minor", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.CheckConstraint("from_on < until_on", name=op.f("ck_lot_period")),
        sa.CheckConstraint("units > 0 AND ceiling_minor > 0", name=op.f("ck_lot_positive")),
        sa.ForeignKeyConstraint(["line_id"], ["funding_line.id"], name=op.f("fk_lot_line_id_funding_line")),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name=op.f("fk_lot_tender_id_tender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("tender_id", "sequence", name=op.f("uq_lot_tender_id_sequence")),
    )
    op.create_table(
        "recipient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("iin_hmac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("iin_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("locality_id", sa.BigInteger(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "child-psychoneurological",
                "child-locomotor",
                "adult-psychoneurological",
                "disability-1-2",
                "elderly",
                "difficult-situation",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column(
            "language",
            sa.Enum("kk", "ru", "en", name="language", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("registered_at", database.Instant(timezone=True), nullable=False),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("tier BETWEEN 0 AND 15", name=op.f("ck_recipient_tier")),
        sa.ForeignKeyConstraint(["locality_id"], ["locality.id"], name=op.f("fk_recipient_locality_id_locality")),
        sa.ForeignKeyConstraint(["territory"], ["territory.code"], name=op.f("fk_recipient_territory_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
        sa.UniqueConstraint("iin_hmac", name=op.f("uq_recipient_iin_hmac")),
        sa.UniqueConstraint("number", name=op.f("uq_recipient_number")),
    )
    with op.batch_alter_table("recipient", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recipient_territory"), ["territory"], unique=False)

    op.create_table(
        "service_point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("locality_id", sa.BigInteger(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name=op.f("ck_service_point_on_earth")
        ),
        sa.ForeignKeyConstraint(["locality_id"], ["locality.id"], name=op.f("fk_service_point_locality_id_locality")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_service_point_provider_id_provider")),
        sa.ForeignKeyConstraint(["territory"], ["territory.code"], name=op.f("fk_service_point_territory_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_point")),
    )
    with op.batch_alter_table("service_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_point_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_point_territory"), ["territory"], unique=False)

    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("speciality", sa.String(length=80), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_staff_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_provider_id"), ["provider_id"], unique=False)

    op.create_table(
        "act_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("setting", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_act_line_amount")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_act_line_act_id_act")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_act_line_engagement_id_engagement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_line")),
        sa.UniqueConstraint("act_id", "engagement_id", name=op.f("uq_act_line_act_id_engagement_id")),
    )
    op.create_table(
        "bid",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "admitted",
                "rejected",
                "withdrawn",
                name="bidstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("submitted_at", database.Instant(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=False),
        sa.Column("rejection_reason", sa.String(), nullable=True),
        sa.CheckConstraint("unit_price_minor > 0", name=op.f("ck_bid_positive")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_bid_lot_id_lot")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_bid_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid")),
    )
    with op.batch_alter_table("bid", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bid_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(
            "uq_bid_live",
            ["lot_id", "provider_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'withdrawn'"),
            postgresql_where=sa.text("status <> 'withdrawn'"),
        )

    op.create_table(
        "engagement_suspension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint("until_on IS NULL OR from_on <= until_on", name=op.f("ck_engagement_suspension_period")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_engagement_suspension_engagement_id_engagement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement_suspension")),
    )
    with op.batch_alter_table("engagement_suspension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_engagement_suspension_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("service_point_id", sa.Uuid(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "domestic",
                "medical",
                "psychological",
                "pedagogical",
                "labour",
                "cultural",
                "economic",
                "legal",
                name="servicekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "setting",
            sa.Enum(
                "in-patient",
                "semi-in-patient",
                "home",
                "temporary-stay",
                name="caresetting",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "unit",
            sa.Enum(
                "person-day",
                "visit",
                "hour",
                "session",
                "night",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "capacity_unit",
            sa.Enum("places", "minutes", name="capacityunit", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column(
            "categories", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "languages", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("radius_m", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum("open", "closed", name="offerstatus", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("0 <= taken AND taken <= capacity", name=op.f("ck_offer_never_overbooked")),
        sa.CheckConstraint("radius_m IS NULL OR radius_m > 0", name=op.f("ck_offer_radius")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_offer_provider_id_provider")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_point.id"], name=op.f("fk_offer_service_point_id_service_point")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("number", name=op.f("uq_offer_number")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_kind_setting_status"), ["kind", "setting", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_service_point_id"), ["service_point_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_territory"), ["territory"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("payee_version_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ordered",
                "sending",
                "sent",
                "settled",
                "failed",
                "returned",
                "reversed",
                name="paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("pending_transfer_id", sa.Uuid(), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", database.Instant(timezone=True), nullable=False),
        sa.Column("first_sent_at", database.Instant(timezone=True), nullable=True),
        sa.Column("next_try_at", database.Instant(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("gateway_transfer", sa.String(length=64), nullable=True),
        sa.Column("gateway_payout", sa.String(length=64), nullable=True),
        sa.Column("settled_at", database.Instant(timezone=True), nullable=True),
        sa.Column("reversal_ordered_by", sa.Uuid(), nullable=True),
        sa.Column("reversal_ordered_at", database.Instant(timezone=True), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_payment_act_id_act")),
        sa.ForeignKeyConstraint(
            ["payee_version_id"], ["payee_version.id"], name=op.f("fk_payment_payee_version_id_payee_version")
        ),
        sa.ForeignKeyConstraint(
            ["pending_transfer_id"], ["transfer.id"], name=op.f("fk_payment_pending_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("gateway_transfer", name=op.f("uq_payment_gateway_transfer")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_number")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_act_id"), ["act_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_gateway_payout"), ["gateway_payout"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_status_next_try_at"), ["status", "next_try_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_territory"), ["territory"], unique=False)
        batch_op.create_index(
            "uq_payment_live_act",
            ["act_id"],
            unique=True,
            sqlite_where=sa.text("status NOT IN ('failed', 'reversed')"),
            postgresql_where=sa.text("status NOT IN ('failed', 'reversed')"),
        )

    op.create_table(
        "register_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", database.MonthType(length=7), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("started_at", database.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", database.Instant(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "entered",
                "confirmed",
                "cancelled",
                name="entrystatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", database.Instant(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", database.Instant(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=True),
        sa.Column("act_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("act_id IS NULL OR status = 'confirmed'", name=op.f("ck_register_entry_acted_is_confirmed")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_register_entry_quantity")),
        sa.CheckConstraint("started_at < ended_at", name=op.f("ck_register_entry_forward")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_register_entry_contract_id_contract")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_register_entry_engagement_id_engagement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entry")),
        sa.UniqueConstraint("engagement_id", "client_id", name=op.f("uq_register_entry_engagement_id_client_id")),
    )
    with op.batch_alter_table("register_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_register_entry_act_id"), ["act_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_register_entry_contract_id_month_status"), ["contract_id", "month", "status"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_register_entry_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_register_entry_recipient_id_started_at"), ["recipient_id", "started_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_register_entry_worker_id_started_at"), ["worker_id", "started_at"], unique=False
        )

    op.create_table(
        "voucher",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "domestic",
                "medical",
                "psychological",
                "pedagogical",
                "labour",
                "cultural",
                "economic",
                "legal",
                name="servicekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "setting",
            sa.Enum(
                "in-patient",
                "semi-in-patient",
                "home",
                "temporary-stay",
                name="caresetting",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "unit",
            sa.Enum(
                "person-day",
                "visit",
                "hour",
                "session",
                "night",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("units_a_month", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("ceiling_minor", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "issued",
                "closed",
                "revoked",
                name="voucherstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", database.Instant(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint("from_on < until_on", name=op.f("ck_voucher_period")),
        sa.CheckConstraint("units_a_month > 0 AND ceiling_minor > 0 AND size > 0", name=op.f("ck_voucher_positive")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_voucher_account_id_account")),
        sa.ForeignKeyConstraint(["line_id"], ["funding_line.id"], name=op.f("fk_voucher_line_id_funding_line")),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"], name=op.f("fk_voucher_recipient_id_recipient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher")),
        sa.UniqueConstraint("number", name=op.f("uq_voucher_number")),
    )
    with op.batch_alter_table("voucher", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_voucher_line_id"), ["line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_voucher_recipient_id"), ["recipient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_voucher_status_until_on"), ["status", "until_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_voucher_territory"), ["territory"], unique=False)

    op.create_table(
        "act_entry",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("act_line_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["act_line_id"], ["act_line.id"], name=op.f("fk_act_entry_act_line_id_act_line")),
        sa.ForeignKeyConstraint(["entry_id"], ["register_entry.id"], name=op.f("fk_act_entry_entry_id_register_entry")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_act_entry")),
    )
    with op.batch_alter_table("act_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_act_entry_act_line_id"), ["act_line_id"], unique=False)

    op.create_table(
        "award",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "active",
                "unsuccessful",
                "cancelled",
                name="awardstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_award_bid_id_bid")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_award_lot_id_lot")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_award_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
    )
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(
            "uq_award_live",
            ["lot_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'cancelled'"),
            postgresql_where=sa.text("status <> 'cancelled'"),
        )

    op.create_table(
        "offer_tariff",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price_minor > 0", name=op.f("ck_offer_tariff_positive")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_tariff_offer_id_offer")),
        sa.PrimaryKeyConstraint("offer_id", "from_on", name=op.f("pk_offer_tariff")),
    )
    op.create_table(
        "request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("territory", sa.String(length=9), nullable=False),
        sa.Column("locality_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "domestic",
                "medical",
                "psychological",
                "pedagogical",
                "labour",
                "cultural",
                "economic",
                "legal",
                name="servicekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "setting",
            sa.Enum(
                "in-patient",
                "semi-in-patient",
                "home",
                "temporary-stay",
                name="caresetting",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "unit",
            sa.Enum(
                "person-day",
                "visit",
                "hour",
                "session",
                "night",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("ceiling_minor", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("waiting_since", database.Instant(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "placed",
                "closed",
                name="requeststatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_request_size")),
        sa.ForeignKeyConstraint(["locality_id"], ["locality.id"], name=op.f("fk_request_locality_id_locality")),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"], name=op.f("fk_request_recipient_id_recipient")),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"], name=op.f("fk_request_voucher_id_voucher")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("voucher_id", name=op.f("uq_request_voucher_id")),
    )
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_recipient_id"), ["recipient_id"], unique=False)
        batch_op.create_index(
            "ix_request_waiting",
            ["territory", "kind"],
            unique=False,
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )

    op.create_table(
        "round_price",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_round_price_offer_id_offer")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["matching_round.id"], name=op.f("fk_round_price_round_id_matching_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "offer_id", name=op.f("pk_round_price")),
    )
    op.create_table(
        "placement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("distance_m", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "offered",
                "requested",
                "accepted",
                "declined",
                "lapsed",
                "ended",
                name="placementstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", database.Instant(timezone=True), nullable=False),
        sa.Column("respond_until", database.Instant(timezone=True), nullable=False),
        sa.Column("decided_at", database.Instant(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.String(length=500), nullable=True),
        sa.Column("engagement_id", sa.Uuid(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_placement_offer_id_offer")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_placement_provider_id_provider")),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"], name=op.f("fk_placement_recipient_id_recipient")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_placement_request_id_request")),
        sa.ForeignKeyConstraint(["round_id"], ["matching_round.id"], name=op.f("fk_placement_round_id_matching_round")),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"], name=op.f("fk_placement_voucher_id_voucher")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
    )
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.create_index(
            "ix_placement_accepted",
            ["ends_on"],
            unique=False,
            sqlite_where=sa.text("status = 'accepted'"),
            postgresql_where=sa.text("status = 'accepted'"),
        )
        batch_op.create_index(batch_op.f("ix_placement_offer_id_status"), ["offer_id", "status"], unique=False)
        batch_op.create_index(
            "ix_placement_open",
            ["respond_until"],
            unique=False,
            sqlite_where=sa.text("status IN ('offered', 'requested')"),
            postgresql_where=sa.text("status IN ('offered', 'requested')"),
        )
        batch_op.create_index(batch_op.f("ix_placement_provider_id_status"), ["provider_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_recipient_id"), ["recipient_id"], unique=False)
        batch_op.create_index(
            "uq_placement_live",
            ["request_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('offered', 'requested', 'accepted')"),
            postgresql_where=sa.text("status IN ('offered', 'requested', 'accepted')"),
        )

    op.create_table(
        "round_outcome",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "first-wish",
                "later-wish",
                "nearest",
                "nearer-full",
                "no-eligible-offer",
                "capacity",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("distance_m", sa.BigInteger(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("nearer_full", sa.Integer(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_round_outcome_offer_id_offer")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_round_outcome_request_id_request")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["matching_round.id"], name=op.f("fk_round_outcome_round_id_matching_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "request_id", name=op.f("pk_round_outcome")),
    )
    op.create_table(
        "wish",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("rank BETWEEN 1 AND 10", name=op.f("ck_wish_rank")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_wish_offer_id_offer")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_wish_request_id_request")),
        sa.PrimaryKeyConstraint("request_id", "rank", name=op.f("pk_wish")),
        sa.UniqueConstraint("request_id", "offer_id", name=op.f("uq_wish_request_id_offer_id")),
    )


def downgrade() -> None:
    op.drop_table("wish")
    op.drop_table("round_outcome")
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_placement_live",
            sqlite_where=sa.text("status IN ('offered', 'requested', 'accepted')"),
            postgresql_where=sa.text("status IN ('offered', 'requested', 'accepted')"),
        )
        batch_op.drop_index(batch_op.f("ix_placement_recipient_id"))
        batch_op.drop_index(batch_op.f("ix_placement_provider_id_status"))
        batch_op.drop_index(
            "ix_placement_open",
            sqlite_where=sa.text("status IN ('offered', 'requested')"),
            postgresql_where=sa.text("status IN ('offered', 'requested')"),
        )
        batch_op.drop_index(batch_op.f("ix_placement_offer_id_status"))
        batch_op.drop_index(
            "ix_placement_accepted",
            sqlite_where=sa.text("status = 'accepted'"),
            postgresql_where=sa.text("status = 'accepted'"),
        )

    op.drop_table("placement")
    op.drop_table("round_price")
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_request_waiting",
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        )
        batch_op.drop_index(batch_op.f("ix_request_recipient_id"))

    op.drop_table("request")
    op.drop_table("offer_tariff")
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_award_live",
            sqlite_where=sa.text("status <> 'cancelled'"),
            postgresql_where=sa.text("status <> 'cancelled'"),
        )
        batch_op.drop_index(batch_op.f("ix_award_lot_id"))

    op.drop_table("award")
    with op.batch_alter_table("act_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_act_entry_act_line_id"))

    op.drop_table("act_entry")
    with op.batch_alter_table("voucher", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_voucher_territory"))
        batch_op.drop_index(batch_op.f("ix_voucher_status_until_on"))
        batch_op.drop_index(batch_op.f("ix_voucher_recipient_id"))
        batch_op.drop_index(batch_op.f("ix_voucher_line_id"))

    op.drop_table("voucher")
    with op.batch_alter_table("register_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_register_entry_worker_id_started_at"))
        batch_op.drop_index(batch_op.f("ix_register_entry_recipient_id_started_at"))
        batch_op.drop_index(batch_op.f("ix_register_entry_engagement_id"))
        batch_op.drop_index(batch_op.f("ix_register_entry_contract_id_month_status"))
        batch_op.drop_index(batch_op.f("ix_register_entry_act_id"))

    op.drop_table("register_entry")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_payment_live_act",
            sqlite_where=sa.text("status NOT IN ('failed', 'reversed')"),
            postgresql_where=sa.text("status NOT IN ('failed', 'reversed')"),
        )
        batch_op.drop_index(batch_op.f("ix_payment_territory"))
        batch_op.drop_index(batch_op.f("ix_payment_status_next_try_at"))
        batch_op.drop_index(batch_op.f("ix_payment_provider_id"))
        batch_op.drop_index(batch_op.f("ix_payment_gateway_payout"))
        batch_op.drop_index(batch_op.f("ix_payment_act_id"))

    op.drop_table("payment")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_territory"))
        batch_op.drop_index(batch_op.f("ix_offer_service_point_id"))
        batch_op.drop_index(batch_op.f("ix_offer_provider_id"))
        batch_op.drop_index(batch_op.f("ix_offer_kind_setting_status"))

    op.drop_table("offer")
    with op.batch_alter_table("engagement_suspension", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_engagement_suspension_engagement_id"))

    op.drop_table("engagement_suspension")
    with op.batch_alter_table("bid", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_bid_live",
            sqlite_where=sa.text("status <> 'withdrawn'"),
            postgresql_where=sa.text("status <> 'withdrawn'"),
        )
        batch_op.drop_index(batch_op.f("ix_bid_provider_id"))
        batch_op.drop_index(batch_op.f("ix_bid_lot_id"))

    op.drop_table("bid")
    op.drop_table("act_line")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_provider_id"))

    op.drop_table("staff")
    with op.batch_alter_table("service_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_point_territory"))
        batch_op.drop_index(batch_op.f("ix_service_point_provider_id"))

    op.drop_table("service_point")
    with op.batch_alter_table("recipient", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recipient_territory"))

    op.drop_table("recipient")
    op.drop_table("lot")
    with op.batch_alter_table("licence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_licence_provider_id"))

    op.drop_table("licence")
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_engagement_voucher_id"))
        batch_op.drop_index(batch_op.f("ix_engagement_recipient_id"))
        batch_op.drop_index(batch_op.f("ix_engagement_offer_id"))
        batch_op.drop_index(batch_op.f("ix_engagement_contract_id"))

    op.drop_table("engagement")
    with op.batch_alter_table("act", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_act_territory"))
        batch_op.drop_index(batch_op.f("ix_act_provider_id"))

    op.drop_table("act")
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transfer_debit_id"))
        batch_op.drop_index(batch_op.f("ix_transfer_credit_id"))
        batch_op.drop_index(batch_op.f("ix_transfer_about_id"))

    op.drop_table("transfer")
    with op.batch_alter_table("tender", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tender_territory"))

    op.drop_table("tender")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_user_id"))

    op.drop_table("session")
    op.drop_table("service_item")
    op.drop_table("round_lease")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_grant_user_id"))
        batch_op.drop_index(batch_op.f("ix_role_grant_recipient_id"))
        batch_op.drop_index(batch_op.f("ix_role_grant_provider_id"))

    op.drop_table("role_grant")
    with op.batch_alter_table("provider", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_provider_territory"))

    op.drop_table("provider")
    with op.batch_alter_table("payee_version", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_payee_version_active",
            sqlite_where=sa.text("status = 'active'"),
            postgresql_where=sa.text("status = 'active'"),
        )

    op.drop_table("payee_version")
    with op.batch_alter_table("locality", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_locality_territory"))

    op.drop_table("locality")
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_contract_voucher_list",
            sqlite_where=sa.text("basis = 'voucher-list'"),
            postgresql_where=sa.text("basis = 'voucher-list'"),
        )
        batch_op.drop_index(batch_op.f("ix_contract_territory"))
        batch_op.drop_index(batch_op.f("ix_contract_provider_id"))

    op.drop_table("contract")
    op.drop_table("audit_leaf")
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_key_user_id"))

    op.drop_table("api_key")
    op.drop_table("webhook")
    op.drop_table("user_account")
    op.drop_table("territory")
    op.drop_table("service_kind")
    op.drop_table("price_limit")
    op.drop_table("person_key")
    op.drop_table("payee")
    op.drop_table("matching_round")
    op.drop_table("indicator")
    op.drop_table("idempotency")
    with op.batch_alter_table("funding_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_funding_line_territory"))

    op.drop_table("funding_line")
    op.drop_table("clock")
    op.drop_table("audit_head")
    op.drop_table("audit_event")
    op.drop_table("audit_checkpoint")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_line_id_kind"))

    op.drop_table("account")
