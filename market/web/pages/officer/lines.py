"""A funding line: what was put on it, what its money is doing, its contracts; opening one, putting money on it."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.act.queries import months_of_lines
from contracts.budget import queries as budget
from contracts.budget import service
from contracts.budget.queries import FundingLine, FundingLineNotFound
from contracts.kernel.work import Role, Work
from market.catalogue import queries as catalogue
from market.catalogue.rules import KIND_CODE, ServiceKind
from market.oversight.spending import contracts_of_line
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import MONEY, held_by, regions
from market.web.rendering import render
from market.web.work import Caller, TheCaller, WebRequest

PROGRAMME_FORM = 20  # characters: budget programmes have three digits, with a sub-programme six
FIRST_YEAR, LAST_YEAR = 2020, 2100


def line_address(line: FundingLine) -> str:
    """By its number; a number that no address can hold is reached by its id."""
    return f"/funding-lines/{line.id}" if "/" in line.number else f"/budget/lines/{quote(line.number)}"


@get("/budget/lines/{number:str}", sync_to_thread=True)
def show_line(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, at, number, EMPTY)


def _show(request: WebRequest, caller: Caller, at: TheSlice, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        line = line_in_sight(work, number)
        return {
            "line": line,
            "money": budget.availability(work, line.id),
            "given": budget.appropriations(work, line.id),
            "months": months_of_lines(work, [line.id]),
            "contracts": contracts_of_line(work, line.id, after=at.after, limit=at.limit),
            "kind": ServiceKind(line.service_kind),
            "may_appropriate": work.actor.has(Role.BUDGET_OFFICER, territory=line.territory),
        }

    found = caller.read(read)
    contracts = at.listing(found.pop("contracts"), lambda one: one, lambda one: one.id)
    return render(request, "officer/line.html", filled=filled, key=new_key(), contracts=contracts, **found)


def line_in_sight(work: Work, number: str) -> FundingLine:
    """Raises FundingLineNotFound."""
    line = budget.line_numbered(work, number)
    if not work.actor.has(*MONEY, territory=line.territory):
        raise FundingLineNotFound
    return line


@post("/budget/lines/{number:str}/appropriations", sync_to_thread=True)
def appropriate(
    request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form
) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        amount = reading.money("amount")
        reading.check()
        service.appropriate(work, line_in_sight(work, number).id, amount_minor=amount)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, at, number, filled),
        to=f"/budget/lines/{quote(number)}", said=_("The money is on the funding line."),
    )  # fmt: skip


@get("/budget/new-line", sync_to_thread=True)
def ask_for_line(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _ask(request, caller, EMPTY)


def _ask(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    held = held_by(caller, Role.BUDGET_OFFICER)
    year = caller.read(lambda work: work.today.year)
    return render(
        request, "officer/new_line.html", filled=filled, key=new_key(), regions=regions(request, held),
        kinds=list(ServiceKind), year=year,
    )  # fmt: skip


@post("/budget/new-line", sync_to_thread=True)
def open_line(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    def do(work: Work) -> str:
        reading = Reading(data)
        kind = reading.choice("service_kind", ServiceKind)
        facts = {
            "programme": reading.text("programme", max_length=PROGRAMME_FORM),
            "territory": reading.text("territory"),
            "service_kind": kind,
            "kind_code": KIND_CODE[kind],
            "year": reading.number("year", low=FIRST_YEAR, high=LAST_YEAR),
        }
        reading.check()
        line_id = service.open_line(work, **facts)  # type: ignore[arg-type] # each read as its own type
        catalogue.territory(work, str(facts["territory"]))
        return line_address(budget.line(work, line_id))

    return submit(
        request, caller, data, do=do, again=lambda filled: _ask(request, caller, filled), to="/budget",
        said=_("The funding line is open. Now put money on it."),
    )  # fmt: skip


HANDLERS = [show_line, appropriate, ask_for_line, open_line]
