"""The explanation of a stored outcome: with the policy of its round, and how the place it gave stands today."""

from contracts.kernel.work import Work
from market.placement import holder_queries, queries
from market.placement.explaining import Statement, explain
from market.placement.rules import Outcome, Request


def explanation_of(work: Work, request: Request, outcome: Outcome) -> list[Statement]:
    """Checks no role: for whoever may see the request."""
    policy = queries.round_(work, outcome.round_id).policy
    place = holder_queries.placement_of_round(work, request, outcome.round_id)
    return explain(outcome, policy, placement=place.status if place else None)
