"""A new tender with its lots: a form that grows lot by lot and loses nothing that was typed."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from contracts.budget import queries as budget
from contracts.budget.queries import FundingLine
from contracts.kernel.work import Role, Work
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.competition import queries, service
from market.competition.rules import MAX_LOTS, MAX_TITLE, MAX_UNITS, NewLot, NewTender
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import held_by, regions
from market.web.pages.officer.tenders import read_deadline
from market.web.rendering import render
from market.web.work import Caller, TheCaller, WebRequest

DAY = timedelta(days=1)
BID_WINDOW = timedelta(days=10)  # the usual one; the officer chooses


@get("/tenders-desk/new", sync_to_thread=True)
def ask_for_tender(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _ask(request, caller, EMPTY, 1)


def _ask(request: WebRequest, caller: Caller, filled: Filled, count: int) -> Response[str]:
    held = held_by(caller, Role.PROCUREMENT_OFFICER)

    def read(work: Work) -> tuple[list[FundingLine], date]:
        return budget.lines_from(work, held, year=work.today.year), work.today

    lines, today = caller.read(read)
    return render(
        request, "officer/new_tender.html", filled=filled, key=new_key(), count=count, most=MAX_LOTS,
        lines=[(line, ServiceKind(line.service_kind)) for line in lines], regions=regions(request, held),
        settings=list(CareSetting), units=list(Unit), deadline=today + BID_WINDOW,
    )  # fmt: skip


@post("/tenders-desk/new", sync_to_thread=True)
def create(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    """``action`` says whether the form is sent, or only grows or shrinks by a lot."""
    count = _count(data)
    action = data.get("action", "save")
    if action in {"add", "remove"}:
        count = min(count + 1, MAX_LOTS) if action == "add" else max(count - 1, 1)
        return _ask(request, caller, Filled(data), count)

    def do(work: Work) -> str:
        new = _read(work, data, count)
        tender_id = service.create_tender(work, new)
        return f"/tenders-desk/{queries.tender(work, tender_id).number}"

    return submit(
        request, caller, data, do=do, again=lambda filled: _ask(request, caller, filled, count), to="/tenders-desk",
        said=_("The draft is saved. Publish it when everything is right: after that nothing can be changed."),
    )  # fmt: skip


def _count(data: Mapping[str, str]) -> int:
    text = data.get("lots", "1")
    return min(max(int(text), 1), MAX_LOTS) if text.isdecimal() and len(text) <= len(str(MAX_LOTS)) else 1


def _read(work: Work, data: Mapping[str, str], count: int) -> NewTender:
    reading = Reading(data)
    title, territory = reading.text("title", max_length=MAX_TITLE), reading.text("territory")
    deadline = read_deadline(reading)
    lots = [_read_lot(work, reading, f"lots.{number}") for number in range(count)]
    reading.check()
    return NewTender(title, territory, deadline, tuple(lots))


def _read_lot(work: Work, reading: Reading, at: str) -> NewLot:
    """The kind of service is the one that its funding line pays for."""
    line_id = reading.uuid(f"{at}.line_id")
    kind = _kind_of(work, line_id)
    if kind is None and reading.data.get(f"{at}.line_id"):
        reading.wrong(f"{at}.line_id", _("Choose one of the answers"))
    from_on, last_on = reading.day(f"{at}.from_on"), reading.day(f"{at}.until_on")
    if from_on is not None and last_on is not None and last_on < from_on:
        reading.wrong(f"{at}.until_on", _("The last day is not before the first"))
    return NewLot(
        line_id=line_id,
        kind=kind or ServiceKind.DOMESTIC,
        setting=reading.choice(f"{at}.setting", CareSetting),
        unit=reading.choice(f"{at}.unit", Unit),
        units=reading.number(f"{at}.units", low=1, high=MAX_UNITS),
        ceiling_minor=reading.money(f"{at}.ceiling"),
        from_on=from_on or date.min,
        until_on=(last_on or date.min) + DAY,
    )


def _kind_of(work: Work, line_id: UUID) -> ServiceKind | None:
    line = budget.line_known(work, line_id)
    return None if line is None else ServiceKind(line.service_kind)


HANDLERS = [ask_for_tender, create]
