"""Acts handed in: accepted or given back by a second person, who sees every visit behind every line."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.act import editions, queries, service, taken_back
from contracts.act.queries import active_payee_version_id
from contracts.act.rules import LONGEST_REASON, Act, ActStatus, DeductionCode
from contracts.act.take_back import TakeBackStatus
from contracts.approval import queries as approvals
from contracts.approval.rules import Verdict
from contracts.contract import queries as contracts
from contracts.kernel.work import Role, Work
from contracts.payment.advance_queries import paid_before
from contracts.payment.batch_queries import held_by as held_in_batches
from contracts.payment.clearance import decide_on_act, standing_of
from contracts.payment.queries import live_payment, payments_of_act
from contracts.register.queries import outside_engagement
from market.oversight.desk import acts
from market.oversight.names import names
from market.oversight.spending import count_lines, lines_of_act, uncovered_lines
from market.provider.queries import provider
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import MONEY, held_by
from market.web.queries import PAYMENT_READERS
from market.web.rendering import render
from market.web.wire import Slice
from market.web.work import Caller, TheCaller, WebRequest

READERS = MONEY
CODES = {str(code): code for code in DeductionCode}


@get("/acts-desk", sync_to_thread=True)
def list_acts(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    held, asked = held_by(caller, *READERS), at.query.get("status", "")
    which = ActStatus(asked) if asked in set(ActStatus) else ActStatus.SUBMITTED
    found = caller.read(lambda work: acts(work, held, which, after=at.after, limit=at.limit))
    links = [(one, f"/acts-desk?status={one}", one is which) for one in ActStatus]
    listing = at.listing(found, lambda one: one, lambda one: one.id)
    return render(request, "officer/acts.html", listing=listing, which=which, links=links)


@dataclass(frozen=True, slots=True)
class Doubts:
    """What acceptance would be refused for, known beforehand; ``holds`` says there is something."""

    uncovered: int
    outside: int
    payee_missing: bool

    @property
    def holds(self) -> bool:
        return bool(self.uncovered or self.outside or self.payee_missing)


@get("/acts-desk/{contract:str}/{month:str}", sync_to_thread=True)
def show_act(
    request: WebRequest, caller: TheCaller, at: TheSlice, contract: FromPath[str], month: FromPath[str]
) -> Response[str]:
    return _show(request, caller, at, f"{contract}/{month}", EMPTY)


def _show(request: WebRequest, caller: Caller, at: TheSlice, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        act = act_in_sight(work, number)
        decided, before = approvals.decisions(work, act.id), paid_before(work, act.id)
        back = taken_back.back_of_acts(work, [act.id]).get(act.id, 0)
        is_set_off = 0 < act.total_minor <= sum(one.left_minor for one in before) + back
        return {
            "act": act,
            "contract": contracts.contract(work, act.contract_id),
            "provider": provider(work, act.provider_id),
            "lines": lines_of_act(work, act.id, after=at.after, limit=at.limit),
            "count": count_lines(work, act.id),
            "payments": payments_of_act(work, act.id),
            "before": before,
            "untrue": taken_back.of_act(work, act.id, TakeBackStatus.PROPOSED, TakeBackStatus.TAKEN),
            "back_minor": back,
            "is_set_off": is_set_off,
            "sees_payments": work.actor.has(*PAYMENT_READERS, territory=act.territory),
            "first": queries.act(work, act.corrects_id) if act.corrects_id else None,
            "told": editions.history(work, act.id),
            "batch": held_in_batches(work, [act.id]).get(act.id),
            "standing": standing_of(work, act),
            "decisions": decided,
            "hands": names(work, [("user", one) for one in [*_hands(act), *(one.decided_by for one in decided)]]),
            "doubts": _doubts(work, act),
            **_may(work, act, is_set_off=is_set_off),
        }

    found = caller.read(read)
    lines = at.listing(found.pop("lines"), lambda one: one, lambda one: one.id)
    return render(request, "officer/act.html", filled=filled, key=new_key(), lines=lines, codes=CODES, **found)


def act_in_sight(work: Work, number: str) -> Act:
    """For officers of its territory. Raises ActNotFound."""
    return queries.act_of(work, queries.act_numbered(work, number).id, *READERS)


def _doubts(work: Work, act: Act) -> Doubts:
    if act.status is not ActStatus.SUBMITTED:
        return Doubts(0, 0, payee_missing=False)
    payee_id = contracts.contract(work, act.contract_id).payee_id
    missing = active_payee_version_id(work, payee_id) is None
    return Doubts(
        uncovered_lines(work, act.id),
        outside_engagement(work, act.id, act.contract_id, act.month),
        payee_missing=missing,
    )


def _hands(act: Act) -> list[UUID]:
    return [one for one in (act.drafted_by, act.submitted_by, act.accepted_by) if one is not None]


def _may(work: Work, act: Act, *, is_set_off: bool) -> dict[str, bool]:
    """Which forms are shown: none that its service would refuse."""
    second = work.actor.id not in {act.drafted_by, act.submitted_by}
    decides = work.actor.has(Role.BUDGET_OFFICER, territory=act.territory) and second
    free = work.actor.id is None or not approvals.is_interested(work, work.actor.id, {act.provider_id})
    pays = work.actor.has(Role.FINANCE_OFFICER, territory=act.territory) and act.status is ActStatus.ACCEPTED
    unpaid = pays and not is_set_off and live_payment(work, act.id) is None
    would_decide = act.status is ActStatus.SUBMITTED and decides
    would_approve = unpaid and work.actor.id not in _hands(act)
    return {
        "may_decide": would_decide and free,
        "may_approve": would_approve and free,
        "tied": (would_decide or would_approve) and not free,
    }


@post("/acts-desk/{contract:str}/{month:str}/acceptance", sync_to_thread=True)
def accept(
    request: WebRequest, caller: TheCaller, at: TheSlice, contract: FromPath[str], month: FromPath[str], data: Form
) -> Response[Any]:
    number = f"{contract}/{month}"

    def do(work: Work) -> None:
        reading = Reading(data)
        version = reading.number("version")
        reading.check()
        service.accept(work, act_in_sight(work, number).id, version=version)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, at, number, filled), to="/acts-desk",
        said=_("The act is accepted. A finance officer can order the payment now."),
    )  # fmt: skip


@post("/acts-desk/{contract:str}/{month:str}/return", sync_to_thread=True)
def give_back(
    request: WebRequest, caller: TheCaller, at: TheSlice, contract: FromPath[str], month: FromPath[str], data: Form
) -> Response[Any]:
    number = f"{contract}/{month}"

    def do(work: Work) -> None:
        reading = Reading(data)
        reason, version = reading.text("reason", max_length=LONGEST_REASON), reading.number("version")
        reading.check()
        service.return_act(work, act_in_sight(work, number).id, reason=reason, version=version)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, at, number, filled), to="/acts-desk",
        said=_("The act went back to the organisation with your reason."),
    )  # fmt: skip


@post("/acts-desk/{contract:str}/{month:str}/approval", sync_to_thread=True)
def approve(
    request: WebRequest, caller: TheCaller, at: TheSlice, contract: FromPath[str], month: FromPath[str], data: Form
) -> Response[Any]:
    return _decide_on_payment(
        request, caller, at, f"{contract}/{month}", data, Verdict.APPROVED, _("You have approved the payment.")
    )


@post("/acts-desk/{contract:str}/{month:str}/rejection", sync_to_thread=True)
def reject(
    request: WebRequest, caller: TheCaller, at: TheSlice, contract: FromPath[str], month: FromPath[str], data: Form
) -> Response[Any]:
    return _decide_on_payment(
        request, caller, at, f"{contract}/{month}", data, Verdict.REJECTED, _("You have rejected the payment.")
    )


def _decide_on_payment(
    request: WebRequest, caller: Caller, at: Slice, number: str, data: Form, verdict: Verdict, said: str
) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        rejects = verdict is Verdict.REJECTED
        reason = reading.text("reason", max_length=LONGEST_REASON) if rejects else ""
        reading.check()
        decide_on_act(work, act_in_sight(work, number).id, verdict=verdict, reason=reason)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, at, number, filled),
        to="/approvals", said=said,
    )  # fmt: skip


HANDLERS = [list_acts, show_act, accept, give_back, approve, reject]
