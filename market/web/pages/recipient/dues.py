"""What a recipient owes of their help, for which month and until when, and paying it."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.collection import queries, service
from contracts.collection.rules import Collection, CollectionKind, CollectionStatus, DueNotFound
from contracts.kernel.work import Work
from market.catalogue.rules import ServiceKind
from market.oversight.names import names
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.recipient.person import Person, check_own, person_of, show
from market.web.pages.recipient.visits import month_mark
from market.web.wire import PAGE
from market.web.work import Caller, TheCaller, WebRequest

TEST_CARDS = ("pm_card_visa", "pm_card_chargeDeclined")  # the sandbox's own: one pays, one is declined


@get("/people/{number:str}/dues", sync_to_thread=True)
def show_dues(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _page(request, caller, person_of(caller, number), EMPTY)


def _page(request: WebRequest, caller: Caller, person: Person, filled: Filled) -> Response[str]:
    before = month_mark(request.query_params.get("before", ""))

    def read(work: Work) -> dict[str, Any]:
        found = service.dues_of(work, person.id, before=before, limit=PAGE + 1)
        accounts = found[:PAGE]
        last = accounts[-1].due if accounts else None
        live = queries.live_of_dues(work, [one.due.id for one in accounts if one.live is not None])
        return {
            "accounts": accounts,
            "live": live,
            "payable": {key for key, one in live.items() if _is_payable(one)},
            "kinds": {one.due.id: ServiceKind(one.due.kind) for one in accounts},
            "names": names(work, [("provider", one.due.provider_id) for one in accounts]),
            "following": f"{last.month}_{last.id}" if last and len(found) > PAGE else None,
            "today": work.today,
        }

    sandbox = caller.site.settings.payment_url is None
    return show(
        request, person, "dues", filled=filled, fields=("method",), key=new_key(), sandbox=sandbox, cards=TEST_CARDS,
        **caller.read(read),
    )  # fmt: skip


def _is_payable(one: Collection) -> bool:
    waits = one.method is None and one.cancel_ordered_at is None
    return one.kind is CollectionKind.INTENT and one.status is CollectionStatus.OPEN and waits


@post("/people/{number:str}/dues/{due:str}/payment", sync_to_thread=True)
def pay(request: WebRequest, caller: TheCaller, number: FromPath[str], due: FromPath[str], data: Form) -> Response[Any]:
    person = person_of(caller, number)

    def do(work: Work) -> None:
        reading = Reading(data)
        method = reading.one_of("method", TEST_CARDS)
        reading.check()
        found = queries.due_numbered(work, due)
        check_own(found.recipient_id, person, DueNotFound)
        service.pay(work, found.id, method=method)

    return submit(
        request, caller, data, do=do, again=lambda filled: _page(request, caller, person, filled),
        to=f"{person.address}/dues", said=_("Your payment is being made. This page says what came of it."),
    )  # fmt: skip


HANDLERS = [show_dues, pay]
