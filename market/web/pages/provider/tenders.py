"""Tenders that take bids, the organisation's own bids, and bidding."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.work import Work
from market.competition import bidder, queries, service
from market.competition.queries import Award, Bid, Lot, Tender
from market.competition.rules import BidNotFound, BidStatus, LotNotFound, TenderStatus
from market.provider.queries import Provider
from market.provider.rules import Sector
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, Said, new_key, submit
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.work import Caller, Id, TheCaller, WebRequest

HERE = "/tenders"


@dataclass(frozen=True, slots=True)
class OpenLot:
    """A lot, one's own live bid on it, and what was decided."""

    lot: Lot
    bid: Bid | None
    award: Award | None


@get("/organisations/{number:str}/tenders", sync_to_thread=True)
def show_tenders(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str]) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number)
        tenders = bidder.open_tenders(work, after=at.after, limit=at.limit + 1)
        return {
            "house": house, "tenders": tenders, "lots": bidder.lot_counts(work, {one.id for one in tenders}),
        }  # fmt: skip

    found = caller.read(read)
    tenders = at.listing(found.pop("tenders"), lambda one: one, lambda one: one.id)
    return desk_page(
        request, "tenders", found.pop("house"), HERE, tenders=tenders, ngo=Sector.NGO, **found
    )  # fmt: skip


@get("/organisations/{number:str}/bids", sync_to_thread=True)
def show_bids(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str]) -> Response[str]:
    def read(work: Work) -> tuple[Provider, list[bidder.OwnBid]]:
        house = house_of(work, number)
        return house, bidder.own_bids(work, house.id, after=at.after, limit=at.limit + 1)

    house, found = caller.read(read)
    bids = at.listing(found, lambda one: one, lambda one: one.id)
    return desk_page(request, "bids", house, HERE, bids=bids)


@get("/organisations/{number:str}/tenders/{tender:str}", sync_to_thread=True)
def show_tender(request: WebRequest, caller: TheCaller, number: FromPath[str], tender: FromPath[str]) -> Response[str]:
    return _show(request, caller, number, tender, EMPTY, None)


def _show(
    request: WebRequest, caller: Caller, number: str, tender_number: str, filled: Filled, lot_id: UUID | None
) -> Response[str]:
    """``lot_id``: the lot whose form was sent; its faults stand beside its own fields."""

    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number)
        tender = bidder.published_tender(work, tender_number)
        lots = queries.lots(work, tender.id)
        own = bidder.live_bids_of(work, house.id, [lot.id for lot in lots])
        return {
            "house": house,
            "tender": tender,
            "open": tender.status is TenderStatus.PUBLISHED and work.now < tender.deadline_at,
            "lots": [OpenLot(lot, own.get(lot.id), queries.award_of(work, lot.id)) for lot in lots],
        }

    found = caller.read(read)
    if lot_id is not None:
        filled = _beside(filled, lot_id)
    return desk_page(
        request, "tender", found.pop("house"), HERE, filled=filled, key=new_key(), ngo=Sector.NGO,
        submitted=BidStatus.SUBMITTED, **found,
    )  # fmt: skip


def _beside(filled: Filled, lot_id: UUID) -> Filled:
    """Names of fields as the page has them: several lots have a price."""
    typed = {f"{name}-{lot_id}": value for name, value in filled.typed.items()}
    faults = [Said(f"unit_price-{lot_id}" if fault.field else "", fault.text) for fault in filled.faults]
    return Filled(typed, faults)


@post("/organisations/{number:str}/tenders/{tender:str}/lots/{lot_id:uuid}/bids", sync_to_thread=True)
def submit_bid(
    request: WebRequest, caller: TheCaller, number: FromPath[str], tender: FromPath[str], lot_id: Id, data: Form
) -> Response[Any]:
    def do(work: Work) -> None:
        house, about = _lot_in(work, number, tender, lot_id)
        reading = Reading(data)
        price = reading.money("unit_price")
        reading.check()
        service.submit_bid(work, about.id, provider_id=house.id, unit_price_minor=price)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, tender, filled, lot_id),
        to=address_of(number, f"{HERE}/{tender}"),
        said=_("Your bid is in. Nobody but you sees it before the opening."),
    )  # fmt: skip


def _lot_in(work: Work, number: str, tender_number: str, lot_id: UUID) -> tuple[Provider, Lot]:
    house, tender = house_of(work, number), bidder.published_tender(work, tender_number)
    lot = queries.lot(work, lot_id)
    if lot.tender_id != tender.id:
        raise LotNotFound
    return house, lot


@post("/organisations/{number:str}/bids/{bid_id:uuid}/withdrawal", sync_to_thread=True)
def withdraw(request: WebRequest, caller: TheCaller, number: FromPath[str], bid_id: Id, data: Form) -> Response[Any]:
    tender = caller.read(lambda work: _tender_of(work, number, bid_id))

    def do(work: Work) -> None:
        _tender_of(work, number, bid_id)
        service.withdraw_bid(work, bid_id)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, tender.number, filled, None),
        to=address_of(number, f"{HERE}/{tender.number}"), said=_("Your bid is withdrawn. Another one may follow."),
    )  # fmt: skip


def _tender_of(work: Work, number: str, bid_id: UUID) -> Tender:
    house, bid = house_of(work, number), queries.bid(work, bid_id)
    if bid.provider_id != house.id:
        raise BidNotFound
    return queries.tender(work, queries.lot(work, bid.lot_id).tender_id)


HANDLERS = [show_tenders, show_bids, show_tender, submit_bid, withdraw]
