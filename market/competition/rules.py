"""Tender, lots, bids and awards: what may be asked, what may be bid, when, and who wins. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.kernel.calendar import civil_date
from contracts.kernel.errors import Conflict, Malformed, NotAllowed, NotFound, RuleBroken, WrongState
from contracts.kernel.lifecycle import Lifecycle
from contracts.kernel.money import MAX_MINOR
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.provider.rules import UNITS, ProviderStatus, Sector, WrongUnit

MAX_TITLE = 300
MAX_REASON = 500
MAX_LOTS = 100  # a tender that nobody can read is split
MAX_UNITS = 10**9  # more than a visit a day for everybody in the country for a year


class TenderStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    OPENED = "opened"
    EVALUATED = "evaluated"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    UNSUCCESSFUL = "unsuccessful"


class BidStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ADMITTED = "admitted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class AwardStatus(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    UNSUCCESSFUL = "unsuccessful"
    CANCELLED = "cancelled"


TENDER = Lifecycle(
    "tender",
    {
        "published": (frozenset({TenderStatus.DRAFT}), TenderStatus.PUBLISHED),
        "opened": (frozenset({TenderStatus.PUBLISHED}), TenderStatus.OPENED),
        "evaluated": (frozenset({TenderStatus.OPENED}), TenderStatus.EVALUATED),
        "completed": (frozenset({TenderStatus.EVALUATED}), TenderStatus.COMPLETE),
        "unsuccessful": (frozenset({TenderStatus.EVALUATED}), TenderStatus.UNSUCCESSFUL),
        "cancelled": (
            frozenset({TenderStatus.DRAFT, TenderStatus.PUBLISHED, TenderStatus.OPENED}),
            TenderStatus.CANCELLED,
        ),
    },
)
BID = Lifecycle(
    "bid",
    {
        "submitted": (frozenset({BidStatus.DRAFT}), BidStatus.SUBMITTED),
        "admitted": (frozenset({BidStatus.SUBMITTED}), BidStatus.ADMITTED),
        "rejected": (frozenset({BidStatus.SUBMITTED}), BidStatus.REJECTED),
        "withdrawn": (frozenset({BidStatus.SUBMITTED}), BidStatus.WITHDRAWN),
    },
)


class TenderNotFound(NotFound):
    code = "tender-not-found"
    title = "There is no such tender"


class LotNotFound(NotFound):
    code = "lot-not-found"
    title = "There is no such lot"


class BidNotFound(NotFound):
    code = "bid-not-found"
    title = "There is no such bid"


class AwardNotFound(NotFound):
    code = "award-not-found"
    title = "Nothing was decided for this lot yet"


class BidsStillSealed(NotAllowed):
    code = "bids-still-sealed"
    title = "Nobody but the bidder sees a bid before the opening"


class SecondPersonNeeded(NotAllowed):
    code = "second-person-needed"
    title = "Who opened the bids does not decide the award"


class PersonNeeded(NotAllowed):
    code = "person-needed"
    title = "This is done by a person, not by the system"


class TenderNotOpen(WrongState):
    code = "tender-not-open"
    title = "This tender takes no bids"


class TenderNotOpened(WrongState):
    code = "tender-not-opened"
    title = "The bids of this tender are not open for a decision"


class OpeningTooEarly(WrongState):
    code = "opening-too-early"
    title = "Bids are opened from the deadline on"


class BidLate(WrongState):
    code = "bid-late"
    title = "The deadline for bids has passed"


class AlreadyBid(Conflict):
    code = "already-bid"
    title = "The provider has a bid on this lot"


class AlreadyAwarded(Conflict):
    code = "already-awarded"
    title = "This lot is decided already"


class TenderChanged(Conflict):
    code = "stale-version"
    title = "The tender was changed since you read it"


class DeadlinePassed(RuleBroken):
    code = "deadline-passed"
    title = "A tender is published before its deadline"


class LotWrongService(RuleBroken):
    code = "lot-wrong-service"
    title = "The funding line does not pay for this kind of service"


class LotWrongTerritory(RuleBroken):
    code = "lot-wrong-territory"
    title = "The funding line does not pay for this territory"


class LotWrongPeriod(RuleBroken):
    code = "lot-wrong-period"
    title = "The lot's days are not days its funding line can pay for"


class LotBeforeDeadline(RuleBroken):
    code = "lot-before-deadline"
    title = "A lot begins after the day on which its bids are due"


class BidderNotNgo(RuleBroken):
    code = "bidder-not-an-ngo"
    title = "A state social order goes to a non-governmental organisation"


class BidderNotAdmitted(RuleBroken):
    code = "bidder-not-admitted"
    title = "Only an admitted provider bids"


class BidderWithoutLicence(RuleBroken):
    code = "bidder-without-licence"
    title = "The provider has no licence that is valid when the service begins"


class BidAboveCeiling(RuleBroken):
    code = "bid-above-ceiling"
    title = "The bid is above the lot's ceiling"


@dataclass(frozen=True, slots=True)
class NewLot:
    """``ceiling_minor``: the highest admissible unit price; ``units``: volume over the whole period."""

    line_id: UUID
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    units: int
    ceiling_minor: int
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class NewTender:
    title: str
    territory: str
    deadline_at: datetime
    lots: tuple[NewLot, ...]


@dataclass(frozen=True, slots=True)
class Bidder:
    """What decides whether a provider may win: on the day of the lot's first service."""

    sector: Sector
    status: ProviderStatus
    licensed: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """An admitted bid, as far as the price decides."""

    bid_id: UUID
    provider_id: UUID
    unit_price_minor: int
    submitted_at: datetime


def check_tender(new: NewTender) -> None:
    if not new.title.strip() or len(new.title) > MAX_TITLE or not new.title.isprintable():
        raise Malformed(f"A title has 1 to {MAX_TITLE} characters", pointer="/title", rule="title-form")
    if new.deadline_at.tzinfo is None:
        raise Malformed("A deadline names its time zone", pointer="/deadline_at", rule="deadline-aware")
    if not 0 < len(new.lots) <= MAX_LOTS:
        raise Malformed(f"A tender has 1 to {MAX_LOTS} lots", pointer="/lots", rule="lots-count")


def check_lot(lot: NewLot, *, at: str) -> None:
    """What can be told from the lot alone. ``at`` is the lot's JSON pointer."""
    if type(lot.units) is not int or not 0 < lot.units <= MAX_UNITS:
        raise Malformed(f"Units are 1 to {MAX_UNITS}", pointer=f"{at}/units", rule="units-range")
    if type(lot.ceiling_minor) is not int or not 0 < lot.ceiling_minor <= MAX_MINOR:
        raise Malformed("A ceiling is a positive amount", pointer=f"{at}/ceiling", rule="positive-amount")
    if lot.from_on >= lot.until_on:
        raise Malformed("A lot ends after it begins", pointer=f"{at}/until_on", rule="period-order")
    if lot.unit not in UNITS[lot.setting]:
        raise WrongUnit(pointer=f"{at}/unit", rule="unit-of-setting", allowed=sorted(UNITS[lot.setting]))


def check_funding(lot: NewLot, territory: str, *, line_kind: str, line_territory: str, year: int, at: str) -> None:
    """A line pays for one kind of service, in its territory, in its year."""
    if lot.kind != line_kind:
        raise LotWrongService(pointer=f"{at}/kind", rule="kind-of-the-line", pays_for=line_kind)
    if not territory.startswith(line_territory):
        raise LotWrongTerritory(pointer=f"{at}/line_id", rule="territory-of-the-line")
    if lot.from_on < date(year, 1, 1) or lot.until_on > date(year + 1, 1, 1):
        late = lot.from_on >= date(year, 1, 1)
        pointer = f"{at}/until_on" if late else f"{at}/from_on"
        raise LotWrongPeriod(pointer=pointer, rule="inside-the-line-year", year=year)


def check_deadline(deadline_at: datetime, now: datetime) -> None:
    if deadline_at <= now:
        raise DeadlinePassed(pointer="/deadline_at", rule="deadline-in-the-future")


def check_start(from_on: date, deadline_at: datetime, *, pointer: str) -> None:
    """Nobody serves before it is known who will."""
    due = civil_date(deadline_at)
    if from_on <= due:
        raise LotBeforeDeadline(pointer=pointer, rule="after-the-deadline", deadline_on=due.isoformat())


def check_takes_bids(status: TenderStatus, deadline_at: datetime, now: datetime) -> None:
    """``now`` is read after the tender's row is locked. The deadline itself is late already."""
    if status in {TenderStatus.DRAFT, TenderStatus.CANCELLED}:
        raise TenderNotOpen(rule="tender-published", status=str(status))
    if now >= deadline_at or status is not TenderStatus.PUBLISHED:
        raise BidLate(rule="before-the-deadline", deadline_at=deadline_at.isoformat())


def check_may_open(deadline_at: datetime, now: datetime) -> None:
    if now < deadline_at:
        raise OpeningTooEarly(rule="from-the-deadline-on", deadline_at=deadline_at.isoformat())


def check_bidder(bidder: Bidder) -> None:
    """Law 36-III of 12 April 2005 gives the order to NGOs; social services need a licence since 1 January 2025."""
    if bidder.sector is not Sector.NGO:
        raise BidderNotNgo(pointer="/provider_id", rule="order-goes-to-ngos", sector=str(bidder.sector))
    if bidder.status is not ProviderStatus.ADMITTED:
        raise BidderNotAdmitted(pointer="/provider_id", rule="bidder-admitted", status=str(bidder.status))
    if not bidder.licensed:
        raise BidderWithoutLicence(pointer="/provider_id", rule="licence-at-the-start")


def check_bid_price(unit_price_minor: int, ceiling_minor: int) -> None:
    if type(unit_price_minor) is not int or not 0 < unit_price_minor <= MAX_MINOR:
        raise Malformed("A price is a positive amount", pointer="/unit_price", rule="positive-amount")
    if unit_price_minor > ceiling_minor:
        raise BidAboveCeiling(pointer="/unit_price", rule="lot-ceiling")


def rejection(bidder: Bidder) -> str | None:
    """Why a bid is not admitted at the opening (its price was judged when it came), or None."""
    try:
        check_bidder(bidder)
    except RuleBroken as refused:
        return refused.code
    return None


def winner(bids: Sequence[Offered], *, minimum: int) -> Offered | None:
    """The lowest price; of equal prices the bid that came first, then the smaller id. None where fewer than
    ``minimum`` bids are admitted: the lot is unsuccessful."""
    if len(bids) < max(1, minimum):
        return None
    return min(bids, key=lambda bid: (bid.unit_price_minor, bid.submitted_at, bid.bid_id))


def check_second_person(opened_by: UUID | None, decides: UUID | None) -> None:
    if opened_by == decides:
        raise SecondPersonNeeded(rule="four-eyes")


def concluded(status: TenderStatus, awards: Sequence[AwardStatus]) -> TenderStatus:
    """Where a tender stands when its last lot is decided: there is no term for complaints yet, so that it passes
    ``evaluated`` at once."""
    evaluated = TENDER.after("evaluated", status)
    verb = "completed" if AwardStatus.ACTIVE in awards else "unsuccessful"
    return TENDER.after(verb, evaluated)


def check_reason(reason: str) -> str:
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Malformed(f"Give a reason of 1 to {MAX_REASON} characters", pointer="/reason", rule="reason-given")
    return reason.strip()
