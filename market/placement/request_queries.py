"""Requests as they stand: what is kept of them, and with it what their placements say."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from market.placement.models import IS_LIVE, IS_NOT_CLOSED, IS_PAST, IS_TOLD, PlacementRow, RequestRow, RoundRow
from market.placement.rules import Request, RequestNotFound, RequestStatus
from market.provider.models import OfferRow

IS_CLOSED = RequestRow.status == RequestStatus.CLOSED


def state() -> sa.ColumnElement[RequestStatus]:
    """The status of the request in the enclosing statement: placed by its live placement, whatever the row says."""
    status = sa.case(
        (IS_CLOSED, RequestStatus.CLOSED.value),
        (is_placed(), RequestStatus.PLACED.value),
        else_=RequestStatus.WAITING.value,
    )
    return sa.type_coerce(status, RequestRow.__table__.c.status.type)


def is_placed() -> sa.ColumnElement[bool]:
    """By the unique index of live placements, as is everything that asks for one's placement."""
    same = (PlacementRow.recipient_id == RequestRow.recipient_id, PlacementRow.request_id == RequestRow.id)
    return sa.exists().where(*same, IS_LIVE)


def of_recipients(recipient_ids: Collection[UUID]) -> sa.ColumnElement[bool]:
    """Their placements, whatever became of them: those that live are in one index, those that are past in another."""
    own = PlacementRow.recipient_id.in_(recipient_ids)
    return sa.or_(sa.and_(own, IS_LIVE), sa.and_(own, IS_PAST))


def told_to(provider_ids: Collection[UUID]) -> sa.ColumnElement[bool]:
    """Placements that providers know of: what a round offered is between it and the holder until they answer."""
    return sa.and_(PlacementRow.provider_id.in_(provider_ids), IS_TOLD)


def is_waiting() -> sa.ColumnElement[bool]:
    return sa.and_(IS_NOT_CLOSED, ~is_placed())


def columns() -> list[sa.ColumnElement[Any]]:
    table = RequestRow.__table__.c
    return [state().label("status") if name == "status" else table[name] for name in Request.__dataclass_fields__]


def request_where(work: Work, *where: sa.ColumnElement[bool], lock: bool = False) -> Request:
    """``lock``: whoever held the row has committed before its placements are looked at. Raises RequestNotFound."""
    if lock:
        work.rows(sa.select(RequestRow.id).where(*where).with_for_update())
    found = work.rows(sa.select(*columns()).where(*where))
    if not found:
        raise RequestNotFound
    return Request(*found[0])


def invariants() -> list[Invariant]:
    """Joins of sets: asked row by row they would scan the placements for each of half a million."""
    requests = sa.select(sa.func.count()).select_from(RequestRow)
    placements = sa.select(sa.func.count()).select_from(PlacementRow)
    alive = sa.select(PlacementRow.request_id).where(IS_LIVE).distinct().subquery()
    strays = (
        sa.select(PlacementRow.id)
        .outerjoin(RequestRow, RequestRow.id == PlacementRow.request_id)
        .outerjoin(OfferRow, OfferRow.id == PlacementRow.offer_id)
        .outerjoin(RoundRow, RoundRow.id == PlacementRow.round_id)
        .where(
            sa.or_(
                RequestRow.voucher_id.is_distinct_from(PlacementRow.voucher_id),
                RequestRow.recipient_id.is_distinct_from(PlacementRow.recipient_id),
                OfferRow.provider_id.is_distinct_from(PlacementRow.provider_id),
                RoundRow.id.is_distinct_from(PlacementRow.round_id),
            )
        )
    )
    return [
        Invariant(
            "a closed request has no live placement",
            requests,
            sa.select(RequestRow.id).join(alive, alive.c.request_id == RequestRow.id).where(IS_CLOSED),
        ),
        Invariant("a placement repeats its request, its offer and its round", placements, strays),
    ]
