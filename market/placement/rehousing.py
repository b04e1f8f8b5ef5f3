"""An offer has closed: those served there get another place, and nobody else is moved.

The plan is worked out elsewhere (``rehoused``, with the solver) and is a proposal. An officer decides on it by naming
the moves; each is checked again. A new place is an offer to the holder, who answers as after a round: without their yes
nobody goes anywhere. Who has nowhere to go stays where they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import Malformed, RuleBroken, WrongState
from contracts.kernel.ids import new_id
from contracts.kernel.work import Role, Work
from market.placement import queries
from market.placement.ending import OFFICERS, leave
from market.placement.models import PlacementRow
from market.placement.rules import (
    HOLDER_ANSWERS,
    AlreadyPlaced,
    Candidate,
    Placement,
    PlacementStatus,
    VoucherNotValid,
    check_candidate,
    respond_until,
)
from market.placement.waiting import move_request, need_of
from market.provider import queries as providers
from market.provider.rules import OfferStatus, ProviderStatus
from market.provider.service import take
from market.voucher import queries as vouchers
from market.voucher.rules import Voucher, VoucherStatus

MOST_MOVES = 200  # in one decision: what a person can look through, and a transaction of a second or two


class OfferStillOpen(WrongState):
    code = "offer-still-open"
    title = "The offer is open: nobody has to leave it"


class NotServedThere(RuleBroken):
    code = "not-served-there"
    title = "This person is not served under that offer"


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who has to leave: how they are placed now, what they need, and what they wished for, best first."""

    placement: Placement
    tier: int
    wishes: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ProposedMove:
    """``offer_id`` None: there is no place for them. Metres from home, there and where they are served now."""

    placement_id: UUID
    offer_id: UUID | None
    distance_m: int | None
    distance_now_m: int

    def to_json(self) -> dict[str, str | int | None]:
        return {
            "placement_id": str(self.placement_id),
            "offer_id": None if self.offer_id is None else str(self.offer_id),
            "distance_m": self.distance_m,
            "distance_now_m": self.distance_now_m,
        }

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> "ProposedMove":
        to = told["offer_id"]
        return cls(
            UUID(told["placement_id"]), None if to is None else UUID(to), told["distance_m"], told["distance_now_m"]
        )


@dataclass(frozen=True, slots=True)
class DecidedMove:
    placement_id: UUID
    offer_id: UUID


def check_closed(work: Work, offer_id: UUID) -> Candidate:
    """By an operator or a budget officer of the offer's territory. Raises OfferNotFound, OfferStillOpen."""
    offer = queries.candidate(work, offer_id)
    work.actor.require(*OFFICERS, territory=providers.offer(work, offer_id).territory)
    if offer.status is OfferStatus.OPEN and offer.provider_status is ProviderStatus.ADMITTED and offer.licensed:
        raise OfferStillOpen(pointer="/offer_id", rule="closed-or-not-admitted")
    return offer


def rehouse(work: Work, offer_id: UUID, moves: Sequence[DecidedMove]) -> list[UUID]:
    """The officer's decision: these people are served here up to today and are offered those places. The placements.

    All or nobody. Raises OfferStillOpen, NotServedThere, VoucherNotValid, NoFreePlace, and what ``check_candidate``
    raises.
    """
    check_closed(work, offer_id)
    if not 0 < len(moves) <= MOST_MOVES or len({move.placement_id for move in moves}) < len(moves):
        raise Malformed(f"Name from one to {MOST_MOVES} people, each once", pointer="/moves", rule="moves-at-once")
    # counters are touched in one order by everybody
    return [_moved(work, offer_id, move) for move in sorted(moves, key=lambda move: (move.offer_id, move.placement_id))]


def _moved(work: Work, offer_id: UUID, move: DecidedMove) -> UUID:
    placement = queries.placement(work, move.placement_id, lock=True)
    if placement.offer_id != offer_id or placement.status is not PlacementStatus.ACCEPTED:
        raise NotServedThere(pointer="/moves", rule="served-under-the-closed-offer", placement=str(placement.id))
    voucher = _still_valid(work, placement)
    offer = queries.candidate(work, move.offer_id)
    distance, price = check_candidate(need_of(work, voucher), offer, top_up=queries.may_pay_more(work, work.today))
    leave(work, placement)
    move_request(work, queries.request(work, placement.request_id, lock=True), "placed")
    placement_id = new_id()
    if not work.insert_if_new(
        PlacementRow,
        id=placement_id,
        request_id=placement.request_id,
        voucher_id=placement.voucher_id,
        recipient_id=placement.recipient_id,
        offer_id=move.offer_id,
        provider_id=offer.provider_id,
        round_id=None,
        size=placement.size,
        unit_price_minor=price,
        distance_m=distance,
        status=PlacementStatus.OFFERED,
        created_at=work.now,
        respond_until=respond_until(work.now, HOLDER_ANSWERS),
    ):
        raise AlreadyPlaced(rule="one-live-placement")
    take(work, move.offer_id, size=placement.size)
    record(work, "placement", placement_id, "offered")
    return placement_id


def _still_valid(work: Work, placement: Placement) -> Voucher:
    voucher = vouchers.voucher(work, placement.voucher_id)
    work.actor.require(Role.OPERATOR, Role.BUDGET_OFFICER, territory=voucher.territory)
    if voucher.status is not VoucherStatus.ISSUED or voucher.begins_until <= work.today + timedelta(days=1):
        raise VoucherNotValid(pointer="/moves", rule="valid-voucher", status=str(voucher.status))
    return voucher
