"""What one person's service is paid by: its price from a day on, and what the person pays of it from a month on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from contracts.act.dated import copayments
from contracts.act.terms import ASSESSORS
from contracts.contract import queries as contracts
from contracts.contract.rules import LONGEST_SOURCE, EngagementNotFound
from contracts.contract.service import CONCLUDERS
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register import pricing
from market.placement.copaying import IncomeKind, assess_copayment
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.taxes import months_ahead
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest


def may_change(work: Work, territory: str) -> bool:
    return work.actor.has(*CONCLUDERS, *ASSESSORS, territory=territory)


@get("/engagements/{engagement_id:uuid}/terms", sync_to_thread=True)
def show_terms(request: WebRequest, caller: TheCaller, engagement_id: Id) -> Response[str]:
    return _show(request, caller, engagement_id, EMPTY, "")


def _show(request: WebRequest, caller: Caller, engagement_id: UUID, filled: Filled, form: str) -> Response[str]:
    """``form``: which of the two was filled in."""

    def read(work: Work) -> dict[str, Any]:
        engagement = contracts.engagement_for_reader(work, engagement_id)
        contract = contracts.contract(work, engagement.contract_id)
        if not may_change(work, contract.territory):
            raise EngagementNotFound
        concludes = work.actor.has(*CONCLUDERS, territory=contract.territory)
        fixed = contract.unit_price_minor is not None
        return {
            "engagement": engagement,
            "prices": contracts.prices(work, engagement_id),
            "copayments": copayments(work, engagement_id),
            "today": work.today,
            "is_fixed": fixed,
            "may_price": concludes and not fixed,
            "may_assess": work.actor.has(*ASSESSORS, territory=contract.territory),
            "months": months_ahead(Month.of(work.today)),
        }

    return render(
        request, "officer/terms.html", filled=filled, form_filled=form, key=new_key(), incomes=list(IncomeKind),
        **caller.read(read),
    )  # fmt: skip


@post("/engagements/{engagement_id:uuid}/prices", sync_to_thread=True)
def change_price(request: WebRequest, caller: TheCaller, engagement_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        price, from_on = reading.money("unit_price"), reading.day("from_on")
        source = reading.text("source", max_length=LONGEST_SOURCE)
        reading.check()
        assert from_on is not None, "a required day that passed the check is one"
        pricing.change_price(work, engagement_id, unit_price_minor=price, from_on=from_on, source=source)

    said = _("The price is changed. Service of earlier days keeps the price of its day.")
    return _answer(request, caller, engagement_id, data, do, "price", said)


@post("/engagements/{engagement_id:uuid}/copayments", sync_to_thread=True)
def assess(request: WebRequest, caller: TheCaller, engagement_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        income, amount = reading.choice("income", IncomeKind), reading.money("amount")
        month, source = reading.text("from_month"), reading.text("source", max_length=LONGEST_SOURCE)
        reading.check()
        first = Month.parse(month, pointer="/from_month")
        assess_copayment(work, engagement_id, income=income, income_minor=amount, from_month=first, source=source)

    said = _("The part is assessed. Acts of its months ask for it.")
    return _answer(request, caller, engagement_id, data, do, "part", said)


def _answer(
    request: WebRequest, caller: Caller, engagement_id: UUID, data: Form, do: Callable[[Work], None], form: str,
    said: str,
) -> Response[Any]:  # fmt: skip
    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, engagement_id, filled, form),
        to=f"/engagements/{engagement_id}/terms", said=said,
    )  # fmt: skip


HANDLERS = [show_terms, change_price, assess]
