"""Whether an organisation is registered for value-added tax, by the months in which it was: read, and set."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.act import terms
from contracts.act.dated import vat_settings
from contracts.act.pricing import VatMode
from contracts.contract.rules import LONGEST_SOURCE
from contracts.kernel.period import Month
from contracts.kernel.work import Role, Work
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.registry import organisation_in_sight
from market.web.rendering import render
from market.web.work import Caller, TheCaller, WebRequest

BASIS_POINTS = 100  # of a percent
MONTHS_AHEAD = 12


@get("/registry/{number:str}/tax", sync_to_thread=True)
def show_tax(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, number, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        found = organisation_in_sight(work, number)
        may_set = work.actor.has(Role.FINANCE_OFFICER, territory=found.territory)
        taxes = vat_settings(work, found.id)
        return {"provider": found, "taxes": taxes, "may_set": may_set, "months": months_ahead(Month.of(work.today))}

    return render(
        request, "officer/tax.html", filled=filled, key=new_key(), modes=list(VatMode), **caller.read(read)
    )  # fmt: skip


def months_ahead(first: Month) -> list[Month]:
    months = [first]
    while len(months) < MONTHS_AHEAD:
        months.append(months[-1].next)
    return months


@post("/registry/{number:str}/tax", sync_to_thread=True)
def set_tax(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        found, reading = organisation_in_sight(work, number), Reading(data)
        mode = reading.choice("mode", VatMode)
        rate = 0 if mode is VatMode.EXEMPT else reading.number("rate", low=1, high=100)
        month = reading.text("from_month")
        source = reading.text("source", max_length=LONGEST_SOURCE)
        reading.check()
        terms.set_vat(
            work, found.id, territory=found.territory, mode=mode, rate_bp=rate * BASIS_POINTS,
            from_month=Month.parse(month, pointer="/from_month"), source=source,
        )  # fmt: skip

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, filled),
        to=f"/registry/{number}/tax", said=_("The tax is set. Acts of its months are made by it."),
    )  # fmt: skip


HANDLERS = [show_tax, set_tax]
