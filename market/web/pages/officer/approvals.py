"""Approvals: acts whose payment others must agree to, from which amount how many, and interests that were declared."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from litestar import Response, get, post

from contracts.approval import queries, service
from contracts.approval.rules import LONGEST_REASON, MOST_APPROVERS, CountedOver
from contracts.kernel.work import Role, Work
from contracts.payment.batch_rules import BatchStatus
from market.oversight.batches import batches
from market.oversight.desk import acts_to_pay
from market.oversight.names import names
from market.provider.queries import provider_numbered
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import held_by, regions
from market.web.rendering import render
from market.web.wire import Slice
from market.web.work import Caller, TheCaller, WebRequest

READERS = (*service.DECIDERS, Role.AUDITOR)
NATION = "0"  # an answer for the whole country, whose prefix is empty
DAY = timedelta(days=1)
BATCHES = 10  # of those handed in, on the desk; the list of batches has all


@get("/approvals", sync_to_thread=True)
def show_desk(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    return _desk(request, caller, at, EMPTY)


def _desk(request: WebRequest, caller: Caller, at: Slice, filled: Filled) -> Response[str]:
    held = held_by(caller, *READERS)

    def read(work: Work) -> dict[str, Any]:
        thresholds = [one for one in queries.all_thresholds(work) if any(_meet(one.territory, own) for own in held)]
        least = min((one.least_minor for one in thresholds if one.approvers), default=None)
        after, limit = at.after, at.limit
        waiting = [] if least is None else acts_to_pay(work, held, least_minor=least, after=after, limit=limit)
        own = queries.interests(work, work.actor.id) if work.actor.id else []
        providers = names(work, [("provider", one.provider_id) for one in own])
        return {
            "batches": batches(work, held, status=BatchStatus.SUBMITTED, limit=BATCHES), "most": BATCHES,
            "thresholds": thresholds, "waiting": waiting, "interests": own, "providers": providers, "today": work.today,
        }  # fmt: skip

    found = caller.read(read)
    listing = at.listing(found.pop("waiting"), lambda one: one, lambda one: one.id)
    return render(
        request, "officer/approvals.html", filled=filled, key=new_key(), listing=listing,
        may_set=caller.actor.has(Role.BUDGET_OFFICER), may_declare=caller.actor.has(*service.DECIDERS), **found,
    )  # fmt: skip


def _meet(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


@get("/approvals/new", sync_to_thread=True)
def ask_for_threshold(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _ask(request, caller, EMPTY)


def _ask(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    held = held_by(caller, Role.BUDGET_OFFICER)
    today = caller.read(lambda work: work.today)
    return render(
        request, "officer/new_threshold.html", filled=filled, key=new_key(), regions=regions(request, held),
        nation=NATION if "" in held else None, from_on=today + DAY, most=MOST_APPROVERS,
        spans=list(CountedOver), usual=CountedOver.MONTH,
    )  # fmt: skip


@post("/approvals/new", sync_to_thread=True)
def set_threshold(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    return submit(
        request, caller, data, do=lambda work: _set(work, data), again=lambda filled: _ask(request, caller, filled),
        to="/approvals", said=_("The threshold is set."),
    )  # fmt: skip


def _set(work: Work, data: Mapping[str, str]) -> None:
    reading = Reading(data)
    facts: dict[str, Any] = {
        "territory": "" if data.get("territory") == NATION else reading.text("territory"),
        "least_minor": reading.money("least"),
        "approvers": reading.number("approvers", low=0, high=MOST_APPROVERS),
        "counted_over": reading.choice("counted_over", CountedOver),
        "from_on": reading.day("from_on"),
        "source": reading.text("source", max_length=LONGEST_REASON),
    }
    reading.check()
    service.set_threshold(work, **facts)


@post("/approvals/interests", sync_to_thread=True)
def declare(request: WebRequest, caller: TheCaller, at: TheSlice, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        number = reading.text("provider")
        reason = reading.text("reason", max_length=LONGEST_REASON)
        reading.check()
        service.declare_interest(work, provider_id=provider_numbered(work, number).id, reason=reason)

    return submit(
        request, caller, data, do=do, again=lambda filled: _desk(request, caller, at, filled), to="/approvals",
        said=_("It is recorded. You decide nothing about this organisation from now on."),
    )  # fmt: skip


HANDLERS = [show_desk, ask_for_threshold, set_threshold, declare]
