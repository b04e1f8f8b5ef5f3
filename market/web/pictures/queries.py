"""What pictures are made of: points gathered in the database, so that a hundred thousand leave it as a few dozen; and
what an act's lines are about."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.rules import Act
from contracts.contract.models import ContractRow
from contracts.kernel.calendar import civil_date
from contracts.kernel.work import Work
from contracts.register.models import AbsenceRow, EntryRow
from contracts.register.queries import of_act
from market.recipient.models import RecipientRow
from market.web.pictures.cluster import MAX_CELLS, Spot
from market.web.pictures.view import View


def gathered(work: Work, points: sa.Select[Any], view: View) -> list[Spot]:
    """``points`` selects ``longitude`` and ``latitude`` and, where a single point is to be a link, ``key`` and ``name``
    (texts). Counts what the view shows of them by the cells of its grid, the fullest cells first."""
    found = points.subquery()
    at, (across, up), (west, south, east, north) = found.c, view.cell_degrees, view.box
    only = [at.get(name, sa.null()).label(name) for name in ("key", "name")]
    cells = (
        sa.select(_cell(at.longitude, across), _cell(at.latitude, up), at.longitude, at.latitude, *only)
        .where(at.longitude.between(west, east), at.latitude.between(south, north))
        .subquery()
    )
    column, row, longitude, latitude, key, name = cells.c
    count = sa.func.count()
    mean = (sa.func.avg(longitude), sa.func.avg(latitude), sa.func.min(key), sa.func.min(name))
    statement = sa.select(count, *mean).group_by(column, row).order_by(count.desc(), column, row).limit(MAX_CELLS)
    return [
        Spot(n, float(x), float(y), key if n == 1 else None, name if n == 1 else None)
        for n, x, y, key, name in work.rows(statement)
    ]


def _cell(degrees: sa.ColumnElement[float], size: float) -> sa.ColumnElement[int]:
    """Which cell: rounding half a cell lower is the floor that both databases have."""
    return sa.cast(sa.func.round(degrees / sa.literal(size, sa.Float) - 0.5), sa.Integer)


@dataclass(frozen=True, slots=True)
class ServedLine:
    """Whom a line of an act is about, by number, and the first and last day of its visits, of those that were
    missed, too."""

    engagement_id: UUID
    recipient: str
    first_on: date
    last_on: date


def served_lines(work: Work, act: Act) -> list[ServedLine]:
    """Checks no role: for whoever may see the act."""
    missed, taken = AbsenceRow, of_act(act.id, act.contract_id, act.month)
    days = sa.union_all(
        sa.select(EntryRow.engagement_id, EntryRow.recipient_id, EntryRow.served_on).where(*taken),
        sa.select(missed.engagement_id, missed.recipient_id, missed.from_on).where(missed.act_id == act.id),
    ).subquery()
    c = days.c
    statement = (
        sa.select(c.engagement_id, RecipientRow.number, sa.func.min(c.served_on), sa.func.max(c.served_on))
        .join(RecipientRow, RecipientRow.id == c.recipient_id)
        .group_by(c.engagement_id, RecipientRow.number)
    )
    return [ServedLine(*row) for row in work.rows(statement)]


def concluded_on(work: Work, contract_id: UUID) -> date:
    """The day on which the contract was concluded."""
    return civil_date(work.scalar(sa.select(ContractRow.concluded_at).where(ContractRow.id == contract_id)))
