"""Who is served under an offer, with what a new place is looked for."""

from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.work import Work
from market.placement.models import IS_TOLD, PlacementRow, RequestRow, WishRow
from market.placement.rehousing import Leaving
from market.placement.rules import Placement, PlacementStatus


def served_under(work: Work, offer_id: UUID, *, limit: int) -> list[Leaving]:
    """The most urgent first, then who has waited or been served longest."""
    statement = (
        sa.select(PlacementRow.id, RequestRow.id.label("request_id"), RequestRow.tier)
        .join(RequestRow, RequestRow.id == PlacementRow.request_id)
        .where(PlacementRow.offer_id == offer_id, PlacementRow.status == PlacementStatus.ACCEPTED, IS_TOLD)
        .order_by(RequestRow.tier, RequestRow.waiting_since, PlacementRow.id)
        .limit(limit)
    )
    rows = work.rows(statement)
    found = {
        one.id: one
        for one in work.find_all(
            Placement,
            PlacementRow,
            PlacementRow.id.in_([row.id for row in rows]),
            order_by=(PlacementRow.id,),
            limit=limit,
        )
    }
    wishes = _wishes(work, [row.request_id for row in rows])
    return [Leaving(found[row.id], row.tier, tuple(wishes.get(row.request_id, ()))) for row in rows]


def _wishes(work: Work, request_ids: list[UUID]) -> dict[UUID, list[UUID]]:
    statement = (
        sa.select(WishRow.request_id, WishRow.offer_id)
        .where(WishRow.request_id.in_(request_ids))
        .order_by(WishRow.request_id, WishRow.rank)
    )
    named: dict[UUID, list[UUID]] = {}
    for row in work.rows(statement):
        named.setdefault(row.request_id, []).append(row.offer_id)
    return named
