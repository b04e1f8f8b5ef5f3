"""Queries of a provider's own offers: found by number, with every price of theirs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.work import Work
from market.provider.models import OfferRow, OfferTariffRow, ServicePointRow
from market.provider.queries import Offer
from market.provider.rules import OfferNotFound


@dataclass(frozen=True, slots=True)
class DatedPrice:
    """Minor units a unit from the day on, until the next."""

    offer_id: UUID
    from_on: date
    price_minor: int


def prices_of(work: Work, offer_ids: Collection[UUID]) -> dict[UUID, list[DatedPrice]]:
    """Every price of each offer, past and to come, in order of days."""
    where = OfferTariffRow.offer_id.in_(offer_ids)
    order = (OfferTariffRow.offer_id, OfferTariffRow.from_on)
    prices: dict[UUID, list[DatedPrice]] = {offer_id: [] for offer_id in offer_ids}
    for price in work.find_all(DatedPrice, OfferTariffRow, where, order_by=order):
        prices[price.offer_id].append(price)
    return prices


def offer_numbered(work: Work, number: str) -> Offer:
    """Raises OfferNotFound."""
    found = work.find(Offer, OfferRow, OfferRow.number == number)
    if found is None:
        raise OfferNotFound
    return found


def offers_page(work: Work, provider_id: UUID, *, after: UUID | None = None, limit: int) -> list[Offer]:
    where = [OfferRow.provider_id == provider_id] + ([] if after is None else [OfferRow.id > after])
    return work.find_all(Offer, OfferRow, *where, order_by=(OfferRow.id,), limit=limit)


def point_names(work: Work, offer_ids: Collection[UUID]) -> dict[UUID, str]:
    """Where each offer is given."""
    statement = sa.select(OfferRow.id, ServicePointRow.name).join(ServicePointRow)
    return {row.id: row.name for row in work.rows(statement.where(OfferRow.id.in_(offer_ids)))}
