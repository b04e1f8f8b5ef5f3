"""The organisation's licences."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.work import Work
from market.provider import queries, service
from market.provider.rules import MAX_LICENCE_NUMBER
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.provider.house import ONE_DAY, address_of, desk_page, house_of
from market.web.work import Caller, TheCaller, WebRequest

HERE = "/licences"


@get("/organisations/{number:str}/licences", sync_to_thread=True)
def show_licences(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, number, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number)
        return {"house": house, "licences": queries.licences(work, house.id), "today": work.today}

    found = caller.read(read)
    return desk_page(request, "licences", found.pop("house"), HERE, filled=filled, key=new_key(), **found)


@post("/organisations/{number:str}/licences", sync_to_thread=True)
def add_licence(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        licence = reading.text("number", max_length=MAX_LICENCE_NUMBER)
        from_on, last_on = reading.day("from_on"), reading.day("last_on", required=False)
        if from_on and last_on and last_on < from_on:
            reading.wrong("last_on", _("The last day must not lie before the first"))
        reading.check()
        assert from_on is not None
        until_on = last_on + ONE_DAY if last_on else None
        service.add_licence(work, house_of(work, number).id, number=licence, from_on=from_on, until_on=until_on)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, filled),
        to=address_of(number, HERE), said=_("The licence is added."),
    )  # fmt: skip


HANDLERS = [show_licences, add_licence]
