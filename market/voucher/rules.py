"""What a voucher may grant, how long it is valid, and how much money stands behind it. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.kernel.errors import Conflict, Malformed, NotAllowed, NotFound, RuleBroken
from contracts.kernel.lifecycle import Lifecycle
from contracts.kernel.money import MAX_MINOR, price_of
from contracts.kernel.period import Period
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.provider.rules import UNITS, WrongUnit

MAX_UNITS_A_MONTH = 31 * 24  # an hour for every hour of the longest month
MAX_REASON = 500


class VoucherStatus(StrEnum):
    """Suspended and expired are computed from dates, not stored."""

    ISSUED = "issued"
    CLOSED = "closed"
    REVOKED = "revoked"


VOUCHER = Lifecycle(
    "voucher",
    {
        "closed": (frozenset({VoucherStatus.ISSUED}), VoucherStatus.CLOSED),
        "revoked": (frozenset({VoucherStatus.ISSUED}), VoucherStatus.REVOKED),
    },
)


class VoucherNotFound(NotFound):
    code = "voucher-not-found"
    title = "There is no such voucher"


class VoucherWrongService(RuleBroken):
    code = "voucher-wrong-service"
    title = "The funding line does not pay for this kind of service"


class VoucherWrongTerritory(RuleBroken):
    code = "voucher-wrong-territory"
    title = "The funding line does not pay for people of this territory"


class VoucherWrongPeriod(RuleBroken):
    code = "voucher-wrong-period"
    title = "The voucher's days are not days its funding line can pay for"


class VoucherOverlaps(Conflict):
    code = "voucher-overlaps"
    title = "The recipient holds a valid voucher for this service on some of these days"


class RecipientDied(RuleBroken):
    code = "recipient-died"
    title = "The death of this recipient is recorded"


class PersonNeeded(NotAllowed):
    code = "person-needed"
    title = "A voucher is issued by a person, not by the system"


class ItemsWrong(RuleBroken):
    code = "voucher-items"
    title = "A programme names items of its own kind of service, each once"


def check_items(items: Sequence[str] | None, known: Collection[str]) -> list[str] | None:
    """In the order given. Raises ItemsWrong."""
    if items is None:
        return None
    strange = [code for code in items if code not in known]
    if strange or not items or len(set(items)) != len(items):
        raise ItemsWrong(pointer="/items", rule="items-of-the-kind", unknown=strange[:5])
    return list(items)


@dataclass(frozen=True, slots=True)
class NewVoucher:
    """What a budget officer grants: ``units_a_month`` of a service at up to ``ceiling_minor`` a unit, on the days from
    ``from_on`` up to, not including, ``until_on``."""

    recipient_id: UUID
    line_id: UUID
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    units_a_month: int
    ceiling_minor: int
    from_on: date
    until_on: date
    items: Sequence[str] | None = None  # of the kind's; None: all


@dataclass(frozen=True, slots=True)
class Voucher:
    id: UUID
    number: str
    recipient_id: UUID
    line_id: UUID
    territory: str
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    units_a_month: int
    size: int
    ceiling_minor: int
    from_on: date
    until_on: date
    items: list[str] | None
    status: VoucherStatus
    account_id: UUID
    issued_by: UUID
    issued_at: datetime
    ended_on: date | None
    end_reason: str | None
    granted_until_on: date | None  # before days of a stay in hospital were given back; None: none were
    holder_died_on: date | None

    @property
    def granted_until(self) -> date:
        """``until_on`` as it was granted, with money for the days before it."""
        return self.granted_until_on or self.until_on

    @property
    def last_until(self) -> date:
        """The first day on which it is not valid any more: death ends it before its time."""
        return self.until_on if self.holder_died_on is None else min(self.until_on, self.holder_died_on)

    @property
    def begins_until(self) -> date:
        """The first day on which nobody may begin to serve it any more: days given back are served by who served
        before."""
        return min(self.last_until, self.granted_until)


def is_valid(voucher: Voucher, on: date) -> bool:
    return voucher.status is VoucherStatus.ISSUED and voucher.from_on <= on < voucher.last_until


def is_expired(voucher: Voucher, on: date) -> bool:
    """Its days are over (or its holder's are); the money goes back when the worker closes it."""
    return voucher.status is VoucherStatus.ISSUED and voucher.last_until <= on


def reserved_minor(new: NewVoucher) -> int:
    """Units a month x ceiling x the months the period touches: what the dearest choice could cost."""
    months = Period(new.from_on, new.until_on).months()
    total = price_of(new.ceiling_minor, new.units_a_month * months)
    if total > MAX_MINOR:
        raise Malformed("A voucher cannot be worth this much", pointer="/ceiling", rule="voucher-amount")
    return total


def check_volume(new: NewVoucher) -> None:
    if type(new.units_a_month) is not int or not 0 < new.units_a_month <= MAX_UNITS_A_MONTH:
        raise Malformed(
            f"Units a month are a whole number from 1 to {MAX_UNITS_A_MONTH}",
            pointer="/units_a_month",
            rule="units-a-month-range",
        )
    if type(new.ceiling_minor) is not int or not 0 < new.ceiling_minor <= MAX_MINOR:
        raise Malformed("A ceiling is a positive amount", pointer="/ceiling", rule="positive-amount")


def check_period(new: NewVoucher, *, year: int, today: date) -> None:
    """Inside the funding line's year, not over already, and from this month on: a month that has passed may be in an
    act already, and nobody was served on a voucher that did not exist."""
    if new.from_on >= new.until_on:
        raise Malformed("A voucher ends after it begins", pointer="/until_on", rule="period-order")
    if new.from_on < date(year, 1, 1):
        raise VoucherWrongPeriod(pointer="/from_on", rule="inside-the-line-year", year=year)
    if new.until_on > date(year + 1, 1, 1):
        raise VoucherWrongPeriod(pointer="/until_on", rule="inside-the-line-year", year=year)
    if new.from_on < today.replace(day=1):
        raise VoucherWrongPeriod(
            "A voucher begins in this month or later", pointer="/from_on", rule="voucher-not-backdated"
        )
    if new.until_on <= today:
        raise VoucherWrongPeriod("These days are over", pointer="/until_on", rule="not-over")


def check_unit(setting: CareSetting, unit: Unit) -> None:
    if unit not in UNITS[setting]:
        raise WrongUnit(pointer="/unit", rule="unit-of-setting", allowed=sorted(UNITS[setting]))


def check_line(new: NewVoucher, *, line_kind: str, line_territory: str, home_territory: str) -> None:
    """A funding line pays for one kind of service, for people who live under its territory."""
    if new.kind != line_kind:
        raise VoucherWrongService(pointer="/kind", rule="kind-of-the-line", pays_for=line_kind)
    if not home_territory.startswith(line_territory):
        raise VoucherWrongTerritory(pointer="/recipient_id", rule="territory-of-the-line")


def check_reason(reason: str) -> str:
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Malformed(f"Give a reason of 1 to {MAX_REASON} characters", pointer="/reason", rule="reason-given")
    return reason.strip()
