"""Today's people and their visits: one form with a row for each, filled in as the last visit was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from contracts.kernel.calendar import ALMATY
from contracts.kernel.errors import DomainError, RuleBroken
from contracts.kernel.work import Work
from market.catalogue.rules import ServiceKind
from market.placement import daybook, visiting
from market.placement.daybook import CancelledBefore, Judged
from market.placement.sheet import Column, Line, clean_number
from market.placement.visiting import Visited
from market.provider.roster import Employee, roster
from market.web.language import SPOKEN_BY_DEFAULT, _, language_of, tr
from market.web.pages.form import EMPTY, Filled, Form, Said, parse_day
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.problems import status_of, title_of
from market.web.rendering import say_next
from market.web.wire import Listing
from market.web.work import Caller, TheCaller, WebRequest

HERE = "/visits"
ROWS = 20  # people a page: a form that a thumb can scroll through
WHOLE_DAY = 1_000  # people of one worker are looked for among so many; a worker has about ten
LABELS = {
    Column.START: _("Start"), Column.END: _("End"), Column.WORKER: _("Worker"), Column.PLACE: _("Place"),
    Column.QUANTITY: _("Units"), Column.CODE: _("Code, if told"),
}  # fmt: skip
CELLS = tuple(LABELS)
On = Annotated[str | None, QueryParameter(name="on", max_length=40)]
After = Annotated[UUID | None, QueryParameter(name="after")]
OfWorker = Annotated[UUID | None, QueryParameter(name="worker")]


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody to be visited; ``cells``: what the last visit makes likely, by the wall clock."""

    visited: Visited
    key: str
    cells: Mapping[str, str]
    usual_time: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the house, or of one of its workers (``worker_id``)."""

    on: date
    today: date
    worker_id: UUID | None
    rows: list[Row]
    next_id: UUID | None
    workers: list[Employee]

    @property
    def may_enter(self) -> bool:
        return self.on <= self.today

    @property
    def yesterday(self) -> date:
        return self.on - timedelta(days=1)

    @property
    def tomorrow(self) -> date:
        return self.on + timedelta(days=1)


@get("/organisations/{number:str}/visits", sync_to_thread=True)
def show_visits(
    request: WebRequest,
    caller: TheCaller,
    number: FromPath[str],
    on: On = None,
    after: After = None,
    worker: OfWorker = None,
) -> Response[str]:
    filled = EMPTY
    if on and parse_day(on.strip()) is None:
        filled = Filled(
            {"on": on}, [Said("on", tr(language_of(request), _("Write a day that exists, such as 31.12.2026")))]
        )
    return _show(request, caller, number, on, after, worker, filled)


def _show(
    request: WebRequest, caller: Caller, number: str, on: str | None, after: UUID | None, worker: UUID | None,
    filled: Filled, entered: int = 0,
) -> Response[str]:  # fmt: skip
    def read(work: Work) -> tuple[Any, Day]:
        house = house_of(work, number, carers=True)
        return house, _day_of(work, caller, house.id, (on and parse_day(on.strip())) or work.today, after, worker)

    house, day = caller.write(read)  # to read names leaves an event
    following = f"{address_of(number, HERE)}?on={day.on}&after={day.next_id}" if day.next_id else None
    return desk_page(
        request,
        "visits",
        house,
        HERE,
        filled=Filled(filled.typed, [_in_summary(request, fault, day) for fault in filled.faults]),
        wrong={fault.field: fault.text for fault in filled.faults},
        labels={str(cell): label for cell, label in LABELS.items()},
        day=day,
        rows=Listing(day.rows, following),
        cells=CELLS,
        kinds={str(kind): kind for kind in ServiceKind},
        worker_choices=[(one.id, one.name) for one in day.workers],
        usual_worker=_usual(day),
        entered=entered,
        query=f"?on={day.on}" + (f"&after={after}" if after else "") + (f"&worker={worker}" if worker else ""),
    )


def _day_of(work: Work, caller: Caller, provider_id: UUID, on: date, after: UUID | None, worker_id: UUID | None) -> Day:
    workers = roster(work, caller.vault, provider_id, on=on)
    if worker_id is None:
        people = visiting.people_of(work, caller.vault, provider_id, on, after=after, limit=ROWS + 1)
        last = people[ROWS - 1].engagement.id if len(people) > ROWS else None
        people = people[:ROWS]
    else:
        people = visiting.people_of(work, caller.vault, provider_id, on, worker_id=worker_id, limit=WHOLE_DAY)
        last = None
    rows = [_row(one, workers) for one in people]
    rows = sorted(rows, key=lambda row: row.usual_time) if worker_id else rows
    return Day(on, work.today, worker_id, rows, last, workers)


def _row(one: Visited, workers: Sequence[Employee]) -> Row:
    last = one.last
    if last is None:
        return Row(one, one.engagement.number, {}, "")
    start, end = (at.astimezone(ALMATY).strftime("%H:%M") for at in (last.started_at, last.ended_at))
    there = any(worker.id == last.worker_id for worker in workers)
    cells = {
        Column.START: start,
        Column.END: end,
        Column.WORKER: str(last.worker_id) if there else "",
        Column.QUANTITY: str(last.quantity),
        Column.PLACE: last.place,
    }
    return Row(one, one.engagement.number, {str(column): text for column, text in cells.items()}, start)


def _in_summary(request: WebRequest, fault: Said, day: Day) -> Said:
    """Away from its row a fault says whose row and which field it is in."""
    column, _dash, key = fault.field.partition("-")
    who = next((row.visited.plate.name or row.visited.plate.number for row in day.rows if row.key == key), None)
    if who is None:
        return fault
    language = language_of(request)
    label = next((label for cell, label in LABELS.items() if cell == column), _("Visited"))
    said = tr(language, _("%(who)s, %(cell)s: %(fault)s"), who=who, cell=tr(language, label), fault=fault.text)
    return Said(fault.field, said)


def _usual(day: Day) -> str:
    """Who is meant where nothing tells: the worker whose day it is, or the only one there is."""
    if day.worker_id is not None:
        return str(day.worker_id)
    return str(day.workers[0].id) if len(day.workers) == 1 else ""


# --- entering --------------------------------------------------------------------------------------------------------
@post("/organisations/{number:str}/visits", sync_to_thread=True)
def enter_visits(
    request: WebRequest,
    caller: TheCaller,
    number: FromPath[str],
    data: Form,
    on: On = None,
    after: After = None,
    worker: OfWorker = None,
) -> Response[Any]:
    """The ticked rows: the right ones are entered, all others stay as they were typed. What a row says makes its
    id, so a form sent twice enters nothing twice."""
    lines = _lines(data)
    place = tr(language_of(request), _("At home"))
    said = _fault_of_all(request, lines)
    judged = [] if said else _enter(caller, number, lines, place)
    wrong = [one for one in judged if not one.right]
    if not said and not wrong:
        return Redirect(
            address_of(number, f"{HERE}{_query(on, after, worker)}"), status_code=303,
            cookies=[say_next(_("The visits are entered."))],
        )  # fmt: skip
    done = {"", *(one.line.text for one in judged if one.right)}
    typed = {name: value for name, value in data.items() if name.partition("-")[2] not in done}
    faults = said or [fault for one in wrong for fault in _said(request, one)]
    page = _show(request, caller, number, on, after, worker, Filled(typed, faults), len(judged) - len(wrong))
    page.status_code = status_of(RuleBroken)
    return page


def _enter(caller: Caller, number: str, lines: Sequence[Line], place: str) -> list[Judged]:
    def do(work: Work) -> list[Judged]:
        house = house_of(work, number, carers=True)
        return daybook.enter(work, caller.vault, house.id, lines, place=place)

    return caller.write(do)


def _lines(data: Mapping[str, str]) -> list[Line]:
    """The ticked rows; ``text`` is the row's key. The day stands once for all."""
    keys = [name.removeprefix("use-") for name in data if name.startswith("use-")][:WHOLE_DAY]
    return [
        Line(
            at,
            {
                Column.PERSON: clean_number(key),
                Column.DAY: data.get("day", ""),
                **{column: data.get(f"{column}-{key}", "") for column in CELLS},
            },
            key,
        )
        for at, key in enumerate(keys, start=1)
    ]


def _fault_of_all(request: WebRequest, lines: Sequence[Line]) -> list[Said]:
    """What is wrong with the form as a whole, told once."""
    language = language_of(request)
    if not lines:
        return [Said("rows", tr(language, _("Tick who was visited")))]
    if parse_day(lines[0].cell(Column.DAY)) is None:
        return [Said("day", tr(language, _("Write a day that exists, such as 31.12.2026")))]
    return []


def _said(request: WebRequest, one: Judged) -> list[Said]:
    fields = {Column.PERSON: f"use-{one.line.text}", Column.DAY: f"use-{one.line.text}"}
    return [Said(fields.get(at, f"{at}-{one.line.text}"), say_fault(request, fault)) for at, fault in one.faults]


def say_fault(request: WebRequest, fault: DomainError) -> str:
    language = language_of(request)
    if language == SPOKEN_BY_DEFAULT:
        return fault.detail
    said = title_of(type(fault), language)
    return f"{said} ({fault.reason})" if isinstance(fault, CancelledBefore) else said


def _query(on: str | None, after: UUID | None, worker: UUID | None) -> str:
    given = {"on": on, "after": after, "worker": worker}
    said = "&".join(f"{name}={value}" for name, value in given.items() if value)
    return f"?{said}" if said else ""


HANDLERS = [show_visits, enter_visits]
