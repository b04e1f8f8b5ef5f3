"""Asking for a place with a voucher, and saying where one would like to go."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.audit.service import record
from contracts.kernel.database import table_of
from contracts.kernel.errors import NotFound
from contracts.kernel.ids import new_id
from contracts.kernel.work import Role, Work
from market.placement import queries
from market.placement.models import RequestRow, WishRow
from market.placement.request_queries import IS_CLOSED
from market.placement.rules import (
    REQUEST,
    AlreadyPlaced,
    Need,
    Request,
    RequestStatus,
    VoucherNotValid,
    WishesWrong,
    check_wishes,
)
from market.provider.rules import OfferStatus
from market.recipient import queries as recipients
from market.voucher import queries as vouchers
from market.voucher.rules import Voucher, VoucherNotFound, VoucherStatus

_wishes = table_of(WishRow)


def ask(work: Work, voucher_id: UUID) -> UUID:
    """Put the holder on the waiting list; asking again changes nothing, after an end it begins a new wait.

    By the holder or an operator. Raises VoucherNotFound, VoucherNotValid.
    """
    voucher = usable_voucher(work, voucher_id)
    home = recipients.home(work, voucher.recipient_id)
    request_id = new_id()
    if work.insert_if_new(
        RequestRow,
        id=request_id,
        voucher_id=voucher_id,
        recipient_id=voucher.recipient_id,
        territory=home.territory,
        locality_id=home.locality_id,
        kind=voucher.kind,
        setting=voucher.setting,
        unit=voucher.unit,
        size=voucher.size,
        ceiling_minor=voucher.ceiling_minor,
        tier=home.tier,
        category=home.category,
        language=home.language,
        waiting_since=work.now,
        status=RequestStatus.WAITING,
    ):
        record(work, "request", request_id, "asked")
        return request_id
    standing = queries.request_of_voucher(work, voucher_id, lock=True)
    if standing.status is RequestStatus.CLOSED:
        move_request(work, standing, "reopened", waiting_since=work.now)
        record(work, "request", standing.id, "reopened")
    return standing.id


def set_wishes(work: Work, voucher_id: UUID, *, offer_ids: list[UUID]) -> UUID:
    """The holder's own ranking, best first, in place of the one before; an empty one takes it back. The request.

    Raises WishesWrong naming the wish, AlreadyPlaced.
    """
    check_wishes(offer_ids)
    request = queries.request(work, ask(work, voucher_id), lock=True)
    if request.status is not RequestStatus.WAITING:
        raise AlreadyPlaced(rule="wishes-while-waiting")
    for at, offer_id in enumerate(offer_ids):
        _check_wish(work, request, offer_id, at)
    work.execute(sa.delete(_wishes).where(_wishes.c.request_id == request.id))
    work.note_set("wish", request=str(request.id), removed="all before these", named=len(offer_ids))
    for rank, offer_id in enumerate(offer_ids, start=1):
        work.insert(WishRow, request_id=request.id, rank=rank, offer_id=offer_id)
    record(work, "request", request.id, "wished")
    return request.id


def _check_wish(work: Work, request: Request, offer_id: UUID, at: int) -> None:
    offer = queries.offer_or_none(work, offer_id)
    pointer = f"/offer_ids/{at}"
    if offer is None:
        raise WishesWrong("There is no such offer", pointer=pointer, rule="known-offer")
    if offer.status is not OfferStatus.OPEN:
        raise WishesWrong("This offer is closed", pointer=pointer, rule="open-offer")
    if (offer.kind, offer.setting, offer.unit) != (request.kind, request.setting, request.unit):
        raise WishesWrong("This offer is for another service", pointer=pointer, rule="same-kind-setting-unit")


def own_voucher(work: Work, voucher_id: UUID) -> Voucher:
    """For its holder, or an operator in scope. Raises VoucherNotFound to all others."""
    voucher = vouchers.voucher(work, voucher_id)
    try:
        work.act_for(voucher.recipient_id, Role.OPERATOR, territory=voucher.territory)
    except NotFound:
        raise VoucherNotFound from None
    return voucher


def usable_voucher(work: Work, voucher_id: UUID) -> Voucher:
    """Issued, and neither its days nor its holder's are over; it need not have begun: people look ahead."""
    voucher = own_voucher(work, voucher_id)
    if voucher.status is not VoucherStatus.ISSUED or voucher.begins_until <= work.today:
        raise VoucherNotValid(pointer="/voucher_id", rule="valid-voucher", status=str(voucher.status))
    return voucher


def need_of(work: Work, voucher: Voucher) -> Need:
    home = recipients.home(work, voucher.recipient_id)
    return Need(
        kind=voucher.kind,
        setting=voucher.setting,
        unit=voucher.unit,
        ceiling_minor=voucher.ceiling_minor,
        category=home.category,
        latitude=home.latitude,
        longitude=home.longitude,
    )


def move_request(work: Work, request: Request, verb: str, **changed: Any) -> None:
    """Through the table; the caller records. The row is locked, or AlreadyPlaced says that somebody else was first.
    Between waiting and placed the placement alone makes the difference: no row of the request's changes."""
    status, was_closed = REQUEST.after(verb, request.status), request.status is RequestStatus.CLOSED
    if was_closed is (status is RequestStatus.CLOSED):
        return
    still = IS_CLOSED if was_closed else ~IS_CLOSED
    if not work.update(RequestRow, request.id, still, status=status, **changed):
        raise AlreadyPlaced(rule="one-live-placement")
