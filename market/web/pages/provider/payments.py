"""Money to come and money that came; the bank account it goes to."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.ids import parse_iban
from contracts.kernel.work import Work
from contracts.payee import queries as payees
from contracts.payee import service
from contracts.payee.rules import WAITING_TIME, VersionStatus
from contracts.payment import statement
from contracts.payment.advance_queries import owed_in_all
from contracts.payment.rules import PaymentStatus
from market.provider.rules import MAX_NAME
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.work import Caller, Id, TheCaller, WebRequest

PAYMENTS, ACCOUNT = "/payments", "/account"
WHAT_IT_MEANS = {
    PaymentStatus.ORDERED: _("The payment is ordered. It is sent next."),
    PaymentStatus.SENDING: _(
        "The payment is being sent. If a connection breaks it is looked up before it is sent again."
    ),
    PaymentStatus.SENT: _("The money has left the budget and is on its way to your bank."),
    PaymentStatus.SETTLED: _("Your bank has the money."),
    PaymentStatus.FAILED: _(
        "The payment could not be made. An act is paid by a new order, an advance is asked for again."
    ),
    PaymentStatus.RETURNED: _("Your bank sent the money back. Check the bank account; it is sent again."),
    PaymentStatus.REVERSED: _("The money was called back."),
}


@get("/organisations/{number:str}/payments", sync_to_thread=True)
def show_payments(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str]) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number)
        return {
            "house": house,
            "owed": owed_in_all(work, house.id),
            "coming": statement.coming(work, house.id),
            "unordered": statement.unordered_acts(work, house.id),
            "payments": statement.payments_of(work, house.id, after=at.after, limit=at.limit + 1),
        }

    found = caller.read(read)
    payments = at.listing(found.pop("payments"), lambda one: one, lambda one: one.id)
    return desk_page(
        request, "payments", found.pop("house"), PAYMENTS, payments=payments, meanings=WHAT_IT_MEANS, **found
    )  # fmt: skip


@get("/organisations/{number:str}/account", sync_to_thread=True)
def show_account(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, number, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number)
        payee = payees.payee_of(work, house.id)
        change = payees.change_to_notice(work, house.id)
        return {"house": house, "versions": payees.versions(work, payee.id) if payee else [], "change": change}

    found = caller.read(read)
    waits = any(version.status is VersionStatus.WAITING for version in found["versions"])
    return desk_page(
        request, "account", found.pop("house"), ACCOUNT, filled=filled, key=new_key(), waits=waits,
        waiting=WAITING_TIME, **found,
    )  # fmt: skip


@post("/organisations/{number:str}/account", sync_to_thread=True)
def name_account(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    """The first account is active at once; a later one waits for time and a second person."""

    def do(work: Work) -> None:
        house, reading = house_of(work, number), Reading(data)
        legal_name = reading.text("legal_name", max_length=MAX_NAME)
        iban = reading.text("iban", max_length=40).replace(" ", "")
        reading.check()
        parse_iban(iban)
        payee = payees.payee_of(work, house.id)
        if payee is None:
            service.open_payee(work, provider_id=house.id, bin=house.bin, legal_name=legal_name, iban=iban)
        else:
            service.request_change(work, payee.id, legal_name=legal_name, iban=iban)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, filled),
        to=address_of(number, ACCOUNT), said=_("The account is written down."),
    )  # fmt: skip


@post("/organisations/{number:str}/account/{version_id:uuid}/stop", sync_to_thread=True)
def stop_change(
    request: WebRequest, caller: TheCaller, number: FromPath[str], version_id: Id, data: Form
) -> Response[Any]:
    return submit(
        request, caller, data, do=lambda work: service.stop_change(work, version_id),
        again=lambda filled: _show(request, caller, number, filled), to=address_of(number, ACCOUNT),
        said=_("The change is stopped. Money goes to the account you had."),
    )  # fmt: skip


HANDLERS = [show_payments, show_account, name_account, stop_change]
