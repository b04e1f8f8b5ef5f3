"""Officers set the rules that decisions are made by, each from a day on."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from contracts.act import terms
from contracts.act.rules import TERMS, TermCode
from contracts.kernel.ids import new_id
from contracts.kernel.work import Role, Work
from contracts.register import absence
from contracts.register.absence_rules import AbsenceKind, AbsenceRule
from market.catalogue.rules import ServiceKind
from market.placement import held
from market.placement.held import MAX_PEOPLE, MAX_SOURCE
from market.placement.rules import RoundRuleCode
from market.placement.terms import FARTHEST_M
from market.provider.queries import provider_numbered
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import held_by, regions
from market.web.pages.ruling.reading import OPEN_END
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest

DAY = timedelta(days=1)
NATION = "0"  # an answer for the whole country, whose prefix is empty
MOST_NOTICE_HOURS = 336  # two weeks
OF_METRES = frozenset({RoundRuleCode.WORST_DISTANCE, RoundRuleCode.CONTINUITY})


# --- absences --------------------------------------------------------------------------------------------------------
@get("/rules/absences/new", sync_to_thread=True)
def ask_for_absence_rule(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _ask_absence(request, caller, EMPTY)


def _ask_absence(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    caller.actor.require(Role.BUDGET_OFFICER, territory="")
    tomorrow = caller.read(lambda work: work.today) + DAY
    return render(
        request, "ruling/new_absence.html", filled=filled, key=new_key(), kinds=list(AbsenceKind), from_on=tomorrow
    )


@post("/rules/absences/new", sync_to_thread=True)
def set_absence_rule(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        kind = reading.choice("kind", AbsenceKind)
        percent = reading.number("payable_percent", high=100)
        notice = reading.number("notice_hours", high=MOST_NOTICE_HOURS)
        from_on, until_on = _days(reading)
        source = reading.text("source", max_length=MAX_SOURCE)
        reading.check()
        rule = AbsenceRule(
            id=new_id(), kind=kind, payable_percent=percent, counts=reading.flag("counts"), notice_hours=notice,
            from_on=from_on, until_on=until_on, source=source,
        )  # fmt: skip
        absence.set_rule(work, rule)

    return submit(
        request, caller, data, do=do, again=lambda filled: _ask_absence(request, caller, filled), to="/rules/absences",
        said=_("The rule is set. The one before it ends where it begins."),
    )  # fmt: skip


def _days(reading: Reading) -> tuple[date, date]:
    """The first day, and the day after the last; without a last day until another rule is decided."""
    first, last = reading.day("from_on"), reading.day("last_on", required=False)
    if first is not None and last is not None and last < first:
        reading.wrong("last_on", _("The last day is not before the first"))
    return first or OPEN_END, OPEN_END if last is None else last + DAY


# --- rounds ----------------------------------------------------------------------------------------------------------
@get("/rules/rounds/new", sync_to_thread=True)
def ask_for_round_rule(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _ask_round(request, caller, EMPTY)


def _ask_round(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    own = held_by(caller, Role.BUDGET_OFFICER)
    today = caller.read(lambda work: work.today)
    return render(
        request, "ruling/new_round.html", filled=filled, key=new_key(), regions=regions(request, own),
        nation=NATION if "" in own else None, codes=list(RoundRuleCode), kinds=list(ServiceKind), from_on=today,
        farthest=FARTHEST_M, metres=OF_METRES,
    )  # fmt: skip


@post("/rules/rounds/new", sync_to_thread=True)
def set_round_rule(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    return submit(
        request, caller, data, do=lambda work: _set_round(work, data),
        again=lambda filled: _ask_round(request, caller, filled), to="/rules/rounds",
        said=_("The rule is set. Rounds from its first day on are held to it."),
    )  # fmt: skip


def _set_round(work: Work, data: Mapping[str, str]) -> None:
    reading = Reading(data)
    code = reading.choice("code", RoundRuleCode)
    if code is RoundRuleCode.BY_ADDRESS:
        value = 1
    elif code is RoundRuleCode.MONEY_CAP:
        value = reading.money("value")
    else:
        value = reading.number("value", high=FARTHEST_M if code in OF_METRES else MAX_PEOPLE)
    number = reading.text("provider", required=False)
    facts: dict[str, Any] = {
        "territory": "" if data.get("territory") == NATION else reading.text("territory"),
        "kind": reading.choice("kind", ServiceKind) if data.get("kind") else None,
        "source": reading.text("source", max_length=MAX_SOURCE),
    }
    from_on, until_on = _days(reading)
    reading.check()
    held.set_round_rule(
        work, code=code, value=value, from_on=from_on, until_on=until_on,
        provider_id=provider_numbered(work, number).id if number else None, **facts,
    )  # fmt: skip


@get("/rules/rounds/{rule_id:uuid}/end", sync_to_thread=True)
def ask_for_end(request: WebRequest, caller: TheCaller, rule_id: Id) -> Response[str]:
    return _ask_end(request, caller, rule_id, EMPTY)


def _ask_end(request: WebRequest, caller: Caller, rule_id: UUID, filled: Filled) -> Response[str]:
    caller.actor.require(Role.BUDGET_OFFICER)
    rule = caller.read(lambda work: held.round_rule(work, rule_id))
    caller.actor.require(Role.BUDGET_OFFICER, territory=rule.territory)
    return render(
        request, "ruling/end_round.html", filled=filled, key=new_key(), rule=rule, one_day=DAY, open_end=OPEN_END
    )


@post("/rules/rounds/{rule_id:uuid}/end", sync_to_thread=True)
def end_round_rule(request: WebRequest, caller: TheCaller, rule_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        last_on = reading.day("last_on")
        reading.check()
        assert last_on is not None, "a required day that passed the check is one"
        held.end_round_rule(work, rule_id, on=last_on + DAY)

    return submit(
        request, caller, data, do=do, again=lambda filled: _ask_end(request, caller, rule_id, filled),
        to="/rules/rounds", said=_("The rule ends on the day you chose."),
    )  # fmt: skip


# --- acts ------------------------------------------------------------------------------------------------------------
@get("/rules/acts/new", sync_to_thread=True)
def ask_for_act_term(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _ask_act(request, caller, EMPTY)


def _ask_act(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    own = held_by(caller, Role.FINANCE_OFFICER)
    tomorrow = caller.read(lambda work: work.today) + DAY
    choices = [(code, value) for code in TermCode for value in TERMS[code]]
    return render(
        request, "ruling/new_act.html", filled=filled, key=new_key(), regions=regions(request, own),
        nation=NATION if "" in own else None, choices=choices, from_on=tomorrow,
    )  # fmt: skip


@post("/rules/acts/new", sync_to_thread=True)
def set_act_term(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        choice = reading.one_of("rule", [f"{code}:{value}" for code in TermCode for value in TERMS[code]])
        territory = "" if data.get("territory") == NATION else reading.text("territory")
        from_on, source = reading.day("from_on"), reading.text("source", max_length=MAX_SOURCE)
        reading.check()
        assert from_on is not None, "a required day that passed the check is one"
        code, _colon, value = choice.partition(":")
        terms.set_term(
            work, code=TermCode(code), territory=territory, value=value, from_on=from_on, source=source
        )  # fmt: skip

    return submit(
        request, caller, data, do=do, again=lambda filled: _ask_act(request, caller, filled), to="/rules/acts",
        said=_("The rule is set. Acts of its days are made by it."),
    )  # fmt: skip


HANDLERS = [
    ask_for_absence_rule, set_absence_rule, ask_for_round_rule, set_round_rule, ask_for_end, end_round_rule,
    ask_for_act_term, set_act_term,
]  # fmt: skip
