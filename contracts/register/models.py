"""The service register: six facts of every visit (service and recipient through the engagement, date, place, worker,
start and end)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from contracts.kernel.period import Month
from contracts.register.absence_rules import AbsenceKind
from contracts.register.rules import Confirmation, EntryStatus


class EntryRow(Base):
    """``quantity`` counts units other than hours; for hours the exact seconds between start and end count.
    ``client_id`` is the provider's own id of the visit: a replay finds the row that stands already.
    ``confirmed_by`` a code is the recipient who told it; ``paper_page``: which page of the paper journal the recipient
    signed, where an operator entered it from there.
    The database refuses two entries of one worker, or of one recipient, that share a moment (exclusion constraints on
    PostgreSQL, triggers on SQLite), cancelled ones left out. It also refuses to change what was entered, and to delete:
    only confirmation, cancellation, ``act_id``, ``batch_id`` and ``items`` move.
    ``batch_id``: the file it came with; ``items``: pairs of a code and an amount, None where nobody noted any.
    ``act_id`` (opaque here) is the act that took the entry: it is cancelled only if that act lets it go. It stands in
    no index, and on PostgreSQL pages of the table are left half empty: so acts take a million visits without touching
    the ten indexes of each, of which two look for overlaps. An act's visits are found by its contract and month."""

    __tablename__ = "register_entry"
    __table_args__ = (
        sa.UniqueConstraint("engagement_id", "client_id"),
        sa.CheckConstraint("started_at < ended_at", name="forward"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("act_id IS NULL OR status = 'confirmed'", name="acted_is_confirmed"),
        sa.CheckConstraint(
            "(paper_page IS NULL) = (confirmed_how IS NULL OR confirmed_how <> 'paper')", name="paper_names_its_page"
        ),
        sa.Index(None, "worker_id", "started_at"),
        sa.Index(None, "recipient_id", "started_at"),
        sa.Index(None, "contract_id", "month", "status", "id"),  # a journal in its order
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[Month]
    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id"), index=True)
    contract_id: Mapped[UUID] = mapped_column(sa.ForeignKey("contract.id"))
    recipient_id: Mapped[UUID]
    worker_id: Mapped[UUID]
    client_id: Mapped[str] = mapped_column(sa.String(64))
    served_on: Mapped[date]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(sa.String(120))
    quantity: Mapped[int]
    status: Mapped[EntryStatus]
    entered_by: Mapped[UUID]
    entered_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_how: Mapped[Confirmation | None]
    paper_page: Mapped[str | None] = mapped_column(sa.String(40))
    cancel_reason: Mapped[str | None] = mapped_column(sa.String(500))
    act_id: Mapped[UUID | None]
    batch_id: Mapped[UUID | None] = mapped_column(index=True)
    items: Mapped[list[Any] | None]


class VisitTotalRow(Base):
    """How many visits of a contract's month stand in a status, in parts that add up (``contracts.kernel.parts``).
    Written by triggers of the register in the transaction that writes the visit: a house with 100,000 visits reads a
    handful of rows to see its months."""

    __tablename__ = "visit_total"
    contract_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[Month] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    visits: Mapped[int]


class BatchRow(Base):
    """A file of visits that was sent: what it was, by its content, and what came of it. ``rows``, ``entered`` and
    ``wrong`` are None until it was read to its end. Undone, its visits are cancelled."""

    __tablename__ = "register_batch"
    __table_args__ = (
        sa.CheckConstraint("(undone_at IS NULL) = (undo_reason IS NULL)", name="undone_with_a_reason"),
        sa.Index(
            "uq_register_batch_standing",
            "provider_id",
            "digest",
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID]
    digest: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(120))
    form: Mapped[str] = mapped_column(sa.String(16))
    rows: Mapped[int | None]
    entered: Mapped[int | None]
    wrong: Mapped[int | None]
    sent_by: Mapped[UUID]
    sent_at: Mapped[datetime]
    undone_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]
    undo_reason: Mapped[str | None] = mapped_column(sa.String(500))


class AbsenceRuleRow(Base):
    """What an absence costs and takes, from a day on, as an officer set it with its source."""

    __tablename__ = "absence_rule"
    __table_args__ = (
        sa.UniqueConstraint("kind", "from_on"),
        sa.CheckConstraint("from_on < until_on", name="period"),
        sa.CheckConstraint("payable_percent BETWEEN 0 AND 100 AND notice_hours >= 0", name="bounds"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[AbsenceKind]
    payable_percent: Mapped[int]
    counts: Mapped[bool]
    notice_hours: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date]
    source: Mapped[str] = mapped_column(sa.String(500))


class AbsenceRow(Base):
    """A stay (days) or a planned visit that did not take place (``planned_at``, ``quantity``), with what the rule of
    its day made of it. ``month``: that of its first day. Taken back with a reason; of the rest only what it costs
    changes, with the price of its day, before an act has it. ``act_id``: the act that pays for it."""

    __tablename__ = "absence"
    __table_args__ = (
        sa.CheckConstraint("from_on < until_on", name="period"),
        sa.CheckConstraint("(kind = 'hospital') = (planned_at IS NULL)", name="visit_or_stay"),
        sa.CheckConstraint("payable_minor >= 0 AND quantity >= 0", name="not_negative"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdraw_reason IS NULL)", name="withdrawn_with_a_reason"),
        sa.Index(None, "engagement_id", "from_on"),
        sa.Index(None, "recipient_id", "from_on"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id"))
    contract_id: Mapped[UUID] = mapped_column(sa.ForeignKey("contract.id"))
    recipient_id: Mapped[UUID]
    kind: Mapped[AbsenceKind]
    month: Mapped[Month]
    from_on: Mapped[date]
    until_on: Mapped[date]
    planned_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    quantity: Mapped[int]
    payable_minor: Mapped[int]
    counts: Mapped[bool]
    rule_id: Mapped[UUID] = mapped_column(sa.ForeignKey("absence_rule.id"))
    entered_by: Mapped[UUID]
    entered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str | None] = mapped_column(sa.String(500))
    act_id: Mapped[UUID | None] = mapped_column(index=True)


class WrongCodeRow(Base):
    """How many wrong codes were given for an engagement and day: after so many, none is taken."""

    __tablename__ = "wrong_visit_code"
    __table_args__ = (
        sa.UniqueConstraint("engagement_id", "served_on"),
        sa.CheckConstraint("wrong > 0", name="counted"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id"))
    served_on: Mapped[date]
    wrong: Mapped[int]
