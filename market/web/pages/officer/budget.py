"""The budget desk: what was appropriated and what its money is doing; from the whole down to one line."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from contracts.act.queries import MonthFigure, months_of_lines
from contracts.budget.queries import Availability, LineFigure, figures, lines_of_year, together, years
from contracts.kernel.work import Role, Work
from market.catalogue.rules import ServiceKind
from market.web.formats import filters, place_names
from market.web.language import _, language_of, tr
from market.web.pages.officer.lines import line_address
from market.web.pages.officer.sight import MONEY, held_by, within
from market.web.pictures.figure import Figure, money_bars, money_by_month
from market.web.rendering import render
from market.web.work import TheCaller, WebRequest

MOST_BARS = 20  # the regions; a longer list is a table only
YEAR_DIGITS = 4
SHORTEST_LINE = 2  # months: one point is no line


@dataclass(frozen=True, slots=True)
class Row:
    """A part of the budget: its name, the address of its own page, its money."""

    name: str
    address: str | None
    money: Availability


@dataclass(frozen=True, slots=True)
class Shown:
    year: int
    years: list[int]
    total: Availability
    lines: list[LineFigure]
    months: list[MonthFigure]


@get("/budget", sync_to_thread=True)
def show_budget(request: WebRequest, caller: TheCaller) -> Response[str]:
    held = held_by(caller, *MONEY)
    shown = _read(request, caller, held)
    names = place_names(language_of(request))
    parts = _parts(shown.lines, lambda one: one.line.territory)
    rows = [
        Row(names.get(code, code), f"/budget/territories/{code}?year={shown.year}", money)
        for code, money in sorted(parts.items(), key=lambda part: names.get(part[0], part[0]))
    ]
    if len(rows) == 1:
        return _render(request, caller, shown, place=next(iter(parts)), before=None, rows=_line_rows(request, shown))
    return _render(
        request, caller, shown, place=None, before=None, rows=rows, head=tr(language_of(request), _("Territory"))
    )


@get("/budget/territories/{territory:str}", sync_to_thread=True)
def show_territory(request: WebRequest, caller: TheCaller, territory: FromPath[str]) -> Response[str]:
    """The lines of one territory. Raises TerritoryNotYours."""
    shown = _read(request, caller, within(held_by(caller, *MONEY), territory))
    before = f"/budget?year={shown.year}"
    return _render(request, caller, shown, place=territory, before=before, rows=_line_rows(request, shown))


def _read(request: WebRequest, caller: TheCaller, territories: Sequence[str]) -> Shown:
    asked = request.query_params.get("year", "")

    def read(work: Work) -> Shown:
        known = years(work, territories)
        this = work.today.year if work.today.year in known or not known else known[0]
        year = int(asked) if asked.isdecimal() and len(asked) == YEAR_DIGITS and int(asked) in known else this
        lines = figures(work, territories, year=year)
        months = months_of_lines(work, lines_of_year(territories, year))
        return Shown(year, known, together(one.money for one in lines), lines, months)

    return caller.read(read)


def _parts(lines: Iterable[LineFigure], by: Callable[[LineFigure], str]) -> dict[str, Availability]:
    grouped: dict[str, list[Availability]] = {}
    for one in lines:
        grouped.setdefault(by(one), []).append(one.money)
    return {name: together(parts) for name, parts in grouped.items()}


def _line_rows(request: WebRequest, shown: Shown) -> list[Row]:
    word = filters(language_of(request))["words"]
    return [
        Row(f"{word(ServiceKind(one.line.service_kind))} ({one.line.programme})", line_address(one.line), one.money)
        for one in shown.lines
    ]


def _render(
    request: WebRequest,
    caller: TheCaller,
    shown: Shown,
    *,
    place: str | None,
    before: str | None,
    rows: list[Row],
    head: str | None = None,
) -> Response[str]:
    language = language_of(request)
    word = filters(language)["words"]
    kinds = _parts(shown.lines, lambda one: one.line.service_kind)
    by_kind = [Row(word(kind), None, kinds[kind]) for kind in ServiceKind if kind in kinds]
    return render(
        request,
        "officer/budget.html",
        shown=shown,
        place=place,
        before=before,
        rows=rows,
        head=head or tr(language, _("Funding line")),
        by_kind=by_kind if len(by_kind) > 1 and (place is None or len(by_kind) < len(rows)) else [],
        part_chart=stage_chart(request, tr(language, _("Money by territory")), rows) if place is None else None,
        kind_chart=stage_chart(request, tr(language, _("Money by kind of service")), by_kind),
        month_chart=month_chart(request, shown.months),
        may_open=caller.actor.has(Role.BUDGET_OFFICER),
        year_links=[(year, f"{request.scope['path']}?{urlencode({'year': year})}") for year in shown.years],
    )


def stage_chart(request: WebRequest, caption: str, rows: Sequence[Row]) -> Figure | None:
    """Each part as one bar of its stages; none where there is one part only, or too many to tell apart."""
    if not 1 < len(rows) <= MOST_BARS:
        return None
    language = language_of(request)
    stages = [
        (_("Paid"), "paid"), (_("To pay"), "payable"), (_("Committed"), "committed"), (_("Reserved"), "reserved"),
        (_("Free"), "free"),
    ]  # fmt: skip
    if any(row.money.owed for row in rows):
        stages.insert(1, (_("Advanced"), "owed"))
    values = [(tr(language, name), [getattr(row.money, stage) for row in rows]) for name, stage in stages]
    return money_bars(request, caption, tr(language, _("Part")), [row.name for row in rows], values)


def month_chart(request: WebRequest, months: Sequence[MonthFigure]) -> Figure | None:
    """By month of service, without gaps from the first to the last; none before two months have anything accepted."""
    if sum(figure.accepted > 0 for figure in months) < SHORTEST_LINE:
        return None
    language = language_of(request)
    known = {figure.month: figure for figure in months}
    every = [months[0].month]
    while every[-1] < months[-1].month:
        every.append(every[-1].next)
    values = [
        (tr(language, name), [_sum(known.get(month), part) for month in every])
        for name, part in ((_("Accepted"), "accepted"), (_("Paid"), "paid"))
    ]
    return money_by_month(request, tr(language, _("Money by month of service")), every, values)


def _sum(figure: MonthFigure | None, part: str) -> int:
    return 0 if figure is None else int(getattr(figure, part))


HANDLERS = [show_budget, show_territory]
