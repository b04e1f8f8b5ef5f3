"""The monthly act of a contract: assembled from confirmed register entries, one a contract and month, and after it
correcting ones."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.act.pricing import Collector, VatMode
from contracts.act.rules import ActStatus, DeductionCode, LineOf, Side, TermCode
from contracts.act.take_back import TakeBackCode, TakeBackStatus
from contracts.kernel.database import Base
from contracts.kernel.period import Month

_ASKING = sa.text("copayment_minor > 0")  # few recipients pay a part themselves


class ActRow(Base):
    """``payee_version_id`` is frozen at acceptance: the account the money may go to. ``part`` 0 is the month's act,
    from 1 on those that correct it (``corrects_id``). ``editions``: how often what it says was frozen."""

    __tablename__ = "act"
    __table_args__ = (
        sa.UniqueConstraint("contract_id", "month", "part"),
        sa.CheckConstraint("total_minor >= 0", name="total"),
        sa.CheckConstraint("(part = 0) = (corrects_id IS NULL)", name="correction"),
        sa.CheckConstraint("accepted_by IS NULL OR accepted_by <> submitted_by", name="second_person"),
        sa.Index(None, "status", "id"),
        sa.Index(None, "line_id", "month", "status", "total_minor"),  # covers a line's months
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(60), unique=True)
    contract_id: Mapped[UUID] = mapped_column(sa.ForeignKey("contract.id"))
    provider_id: Mapped[UUID] = mapped_column(index=True)
    territory: Mapped[str] = mapped_column(sa.String(9), index=True)
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("funding_line.id"))
    month: Mapped[Month]
    part: Mapped[int] = mapped_column(server_default="0")
    corrects_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("act.id"))
    status: Mapped[ActStatus]
    vat_mode: Mapped[VatMode] = mapped_column(server_default="exempt")
    vat_rate_bp: Mapped[int] = mapped_column(server_default="0")
    collector: Mapped[Collector] = mapped_column(server_default="agency")
    total_minor: Mapped[int]
    drafted_by: Mapped[UUID]
    drafted_at: Mapped[datetime]
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None]
    accepted_at: Mapped[datetime | None]
    return_reason: Mapped[str | None]
    payee_version_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payee_version.id"))
    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    editions: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int]


class ActTotalRow(Base):
    """What the acts of a funding line come to by month of service and status, in parts that add up
    (``contracts.kernel.parts``). Written by triggers of the act table in the transaction that writes the act: a budget
    of some thousand contracts reads a row for each line and month."""

    __tablename__ = "act_total"
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[Month] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    total_minor: Mapped[int]


class ActLineRow(Base):
    """One engagement's service in the month at one price. Its figures are computed once and stored (``pricing``);
    ``amount_minor`` is what the budget pays."""

    __tablename__ = "act_line"
    __table_args__ = (
        sa.UniqueConstraint("act_id", "engagement_id", "what", "unit_price_minor"),
        sa.CheckConstraint("amount_minor >= 0", name="amount"),
        sa.CheckConstraint("deducted_minor >= 0 AND deducted_minor <= cost_minor", name="deducted"),
        sa.CheckConstraint("(deducted_minor = 0) = (deduct_code IS NULL)", name="deducted_for"),
        sa.CheckConstraint("vat_minor >= 0 AND copayment_minor >= 0", name="parts"),
        sa.Index("ix_act_line_asking", "act_id", sqlite_where=_ASKING, postgresql_where=_ASKING),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    act_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act.id"))
    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id"))
    recipient_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(sa.String(32))
    setting: Mapped[str] = mapped_column(sa.String(32))
    unit: Mapped[str] = mapped_column(sa.String(32))
    what: Mapped[LineOf] = mapped_column(server_default="visits")
    entries: Mapped[int]
    quantity: Mapped[int]
    seconds: Mapped[int]
    unit_price_minor: Mapped[int]
    cost_minor: Mapped[int] = mapped_column(server_default="0")
    deducted_minor: Mapped[int] = mapped_column(server_default="0")
    deduct_code: Mapped[DeductionCode | None]
    deduct_note: Mapped[str | None] = mapped_column(sa.String(500))
    deducted_by: Mapped[UUID | None]
    vat_minor: Mapped[int] = mapped_column(server_default="0")
    copayment_minor: Mapped[int] = mapped_column(server_default="0")
    amount_minor: Mapped[int]


class ActEntryRow(Base):
    """Which visits a line is made of; a visit stands in one act only."""

    __tablename__ = "act_entry"
    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("register_entry.id"), primary_key=True)
    act_line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act_line.id"), index=True)


class TakeBackRow(Base):
    """A visit of an accepted act, or an absence noted instead of one, that was found untrue: its money is taken back
    once, agreed by two people. ``id`` is the visit's or the absence's own. The act stays what it was; ``flag_id`` is
    what made somebody ask (``market.oversight``)."""

    __tablename__ = "take_back"
    __table_args__ = (
        sa.CheckConstraint("(entry_id IS NULL) <> (absence_id IS NULL)", name="of_one"),
        sa.CheckConstraint("id = COALESCE(entry_id, absence_id)", name="by_its_id"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="second_person"),
        sa.CheckConstraint("(status = 'proposed') = (decided_by IS NULL)", name="decided"),
        sa.CheckConstraint(
            "(status = 'taken') = (amount_minor IS NOT NULL) AND (status = 'taken') = (copayment_minor IS NOT NULL)",
            name="taken",
        ),
        sa.CheckConstraint(
            "amount_minor IS NULL OR (amount_minor >= 0 AND copayment_minor >= 0 "
            "AND amount_minor + copayment_minor > 0)",
            name="amount",
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("register_entry.id"))
    absence_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("absence.id"))
    act_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act.id"), index=True)
    act_line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act_line.id"), index=True)
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("funding_line.id"), index=True)
    status: Mapped[TakeBackStatus]
    code: Mapped[TakeBackCode]
    note: Mapped[str] = mapped_column(sa.String(500))
    flag_id: Mapped[UUID | None]
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    amount_minor: Mapped[int | None]
    copayment_minor: Mapped[int | None]


class ActEditionRow(Base):
    """What an act said when it changed hands: the document itself, never changed. ``sha256`` in hexadecimal digits."""

    __tablename__ = "act_edition"
    __table_args__ = (sa.UniqueConstraint("act_id", "number"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    act_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act.id"))
    number: Mapped[int]
    document: Mapped[str] = mapped_column(sa.Text())
    sha256: Mapped[str] = mapped_column(sa.String(64))
    total_minor: Mapped[int]
    frozen_by: Mapped[UUID]
    frozen_at: Mapped[datetime]


class ActReturnRow(Base):
    """Why an edition went back to the provider."""

    __tablename__ = "act_return"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    edition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act_edition.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(500))
    returned_by: Mapped[UUID]
    returned_at: Mapped[datetime]


class ActSignatureRow(Base):
    """A detached signature over an edition's document, and what was seen of it: whose certificate (``subject_bin`` the
    organisation's, none for a person alone), which one, and its hash."""

    __tablename__ = "act_signature"
    __table_args__ = (sa.UniqueConstraint("edition_id", "side"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    edition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act_edition.id"))
    side: Mapped[Side]
    subject_bin: Mapped[str | None] = mapped_column(sa.String(12))
    certificate_sha256: Mapped[str] = mapped_column(sa.String(64))
    container_sha256: Mapped[str] = mapped_column(sa.String(64))
    signed_by: Mapped[UUID]
    signed_at: Mapped[datetime]


class SignatureContainerRow(Base):
    """The signature itself and the name in its certificate: a certificate names a person, so the trail has its hash."""

    __tablename__ = "act_signature_container"
    signature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act_signature.id"), primary_key=True)
    signer: Mapped[str] = mapped_column(sa.String(300))
    container: Mapped[bytes]


class VatRow(Base):
    """How a provider's services are taxed from the first day of that month on; before the first row they are exempt."""

    __tablename__ = "provider_vat"
    __table_args__ = (
        sa.UniqueConstraint("provider_id", "from_month"),
        sa.CheckConstraint("(mode = 'exempt') = (rate_bp = 0) AND rate_bp BETWEEN 0 AND 10000", name="rate"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID]
    mode: Mapped[VatMode]
    rate_bp: Mapped[int]
    from_month: Mapped[Month]
    source: Mapped[str] = mapped_column(sa.String(500))
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]


class CopaymentRow(Base):
    """What the recipient of an engagement pays a month from that month on, as it was assessed."""

    __tablename__ = "copayment"
    __table_args__ = (
        sa.UniqueConstraint("engagement_id", "from_month"),
        sa.CheckConstraint("charge_minor >= 0", name="charge"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id"))
    charge_minor: Mapped[int]
    from_month: Mapped[Month]
    source: Mapped[str] = mapped_column(sa.String(500))
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]


class ActTermRow(Base):
    """A dated setting of how acts are made in a territory (a prefix; the longest that fits decides)."""

    __tablename__ = "act_term"
    __table_args__ = (sa.UniqueConstraint("code", "territory", "from_on"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[TermCode]
    territory: Mapped[str] = mapped_column(sa.String(9))
    value: Mapped[str] = mapped_column(sa.String(32))
    from_on: Mapped[date]
    source: Mapped[str] = mapped_column(sa.String(500))
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]
