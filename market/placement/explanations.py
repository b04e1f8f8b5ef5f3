"""The explanation of a stored outcome: with the policy of its round, its grounds where they were kept, and how the
place that it gave stands today."""

from uuid import UUID

from contracts.kernel.work import Work
from market.placement import holder_queries, queries
from market.placement.explaining import Statement, explain
from market.placement.report_queries import grounds_kept, names_of_offers
from market.placement.rules import Outcome, Request


def explanation_of(work: Work, request: Request, outcome: Outcome) -> list[Statement]:
    """Checks no role: for whoever may see the request."""
    of = queries.round_(work, outcome.round_id)
    place = holder_queries.placement_of_round(work, request, outcome.round_id)
    grounds = grounds_kept(work, of, request, seated=outcome.offer_id is not None)
    return explain(outcome, of.policy, placement=place.status if place else None, grounds=grounds)


def names_in(work: Work, statements: list[Statement]) -> dict[UUID, str]:
    """What the offers that are spoken of are called."""
    return names_of_offers(work, [one.offer_id for one in statements if one.offer_id is not None])
