"""One batch of payments: its acts and what they lack, its funding lines, who approved it; and every step it takes."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.act import queries as acts
from contracts.approval import queries as approvals
from contracts.approval.rules import LONGEST_REASON, Verdict
from contracts.kernel.work import Role, Work
from contracts.payment import batch_ordering, batch_queries, batching, service
from contracts.payment.batch_rules import Batch, BatchLine, BatchStatus, Lack, LineStatus
from contracts.payment.clearance import hands_of, standing_of
from contracts.payment.rules import Channel
from contracts.reconciliation.bank_orders import make_order
from contracts.reconciliation.queries import account_for_file
from contracts.reconciliation.rules import NothingToSend
from market.oversight.batches import lines_of_batch, purses
from market.oversight.names import names
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.batches import HOME, in_sight
from market.web.pages.officer.ordering import ALL_ORDERED, channels_of
from market.web.rendering import render
from market.web.wire import Slice
from market.web.work import Caller, TheCaller, WebRequest

Verb = Callable[[Work, Batch], object]


@get("/batches-desk/{number:str}", sync_to_thread=True)
def show_batch(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, at, number, EMPTY)


def _show(request: WebRequest, caller: Caller, at: Slice, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        batch = in_sight(work, number)
        every = batch_queries.lines(work, batch.id)
        how = batching.conditions_of(work, [one for one in every if one.status is LineStatus.HELD])
        lacking = [one for one in how.values() if one.lack not in (None, Lack.AMOUNT)]
        said = approvals.decisions(work, batch.id, amount_minor=batch.total_minor)
        hands = [batch.opened_by, batch.submitted_by, batch.ordered_by, batch.dissolved_by]
        people = [*(one for one in hands if one), *(one.decided_by for one in said)]
        return {
            "batch": batch,
            "lines": lines_of_batch(work, batch.id, after=at.after, limit=at.limit),
            "count": len(every),
            "dropped": sum(one.status is LineStatus.DROPPED for one in every),
            "how": how,
            "lacking": len(lacking),
            "debts": _debts(work, [act_id for act_id, one in how.items() if one.lack is Lack.DEBT]),
            "purses": purses(work, batch.id),
            "decisions": said,
            "hands": names(work, [("user", one) for one in people]),
            **_may(work, batch, every),
        }

    found = caller.read(read)
    lines = at.listing(found.pop("lines"), lambda one: one, lambda one: one.id)
    return render(
        request, "officer/batch.html", filled=filled, key=new_key(), lines=lines, at=f"{HOME}/{number}", **found
    )


def _debts(work: Work, act_ids: list[UUID]) -> frozenset[UUID]:
    """Acts whose organisation's debt the reader may set off: as the payment of the act alone is judged."""
    every = [(act, standing_of(work, act)) for act in batch_queries.acts_of(work, act_ids).values()]
    return frozenset(
        act.id
        for act, standing in every
        if work.actor.id not in hands_of(act)
        and standing.is_complete
        and all(one.decided_by != work.actor.id for one in standing.approved)
    )


def _may(work: Work, batch: Batch, lines: list[BatchLine]) -> dict[str, Any]:
    """Which forms are shown: none that its service would refuse. What stands in the reader's way is said instead."""
    owner = work.actor.has(Role.FINANCE_OFFICER, territory=batch.territory)
    waits = batch.status is BatchStatus.SUBMITTED
    standing = batch_ordering.standing_of(work, batch)
    inside = batch_queries.acts_of(work, [one.act_id for one in lines])
    parts = batch_ordering.parts_of(work, inside) if owner and waits else ""
    ties = list(batch_ordering.ties_of(work, lines).values()) if owner and waits else []
    opened = work.actor.id in (batch.opened_by, batch.submitted_by)
    approved = any(one.decided_by == work.actor.id for one in standing.approved)
    free = owner and waits and not parts and not ties
    return {
        "standing": standing,
        "parts": parts,
        "ties": ties,
        "opened": opened,
        "may_edit": owner and batch.status is BatchStatus.DRAFT,
        "may_dissolve": owner and batch.status in (BatchStatus.DRAFT, BatchStatus.SUBMITTED),
        "may_approve": free and not opened and standing.needed > 0,
        "may_order": free and standing.is_complete and not approved,
        "may_file": owner and batch.status is BatchStatus.ORDERED and account_for_file(work, batch) is not None,
        "has_approved": owner and waits and approved,
    }


def _step(
    request: WebRequest, caller: Caller, at: Slice, number: str, data: Form, verb: Verb, said: str
) -> Response[Any]:
    return submit(
        request, caller, data, do=lambda work: verb(work, in_sight(work, number)),
        again=lambda filled: _show(request, caller, at, number, filled), to=f"{HOME}/{number}", said=said,
    )  # fmt: skip


@post("/batches-desk/{number:str}/removal/{contract:str}/{month:str}", sync_to_thread=True)
def remove(
    request: WebRequest,
    caller: TheCaller,
    at: TheSlice,
    number: FromPath[str],
    contract: FromPath[str],
    month: FromPath[str],
    data: Form,
) -> Response[Any]:
    def verb(work: Work, batch: Batch) -> None:
        batching.remove(work, batch.id, acts.act_numbered(work, f"{contract}/{month}").id)

    return _step(request, caller, at, number, data, verb, _("The act is out of the batch."))


@post("/batches-desk/{number:str}/set-off/{contract:str}/{month:str}", sync_to_thread=True)
def set_off(
    request: WebRequest,
    caller: TheCaller,
    at: TheSlice,
    number: FromPath[str],
    contract: FromPath[str],
    month: FromPath[str],
    data: Form,
) -> Response[Any]:
    return _step(
        request, caller, at, number, data,
        lambda work, _batch: _set_off(work, f"{contract}/{month}"),
        _("The debt is set off. The rest of the act can be paid."),
    )  # fmt: skip


def _set_off(work: Work, act: str) -> None:
    service.set_off(work, acts.act_numbered(work, act).id)


@post("/batches-desk/{number:str}/clearing", sync_to_thread=True)
def remove_unpayable(
    request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form
) -> Response[Any]:
    return _step(
        request, caller, at, number, data, lambda work, batch: batching.remove_unpayable(work, batch.id),
        _("What cannot be paid is out of the batch."),
    )  # fmt: skip


@post("/batches-desk/{number:str}/submission", sync_to_thread=True)
def hand_in(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form) -> Response[Any]:
    return _step(
        request, caller, at, number, data, lambda work, batch: batching.submit(work, batch.id),
        _("The batch is handed in. Its acts and amounts do not change any more."),
    )  # fmt: skip


@post("/batches-desk/{number:str}/dissolution", sync_to_thread=True)
def dissolve(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form) -> Response[Any]:
    return _step(
        request, caller, at, number, data, lambda work, batch: batching.dissolve(work, batch.id),
        _("The batch is dissolved. Its acts can be paid otherwise."),
    )  # fmt: skip


@post("/batches-desk/{number:str}/approval", sync_to_thread=True)
def approve(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form) -> Response[Any]:
    def verb(work: Work, batch: Batch) -> None:
        batch_ordering.decide(work, batch.id, verdict=Verdict.APPROVED)

    return _step(request, caller, at, number, data, verb, _("You have approved the batch."))


@post("/batches-desk/{number:str}/rejection", sync_to_thread=True)
def reject(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form) -> Response[Any]:
    def verb(work: Work, batch: Batch) -> None:
        reading = Reading(data)
        reason = reading.text("reason", max_length=LONGEST_REASON)
        reading.check()
        batch_ordering.decide(work, batch.id, verdict=Verdict.REJECTED, reason=reason)

    return _step(request, caller, at, number, data, verb, _("You have rejected the batch."))


@post("/batches-desk/{number:str}/order", sync_to_thread=True)
def order(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form) -> Response[Any]:
    def channels(work: Work) -> frozenset[Channel]:
        inside = [one.act_id for one in batch_queries.lines(work, in_sight(work, number).id)]
        return channels_of(work, [act.territory for act in batch_queries.acts_of(work, inside).values()])

    return _step(
        request, caller, at, number, data, lambda work, batch: batch_ordering.order(work, batch.id),
        ALL_ORDERED[caller.read(channels)],
    )  # fmt: skip


@post("/batches-desk/{number:str}/bank-order", sync_to_thread=True)
def make_file(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form) -> Response[Any]:
    def verb(work: Work, batch: Batch) -> str:
        account = account_for_file(work, batch)
        if account is None:
            raise NothingToSend
        make_order(work, account.id, batch_id=batch.id)
        return "/reconciliation"

    return _step(request, caller, at, number, data, verb, _("The order is made. Take its file to the bank."))


HANDLERS = [show_batch, remove, set_off, remove_unpayable, hand_in, dissolve, approve, reject, order, make_file]
