"""Funding lines, and what their money is doing: of one line, and of all lines of some territories in a year."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.budget.models import FundingLineRow
from contracts.kernel.errors import NotFound
from contracts.kernel.work import Work
from contracts.ledger import queries as ledger
from contracts.ledger.models import AccountRow, TransferRow
from contracts.ledger.rules import AccountKind

MAX_LINES = 2_000  # of one year: the twenty regions and eight kinds of service with a dozen programmes each
MAX_APPROPRIATIONS = 200  # of one line: a budget is corrected a few times a year


class FundingLineNotFound(NotFound):
    code = "funding-line-not-found"
    title = "There is no such funding line"


@dataclass(frozen=True, slots=True)
class FundingLine:
    id: UUID
    number: str
    programme: str
    territory: str
    service_kind: str
    year: int


@dataclass(frozen=True, slots=True)
class Availability:
    """A funding line's money by stage, in minor units. The stages add up to ``appropriated``.
    ``owed``: organisations have it (advances, what was paid too much) and have to serve for it or give it back."""

    appropriated: int
    free: int
    reserved: int
    committed: int
    payable: int
    paid: int
    owed: int = 0


def together(parts: Iterable[Availability]) -> Availability:
    """The stages of many lines, added up."""
    every = list(parts)
    return Availability(*(sum(getattr(part, stage) for part in every) for stage in Availability.__slots__))


@dataclass(frozen=True, slots=True)
class LineFigure:
    """A funding line with its money by stage."""

    line: FundingLine
    money: Availability


@dataclass(frozen=True, slots=True)
class Appropriation:
    """What was put on a line at once, in minor units."""

    amount_minor: int
    at: datetime


def line(work: Work, line_id: UUID, *, pointer: str = "") -> FundingLine:
    """``pointer``: where in a caller's input the id stood. Raises FundingLineNotFound."""
    found = line_known(work, line_id)
    if found is None:
        raise FundingLineNotFound(**({"pointer": pointer, "rule": "funding-line-known"} if pointer else {}))
    return found


def line_known(work: Work, line_id: UUID) -> FundingLine | None:
    return work.find(FundingLine, FundingLineRow, FundingLineRow.id == line_id)


def numbers_of(work: Work, line_ids: Collection[UUID]) -> dict[UUID, str]:
    """What people call these lines; of a page of rows, in one statement."""
    found = sa.select(FundingLineRow.id, FundingLineRow.number).where(FundingLineRow.id.in_(line_ids))
    return dict(tuple(row) for row in work.rows(found))


def line_numbered(work: Work, number: str) -> FundingLine:
    """Raises FundingLineNotFound."""
    found = work.find(FundingLine, FundingLineRow, FundingLineRow.number == number)
    if found is None:
        raise FundingLineNotFound
    return found


def line_for(work: Work, *, territory: str, service_kind: str, year: int) -> FundingLine | None:
    """The line that pays for a kind of service in a territory (the first programme by number)."""
    lines = work.find_all(
        FundingLine,
        FundingLineRow,
        FundingLineRow.territory == territory,
        FundingLineRow.service_kind == service_kind,
        FundingLineRow.year == year,
        order_by=(FundingLineRow.number,),
        limit=1,
    )
    return lines[0] if lines else None


def lines(work: Work, *, territory: str = "", limit: int = 500) -> list[FundingLine]:
    return work.find_all(
        FundingLine,
        FundingLineRow,
        FundingLineRow.territory.startswith(territory, autoescape=True),
        order_by=(FundingLineRow.number,),
        limit=limit,
    )


def under(territories: Sequence[str]) -> sa.ColumnElement[bool]:
    """Lines in one of the territories, each a prefix of the code."""
    here = [FundingLineRow.territory.startswith(prefix, autoescape=True) for prefix in territories]
    return sa.or_(sa.false(), *here)


def years(work: Work, territories: Sequence[str]) -> list[int]:
    """In which years there are lines, the last first."""
    statement = sa.select(FundingLineRow.year).where(under(territories)).distinct()
    return sorted((row.year for row in work.rows(statement)), reverse=True)


def lines_from(work: Work, territories: Sequence[str], *, year: int) -> list[FundingLine]:
    """Those of that year and later, by number: what can still be spent."""
    mine = (under(territories), FundingLineRow.year >= year)
    return work.find_all(FundingLine, FundingLineRow, *mine, order_by=(FundingLineRow.number,), limit=MAX_LINES)


def lines_of_year(territories: Sequence[str], year: int) -> sa.Select[UUID]:
    """Their ids, for statements over what else the lines have."""
    return sa.select(FundingLineRow.id).where(under(territories), FundingLineRow.year == year)


def figures(work: Work, territories: Sequence[str], *, year: int) -> list[LineFigure]:
    """Every line of the year under the territories with its money by stage, by number. Two statements."""
    mine = (under(territories), FundingLineRow.year == year)
    order = (FundingLineRow.number,)
    found = work.find_all(FundingLine, FundingLineRow, *mine, order_by=order, limit=MAX_LINES)
    stages = ledger.stages(work, lines_of_year(territories, year))
    return [LineFigure(one, _availability(stages.get(one.id, {}))) for one in found]


def appropriations(work: Work, line_id: UUID) -> list[Appropriation]:
    """Who may spend how much, as it was given, the newest first."""
    given = sa.and_(TransferRow.about_id == line_id, TransferRow.reason == "appropriation")
    newest = (TransferRow.id.desc(),)
    return work.find_all(Appropriation, TransferRow, given, order_by=newest, limit=MAX_APPROPRIATIONS)


def availability(work: Work, line_id: UUID) -> Availability:
    return _availability(
        ledger.stages(work, sa.select(FundingLineRow.id).where(FundingLineRow.id == line_id)).get(line_id, {})
    )


def _availability(stages: dict[AccountKind, int]) -> Availability:
    by_stage = {kind: stages.get(kind, 0) for kind in AccountKind}
    return Availability(
        appropriated=sum(by_stage.values()),
        free=by_stage[AccountKind.APPROPRIATED],
        reserved=by_stage[AccountKind.RESERVED],
        committed=by_stage[AccountKind.COMMITTED],
        payable=by_stage[AccountKind.PAYABLE],
        paid=by_stage[AccountKind.PAID],
        owed=by_stage[AccountKind.RECOVERY],
    )


def treasury_id(work: Work) -> UUID | None:
    found: UUID | None = work.scalar(sa.select(AccountRow.id).where(AccountRow.kind == AccountKind.TREASURY))
    return found
