"""The payments desk: what needs a person, what may be ordered, what is under way, what was paid; and moving it on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.act import queries as acts
from contracts.approval.queries import is_free
from contracts.kernel.work import Role, Work
from contracts.payee import queries as payees
from contracts.payment import queries, service
from contracts.payment.advance_books import advance_of
from contracts.payment.advance_rules import AdvanceStatus
from contracts.payment.batch_queries import batch_of_payment
from contracts.payment.batch_queries import held_by as held_in_batches
from contracts.payment.clearance import standing_of
from contracts.payment.paying_accounts import channel_of
from contracts.payment.queries import Payment
from contracts.payment.rules import AT_THE_PEER, Channel, PaymentNotFound, PaymentStatus
from contracts.reconciliation.queries import open_case_of, open_in
from market.oversight import desk
from market.oversight.advances import advances
from market.oversight.names import names
from market.provider.queries import provider
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, GoOn, new_key, submit
from market.web.pages.officer.accounts import READERS as CHANGE_READERS
from market.web.pages.officer.acts import act_in_sight
from market.web.pages.officer.ordering import ORDERED, Orders, orders_of
from market.web.pages.officer.sight import held_by
from market.web.rendering import render
from market.web.work import Caller, TheCaller, WebRequest

READERS = (Role.FINANCE_OFFICER, Role.BUDGET_OFFICER, Role.AUDITOR)
TASTE = 10  # rows of each heap on the desk's first page; each heap has a page of its own
SECONDS_A_DAY = 86_400
Heap = Callable[..., list[Any]]
HEAPS: dict[str, Heap] = {
    "trouble": desk.payments_in_trouble,
    "order": desk.acts_to_pay,
    "under-way": desk.payments_under_way,
    "paid": desk.payments_settled,
}


@get("/payments-desk", sync_to_thread=True)
def show_desk(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _desk(request, caller, EMPTY)


def _desk(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    held = held_by(caller, *READERS)

    def read(work: Work) -> dict[str, Any]:
        heaps = {name: heap(work, held, limit=TASTE) for name, heap in HEAPS.items()}
        return {
            "heaps": heaps,
            "orders": orders_of(work, heaps["order"]),
            "now": work.now,
            "changes": len(desk.account_changes(work, held, limit=TASTE + 1)),
            "differences": open_in(work, held, limit=TASTE + 1),
            "advances": len(advances(work, held, status=AdvanceStatus.ASKED, limit=TASTE + 1)),
        }

    found = caller.read(read)
    return render(
        request, "officer/payments.html", filled=filled, key=new_key(), taste=TASTE,
        is_finance=caller.actor.has(Role.FINANCE_OFFICER), sees_changes=caller.actor.has(*CHANGE_READERS), age=age,
        **found,
    )  # fmt: skip


def age(since: datetime, now: datetime) -> int:
    """Whole days."""
    return max(0, int((now - since).total_seconds() // SECONDS_A_DAY))


@get("/payments-desk/list/{heap:str}", sync_to_thread=True)
def show_heap(request: WebRequest, caller: TheCaller, at: TheSlice, heap: FromPath[str]) -> Response[str]:
    held = held_by(caller, *READERS)
    if heap not in HEAPS:
        raise PaymentNotFound

    def read(work: Work) -> tuple[list[Any], Orders, datetime]:
        rows = HEAPS[heap](work, held, after=at.after, limit=at.limit)
        return rows, orders_of(work, rows if heap == "order" else []), work.now

    found, orders, now = caller.read(read)
    listing = at.listing(found, lambda one: one, lambda one: one.id)
    return render(
        request, "officer/payment_list.html", heap=heap, listing=listing, now=now, orders=orders, key=new_key(), age=age
    )  # fmt: skip


@post("/payments-desk/orders/{contract:str}/{month:str}", sync_to_thread=True)
def order(
    request: WebRequest, caller: TheCaller, contract: FromPath[str], month: FromPath[str], data: Form
) -> Response[Any]:
    def do(work: Work) -> GoOn:
        act = act_in_sight(work, f"{contract}/{month}")
        payment_id = service.order_rest(work, act.id)
        if payment_id is None:
            said = _("The whole act is paid with money that the organisation had before. No payment follows.")
            return GoOn(f"/acts-desk/{act.number}", said)
        address = f"/payments-desk/{queries.payment(work, payment_id).number}"
        return GoOn(address, ORDERED[channel_of(work, act.territory)])

    return submit(
        request, caller, data, do=do, again=lambda filled: _desk(request, caller, filled), to="/payments-desk"
    )


@get("/payments-desk/{number:str}", sync_to_thread=True)
def show_payment(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, number, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        payment = in_sight(work, number)
        act = None if payment.act_id is None else acts.act(work, payment.act_id)
        house = provider(work, payment.provider_id)
        hands = [one for one in (payment.ordered_by, payment.reversal_ordered_by) if one]
        return {
            "payment": payment,
            "act": act,
            "advance": None if act else advance_of(work, payment),
            "provider": house,
            "batch": batch_of_payment(work, payment.id),
            "account": payees.version(work, payment.payee_version_id),
            "hands": names(work, [("user", one) for one in hands]),
            "today": work.today,
            "stuck": queries.is_stuck(work, payment.id),
            "case": open_case_of(work, payment.id),
            **_may(work, payment),
        }

    return render(request, "officer/payment.html", filled=filled, key=new_key(), **caller.read(read))


def in_sight(work: Work, number: str) -> Payment:
    """For officers of its territory. Raises PaymentNotFound."""
    payment = queries.payment_numbered(work, number)
    if not work.actor.has(*READERS, territory=payment.territory):
        raise PaymentNotFound
    return payment


def _may(work: Work, payment: Payment) -> dict[str, bool]:
    """Which forms are shown: none that its service would refuse."""
    office = work.actor.has(Role.FINANCE_OFFICER, territory=payment.territory)
    owner = office and is_free(work, payment.provider_id)
    by_file, came_back = payment.channel is Channel.FILE, payment.status is PaymentStatus.RETURNED
    reversible = payment.status in AT_THE_PEER and payment.reversal_ordered_at is None and not by_file
    return {
        "by_file": by_file,
        "waits_for_file": by_file and payment.status is PaymentStatus.ORDERED,
        "tied": office and not owner,
        "may_reverse": owner and reversible,
        "may_give_up": owner and by_file and came_back,
        "may_resume": owner and payment.may_resume,
        "may_order": owner and _may_be_ordered_anew(work, payment),
    }


def _may_be_ordered_anew(work: Work, payment: Payment) -> bool:
    """An act whose payment failed, by a third person. An advance is asked for anew."""
    if payment.act_id is None or payment.status is not PaymentStatus.FAILED:
        return False
    act = acts.act(work, payment.act_id)
    free = queries.live_payment(work, act.id) is None and not held_in_batches(work, [act.id])
    third = work.actor.id not in {act.drafted_by, act.submitted_by, act.accepted_by}
    standing = standing_of(work, act)
    approved = any(one.decided_by == work.actor.id for one in standing.approved)
    return free and third and standing.is_complete and not approved


def _move(
    request: WebRequest, caller: Caller, number: str, data: Form, verb: Callable[[Work, UUID], None], said: str
) -> Response[Any]:
    return submit(
        request, caller, data, do=lambda work: verb(work, in_sight(work, number).id),
        again=lambda filled: _show(request, caller, number, filled), to=f"/payments-desk/{number}", said=said,
    )  # fmt: skip


@post("/payments-desk/{number:str}/reversal", sync_to_thread=True)
def reverse(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    return _move(
        request, caller, number, data, service.reverse, _("The money is called back. This page says what came of it.")
    )


@post("/payments-desk/{number:str}/resumption", sync_to_thread=True)
def resume(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    return _move(request, caller, number, data, service.resume, _("The payment is tried again."))


HANDLERS = [show_desk, show_heap, order, show_payment, reverse, resume]
