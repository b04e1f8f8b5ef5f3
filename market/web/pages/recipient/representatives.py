"""Who may act for the person: shown to them, given and taken back by the office."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.work import Work
from market.recipient import representation
from market.recipient.representation import MAX_GROUND
from market.user.rules import NotToOneself, UserNotFound
from market.web.language import _
from market.web.pages.form import EMPTY, Fault, Filled, Form, Incomplete, Reading, new_key, submit
from market.web.pages.recipient.person import Person, person_of, show
from market.web.work import Caller, Id, TheCaller, WebRequest


@get("/people/{number:str}/representatives", sync_to_thread=True)
def show_representatives(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _page(request, caller, person_of(caller, number), EMPTY)


def _page(request: WebRequest, caller: Caller, person: Person, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        return {"representatives": representation.representatives(work, person.id), "today": work.today}

    fields = ("login", "ground", "from_on", "until_on")
    return show(request, person, "representatives", filled=filled, fields=fields, key=new_key(), **caller.read(read))


@post("/people/{number:str}/representatives", sync_to_thread=True)
def appoint(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    person = person_of(caller, number)

    def do(work: Work) -> None:
        reading = Reading(data)
        login, ground = reading.text("login", max_length=120), reading.text("ground", max_length=MAX_GROUND)
        from_on, until_on = reading.day("from_on"), reading.day("until_on", required=False)
        reading.check()
        assert from_on is not None, "check stops where it is missing"
        try:
            user_id = representation.user_to_appoint(work, person.id, login)
            representation.appoint(work, person.id, user_id=user_id, ground=ground, from_on=from_on, until_on=until_on)
        except UserNotFound:
            raise Incomplete([Fault("login", _("Nobody signs in by this name"))]) from None
        except NotToOneself:
            raise Incomplete([Fault("login", _("Nobody appoints themselves"))]) from None

    return submit(
        request, caller, data, do=do, again=lambda filled: _page(request, caller, person, filled),
        to=f"{person.address}/representatives", said=_("From the first day on this person may act for the recipient."),
    )  # fmt: skip


@post("/people/{number:str}/representatives/{grant_id:uuid}/end", sync_to_thread=True)
def dismiss(request: WebRequest, caller: TheCaller, number: FromPath[str], grant_id: Id, data: Form) -> Response[Any]:
    person = person_of(caller, number)
    return submit(
        request, caller, data, do=lambda work: representation.dismiss(work, grant_id),
        again=lambda filled: _page(request, caller, person, filled),
        to=f"{person.address}/representatives", said=_("From now on this person does not act for the recipient."),
    )  # fmt: skip


HANDLERS = [show_representatives, appoint, dismiss]
