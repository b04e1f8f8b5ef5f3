"""The rules that decisions are made by, for everybody: each with its days and the decision it comes from."""

from datetime import date, timedelta
from typing import Any

from litestar import Response, get

from contracts.act import dated
from contracts.act.rules import TERMS
from contracts.approval import queries as approvals
from contracts.kernel.work import Role, Work
from contracts.register import absences
from market.catalogue import queries as catalogue
from market.catalogue.queries import Indicator
from market.catalogue.rules import IndicatorCode, IndicatorUnit
from market.oversight.names import names
from market.placement.held import RoundRule
from market.web import queries
from market.web.lists import TheSlice
from market.web.rendering import render
from market.web.work import TheCaller, WebRequest

PUBLIC: dict[str, Any] = {"public": True}
DAY = timedelta(days=1)
OPEN_END = date(2100, 1, 1)  # a rule that ends then holds until another is decided


@get("/rules", sync_to_thread=False, opt=PUBLIC)
def show_rules(request: WebRequest) -> Response[str]:
    return render(request, "ruling/rules.html")


@get("/rules/absences", sync_to_thread=True, opt=PUBLIC)
def show_absence_rules(request: WebRequest, caller: TheCaller) -> Response[str]:
    found, today = caller.read(lambda work: (absences.rules(work), work.today))
    return render(
        request, "ruling/absences.html", rules=found, today=today, one_day=DAY, open_end=OPEN_END,
        may_set=caller.actor.has(Role.BUDGET_OFFICER, territory=""),
    )  # fmt: skip


@get("/rules/rounds", sync_to_thread=True, opt=PUBLIC)
def show_round_rules(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        found = queries.round_rules(work, at)
        providers = names(work, [("provider", one.provider_id) for one in found if one.provider_id])
        ending = {one.id for one in found if may_end(work, one)}
        return {"rules": found, "providers": providers, "today": work.today, "ending": ending}

    found = caller.read(read)
    listing = at.listing(found.pop("rules"), lambda one: one, lambda one: one.id)
    return render(
        request, "ruling/rounds.html", listing=listing, one_day=DAY, open_end=OPEN_END,
        may_set=caller.actor.has(Role.BUDGET_OFFICER), **found,
    )  # fmt: skip


def may_end(work: Work, rule: RoundRule) -> bool:
    """A day must lie between today, or its first day, and its last."""
    officer = work.actor.has(Role.BUDGET_OFFICER, territory=rule.territory)
    return officer and max(rule.from_on, work.today) + DAY < rule.until_on


@get("/rules/approvals", sync_to_thread=True, opt=PUBLIC)
def show_thresholds(request: WebRequest, caller: TheCaller) -> Response[str]:
    thresholds, today = caller.read(lambda work: (approvals.all_thresholds(work), work.today))
    may_set = caller.actor.has(Role.BUDGET_OFFICER)
    return render(request, "ruling/approvals.html", thresholds=thresholds, today=today, may_set=may_set)


@get("/rules/acts", sync_to_thread=True, opt=PUBLIC)
def show_act_terms(request: WebRequest, caller: TheCaller) -> Response[str]:
    found, today = caller.read(lambda work: (dated.terms(work), work.today))
    rows = [(one, TERMS[one.code](one.value)) for one in found]
    return render(request, "ruling/acts.html", rows=rows, today=today, may_set=caller.actor.has(Role.FINANCE_OFFICER))


@get("/rules/numbers", sync_to_thread=True, opt=PUBLIC)
def show_numbers(request: WebRequest, caller: TheCaller) -> Response[str]:
    """Legal numbers, and what the recipient pays by them."""
    found, today = caller.read(lambda work: (catalogue.indicators(work), work.today))
    rows = [(one, IndicatorCode(one.code), IndicatorUnit(one.unit)) for one in _newest_first(found)]
    share = next(
        (r for r, c, _u in rows if c is IndicatorCode.COPAYMENT_SHARE and r.from_on <= today < r.until_on), None
    )
    return render(
        request, "ruling/numbers.html", rows=rows, today=today, one_day=DAY, open_end=OPEN_END, share=share,
        tiyn=IndicatorUnit.TIYN, basis_points=IndicatorUnit.BASIS_POINTS,
    )  # fmt: skip


def _newest_first(found: list[Indicator]) -> list[Indicator]:
    order = {str(code): place for place, code in enumerate(IndicatorCode)}
    return sorted(
        (one for one in found if one.code in order), key=lambda one: (order[one.code], -one.from_on.toordinal())
    )


HANDLERS = [show_rules, show_absence_rules, show_round_rules, show_thresholds, show_act_terms, show_numbers]
