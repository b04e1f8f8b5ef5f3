"""Price limits: what a unit of service may cost, where and when; setting one, ending one early."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from contracts.kernel.work import Actor, Role, Work
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.oversight.limits import end_limit
from market.tariff import queries, service
from market.tariff.rules import MAX_SOURCE, PriceLimit
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import MONEY, held_by, regions, seen
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest

DAY = timedelta(days=1)
NOW, EVER = "now", "ever"


@get("/tariffs", sync_to_thread=True)
def list_limits(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    """Those in force today, or all there ever were; what holds in the territories seen, wider ones too."""
    held = held_by(caller, *MONEY)
    territories, which = seen(request, held), EVER if at.query.get("days") == EVER else NOW

    def read(work: Work) -> tuple[list[PriceLimit], date]:
        on = work.today if which == NOW else None
        return queries.limits_over(work, territories, on=on, after=at.after, limit=at.limit), work.today

    found, today = caller.read(read)
    listing = at.listing(found, lambda one: one, lambda one: one.id)
    ending = {one.id for one in listing.items if may_end(caller.actor, one, today)}
    return render(
        request, "officer/tariffs.html", limits=listing, which=which, one_day=DAY, regions=regions(request, held),
        territory=at.query.get("territory", ""), may_set=caller.actor.has(Role.BUDGET_OFFICER), ending=ending,
    )  # fmt: skip


def may_end(actor: Actor, limit: PriceLimit, today: date) -> bool:
    return (
        actor.has(Role.BUDGET_OFFICER, territory=limit.territory) and limit.until_on > max(today, limit.from_on) + DAY
    )


@get("/tariffs/new", sync_to_thread=True)
def ask_for_limit(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _ask(request, caller, EMPTY)


def _ask(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    held = held_by(caller, Role.BUDGET_OFFICER)
    today = caller.read(lambda work: work.today)
    return render(
        request, "officer/new_tariff.html", filled=filled, key=new_key(), regions=regions(request, held),
        nation="" in held, kinds=list(ServiceKind), settings=list(CareSetting), units=list(Unit),
        from_on=date(today.year + 1, 1, 1), last_on=date(today.year + 1, 12, 31),
    )  # fmt: skip


@post("/tariffs/new", sync_to_thread=True)
def set_limit(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    return submit(
        request, caller, data, do=lambda work: _set(work, data), again=lambda filled: _ask(request, caller, filled),
        to="/tariffs?days=ever", said=_("The price limit is set."),
    )  # fmt: skip


def _set(work: Work, data: Mapping[str, str]) -> None:
    reading = Reading(data)
    last_on = reading.day("until_on")
    facts: dict[str, Any] = {
        "territory": "" if data.get("territory") == "0" else reading.text("territory"),
        "kind": reading.choice("kind", ServiceKind),
        "setting": reading.choice("setting", CareSetting),
        "unit": reading.choice("unit", Unit),
        "floor_minor": reading.money("floor"),
        "ceiling_minor": reading.money("ceiling"),
        "from_on": reading.day("from_on"),
        "source": reading.text("source", max_length=MAX_SOURCE),
    }
    if facts["ceiling_minor"] < facts["floor_minor"]:
        reading.wrong("ceiling", _("The highest price is not below the lowest"))
    if last_on is not None and facts["from_on"] is not None and last_on < facts["from_on"]:
        reading.wrong("until_on", _("The last day is not before the first"))
    reading.check()
    assert last_on is not None, "a required day that passed the check is one"
    service.set_price_limit(work, **facts, until_on=last_on + DAY)


@get("/tariffs/{limit_id:uuid}/end", sync_to_thread=True)
def ask_for_end(request: WebRequest, caller: TheCaller, limit_id: Id) -> Response[str]:
    return _ask_end(request, caller, limit_id, EMPTY)


def _ask_end(request: WebRequest, caller: Caller, limit_id: UUID, filled: Filled) -> Response[str]:
    limit = caller.read(lambda work: queries.price_limit(work, limit_id))
    caller.actor.require(Role.BUDGET_OFFICER, territory=limit.territory)
    return render(
        request, "officer/end_tariff.html", filled=filled, key=new_key(), limit=limit, last_on=limit.until_on - DAY
    )


@post("/tariffs/{limit_id:uuid}/end", sync_to_thread=True)
def end(request: WebRequest, caller: TheCaller, limit_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        last_on = reading.day("until_on")
        reading.check()
        assert last_on is not None
        end_limit(work, limit_id, on=last_on + DAY)

    return submit(
        request, caller, data, do=do, again=lambda filled: _ask_end(request, caller, limit_id, filled),
        to="/tariffs", said=_("The price limit ends on the day you chose."),
    )  # fmt: skip


HANDLERS = [list_limits, ask_for_limit, set_limit, ask_for_end, end]
