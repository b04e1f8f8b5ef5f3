"""Payments of accepted acts and of advances. The status in the row is the queue; its id is the payment server's key."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from contracts.payment.rules import Channel, PaymentStatus

_OPEN_ENDED = sa.text("status IN ('ordered', 'sending', 'sent', 'returned')")


def unsettled(table: str = "") -> str:
    """What a person may have to look at, in the order of the lists: a few days of payments, and those whose end the
    payment server contradicts, in an index of their own."""
    return f"({table}status NOT IN ('settled', 'reversed') OR {table}parked_at IS NOT NULL)"


_UNSETTLED = sa.text(unsettled())


class PaymentRow(Base):
    """Of an act, or of an advance, which is paid by one payment or none.

    ``pending_transfer_id``: the ledger transfer that waits for the outside: payable -> paid, or of an advance, which
    its payee owes from then on, payable -> recovery.

    ``next_try_at``: when a worker takes the row next, by the real clock (the payment server does not travel with a
    demonstration); empty: nothing is due. ``parked_at``: since when a person must look, whatever the status is
    (``last_error`` says why); empty: nobody need.
    ``expected_on``: the day on which the payment server says that the payee's bank has it (real time, too).
    ``attempts`` counts the tries of the present step, ``strikes`` those in a row from which no worker came back, or an
    answer that told nothing. ``moved_at``: when the status last changed, by the real clock. ``reversal_*``: the money
    is wanted back from the payee.
    """

    __tablename__ = "payment"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="positive"),
        sa.CheckConstraint("(act_id IS NULL) <> (advance_id IS NULL)", name="of_one_thing"),
        sa.Index("uq_payment_open_act", "act_id", unique=True, sqlite_where=_OPEN_ENDED, postgresql_where=_OPEN_ENDED),
        sa.Index(None, "status", "next_try_at"),
        sa.Index(None, "status", "id"),
        sa.Index("ix_payment_unsettled", "id", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(80), unique=True)
    act_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("act.id"), index=True)
    advance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("advance.id"), unique=True)
    provider_id: Mapped[UUID] = mapped_column(index=True)
    territory: Mapped[str] = mapped_column(sa.String(9), index=True)
    payee_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payee_version.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(sa.String(3))
    status: Mapped[PaymentStatus]
    pending_transfer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("transfer.id"))
    ordered_by: Mapped[UUID]
    ordered_at: Mapped[datetime]
    first_sent_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    attempts: Mapped[int]
    strikes: Mapped[int] = mapped_column(server_default="0")
    moved_at: Mapped[datetime]
    last_error: Mapped[str | None]
    parked_at: Mapped[datetime | None]
    gateway_transfer: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    gateway_payout: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    expected_on: Mapped[date | None]
    settled_at: Mapped[datetime | None]
    channel: Mapped[Channel] = mapped_column(server_default="server")
    reversal_ordered_by: Mapped[UUID | None]
    reversal_ordered_at: Mapped[datetime | None]


class PayingAccountRow(Base):
    """A bank account of ours that payments of a territory leave from, and how."""

    __tablename__ = "paying_account"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(sa.String(9), unique=True)
    name: Mapped[str] = mapped_column(sa.String(140))
    iban: Mapped[str] = mapped_column(sa.String(20), unique=True)
    channel: Mapped[Channel] = mapped_column(server_default="server")
    opened_by: Mapped[UUID]
    opened_at: Mapped[datetime]


class SetOffRow(Base):
    """Money of an act that its payee had before: ``payment_id`` is the payment that was paid too much. Never changed,
    never deleted."""

    __tablename__ = "set_off"
    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="positive"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    act_id: Mapped[UUID] = mapped_column(sa.ForeignKey("act.id"), index=True)
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    amount_minor: Mapped[int]
    transfer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("transfer.id"))
    recovery_id: Mapped[UUID] = mapped_column(sa.ForeignKey("transfer.id"))
    set_off_by: Mapped[UUID]
    set_off_at: Mapped[datetime]


class WebhookRow(Base):
    """A signed message of the payment server, kept once by its own id."""

    __tablename__ = "webhook"
    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(64))
    received_at: Mapped[datetime]
    body: Mapped[str] = mapped_column(sa.Text())
    handled_at: Mapped[datetime | None]
