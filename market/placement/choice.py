"""The holder chooses: which offers are reachable, and booking one of them."""

from collections.abc import Sequence
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import RuleBroken, WrongState
from contracts.kernel.ids import new_id
from contracts.kernel.work import Work
from market.placement import queries
from market.placement.cards import MAX_CARDS, MAX_COMPARED, Box, Card, Compared, Mark, Sieve, box_around, card_of
from market.placement.models import PlacementRow
from market.placement.rules import (
    MAX_DISTANCE_M,
    PROVIDER_ANSWERS,
    AlreadyPlaced,
    Candidate,
    Need,
    PlacementStatus,
    RequestStatus,
    check_candidate,
    respond_until,
)
from market.placement.waiting import ask, need_of, own_voucher, usable_voucher
from market.provider.rules import OfferNotFound
from market.provider.service import take
from market.voucher.rules import Voucher

ALL = Sieve()


class TooManyCompared(RuleBroken):
    code = "too-many-compared"
    title = f"Choose from one to {MAX_COMPARED} providers to compare"


def shortlist(
    work: Work, voucher_id: UUID, *, sieve: Sieve = ALL, after: Mark | None = None, limit: int = MAX_CARDS
) -> list[Card]:
    """Every offer the holder could book if it had a free place, nearest first, then cheapest; those after a page's end.
    Full ones, too: they can be wished for. Exact: distances are from the home itself."""
    voucher = own_voucher(work, voucher_id)
    need = need_of(work, voucher)
    top_up = queries.may_pay_more(work, work.today)
    cards = []
    for offer in queries.candidates(work, need.kind, need.setting, need.unit, inside=_box(need, sieve)):
        try:
            card = _card(voucher, need, offer, top_up=top_up)
        except (RuleBroken, WrongState):
            continue
        if sieve.passes(card) and (after is None or card.place_in_line > after):
            cards.append(card)
    cards.sort(key=lambda card: card.place_in_line)
    return cards[: max(0, min(limit, MAX_CARDS + 1))]  # one more says that there is a next page


def _box(need: Need, sieve: Sieve) -> Box | None:
    """Nothing outside of it can be chosen, so the database need not look there."""
    limits = [limit for limit in (MAX_DISTANCE_M[need.setting], sieve.within_m) if limit is not None]
    return box_around(need.latitude, need.longitude, min(limits)) if limits else None


def compare(work: Work, voucher_id: UUID, offer_ids: Sequence[UUID]) -> list[Compared]:
    """Up to three offers side by side, in the order asked for; of one the holder cannot have, why. Raises
    TooManyCompared."""
    voucher = own_voucher(work, voucher_id)
    if not 0 < len(offer_ids) <= MAX_COMPARED:
        raise TooManyCompared(pointer="/offer_id", rule="compare-up-to-three")
    need, top_up = need_of(work, voucher), queries.may_pay_more(work, work.today)
    found = queries.candidates_among(work, offer_ids)
    compared = []
    for offer_id in dict.fromkeys(offer_ids):
        if offer_id not in found:
            compared.append(Compared(offer_id, None, OfferNotFound(rule="known-offer")))
            continue
        try:
            compared.append(Compared(offer_id, _card(voucher, need, found[offer_id], top_up=top_up)))
        except (RuleBroken, WrongState) as refusal:
            compared.append(Compared(offer_id, None, refusal))
    return compared


def _card(voucher: Voucher, need: Need, offer: Candidate, *, top_up: bool) -> Card:
    """Raises what ``check_candidate`` raises."""
    distance, price = check_candidate(need, offer, top_up=top_up)
    return card_of(offer, size=voucher.size, ceiling_minor=need.ceiling_minor, distance_m=distance, price_minor=price)


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
    if not work.insert_if_new(
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
    ):
        raise AlreadyPlaced(rule="one-live-placement")
    take(work, offer_id, size=request.size)
    record(work, "placement", placement_id, "requested")
    return placement_id
