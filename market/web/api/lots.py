"""A lot, its bids and its award."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from contracts.contract.queries import contract_of_award
from contracts.kernel.work import Work
from market.competition import queries, service
from market.competition.queries import Bid
from market.competition.rules import AwardStatus, BidStatus, LotNotFound, TenderNotFound
from market.web.api.tenders import LotView, seen_tender
from market.web.routes import reads, writes
from market.web.wire import Asked, Listing, Money, Tenge, shown
from market.web.work import Id, TheCaller, TheKey


class NewBid(Asked):
    provider_id: UUID
    unit_price: Tenge


class BidView(msgspec.Struct, frozen=True):
    id: UUID
    lot_id: UUID
    provider_id: UUID
    unit_price: Money
    status: BidStatus
    submitted_at: datetime
    rejection_reason: str | None


class AwardView(msgspec.Struct, frozen=True):
    """``contract_id``: the contract that was concluded, to be signed by the provider."""

    id: UUID
    lot_id: UUID
    bid_id: UUID | None
    provider_id: UUID | None
    unit_price: Money | None
    status: AwardStatus
    decided_at: datetime
    contract_id: UUID | None


class LotDetails(LotView, frozen=True):
    """``bids``: how many stand, before the opening for officers of the territory only. ``award`` once it is decided."""

    bids: int | None
    award: AwardView | None


def show_award(work: Work, lot_id: UUID) -> AwardView | None:
    award = queries.award_of(work, lot_id)
    if award is None:
        return None
    contract = contract_of_award(work, award.id)
    return shown(AwardView, award, contract_id=contract.id if contract else None)


def show(work: Work, lot_id: UUID) -> LotDetails:
    lot = queries.lot(work, lot_id)
    try:
        about = seen_tender(work, lot.tender_id)
    except TenderNotFound:
        raise LotNotFound from None
    counted = about.opened_at is not None or work.actor.has(*queries.READERS, territory=about.territory)
    bids = queries.bid_count(work, lot_id) if counted else None
    return shown(LotDetails, lot, bids=bids, award=show_award(work, lot_id))


def show_bid(bid: Bid) -> BidView:
    return shown(BidView, bid)


@reads("/lots/{lot_id:uuid}", public=True)
def get_lot(caller: TheCaller, lot_id: Id) -> LotDetails:
    return caller.read(lambda work: show(work, lot_id))


@reads("/lots/{lot_id:uuid}/bids")
def list_bids(caller: TheCaller, lot_id: Id) -> Listing[BidView]:
    """What you may see of them: before the opening your own only."""

    def read(work: Work) -> list[BidView]:
        show(work, lot_id)
        return [show_bid(bid) for bid in queries.bids_of_lot(work, lot_id)]

    return Listing(caller.read(read))


@writes("/lots/{lot_id:uuid}/bids")
def submit_bid(caller: TheCaller, lot_id: Id, data: JSONBody[NewBid]) -> BidView:
    """Taken before the deadline by the database's clock; nobody but the bidder sees it before the opening."""
    return caller.write(lambda work: show_bid(queries.bid(work, service.submit_bid(work, lot_id, **data.values()))))


@writes("/lots/{lot_id:uuid}/award")
def award(caller: TheCaller, once: TheKey, lot_id: Id) -> Response[LotDetails]:
    """Decided by somebody else than who opened the bids: the lowest admitted price wins."""
    return caller.do_once(once, lambda work: service.award(work, lot_id), lambda work: show(work, lot_id))


@reads("/bids/{bid_id:uuid}")
def get_bid(caller: TheCaller, bid_id: Id) -> BidView:
    return caller.read(lambda work: show_bid(queries.bid(work, bid_id)))


@writes("/bids/{bid_id:uuid}/withdrawal")
def withdraw_bid(caller: TheCaller, bid_id: Id) -> BidView:
    """Before the deadline; another bid may follow."""
    return caller.do(lambda work: service.withdraw_bid(work, bid_id), lambda work: show_bid(queries.bid(work, bid_id)))


HANDLERS = [get_lot, list_bids, submit_bid, award, get_bid, withdraw_bid]
