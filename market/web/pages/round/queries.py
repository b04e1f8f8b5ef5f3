"""Rounds that an officer may look at, the newest first."""

import sqlalchemy as sa

from contracts.kernel.work import Role, Work
from market.placement.models import RoundRow
from market.placement.rules import Round, RoundNotFound
from market.web.queries import OFFICERS, visible
from market.web.sight import check_seen

START = (Role.BUDGET_OFFICER,)


def rounds_seen(work: Work, *, before: int | None, limit: int) -> list[Round]:
    """One row more than the page says that there is a next one."""
    where: list[sa.ColumnElement[bool]] = [visible(work.actor, RoundRow, OFFICERS)]
    if before is not None:
        where.append(RoundRow.number < before)
    return work.find_all(Round, RoundRow, *where, order_by=(RoundRow.number.desc(),), limit=limit + 1)


def round_seen(work: Work, number: int) -> Round:
    """Raises RoundNotFound, also for one of somebody else's territory."""
    found = work.find(Round, RoundRow, RoundRow.number == number)
    if found is None:
        raise RoundNotFound
    check_seen(work.actor, RoundNotFound, territory=found.territory)
    return found
