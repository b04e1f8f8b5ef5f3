"""Many visits at once: as a spreadsheet has them, each row judged by itself."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.kernel.work import Work
from contracts.register.many import MOST
from market.placement import daybook
from market.placement.daybook import Judged
from market.placement.sheet import Column, Line
from market.web.problems import FieldFault
from market.web.routes import writes
from market.web.wire import Asked, Day
from market.web.work import Id, TheCaller

Clock = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", examples=["09:30"])]


class NewVisit(Asked):
    """``person``: the number of the engagement, or of the recipient where it is clear which service is meant; ``start``
    and ``end`` by the clock on the wall; ``worker``: the id on the staff list, or the whole name; ``place``: that of
    the visit before, where none is named; ``code``: the six digits that the recipient told."""

    person: Annotated[str, Field(min_length=1, max_length=40)]
    day: Day
    start: Clock
    end: Clock
    worker: Annotated[str, Field(min_length=1, max_length=300)]
    quantity: Annotated[int, Field(ge=1, le=100)] = 1
    place: Annotated[str, Field(max_length=120)] | None = None
    code: Annotated[str, Field(max_length=20)] | None = None


class NewVisits(Asked):
    """``dry_run``: judge the rows and enter none of them."""

    visits: Annotated[list[NewVisit], Field(min_length=1, max_length=MOST)]
    place: Annotated[str, Field(min_length=1, max_length=120)] = "home"
    dry_run: bool = False


class RowFault(FieldFault, frozen=True):
    """``code``: the problem, as ``/problems/<code>`` explains it; ``pointer`` into the body."""

    code: str


class VisitRow(msgspec.Struct, frozen=True):
    """``entry_id``: the entry that stands for the row, also where it stood before."""

    status: Literal["right", "entered", "stands", "wrong"]
    entry_id: UUID | None
    faults: list[RowFault]


class VisitRows(msgspec.Struct, frozen=True):
    """One row for each that was asked, in its order."""

    entered: int
    rows: list[VisitRow]


@writes("/providers/{provider_id:uuid}/visits")
def enter_many(caller: TheCaller, provider_id: Id, data: JSONBody[NewVisits]) -> VisitRows:
    """The right rows are entered, in one transaction, and the wrong ones say why not. What a row says makes the
    entry's id: the same rows once more enter nothing."""
    lines = [_line(number, visit) for number, visit in enumerate(data.visits)]

    def judge(work: Work) -> list[Judged]:
        verb = daybook.dry_run if data.dry_run else daybook.enter
        return verb(work, caller.vault, provider_id, lines, place=data.place)

    judged = caller.read(judge) if data.dry_run else caller.write(judge)
    rows = [_row(one, entered=not data.dry_run) for one in judged]
    return VisitRows(sum(row.status == "entered" for row in rows), rows)


def _line(number: int, visit: NewVisit) -> Line:
    cells = {
        Column.PERSON: visit.person,
        Column.DAY: visit.day.isoformat(),
        Column.START: visit.start,
        Column.END: visit.end,
        Column.WORKER: visit.worker,
        Column.QUANTITY: str(visit.quantity),
        Column.PLACE: visit.place or "",
        Column.CODE: visit.code or "",
    }
    return Line(number, cells)


def _row(one: Judged, *, entered: bool) -> VisitRow:
    at = f"/visits/{one.line.number}"
    faults = [RowFault(f"{at}/{column}", fault.detail, fault.code) for column, fault in one.faults]
    if faults:
        return VisitRow("wrong", None, faults)
    if not one.new:
        return VisitRow("stands", one.entry_id, [])
    return VisitRow("entered" if entered else "right", one.entry_id, [])


HANDLERS = [enter_many]
