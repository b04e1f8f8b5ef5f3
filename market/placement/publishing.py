"""A round takes effect at once: its offers go out with its result. Publishing is another matter: from then on everybody
may read its summary, without small numbers and without anybody's name."""

from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import Conflict, WrongState
from contracts.kernel.work import Role, Work
from market.placement import queries
from market.placement.models import RoundRow
from market.placement.rules import RoundStatus


class RoundNotComplete(WrongState):
    code = "round-not-complete"
    title = "Only the result of a complete round can be published"


class RoundPublishedAlready(Conflict):
    code = "round-published-already"
    title = "The summary of this round is public already"


def publish_round(work: Work, round_id: UUID) -> None:
    """By a budget officer whose scope holds the round's territory. Raises RoundNotComplete, RoundPublishedAlready."""
    found = queries.round_(work, round_id, lock=True)
    work.actor.require(Role.BUDGET_OFFICER, territory=found.territory)
    if found.status is not RoundStatus.COMPLETE:
        raise RoundNotComplete(rule="complete-round", status=str(found.status))
    fresh = RoundRow.published_at.is_(None)
    if not work.update(RoundRow, round_id, fresh, published_at=work.now, published_by=work.actor.id):
        raise RoundPublishedAlready(rule="published-once")
    record(work, "round", round_id, "published")
