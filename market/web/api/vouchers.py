"""Vouchers, and what their holders do with them: wait, wish, compare, book."""

from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromQuery, JSONBody, QueryParameter
from pydantic import Field

from contracts.budget.queries import FundingLineNotFound
from contracts.kernel.work import Work
from market.catalogue.rules import CapacityUnit, CareSetting, Language, ServiceKind, Unit
from market.placement import queries as placements
from market.placement import service as placement
from market.placement.cards import MAX_CARDS, MAX_COMPARED, Card, Compared, Mark, Sieve
from market.placement.holder_queries import outcomes_lately
from market.placement.rules import MAX_WISHES, RequestStatus
from market.provider.rules import Sector
from market.recipient.rules import RecipientNotFound
from market.voucher import queries, service
from market.voucher.rules import NewVoucher as Grant
from market.voucher.rules import VoucherNotFound, VoucherStatus
from market.web import queries as lists
from market.web.api.catalogue import Prefix
from market.web.api.placements import OutcomeView, PlacementView, show_outcome
from market.web.api.placements import show as show_placement
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.sight import check_seen
from market.web.wire import Asked, Code, Count, Day, Listing, Money, ReasonGiven, Tenge, shown
from market.web.work import Id, TheCaller, TheKey, WebRequest

Status = FromQuery[VoucherStatus | None]
HolderFilter = FromQuery[UUID | None]
Within = Annotated[int | None, QueryParameter(name="within_m", ge=0, le=10**7, description="Metres from the home")]
Spoken = Annotated[Language | None, QueryParameter(name="language", description="One the provider speaks")]
FreeOnly = Annotated[bool, QueryParameter(name="free", required=False, description="Only with a free place")]
PageMark = Annotated[str | None, QueryParameter(name="after", max_length=80, description="From a page's 'next'")]
Offers = Annotated[list[UUID] | None, QueryParameter(name="offer_id", max_items=MAX_COMPARED, description="One to 3")]
Cards = Annotated[int, QueryParameter(name="limit", ge=1, le=MAX_CARDS, required=False)]


class NewVoucher(Asked):
    """``units_a_month`` of a service at up to ``ceiling`` a unit, on the days before ``until_on``.
    ``items``: codes of the kind's items that the individual programme names; all of them, where none is named."""

    recipient_id: UUID
    line_id: UUID
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    units_a_month: Count
    ceiling: Tenge
    from_on: Day
    until_on: Day
    items: Annotated[list[Code], Field(min_length=1, max_length=50)] | None = None


class Wishes(Asked):
    """Best first; an empty list takes the wishes back."""

    offer_ids: Annotated[list[UUID], Field(max_length=MAX_WISHES)]


class Booking(Asked):
    offer_id: UUID


class VoucherView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    recipient_id: UUID
    line_id: UUID
    territory: str
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    units_a_month: int
    ceiling: Money
    from_on: date
    until_on: date
    items: list[str] | None
    status: VoucherStatus
    issued_at: datetime
    ended_on: date | None
    end_reason: str | None


class RequestView(msgspec.Struct, frozen=True):
    """What waits. ``wishes``: offers, best first."""

    id: UUID
    voucher_id: UUID
    recipient_id: UUID
    territory: str
    tier: int
    waiting_since: datetime
    status: RequestStatus
    wishes: list[UUID]


class CardView(msgspec.Struct, frozen=True):
    """An offer as its holder compares it. ``places`` in the offer's own unit, ``room``: for how many more people with
    a volume like this one; prices a unit of service. ``own_share``: what the holder would pay of it."""

    offer_id: UUID
    offer_number: str
    provider_id: UUID
    provider_name: str
    sector: Sector
    point_name: str
    address: str
    latitude: float
    longitude: float
    unit: Unit
    capacity_unit: CapacityUnit
    distance_m: int
    places: int
    room: int
    price: Money
    ceiling: Money
    own_share: Money
    languages: list[Language]


class RefusalView(msgspec.Struct, frozen=True):
    code: str
    detail: str


class ComparedView(msgspec.Struct, frozen=True):
    """Of an offer the holder cannot have today: why."""

    offer_id: UUID
    card: CardView | None
    refusal: RefusalView | None


def show(work: Work, voucher_id: UUID) -> VoucherView:
    found = queries.voucher(work, voucher_id)
    check_seen(work.actor, VoucherNotFound, territory=found.territory, recipient_id=found.recipient_id)
    return shown(VoucherView, found)


def show_request(work: Work, voucher_id: UUID) -> RequestView:
    show(work, voucher_id)
    request = placements.request_of_voucher(work, voucher_id)
    return shown(RequestView, request, wishes=placements.wishes_of(work, request.id))


def show_card(card: Card) -> CardView:
    return shown(CardView, card, languages=list(card.languages))


def grant(work: Work, new: Grant) -> VoucherView:
    try:
        return show(work, service.issue(work, new))
    except FundingLineNotFound:
        raise FundingLineNotFound(pointer="/line_id", rule="funding-line-known") from None
    except RecipientNotFound:
        raise RecipientNotFound(pointer="/recipient_id", rule="recipient-known") from None


@writes("/vouchers")
def issue(caller: TheCaller, once: TheKey, data: JSONBody[NewVoucher]) -> Response[VoucherView]:
    return caller.write_once(once, lambda work: grant(work, Grant(**data.values())))


@reads("/vouchers")
def list_vouchers(
    caller: TheCaller,
    at: TheSlice,
    territory: Prefix = None,
    status: Status = None,
    recipient_id: HolderFilter = None,
) -> Listing[VoucherView]:
    found = caller.read(
        lambda work: lists.vouchers(work, at, territory=territory, status=status, recipient_id=recipient_id)
    )
    return at.listing(found, lambda voucher: shown(VoucherView, voucher), lambda voucher: voucher.id)


@reads("/vouchers/{voucher_id:uuid}")
def get_voucher(caller: TheCaller, voucher_id: Id) -> VoucherView:
    return caller.read(lambda work: show(work, voucher_id))


@writes("/vouchers/{voucher_id:uuid}/revocation")
def revoke(caller: TheCaller, once: TheKey, voucher_id: Id, data: JSONBody[ReasonGiven]) -> Response[VoucherView]:
    """What no engagement holds goes back to the funding line; a place that nobody has answered for is free again."""

    def write(work: Work) -> None:
        service.revoke(work, voucher_id, reason=data.reason)
        placement.withdraw_of_voucher(work, voucher_id)

    return caller.do_once(once, write, lambda work: show(work, voucher_id))


@writes("/vouchers/{voucher_id:uuid}/request")
def ask_for_a_place(caller: TheCaller, voucher_id: Id) -> RequestView:
    """Puts the holder on the waiting list; asking again changes nothing."""
    return caller.do(lambda work: placement.ask(work, voucher_id), lambda work: show_request(work, voucher_id))


@reads("/vouchers/{voucher_id:uuid}/request")
def get_request(caller: TheCaller, voucher_id: Id) -> RequestView:
    return caller.read(lambda work: show_request(work, voucher_id))


@writes("/vouchers/{voucher_id:uuid}/wishes")
def set_wishes(caller: TheCaller, voucher_id: Id, data: JSONBody[Wishes]) -> RequestView:
    return caller.do(
        lambda work: placement.set_wishes(work, voucher_id, offer_ids=data.offer_ids),
        lambda work: show_request(work, voucher_id),
    )


def show_compared(one: Compared) -> ComparedView:
    refusal = RefusalView(one.refusal.code, one.refusal.detail) if one.refusal else None
    return ComparedView(one.offer_id, show_card(one.card) if one.card else None, refusal)


@reads("/vouchers/{voucher_id:uuid}/offers")
def shortlist(
    request: WebRequest,
    caller: TheCaller,
    voucher_id: Id,
    limit: Cards = MAX_CARDS,
    within_m: Within = None,
    language: Spoken = None,
    free: FreeOnly = False,
    after: PageMark = None,
) -> Listing[CardView]:
    """Every offer the holder could book, nearest first, then cheapest; full ones too, they can be wished for."""
    sieve, mark = Sieve(within_m, language, free), Mark.parse(after) if after else None
    cards = caller.read(lambda work: placement.shortlist(work, voucher_id, sieve=sieve, after=mark, limit=limit + 1))
    items = [show_card(card) for card in cards[:limit]]
    if len(cards) <= limit:
        return Listing(items)
    query = dict(request.query_params.items()) | {"after": str(cards[limit - 1].place_in_line)}
    return Listing(items, f"{request.scope['path']}?{urlencode(query)}")


@reads("/vouchers/{voucher_id:uuid}/offers/compared")
def compare(caller: TheCaller, voucher_id: Id, offer_id: Offers = None) -> Listing[ComparedView]:
    """Up to three side by side."""
    return Listing(
        [show_compared(one) for one in caller.read(lambda work: placement.compare(work, voucher_id, offer_id or []))]
    )


@reads("/vouchers/{voucher_id:uuid}/outcomes")
def list_outcomes(caller: TheCaller, voucher_id: Id) -> Listing[OutcomeView]:
    """What each matching round decided for this voucher and why, the newest first."""

    def read(work: Work) -> list[OutcomeView]:
        show(work, voucher_id)
        request = placements.request_of_voucher(work, voucher_id)
        return [show_outcome(work, request, one) for one in outcomes_lately(work, request)]

    return Listing(caller.read(read))


@writes("/vouchers/{voucher_id:uuid}/bookings")
def book(caller: TheCaller, once: TheKey, voucher_id: Id, data: JSONBody[Booking]) -> Response[PlacementView]:
    """Asks the provider for a place and holds it until the answer. Of many at once for the last place one wins."""
    return caller.write_once(once, lambda work: show_placement(work, placement.book(work, voucher_id, data.offer_id)))


HANDLERS = [
    issue, list_vouchers, get_voucher, revoke, ask_for_a_place, get_request, set_wishes, shortlist, compare,
    list_outcomes, book,
]  # fmt: skip
