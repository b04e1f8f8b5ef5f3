"""The right to be served: a kind, a setting, a volume, a price ceiling, a validity - and money reserved for it."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.voucher.rules import VoucherStatus


class VoucherRow(Base):
    """``size`` is what one placement takes of an offer's capacity (places, or minutes a week).

    ``items``: which of the kind's items the programme names; None: all.
    ``ended_on``: the day a revoked or closed voucher's money is released as of. ``granted_until_on``: ``until_on``
    before days of a stay were given back at its end; the money reserved is that of the days granted.
    """

    __tablename__ = "voucher"
    __table_args__ = (
        sa.CheckConstraint("units_a_month > 0 AND ceiling_minor > 0 AND size > 0", name="positive"),
        sa.CheckConstraint("from_on < until_on", name="period"),
        sa.Index(None, "status", "until_on"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    recipient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("funding_line.id"), index=True)
    territory: Mapped[str] = mapped_column(sa.String(9), index=True)
    kind: Mapped[ServiceKind]
    setting: Mapped[CareSetting]
    unit: Mapped[Unit]
    units_a_month: Mapped[int]
    size: Mapped[int]
    ceiling_minor: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date]
    status: Mapped[VoucherStatus]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    issued_by: Mapped[UUID]
    issued_at: Mapped[datetime]
    items: Mapped[list[str] | None]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(sa.String(500))
    granted_until_on: Mapped[date | None]
