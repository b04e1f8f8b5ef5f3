"""A person has died: recorded by the service centre in two steps, first the day, then a yes to what follows from it."""

from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.contract.queries import engagements_of_recipient
from contracts.kernel.errors import Malformed, RuleBroken, WrongState
from contracts.kernel.work import Work
from market.oversight.names import names
from market.placement import service as placement
from market.recipient import queries, representation, service
from market.recipient.rules import RecipientNotFound, check_death
from market.voucher.queries import vouchers_of
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, faults_of, new_key, submit
from market.web.pages.recipient.person import Person, person_of, show
from market.web.problems import status_of
from market.web.work import Caller, TheCaller, WebRequest

DAY = timedelta(days=1)
CONFIRMED = "confirmed"
RECORDED = _(
    "The death is recorded. The vouchers are closed, the services have ended, and the money that is not needed has gone"
    " back."
)


@get("/people/{number:str}/death", sync_to_thread=True)
def show_death(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _page(request, caller, person_of(caller, number), EMPTY)


def _page(
    request: WebRequest, caller: Caller, person: Person, filled: Filled, asked: date | None = None
) -> Response[str]:
    """``asked``: the day that waits for a yes."""

    def read(work: Work) -> dict[str, Any]:
        engagements = engagements_of_recipient(work, person.id)
        return {
            "died_on": queries.recipient(work, person.id).died_on,
            "vouchers": vouchers_of(work, person.id),
            "engagements": engagements,
            "contracts": names(work, [("contract", one.contract_id) for one in engagements]),
            "representatives": [
                one
                for one in representation.representatives(work, person.id)
                if one.until_on is None or one.until_on > work.today
            ],
            "today": work.today,
        }

    return show(
        request, person, "death", filled=filled, fields=["died_on"], key=new_key(), asked=asked, one_day=DAY,
        **caller.read(read),
    )  # fmt: skip


@post("/people/{number:str}/death", sync_to_thread=True)
def record_death(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    person = person_of(caller, number)
    if not person.by_office:
        raise RecipientNotFound
    if data.get(CONFIRMED) != "yes":
        return _ask(request, caller, person, data)

    def do(work: Work) -> None:
        died_on = _day(data)
        service.record_death(work, caller.vault, person.id, died_on=died_on)
        placement.end_all_of(work, person.id, died_on=died_on)

    return submit(
        request, caller, data, do=do, again=lambda filled: _page(request, caller, person, filled),
        to=f"{person.address}/death", said=RECORDED,
    )  # fmt: skip


def _ask(request: WebRequest, caller: Caller, person: Person, data: Form) -> Response[str]:
    """Shows what would follow, and changes nothing; whether the person was born by then, the second step finds."""

    def read(work: Work) -> date:
        died_on, found = _day(data), queries.recipient(work, person.id)
        check_death(died_on, found.died_on, born_on=None, today=work.today)
        return died_on

    try:
        died_on = caller.read(read)
    except (Malformed, RuleBroken, WrongState) as error:
        typed = {"died_on": data.get("died_on", "")}
        page = _page(request, caller, person, Filled(typed, faults_of(request, error)))
        page.status_code = status_of(type(error))
        return page
    return _page(request, caller, person, EMPTY, died_on)


def _day(data: Form) -> date:
    reading = Reading(data)
    died_on = reading.day("died_on")
    reading.check()
    assert died_on is not None, "a required day that passed the check is one"
    return died_on


HANDLERS = [show_death, record_death]
