from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Basis(StrEnum):
    AWARD = "award"  # a lot was won
    VOUCHER_LIST = "voucher-list"  # admitted at published tariffs


class ContractStatus(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    COMPLETED = "completed"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"


class EngagementStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What a contract needs to know, frozen when it is concluded. ``award_id`` only for an award; ``kind``,
    ``setting``, ``unit`` and ``unit_price_minor`` only where the award fixed them."""

    provider_id: UUID
    line_id: UUID
    basis: Basis
    from_on: date
    until_on: date
    award_id: UUID | None = None
    kind: str | None = None
    setting: str | None = None
    unit: str | None = None
    unit_price_minor: int | None = None


@dataclass(frozen=True, slots=True)
class EngagementTerms:
    """One recipient's service under a contract: the frozen price and volume. ``placement_id`` names what led to it."""

    contract_id: UUID
    placement_id: UUID
    voucher_id: UUID
    recipient_id: UUID
    offer_id: UUID
    kind: str
    setting: str
    unit: str
    unit_price_minor: int
    units_a_month: int
    from_on: date
    until_on: date
