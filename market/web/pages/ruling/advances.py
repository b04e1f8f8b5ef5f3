"""How much may be advanced: public to read, set by budget officers from a day on."""

from datetime import timedelta
from typing import Any

from litestar import Response, get, post

from contracts.kernel.work import Role, Work
from contracts.payment import advance_queries, advancing
from market.placement.held import MAX_SOURCE
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import held_by, regions
from market.web.pages.ruling.reading import PUBLIC
from market.web.pages.ruling.setting import NATION
from market.web.rendering import render
from market.web.work import Caller, TheCaller, WebRequest

DAY = timedelta(days=1)
PERCENT = 100  # basis points in a percent
WHOLE = 100  # percent


@get("/rules/advances", sync_to_thread=True, opt=PUBLIC)
def show_rules_of_advances(request: WebRequest, caller: TheCaller) -> Response[str]:
    rules, today = caller.read(lambda work: (advance_queries.all_rules(work), work.today))
    may_set = caller.actor.has(Role.BUDGET_OFFICER)
    return render(request, "ruling/advances.html", rules=rules, today=today, may_set=may_set)


@get("/rules/advances/new", sync_to_thread=True)
def ask_for_rule_of_advances(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _ask(request, caller, EMPTY)


def _ask(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    own = held_by(caller, Role.BUDGET_OFFICER)
    tomorrow = caller.read(lambda work: work.today) + DAY
    return render(
        request, "ruling/new_advance.html", filled=filled, key=new_key(), regions=regions(request, own),
        nation=NATION if "" in own else None, from_on=tomorrow,
    )  # fmt: skip


@post("/rules/advances/new", sync_to_thread=True)
def set_rule_of_advances(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        percent = reading.number("percent", high=WHOLE)
        territory = "" if data.get("territory") == NATION else reading.text("territory")
        from_on, source = reading.day("from_on"), reading.text("source", max_length=MAX_SOURCE)
        reading.check()
        assert from_on is not None, "a required day that passed the check is one"
        advancing.set_rule(work, territory=territory, most_bp=percent * PERCENT, from_on=from_on, source=source)

    return submit(
        request, caller, data, do=do, again=lambda filled: _ask(request, caller, filled), to="/rules/advances",
        said=_("The rule is set. Advances that are ordered from its first day on are held to it."),
    )  # fmt: skip


HANDLERS = [show_rules_of_advances, ask_for_rule_of_advances, set_rule_of_advances]
