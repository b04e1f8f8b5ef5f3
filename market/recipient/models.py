"""People who are served: the only home of personal data. The IIN is an HMAC (to find) and a ciphertext (to show)."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from market.catalogue.rules import Category, Language

PERSONAL = {"personal": True}


class RecipientRow(Base):
    """``tier`` 0 is the most urgent. Sealed columns are AES-GCM under the person's own key (person id = this id).

    The home's coordinates stand in the clear, rounded to a thousandth of a degree (about 100 m), because distances are
    computed over everyone; the audit trail seals them.
    """

    __tablename__ = "recipient"
    __table_args__ = (sa.CheckConstraint("tier BETWEEN 0 AND 15", name="tier"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    iin_hmac: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    iin_sealed: Mapped[bytes]
    name_sealed: Mapped[bytes]
    address_sealed: Mapped[bytes]
    territory: Mapped[str] = mapped_column(sa.ForeignKey("territory.code"), index=True)
    locality_id: Mapped[int] = mapped_column(sa.ForeignKey("locality.id"))
    latitude: Mapped[float] = mapped_column(sa.Double(), info=PERSONAL)
    longitude: Mapped[float] = mapped_column(sa.Double(), info=PERSONAL)
    category: Mapped[Category] = mapped_column(info=PERSONAL)
    tier: Mapped[int] = mapped_column(sa.Integer)
    language: Mapped[Language]
    registered_at: Mapped[datetime]
    died_on: Mapped[date | None]
    synthetic: Mapped[bool]
    version: Mapped[int]


class RepresentationRow(Base):
    """On what ground somebody speaks for a recipient: beside the grant, which has the days. ``ground`` names a document
    by its kind, number and date, and no person."""

    __tablename__ = "representation"
    grant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("role_grant.id"), primary_key=True)
    recipient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    ground: Mapped[str] = mapped_column(sa.String(200))
