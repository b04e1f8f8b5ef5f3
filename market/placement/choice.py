"""The holder chooses: which offers are reachable, and booking one of them."""

from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import RuleBroken, WrongState
from contracts.kernel.ids import new_id
from contracts.kernel.work import Work
from market.catalogue.rules import Language
from market.placement import queries
from market.placement.models import PlacementRow
from market.placement.rules import (
    MAX_CARDS,
    PROVIDER_ANSWERS,
    AlreadyPlaced,
    Candidate,
    Card,
    Need,
    PlacementStatus,
    RequestStatus,
    check_candidate,
    respond_until,
)
from market.placement.waiting import ask, move_request, need_of, own_voucher, usable_voucher
from market.provider.service import take


def shortlist(work: Work, voucher_id: UUID, *, limit: int = MAX_CARDS) -> list[Card]:
    """Every offer the holder could book if it had a free place, nearest first, then cheapest. Full ones, too: they
    can be wished for. Exact: distances are from the home itself."""
    need = need_of(work, own_voucher(work, voucher_id))
    top_up = queries.may_pay_more(work, work.today)
    cards = []
    for offer in queries.candidates(work, need.kind, need.setting, need.unit):
        try:
            distance, price = check_candidate(need, offer, top_up=top_up)
        except (RuleBroken, WrongState):
            continue
        cards.append(_card(need, offer, distance, price))
    cards.sort(key=lambda card: (card.distance_m, card.price_minor, card.offer_id))
    return cards[: max(0, min(limit, MAX_CARDS))]


def _card(need: Need, offer: Candidate, distance: int, price: int) -> Card:
    return Card(
        offer_id=offer.offer_id,
        provider_id=offer.provider_id,
        provider_name=offer.provider_name,
        sector=offer.sector,
        distance_m=distance,
        places=offer.free,
        price_minor=price,
        ceiling_minor=need.ceiling_minor,
        languages=tuple(Language(language) for language in offer.languages),
    )


def book(work: Work, voucher_id: UUID, offer_id: UUID) -> UUID:
    """Ask a provider for a place and hold it until the answer. The placement's id.

    Everything is checked again here; the counter, where all who want the same offer meet, is touched last. Raises
    VoucherNotFound, VoucherNotValid, AlreadyPlaced, NoFreePlace, and what ``check_candidate`` raises.
    """
    voucher = usable_voucher(work, voucher_id)
    request = queries.request(work, ask(work, voucher_id), lock=True)
    if request.status is not RequestStatus.WAITING:
        raise AlreadyPlaced(rule="one-live-placement")
    offer = queries.candidate(work, offer_id)
    top_up = queries.may_pay_more(work, work.today)
    distance, price = check_candidate(need_of(work, voucher), offer, top_up=top_up)
    placement_id = new_id()
    move_request(work, request, "placed")
    work.insert(
        PlacementRow,
        id=placement_id,
        request_id=request.id,
        voucher_id=voucher_id,
        recipient_id=request.recipient_id,
        offer_id=offer_id,
        provider_id=offer.provider_id,
        round_id=None,
        size=request.size,
        unit_price_minor=price,
        distance_m=distance,
        status=PlacementStatus.REQUESTED,
        created_at=work.now,
        respond_until=respond_until(work.now, PROVIDER_ANSWERS),
    )
    take(work, offer_id, size=request.size)
    record(work, "placement", placement_id, "requested")
    return placement_id
