"""Visits pasted from a spreadsheet: looked at first, then entered; a sheet to begin with."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from contracts.kernel.calendar import ALMATY
from contracts.kernel.errors import DomainError, Malformed, RuleBroken
from contracts.kernel.work import Work
from contracts.register.many import MOST
from contracts.register.rules import LONGEST_PLACE
from market.oversight.open_data import safe_cell
from market.placement import daybook, visiting
from market.placement.daybook import Judged
from market.placement.sheet import Column, header_text, read_sheet
from market.provider.queries import Provider
from market.provider.roster import roster
from market.web.language import _, language_of, tr
from market.web.pages.form import EMPTY, Filled, Form, Said, faults_of, new_key, parse_day
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.pages.provider.visits import HERE, say_fault
from market.web.problems import status_of
from market.web.rendering import say_next
from market.web.wire import PAGE
from market.web.work import Caller, TheCaller, WebRequest

HEADS = {
    Column.PERSON: _("Number"), Column.DAY: _("Date"), Column.START: _("Start"), Column.END: _("End"),
    Column.WORKER: _("Worker"), Column.QUANTITY: _("Units"), Column.PLACE: _("Place"), Column.CODE: _("Code"),
}  # fmt: skip
NAME = _("Full name")
On = Annotated[str | None, QueryParameter(name="on", max_length=40)]


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a paste, as much of it as a page shows. ``entered``: it was not only looked at."""

    right: int
    stood: int
    wrong: int
    wrong_rows: list["SeenRow"]
    right_rows: list["SeenRow"]
    entered: bool


@dataclass(frozen=True, slots=True)
class SeenRow:
    """Cells as they were pasted, each with what is wrong with it."""

    number: int
    cells: list[tuple[str, str | None]]
    stood: bool


@get("/organisations/{number:str}/visits/paste", sync_to_thread=True)
def show_paste(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    house = caller.read(lambda work: house_of(work, number, carers=True))
    return _page(request, house, EMPTY, None)


def _page(request: WebRequest, house: Provider, filled: Filled, seen: Seen | None) -> Response[str]:
    place = tr(language_of(request), _("At home"))
    return desk_page(
        request, "paste", house, HERE, filled=filled, key=new_key(), seen=seen, place=place, most=MOST,
        columns=list(HEADS.values()),
    )  # fmt: skip


@post("/organisations/{number:str}/visits/paste", sync_to_thread=True)
def paste(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    house = caller.read(lambda work: house_of(work, number, carers=True))
    entering = data.get("do") == "enter"
    text, place = data.get("sheet", ""), " ".join(data.get("place", "").split())[:LONGEST_PLACE]
    place = place or tr(language_of(request), _("At home"))
    try:
        judged = _judge(caller, house, text, place, entering=entering)
    except (Malformed, RuleBroken) as error:
        return _refused(request, house, data, error)
    wrong = [one for one in judged if not one.right]
    if not judged:
        empty = [Said("sheet", tr(language_of(request), _("Paste the rows of your sheet here")))]
        return _again(request, house, Filled(data, empty), None)
    if entering and not wrong:
        said = _("All rows of the sheet are entered.")
        return Redirect(address_of(house.number, HERE), status_code=303, cookies=[say_next(said)])
    seen = _seen(request, judged, entered=entering)
    left = _rows_left(text, wrong) if entering else text
    if not wrong:
        return _page(request, house, Filled({"sheet": left, "place": place}), seen)
    faults = [Said("sheet", tr(language_of(request), _("Some rows need another look: see the table")))]
    return _again(request, house, Filled({"sheet": left, "place": place}, faults), seen)


def _judge(caller: Caller, house: Provider, text: str, place: str, *, entering: bool) -> list[Judged]:
    lines = read_sheet(text)
    if entering:
        return caller.write(lambda work: daybook.enter(work, caller.vault, house.id, lines, place=place))
    return caller.read(lambda work: daybook.dry_run(work, caller.vault, house.id, lines, place=place))


def _refused(request: WebRequest, house: Provider, data: Form, error: DomainError) -> Response[str]:
    page = _page(request, house, Filled(data, faults_of(request, error)), None)
    page.status_code = status_of(type(error))
    return page


def _again(request: WebRequest, house: Provider, filled: Filled, seen: Seen | None) -> Response[str]:
    page = _page(request, house, filled, seen)
    page.status_code = status_of(RuleBroken)
    return page


def _rows_left(text: str, wrong: Sequence[Judged]) -> str:
    """The header, and the rows that were not entered, as they were pasted."""
    return "\n".join([*filter(None, [header_text(text)]), *(one.line.text for one in wrong)])


def _seen(request: WebRequest, judged: Sequence[Judged], *, entered: bool) -> Seen:
    right, wrong = [one for one in judged if one.right], [one for one in judged if not one.right]
    return Seen(
        right=sum(one.new for one in right),
        stood=sum(not one.new for one in right),
        wrong=len(wrong),
        wrong_rows=[_row(request, one) for one in wrong[:PAGE]],
        right_rows=[] if entered else [_row(request, one) for one in right[:PAGE]],
        entered=entered,
    )


def _row(request: WebRequest, one: Judged) -> SeenRow:
    faults = [(column, one.fault(column)) for column in HEADS]
    cells = [(one.line.cell(column), say_fault(request, fault) if fault else None) for column, fault in faults]
    return SeenRow(one.line.number, cells, one.right and not one.new)


# --- a sheet to begin with -------------------------------------------------------------------------------------------
@get("/organisations/{number:str}/visits/sheet.csv", sync_to_thread=True)
def begin_sheet(request: WebRequest, caller: TheCaller, number: FromPath[str], on: On = None) -> Response[bytes]:
    """Everybody who is served on the day, with the numbers that a paste is known by."""

    def read(work: Work) -> tuple[date, list[list[str]]]:
        house = house_of(work, number, carers=True)
        day = (on and parse_day(on.strip())) or work.today
        workers = {one.id: one.name for one in roster(work, caller.vault, house.id, on=day)}
        people = visiting.people_of(work, caller.vault, house.id, day, limit=MOST)
        return day, [_begun(one, day, workers) for one in people]

    day, rows = caller.write(read)
    language = language_of(request)
    heads = [tr(language, head) for head in (HEADS[Column.PERSON], NAME, *list(HEADS.values())[1:])]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([heads, *([safe_cell(cell) for cell in row] for row in rows)])
    headers = {"Content-Disposition": f'attachment; filename="visits-{day}.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def _begun(one: visiting.Visited, day: date, workers: dict[Any, str]) -> list[str]:
    last = one.last
    times = [at.astimezone(ALMATY).strftime("%H:%M") for at in (last.started_at, last.ended_at)] if last else ["", ""]
    worker = workers.get(last.worker_id, "") if last else ""
    facts = [worker, str(last.quantity) if last else "1", last.place if last else "", ""]
    return [one.engagement.number, one.plate.name, day.strftime("%d.%m.%Y"), *times, *facts]


HANDLERS = [show_paste, paste, begin_sheet]
