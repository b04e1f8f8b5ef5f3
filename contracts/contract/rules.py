"""What a contract promises, what an engagement under it costs, and which day it is served on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from contracts.kernel.errors import Conflict, Malformed, NotFound, RuleBroken, WrongState
from contracts.kernel.lifecycle import Lifecycle
from contracts.kernel.money import MAX_MINOR
from contracts.kernel.period import Month, Period

# Late entries, returned acts: so long after the last month served the money waits for them, then it is free again. A
# policy until it stands in law.
UNUSED_KEPT = timedelta(days=60)
HOUR = "hour"  # the one unit that is measured, not counted
LONGEST_SOURCE = 500
MAX_REASON = 500


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
    ENDED = "ended"  # its days are over; those before ``until_on`` may still be entered in the register


CONTRACT: Lifecycle[ContractStatus] = Lifecycle(
    "contract",
    {
        "signed": (frozenset({ContractStatus.PENDING}), ContractStatus.ACTIVE),
        "cancelled": (frozenset({ContractStatus.PENDING}), ContractStatus.CANCELLED),
        "completed": (frozenset({ContractStatus.ACTIVE}), ContractStatus.COMPLETED),
        "terminated": (frozenset({ContractStatus.ACTIVE}), ContractStatus.TERMINATED),
    },
)
ENGAGEMENT: Lifecycle[EngagementStatus] = Lifecycle(
    "engagement",
    {
        "suspended": (frozenset({EngagementStatus.ACTIVE}), EngagementStatus.SUSPENDED),
        "resumed": (frozenset({EngagementStatus.SUSPENDED}), EngagementStatus.ACTIVE),
        "ended": (frozenset({EngagementStatus.ACTIVE, EngagementStatus.SUSPENDED}), EngagementStatus.ENDED),
    },
)


class ContractNotFound(NotFound):
    code = "contract-not-found"
    title = "There is no such contract"


class EngagementNotFound(NotFound):
    code = "engagement-not-found"
    title = "There is no such engagement"


class PayeeMissing(RuleBroken):
    code = "payee-missing"
    title = "The provider has not named the account that is to be paid"


class ContractExists(Conflict):
    code = "contract-exists"
    title = "A contract was concluded for this award already"


class ContractTermsWrong(RuleBroken):
    code = "contract-terms"
    title = "These terms cannot be agreed"


class ContractNotActive(WrongState):
    code = "contract-not-active"
    title = "The contract is not active"


class EngagementExists(Conflict):
    code = "engagement-exists"
    title = "This placement has an engagement already"


class EngagementOutsideContract(RuleBroken):
    code = "engagement-outside-contract"
    title = "The engagement does not fit its contract"


class EngagementWrong(RuleBroken):
    code = "engagement-terms"
    title = "An engagement needs a positive price and volume, and days to be served on"


class VoucherOfAnotherLine(RuleBroken):
    code = "voucher-of-another-line"
    title = "This money was not reserved for that voucher under the contract's funding line"


class DayOutside(RuleBroken):
    code = "day-outside-engagement"
    title = "That day lies outside the period"


class PriceAgreed(RuleBroken):
    code = "price-agreed-by-award"
    title = "The award fixed this price"


class PriceChangeTooLate(RuleBroken):
    code = "price-change-too-late"
    title = "A price changes from a day of this month or later, within the engagement, after the change before it"


class SourceMissing(RuleBroken):
    code = "source-missing"
    title = f"Name the document it rests on, in 1 to {LONGEST_SOURCE} characters"


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
    planned_until_on: date | None = None  # where days of a stay were given back before: its money is planned until then


@dataclass(frozen=True, slots=True)
class Contract:
    id: UUID
    number: str
    provider_id: UUID
    payee_id: UUID
    line_id: UUID
    territory: str
    basis: Basis
    award_id: UUID | None
    from_on: date
    until_on: date
    terms: dict[str, Any]  # JSON: the frozen copy of ContractTerms
    status: ContractStatus
    end_reason: str | None

    @property
    def service(self) -> tuple[str, str, str] | None:
        """Kind, setting and unit, where the award fixed them."""
        fixed = (self.terms["kind"], self.terms["setting"], self.terms["unit"])
        return None if None in fixed else fixed

    @property
    def unit_price_minor(self) -> int | None:
        return cast("int | None", self.terms["unit_price_minor"])


@dataclass(frozen=True, slots=True)
class Engagement:
    id: UUID
    number: str
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
    planned_until_on: date | None
    status: EngagementStatus
    account_id: UUID


@dataclass(frozen=True, slots=True)
class Suspension:
    """Days on which nothing is served: hospital, holiday. ``until_on`` is open until service is resumed."""

    id: UUID
    engagement_id: UUID
    from_on: date
    until_on: date | None

    def __contains__(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


@dataclass(frozen=True, slots=True)
class PriceChange:
    id: UUID
    engagement_id: UUID
    unit_price_minor: int
    from_on: date
    source: str


def check_source(text: str) -> str:
    if not 0 < len(text.strip()) <= LONGEST_SOURCE:
        raise SourceMissing(pointer="/source", rule="source-named")
    return text.strip()


def check_reason(reason: str) -> str:
    if not 0 < len(reason.strip()) <= MAX_REASON:
        raise Malformed(f"Give a reason of 1 to {MAX_REASON} characters", pointer="/reason", rule="reason-given")
    return reason.strip()


def check_terminated_on(contract: Contract, on: date) -> None:
    """Raises WrongState, DayOutside."""
    CONTRACT.after("terminated", contract.status)
    if not contract.from_on < on < contract.until_on:
        raise DayOutside(pointer="/on", rule="inside-the-contract")


def check_contract(terms: ContractTerms) -> None:
    """Raises ContractTermsWrong naming the field."""
    if terms.from_on >= terms.until_on:
        raise ContractTermsWrong("A contract must end after it begins", pointer="/until_on", rule="contract-period")
    if (terms.basis is Basis.AWARD) != (terms.award_id is not None):
        raise ContractTermsWrong("An award, and only an award, is named", pointer="/award_id", rule="contract-award")
    if terms.unit_price_minor is not None and not 0 < terms.unit_price_minor <= MAX_MINOR:
        raise ContractTermsWrong("A price is positive", pointer="/unit_price", rule="positive-price")


def check_engagement(contract: Contract, terms: EngagementTerms) -> None:
    """Whether the contract allows it. Raises ContractNotActive, EngagementWrong, EngagementOutsideContract."""
    if contract.status is not ContractStatus.ACTIVE:
        raise ContractNotActive(f"The contract is {contract.status}", rule="contract-active", status=contract.status)
    for name in ("unit_price_minor", "units_a_month"):
        if getattr(terms, name) <= 0:
            raise EngagementWrong(pointer=f"/{name.removesuffix('_minor')}", rule="positive")
    if terms.from_on >= terms.until_on:
        raise EngagementWrong("An engagement must end after it begins", pointer="/until_on", rule="engagement-period")
    if terms.from_on < contract.from_on or terms.until_on > contract.until_on:
        late = terms.from_on >= contract.from_on
        raise EngagementOutsideContract(
            f"The contract runs from {contract.from_on} and ends before {contract.until_on}",
            pointer="/until_on" if late else "/from_on",
            rule="inside-the-contract",
        )
    for name in ("kind", "setting", "unit", "unit_price_minor"):
        agreed = contract.terms.get(name)
        if agreed is not None and agreed != getattr(terms, name):
            raise EngagementOutsideContract(
                "The contract agreed on something else", pointer=f"/{name.removesuffix('_minor')}", rule="as-agreed"
            )


def plan_minor(unit_price_minor: int, units_a_month: int, from_on: date, until_on: date) -> int:
    """What the programme's volume costs: price x units a month x calendar months touched. Nothing for no days."""
    months = Period(from_on, until_on).months() if from_on < until_on else 0
    amount = unit_price_minor * units_a_month * months
    if amount > MAX_MINOR:
        raise EngagementWrong("The price times the volume is beyond any budget", pointer="/units_a_month", rule="limit")
    return amount


def last_day_moved(engagement: Engagement, on: date) -> date:
    """``until_on`` after an end on that day: never later than agreed, and never before it began (no days then)."""
    if on > engagement.until_on:
        raise DayOutside(f"It ends before {engagement.until_on} already", pointer="/on", rule="end-not-later")
    return max(on, engagement.from_on)


def needed_minor(engagement: Engagement, until_on: date, *, spent_minor: int, entered_minor: int | None) -> int:
    """What the account still needs when the engagement ends before ``until_on``; all else goes back to the voucher.

    The whole volume of every month served to its end; of the month that is broken off the share of the days served
    (whole units, rounded up), or more where ``entered_minor``, what visits cost that no act has taken yet, is more: all
    service entered within the programme stays covered, confirmed or not. So the rest of that month moves on with the
    person. None: nobody knows what was entered, and the month is kept whole. ``spent_minor``: what acts have taken.
    Service above the programme has no claim on the months that will not come. Days that were given back for a stay
    have no money of their own: an end among them leaves all that is there.
    """
    price, units = engagement.unit_price_minor, engagement.units_a_month
    planned = min(until_on, engagement.planned_until_on or until_on)
    whole = plan_minor(price, units, engagement.from_on, planned)
    if not whole or entered_minor is None or planned < until_on:
        return max(0, whole - spent_minor)
    last = Month.of(until_on - timedelta(days=1))
    served = (until_on - max(engagement.from_on, last.first_day)).days
    share = -(-units * served // (last.until - last.first_day).days)
    kept = whole - price * (units - share)
    return max(0, min(whole, max(kept, spent_minor + entered_minor)) - spent_minor)


def committed_minor(terms: EngagementTerms, *, free_minor: int, month_shared: bool) -> int:
    """What moves from the voucher when an engagement begins: its plan. Where another one served the same voucher in
    the month it begins in, that month is shared: all months after it in full, of this one what is left of it."""
    price, units = terms.unit_price_minor, terms.units_a_month
    plan = plan_minor(price, units, terms.from_on, terms.planned_until_on or terms.until_on)
    return min(plan, max(free_minor, plan - price * units, 1)) if month_shared else plan


def unused_from(until_on: date) -> date:
    """The first day on which what an engagement that ended before ``until_on`` never needed is free again."""
    return Month.of(until_on - timedelta(days=1)).until + UNUSED_KEPT


def unused_until(on: date) -> date:
    """The other way round: the latest ``until_on`` whose money is free on that day."""
    return Month.of(on - UNUSED_KEPT).first_day


def is_served_on(engagement: Engagement, suspensions: Sequence[Suspension], day: date) -> bool:
    """Whether service of that day belongs to the engagement, whatever was decided for later days."""
    inside = engagement.from_on <= day < engagement.until_on
    return inside and not any(day in suspension for suspension in suspensions)
