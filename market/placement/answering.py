"""Answering a placement: what it does to the request, the counter and the money."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.audit.service import record
from contracts.contract.queries import awarded_contract
from contracts.contract.rules import Contract, EngagementTerms
from contracts.contract.service import engage, ensure_voucher_contract
from contracts.kernel.errors import NotFound
from contracts.kernel.period import Period
from contracts.kernel.work import Role, Work
from market.placement import queries
from market.placement.models import PlacementRow
from market.placement.rules import (
    PLACEMENT,
    AnswerTooLate,
    Placement,
    PlacementNotFound,
    PlacementStatus,
    ProviderNotAdmitted,
    Request,
    VoucherNotValid,
    check_reason,
)
from market.placement.waiting import move_request
from market.provider.queries import is_admitted
from market.provider.service import give_back
from market.voucher import queries as vouchers
from market.voucher.rules import Voucher, VoucherStatus

BATCH = 500  # placements released in one transaction: about a second, so that nobody else waits longer


def accept(work: Work, placement_id: UUID) -> UUID:
    """The provider's people answer a requested one, the holder an offered one. The engagement's id.

    The service begins tomorrow, or with the voucher; the price is the one of the day it was chosen. Raises WrongState,
    AnswerTooLate, VoucherNotValid, ProviderNotAdmitted, and what engaging raises.
    """
    placement = _to_be_answered(work, placement_id)
    status = PLACEMENT.after("accepted", placement.status)
    if work.clock() >= placement.respond_until:
        raise AnswerTooLate(rule="answer-in-time", ended_at=placement.respond_until.isoformat())
    if not is_admitted(work, placement.provider_id, work.today):
        raise ProviderNotAdmitted(rule="admitted-and-licensed")
    voucher = vouchers.voucher(work, placement.voucher_id)
    from_on = max(work.today + timedelta(days=1), voucher.from_on)
    if voucher.status is not VoucherStatus.ISSUED or from_on >= voucher.begins_until:
        raise VoucherNotValid(pointer="/voucher_id", rule="valid-voucher", status=str(voucher.status))
    engagement_id = _engage(work, placement, voucher, from_on)
    move_placement(
        work, placement, status, engagement_id=engagement_id, decided_at=work.now, ends_on=voucher.last_until
    )
    record(work, "placement", placement_id, "accepted")
    return engagement_id


def _engage(work: Work, placement: Placement, voucher: Voucher, from_on: date) -> UUID:
    """Under the contract the provider won, at its price, where one covers the service and the days; else under the
    voucher list. What exceeds the voucher's ceiling (where that is allowed) is between holder and provider."""
    awarded = awarded_to(work, placement, voucher, from_on)
    if awarded is None:
        contract_id = ensure_voucher_contract(
            work, provider_id=placement.provider_id, line_id=voucher.line_id, on=from_on
        )
    else:
        contract_id = awarded.id
    price = (awarded and awarded.unit_price_minor) or placement.unit_price_minor
    terms = EngagementTerms(
        contract_id=contract_id,
        placement_id=placement.id,
        voucher_id=voucher.id,
        recipient_id=placement.recipient_id,
        offer_id=placement.offer_id,
        kind=voucher.kind,
        setting=voucher.setting,
        unit=voucher.unit,
        unit_price_minor=min(price, voucher.ceiling_minor),
        units_a_month=voucher.units_a_month,
        from_on=from_on,
        until_on=voucher.last_until,
        planned_until_on=voucher.begins_until,
    )
    return engage(work, terms, voucher_account_id=voucher.account_id)


def awarded_to(work: Work, placement: Placement, voucher: Voucher, from_on: date) -> Contract | None:
    return awarded_contract(
        work,
        provider_id=placement.provider_id,
        line_id=voucher.line_id,
        service=(voucher.kind, voucher.setting, voucher.unit),
        period=Period(from_on, voucher.last_until),
    )


def decline(work: Work, placement_id: UUID, *, reason: str) -> None:
    """By whoever could accept it, or by the holder who asked: the place is free and the wait goes on where it was."""
    reason = check_reason(reason)
    placement = _to_be_answered(work, placement_id, holder_too=True)
    status = PLACEMENT.after("declined", placement.status)
    release_place(work, placement, status, "returned", decided_at=work.now, decline_reason=reason)
    record(work, "placement", placement_id, "declined")


def _to_be_answered(work: Work, placement_id: UUID, *, holder_too: bool = False) -> Placement:
    """Locked, for whoever's answer is awaited: the provider's if it was requested, the holder's if it was offered.
    Once it is answered both sides see that it was."""
    status = queries.placement(work, placement_id).status
    return seen_placement(
        work,
        placement_id,
        holder=holder_too or status is not PlacementStatus.REQUESTED,
        provider=status is not PlacementStatus.OFFERED,
    )


def seen_placement(
    work: Work, placement_id: UUID, *, holder: bool, provider: bool, officers: tuple[Role, ...] = (Role.OPERATOR,)
) -> Placement:
    """Locked, for one of the sides (an operator stands in for a holder). Raises PlacementNotFound to all others."""
    placement = queries.placement(work, placement_id, lock=True)
    territory = vouchers.voucher(work, placement.voucher_id).territory
    if provider and (work.actor.grants is None or placement.provider_id in work.actor.directs()):
        return placement
    try:
        if not holder:
            raise PlacementNotFound
        work.act_for(placement.recipient_id, *officers, territory=territory)
    except NotFound:
        raise PlacementNotFound from None
    return placement


def move_placement(work: Work, placement: Placement, status: PlacementStatus, **changed: Any) -> None:
    moved = work.update(PlacementRow, placement.id, PlacementRow.status == placement.status, status=status, **changed)
    assert moved, "the row is locked"


def release_place(work: Work, placement: Placement, status: PlacementStatus, request_verb: str, **changed: Any) -> None:
    """The placement holds its place no longer. The counter, where others meet, is touched last."""
    request: Request = queries.request(work, placement.request_id, lock=True)
    move_placement(work, placement, status, **changed)
    move_request(work, request, request_verb)
    give_back(work, placement.offer_id, size=placement.size)
