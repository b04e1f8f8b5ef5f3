"""What rounds decided, read from their pages."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from market.placement.models import OutcomePageRow, PlacementRow, RoundRow
from market.placement.outcomes import Page, outcome_on, outcomes_on
from market.placement.rules import Outcome, RoundStatus


def outcome_of(work: Work, round_id: UUID, request_id: UUID) -> Outcome | None:
    """None: the request was not in the round. One look-up by the primary key."""
    own = (OutcomePageRow.round_id == round_id, OutcomePageRow.first_id <= request_id)
    statement = sa.select(OutcomePageRow.data).where(*own).order_by(OutcomePageRow.first_id.desc()).limit(1)
    data = work.scalar(statement)
    return None if data is None else outcome_on(data, round_id, request_id)


def outcomes_of(work: Work, round_ids: Sequence[UUID], request_id: UUID) -> list[Outcome]:
    """What those of the rounds that knew the request decided, in their order."""
    found = (outcome_of(work, round_id, request_id) for round_id in round_ids)
    return [outcome for outcome in found if outcome is not None]


def pages_of(work: Work, round_id: UUID) -> Iterator[Page]:
    """In the order of their ids."""
    statement = (
        sa.select(OutcomePageRow.first_id, OutcomePageRow.requests, OutcomePageRow.data)
        .where(OutcomePageRow.round_id == round_id)
        .order_by(OutcomePageRow.first_id)
    )
    return (Page(row.first_id.hex, row.requests, row.data) for row in work.rows(statement))


def everybodys_outcomes(work: Work, round_id: UUID) -> Iterator[Outcome]:
    """By request id. Raises RoundFileBroken."""
    return (outcome for page in pages_of(work, round_id) for outcome in outcomes_on(page.data, round_id))


def invariants() -> list[Invariant]:
    """What stands on the pages is held against the round's files by ``checking``."""
    told = (
        sa.select(OutcomePageRow.round_id, sa.func.sum(OutcomePageRow.requests).label("requests"))
        .group_by(OutcomePageRow.round_id)
        .subquery()
    )
    placed = (
        sa.select(PlacementRow.round_id, sa.func.count().label("served"))
        .where(PlacementRow.round_id.is_not(None))
        .group_by(PlacementRow.round_id)
        .subquery()
    )
    complete = RoundRow.status == RoundStatus.COMPLETE
    statement = (
        sa.select(RoundRow.number)
        .outerjoin(told, told.c.round_id == RoundRow.id)
        .outerjoin(placed, placed.c.round_id == RoundRow.id)
    )
    asked, served = (sa.case((complete, counted), else_=0) for counted in (RoundRow.requests, RoundRow.served))
    rounds = sa.select(sa.func.count()).select_from(RoundRow)
    return [
        Invariant(
            "a round has told everybody who was in it what it decided",
            rounds,
            statement.where(sa.func.coalesce(told.c.requests, 0) != asked),
        ),
        Invariant(
            "a round has placed as many as it says",
            rounds,
            statement.where(sa.func.coalesce(placed.c.served, 0) != served),
        ),
    ]
