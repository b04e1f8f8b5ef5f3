"""The bank's books beside ours: statements taken in, and the differences that people resolve two by two."""

from collections.abc import Callable, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.approval.queries import is_free
from contracts.kernel.work import Role, Work
from contracts.payment import paying_accounts
from contracts.payment import queries as payments
from contracts.payment.queries import Payment
from contracts.payment.rules import Channel, PaymentStatus
from contracts.reconciliation import bank_orders, importing, queries, service
from contracts.reconciliation.models import BankLineRow
from contracts.reconciliation.rules import Case, CaseKind, CaseStatus, Resolution
from market.oversight.names import names
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.payments import age
from market.web.pages.officer.sight import held_by, regions
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest

READERS = (Role.FINANCE_OFFICER, Role.BUDGET_OFFICER, Role.AUDITOR)
LATEST = 5  # statements on the first page
LONGEST_FILE = 900_000  # characters in a form; larger files go in by the command
LONGEST_NAME = 140
LONGEST_NUMBER = 80  # of a payment
HOME = "/reconciliation"
REGION_DIGITS = 2  # of a territory's code


@get(HOME, sync_to_thread=True)
def show_desk(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    return _desk(request, caller, at, EMPTY)


def _desk(request: WebRequest, caller: Caller, at: TheSlice, filled: Filled) -> Response[str]:
    held = held_by(caller, *READERS)
    resolved = request.query_params.get("resolved") == "yes"

    def read(work: Work) -> dict[str, Any]:
        found = queries.cases_of_territories(work, held, resolved=resolved, after=at.after, limit=at.limit + 1)
        mine = [one for one in paying_accounts.accounts(work) if any(one.territory.startswith(t) for t in held)]
        return {
            "cases": found,
            "owners": names(work, [("user", case.owner_id) for case in found]),
            "statements": queries.statements(work, queries.of_territories(held), after=None, limit=LATEST),
            "accounts": {one.id: one for one in mine},
            "orders": queries.bank_orders(work, held, after=None, limit=LATEST),
            "now": work.now,
        }

    found = caller.read(read)
    listing = at.listing(found.pop("cases"), lambda one: one, lambda one: one.id)
    return render(
        request, "officer/reconciliation.html", filled=filled, key=new_key(), listing=listing, resolved=resolved,
        age=age, is_finance=caller.actor.has(Role.FINANCE_OFFICER), channels=Channel,
        regions=regions(request, held), **found,
    )  # fmt: skip


@post("/reconciliation/statements", sync_to_thread=True)
def take_in(request: WebRequest, caller: TheCaller, at: TheSlice, data: Form) -> Response[Any]:
    """The text of a file, as a browser without scripts can send it."""

    def do(work: Work) -> None:
        reading = Reading(data)
        body = data.get("camt053", "")
        if not body.strip():
            reading.wrong("camt053", _("Fill in this field"))
        if len(body) > LONGEST_FILE:
            reading.wrong("camt053", _("Write at most %(limit)s characters"), limit=LONGEST_FILE)
        reading.check()
        importing.import_statements(work, body.encode())

    return submit(
        request, caller, data, do=do, again=lambda filled: _desk(request, caller, at, filled), to=HOME,
        said=_("The statement is taken in. What differs is in the list."),
    )  # fmt: skip


@post("/reconciliation/accounts", sync_to_thread=True)
def open_account(request: WebRequest, caller: TheCaller, at: TheSlice, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        held = held_by(caller, Role.FINANCE_OFFICER)
        territory = reading.one_of("territory", [code for code, _name in regions(request, held)])
        name = reading.text("name", max_length=LONGEST_NAME)
        iban = reading.text("iban", max_length=40).replace(" ", "")
        channel = reading.choice("channel", Channel)
        reading.check()
        paying_accounts.open_paying_account(
            work, territory=_covered(territory, held), name=name, iban=iban, channel=channel
        )

    return submit(
        request, caller, data, do=do, again=lambda filled: _desk(request, caller, at, filled), to=HOME,
        said=_("The account is written down."),
    )  # fmt: skip


def _covered(region: str, held: Sequence[str]) -> str:
    """Everything in the region, or as much of it as the officer holds."""
    return max([region[:REGION_DIGITS], *(one for one in held if region.startswith(one))], key=len)


@post("/reconciliation/orders/{account_id:uuid}", sync_to_thread=True)
def make_order(request: WebRequest, caller: TheCaller, at: TheSlice, account_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        bank_orders.make_order(work, account_id)

    return submit(
        request, caller, data, do=do, again=lambda filled: _desk(request, caller, at, filled), to=HOME,
        said=_("The order is made. Take its file to the bank."),
    )  # fmt: skip


@get("/reconciliation/orders/{number:str}/file", sync_to_thread=True)
def get_order_file(caller: TheCaller, number: FromPath[str]) -> Response[bytes]:
    held_by(caller, *READERS)
    order, body = caller.read(lambda work: bank_orders.file_of(work, number))
    headers = {"Content-Disposition": f'attachment; filename="{order.number}.xml"'}
    return Response(body, media_type="application/xml", headers=headers)


@get("/reconciliation/statements/{statement_id:uuid}", sync_to_thread=True)
def show_statement(request: WebRequest, caller: TheCaller, at: TheSlice, statement_id: Id) -> Response[str]:
    held = held_by(caller, *READERS)

    def read(work: Work) -> dict[str, Any]:
        statement = queries.statement(work, statement_id, held)
        lines = queries.lines(work, BankLineRow.statement_id == statement.id, after=at.after, limit=at.limit + 1)
        named = [("payment", line.payment_id) for line in lines if line.payment_id]
        account = paying_accounts.account(work, statement.account_id)
        return {"statement": statement, "account": account, "lines": lines, "numbers": names(work, named)}

    found = caller.read(read)
    listing = at.listing(found.pop("lines"), lambda one: one, lambda one: one.id)
    return render(request, "officer/statement.html", listing=listing, **found)


@get("/reconciliation/cases/{number:str}", sync_to_thread=True)
def show_case(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _case(request, caller, number, EMPTY)


def _case(request: WebRequest, caller: Caller, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        case = service.show(work, number)
        hands = [one for one in (case.owner_id, case.proposed_by, case.resolved_by) if one]
        payment = payments.payment(work, case.payment_id) if case.payment_id else None
        proposed = payments.payment(work, case.proposed_payment_id) if case.proposed_payment_id else None
        lines = queries.lines_of_payment(work, payment.id) if payment else []
        if case.bank_line_id:
            lines = queries.lines(work, BankLineRow.id == case.bank_line_id)
        return {
            "case": case,
            "payment": payment,
            "proposed": proposed,
            "lines": lines,
            "corrected": queries.corrections(work, payment.id) if payment else 0,
            "hands": names(work, [("user", one) for one in hands]),
            **_may(work, case, payment, free=all(is_free(work, of.provider_id) for of in (payment, proposed) if of)),
        }

    return render(
        request, "officer/case.html", filled=filled, key=new_key(),
        choices=(Resolution.CORRECTION, Resolution.ASSIGNMENT, Resolution.DECISION), **caller.read(read),
    )  # fmt: skip


def _may(work: Work, case: Case, payment: Payment | None, *, free: bool) -> dict[str, bool]:
    """Which forms are shown: none that its service would refuse. ``is_left_undone``: the bank never paid what it was
    asked for in a file."""
    officer = work.actor.has(Role.FINANCE_OFFICER, territory=case.territory)
    waits = officer and case.status is CaseStatus.PROPOSED and work.actor.id != case.proposed_by
    unresolved = officer and case.status is not CaseStatus.RESOLVED
    never = case.kind is CaseKind.LINE_MISSING and payment is not None and payment.status is PaymentStatus.SENT
    return {
        "may_propose": unresolved and free,
        "may_correct": case.payment_id is not None and case.difference_minor != 0 and not never,
        "may_assign": case.bank_line_id is not None,
        "is_left_undone": never,
        "may_take": unresolved and work.actor.id != case.owner_id,
        "may_decide": waits and free,
        "tied": unresolved and not free,
    }


Verb = Callable[[Work, str], None]


def _move(request: WebRequest, caller: Caller, number: str, data: Form, do: Verb, said: str) -> Response[Any]:
    return submit(
        request, caller, data, do=lambda work: do(work, number),
        again=lambda filled: _case(request, caller, number, filled), to=f"{HOME}/cases/{number}", said=said,
    )  # fmt: skip


@post("/reconciliation/cases/{number:str}/proposal", sync_to_thread=True)
def propose(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work, case: str) -> None:
        reading = Reading(data)
        resolution = reading.choice("resolution", Resolution)
        reason = reading.text("reason", max_length=500)
        payment = reading.text("payment", max_length=LONGEST_NUMBER, required=False)
        reading.check()
        service.propose(work, case, resolution=resolution, reason=reason, payment=payment)

    return _move(request, caller, number, data, do, _("A second person is asked to approve it."))


@post("/reconciliation/cases/{number:str}/approval", sync_to_thread=True)
def approve(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    return _move(request, caller, number, data, service.approve, _("The case is resolved."))


@post("/reconciliation/cases/{number:str}/refusal", sync_to_thread=True)
def refuse(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    return _move(request, caller, number, data, service.refuse, _("The proposal is refused; the case is open."))


@post("/reconciliation/cases/{number:str}/taking", sync_to_thread=True)
def take(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    return _move(request, caller, number, data, service.take, _("The case is yours."))


HANDLERS = [
    show_desk,
    take_in,
    open_account,
    make_order,
    get_order_file,
    show_statement,
    show_case,
    propose,
    approve,
    refuse,
    take,
]
