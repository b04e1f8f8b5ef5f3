"""Organisations, their licences, service points and staff, and what they offer."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from market.catalogue.rules import CapacityUnit, CareSetting, ServiceKind, Unit
from market.provider.rules import OfferStatus, OrganisationType, ProviderStatus, Sector


class ProviderRow(Base):
    __tablename__ = "provider"
    __table_args__ = (sa.Index(None, "name", "id"),)  # the directory is read by name, a page at a time
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    bin: Mapped[str] = mapped_column(sa.String(12), unique=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    sector: Mapped[Sector]
    organisation_type: Mapped[OrganisationType]
    territory: Mapped[str] = mapped_column(sa.ForeignKey("territory.code"), index=True)
    status: Mapped[ProviderStatus]
    registered_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    version: Mapped[int]


class LicenceRow(Base):
    __tablename__ = "licence"
    __table_args__ = (
        sa.UniqueConstraint("number"),
        sa.CheckConstraint("until_on IS NULL OR from_on < until_on", name="period"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(sa.ForeignKey("provider.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(60))
    from_on: Mapped[date]
    until_on: Mapped[date | None]


class ServicePointRow(Base):
    __tablename__ = "service_point"
    __table_args__ = (
        sa.CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="on_earth"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(sa.ForeignKey("provider.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    locality_id: Mapped[int] = mapped_column(sa.ForeignKey("locality.id"))
    territory: Mapped[str] = mapped_column(sa.ForeignKey("territory.code"), index=True)
    latitude: Mapped[float] = mapped_column(sa.Double())
    longitude: Mapped[float] = mapped_column(sa.Double())
    address: Mapped[str] = mapped_column(sa.String(300))


class StaffRow(Base):
    """``name`` is sealed with the worker's own key (person id = this id)."""

    __tablename__ = "staff"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(sa.ForeignKey("provider.id"), index=True)
    name_sealed: Mapped[bytes]
    speciality: Mapped[str] = mapped_column(sa.String(80))
    from_on: Mapped[date]
    until_on: Mapped[date | None]


class OfferRow(Base):
    """A kind of service in a setting at a point, with one counter: ``taken <= capacity``, moved only by conditional
    UPDATE. ``categories`` and ``languages`` list who can be served; ``radius_m`` is how far home care travels."""

    __tablename__ = "offer"
    __table_args__ = (
        sa.CheckConstraint("0 <= taken AND taken <= capacity", name="never_overbooked"),
        sa.CheckConstraint("radius_m IS NULL OR radius_m > 0", name="radius"),
        sa.Index(None, "kind", "setting", "status"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    provider_id: Mapped[UUID] = mapped_column(sa.ForeignKey("provider.id"), index=True)
    service_point_id: Mapped[UUID] = mapped_column(sa.ForeignKey("service_point.id"), index=True)
    territory: Mapped[str] = mapped_column(sa.String(9), index=True)
    kind: Mapped[ServiceKind]
    setting: Mapped[CareSetting]
    unit: Mapped[Unit]
    capacity_unit: Mapped[CapacityUnit]
    capacity: Mapped[int]
    taken: Mapped[int]
    categories: Mapped[list[str]]
    languages: Mapped[list[str]]
    radius_m: Mapped[int | None]
    status: Mapped[OfferStatus]
    version: Mapped[int]


class OfferTariffRow(Base):
    """The unit price from a day on, until the next row of the same offer."""

    __tablename__ = "offer_tariff"
    __table_args__ = (sa.CheckConstraint("price_minor > 0", name="positive"),)
    offer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("offer.id"), primary_key=True)
    from_on: Mapped[date] = mapped_column(primary_key=True)
    price_minor: Mapped[int]
