"""Who may be placed where, how long an answer may take, and what a round may decide. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from contracts.kernel.calendar import add_working_days, civil_date, start_of
from contracts.kernel.errors import Conflict, Malformed, NotFound, RuleBroken, Unavailable, WrongState
from contracts.kernel.lifecycle import Lifecycle
from market.catalogue.rules import CapacityUnit, CareSetting, ServiceKind, Unit
from market.provider.rules import OfferStatus, ProviderStatus, Sector

MAX_WISHES = 10  # beyond ten a ranking is noise; the table's CHECK says the same
MAX_REASON = 500
PROVIDER_ANSWERS = 2  # working days: the country's own kindergarten vouchers, after which an offer goes inactive
HOLDER_ANSWERS = 5  # working days to choose and sign, from the same rules
EARTH_M = 6_371_008.8  # mean radius of the WGS 84 ellipsoid

# Nobody rides further than this twice a day, and no worker drives further to a home, whatever a radius says: 150 km is
# two hours by road. Who lives at the provider's travels once, so there is no limit. A policy until it stands in law.
MAX_DISTANCE_M: Mapping[CareSetting, int | None] = {
    CareSetting.HOME: 150_000,
    CareSetting.SEMI_IN_PATIENT: 150_000,
    CareSetting.IN_PATIENT: None,
    CareSetting.TEMPORARY_STAY: None,
}


class RequestStatus(StrEnum):
    WAITING = "waiting"
    PLACED = "placed"  # an offer is open or accepted
    CLOSED = "closed"


class PlacementStatus(StrEnum):
    OFFERED = "offered"  # by a round; the holder answers
    REQUESTED = "requested"  # by the holder; the provider answers
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    ENDED = "ended"


class RoundStatus(StrEnum):
    REQUESTED = "requested"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"


class Policy(StrEnum):
    WELFARE = "welfare"
    STABLE = "stable"


class RoundPart(StrEnum):
    """The two files that a complete round leaves."""

    INSTANCE = "instance"
    RESULT = "result"


class RoundRuleCode(StrEnum):
    """What a round may be held to beside its policy; the unit of the value stands beside it."""

    WORST_DISTANCE = "worst-distance"  # metres: nobody goes further
    CONTINUITY = "continuity"  # metres of the way that staying with one's provider is worth
    BY_ADDRESS = "by-address"  # 1: distances are counted from homes, not from the middle of the town
    PLACE_CAP = "place-cap"  # people at once
    MONEY_CAP = "money-cap"  # minor units a month of all who are placed


class Reason(StrEnum):
    """Why a round decided as it did, for each request."""

    FIRST_WISH = "first-wish"
    LATER_WISH = "later-wish"  # the wishes before it were full for this tier
    NEAREST = "nearest"
    NEARER_FULL = "nearer-full"
    NO_ELIGIBLE_OFFER = "no-eligible-offer"
    CAPACITY = "capacity"


OPEN = frozenset({PlacementStatus.OFFERED, PlacementStatus.REQUESTED})  # somebody still has to answer
LIVE = OPEN | {PlacementStatus.ACCEPTED}  # holds places of the offer

REQUEST: Lifecycle[RequestStatus] = Lifecycle(
    "request",
    {
        "placed": (frozenset({RequestStatus.WAITING}), RequestStatus.PLACED),
        "returned": (frozenset({RequestStatus.PLACED}), RequestStatus.WAITING),
        "closed": (frozenset({RequestStatus.WAITING, RequestStatus.PLACED}), RequestStatus.CLOSED),
        "reopened": (frozenset({RequestStatus.CLOSED}), RequestStatus.WAITING),
    },
)
PLACEMENT: Lifecycle[PlacementStatus] = Lifecycle(
    "placement",
    {
        "accepted": (OPEN, PlacementStatus.ACCEPTED),
        "declined": (OPEN, PlacementStatus.DECLINED),
        "withdrawn": (OPEN, PlacementStatus.DECLINED),  # by a death, or with its voucher: nobody's refusal
        "lapsed": (OPEN, PlacementStatus.LAPSED),
        "ended": (frozenset({PlacementStatus.ACCEPTED}), PlacementStatus.ENDED),
    },
)
ROUND: Lifecycle[RoundStatus] = Lifecycle(
    "round",
    {
        "started": (frozenset({RoundStatus.REQUESTED}), RoundStatus.RUNNING),
        "completed": (frozenset({RoundStatus.RUNNING}), RoundStatus.COMPLETE),
        "failed": (frozenset({RoundStatus.REQUESTED, RoundStatus.RUNNING}), RoundStatus.FAILED),
    },
)


class RequestNotFound(NotFound):
    code = "request-not-found"
    title = "Nobody has asked for a place with this voucher"


class PlacementNotFound(NotFound):
    code = "placement-not-found"
    title = "There is no such placement"


class VoucherNotValid(WrongState):
    code = "voucher-not-valid"
    title = "The voucher is not valid today"


class AlreadyPlaced(Conflict):
    code = "already-placed"
    title = "This voucher has a place already, or an answer to one is awaited"


class VoucherWrongService(RuleBroken):
    code = "voucher-wrong-service"
    title = "The voucher is for another service"


class OfferTooFar(RuleBroken):
    code = "offer-too-far"
    title = "The home is further away than this offer reaches"


class PriceAboveVoucher(RuleBroken):
    code = "price-above-voucher"
    title = "The price is above what the voucher pays"


class CategoryNotServed(RuleBroken):
    code = "category-not-served"
    title = "This offer does not serve people of this category"


class ProviderNotAdmitted(RuleBroken):
    code = "provider-not-admitted"
    title = "The provider is not admitted, or its licence is not valid today"


class OfferNotOpen(WrongState):
    code = "offer-not-open"
    title = "The offer is closed, or has no price today"


class WishesWrong(RuleBroken):
    code = "wishes"
    title = "These wishes cannot be kept"


class AnswerTooLate(WrongState):
    code = "answer-too-late"
    title = "The time to answer is over"


class EndsOn(RuleBroken):
    code = "placement-end"
    title = "The placement cannot end on that day"


class RoundNotFound(NotFound):
    code = "round-not-found"
    title = "There is no such round"


class RoundOvertaken(Conflict):
    code = "round-overtaken"
    title = "Places or requests changed while the round was computed: nothing was written, run it again"


class RoundNotProven(Unavailable):
    code = "round-not-proven"
    title = "The answer could not be proven: nothing was written"


@dataclass(frozen=True, slots=True)
class Request:
    """What waits: one voucher's service for one person."""

    id: UUID
    voucher_id: UUID
    recipient_id: UUID
    territory: str
    locality_id: int
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    size: int
    ceiling_minor: int
    tier: int
    category: str
    language: str
    waiting_since: datetime
    status: RequestStatus


@dataclass(frozen=True, slots=True)
class Need:
    """What a holder looks for today: the voucher's service, the person's category and home."""

    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    ceiling_minor: int
    category: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer as the day shows it: its provider's standing, its price (None: none yet), its point on the map."""

    offer_id: UUID
    provider_id: UUID
    provider_name: str
    sector: Sector
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    capacity: int
    taken: int
    categories: list[str]
    languages: list[str]
    radius_m: int | None
    status: OfferStatus
    provider_status: ProviderStatus
    licensed: bool
    price_minor: int | None
    latitude: float
    longitude: float
    number: str
    capacity_unit: CapacityUnit
    point_name: str
    address: str

    @property
    def free(self) -> int:
        return self.capacity - self.taken


@dataclass(frozen=True, slots=True)
class Placement:
    id: UUID
    request_id: UUID
    voucher_id: UUID
    recipient_id: UUID
    offer_id: UUID
    provider_id: UUID
    round_id: UUID | None
    size: int
    unit_price_minor: int
    distance_m: int
    status: PlacementStatus
    created_at: datetime
    respond_until: datetime
    decided_at: datetime | None
    engagement_id: UUID | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Round:
    """``facts``: the phase it is in, then its figures; on failure ``problem``."""

    id: UUID
    number: int
    territory: str
    policy: Policy
    seed: int
    time_limit_seconds: int
    status: RoundStatus
    requested_by: UUID | None
    requested_at: datetime
    finished_at: datetime | None
    instance_sha256: str | None
    requests: int | None
    served: int | None
    served_by_tier: list[Any] | None  # JSON: integers
    cost: int | None
    certificate: str | None
    facts: dict[str, Any] | None  # JSON
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round decided for one request; see the table for the facts."""

    round_id: UUID
    request_id: UUID
    offer_id: UUID | None
    reason: Reason
    distance_m: int | None
    rank: int | None
    nearer_full: int | None
    price: int | None


def distance_m(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> int:
    """Great circle (haversine) in whole metres, nearest."""
    first, second = math.radians(latitude), math.radians(other_latitude)
    east = math.radians(other_longitude - longitude)
    half = math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * math.sin(east / 2) ** 2
    return round(2 * EARTH_M * math.asin(math.sqrt(min(1.0, half))))


def reach_m(setting: CareSetting, radius_m: int | None) -> int | None:
    """How far an offer reaches: its own radius for home care, never beyond the country's limit. None: no limit."""
    limit = MAX_DISTANCE_M[setting]
    if setting is CareSetting.HOME and radius_m is not None:
        return radius_m if limit is None else min(radius_m, limit)
    return limit


def check_candidate(need: Need, offer: Candidate, *, top_up: bool) -> tuple[int, int]:
    """Whether this person may be placed there: the distance in metres and the price. Free places are another matter:
    the counter decides. Raises the first refusal.

    ``top_up``: whether the holder may pay what exceeds the voucher (a dated switch, off unless a row says otherwise).
    """
    if offer.provider_status is not ProviderStatus.ADMITTED or not offer.licensed:
        raise ProviderNotAdmitted(pointer="/offer_id", rule="admitted-and-licensed")
    if offer.status is not OfferStatus.OPEN or offer.price_minor is None:
        raise OfferNotOpen(pointer="/offer_id", rule="open-with-a-price")
    if (offer.kind, offer.setting, offer.unit) != (need.kind, need.setting, need.unit):
        raise VoucherWrongService(pointer="/offer_id", rule="same-kind-setting-unit")
    if need.category not in offer.categories:
        raise CategoryNotServed(pointer="/offer_id", rule="category-served")
    distance = distance_m(need.latitude, need.longitude, offer.latitude, offer.longitude)
    reach = reach_m(offer.setting, offer.radius_m)
    if reach is not None and distance > reach:
        raise OfferTooFar(f"It is {distance} m away; the limit is {reach} m", pointer="/offer_id", rule="within-reach")
    if offer.price_minor > need.ceiling_minor and not top_up:
        raise PriceAboveVoucher(pointer="/offer_id", rule="price-within-voucher")
    return distance, offer.price_minor


def check_wishes(offer_ids: list[UUID]) -> None:
    if len(offer_ids) > MAX_WISHES:
        raise WishesWrong(f"Name at most {MAX_WISHES}", pointer="/offer_ids", rule="at-most-ten")
    for at, offer_id in enumerate(offer_ids):
        if offer_id in offer_ids[:at]:
            raise WishesWrong("An offer is named once", pointer=f"/offer_ids/{at}", rule="named-once")


def check_reason(reason: str) -> str:
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Malformed(f"Give a reason of 1 to {MAX_REASON} characters", pointer="/reason", rule="reason-given")
    return reason.strip()


def respond_until(now: datetime, working_days: int) -> datetime:
    """The end of the last of so many working days after today, in the country's civil time (not included)."""
    return start_of(add_working_days(civil_date(now), working_days) + timedelta(days=1))
