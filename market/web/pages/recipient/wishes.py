"""A holder's own ranking, best first: added to, moved and taken from by one button each."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.work import Work
from market.placement import queries, service
from market.placement.cards import MAX_COMPARED, Card
from market.placement.rules import MAX_WISHES
from market.provider.board import offer_numbered
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.recipient.person import Person, person_of, show, voucher_of
from market.web.pages.recipient.programme import held
from market.web.work import Caller, TheCaller, WebRequest

Change = Callable[[list[UUID], UUID], list[UUID]]


@get("/people/{number:str}/vouchers/{voucher:str}/wishes", sync_to_thread=True)
def show_wishes(request: WebRequest, caller: TheCaller, number: FromPath[str], voucher: FromPath[str]) -> Response[str]:
    return _page(request, caller, person_of(caller, number), voucher, EMPTY)


def _page(request: WebRequest, caller: Caller, person: Person, voucher: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        one = held(work, voucher_of(work, person, voucher))
        ids = queries.wishes_of(work, one.request.id) if one.request else []
        known = queries.candidates_among(work, ids)
        cards: dict[UUID, Card | None] = {}
        for at in range(0, len(ids), MAX_COMPARED):
            cards |= {c.offer_id: c.card for c in service.compare(work, one.voucher.id, ids[at : at + MAX_COMPARED])}
        return {"held": one, "wishes": [(known[i], cards[i]) for i in ids if i in known]}

    return show(request, person, "wishes", filled=filled, key=new_key(), most=MAX_WISHES, **caller.read(read))


def _changed(
    request: WebRequest, caller: Caller, person: Person, voucher: str, data: Form, change: Change, said: str
) -> Response[Any]:
    """The list as it stands, changed by one step and kept."""

    def do(work: Work) -> None:
        reading = Reading(data)
        number = reading.text("offer", max_length=24)
        reading.check()
        own = voucher_of(work, person, voucher)
        request_id = service.ask(work, own.id)
        wishes = change(queries.wishes_of(work, request_id), offer_numbered(work, number).id)
        service.set_wishes(work, own.id, offer_ids=wishes)

    return submit(
        request, caller, data, do=do, again=lambda filled: _page(request, caller, person, voucher, filled),
        to=f"{person.address}/vouchers/{voucher}/wishes", said=said,
    )  # fmt: skip


@post("/people/{number:str}/vouchers/{voucher:str}/wishes/add", sync_to_thread=True)
def add(
    request: WebRequest, caller: TheCaller, number: FromPath[str], voucher: FromPath[str], data: Form
) -> Response[Any]:
    def last(wishes: list[UUID], offer: UUID) -> list[UUID]:
        return wishes if offer in wishes else [*wishes, offer]

    person = person_of(caller, number)
    return _changed(request, caller, person, voucher, data, last, _("Your wish is kept."))


@post("/people/{number:str}/vouchers/{voucher:str}/wishes/raise", sync_to_thread=True)
def prefer(
    request: WebRequest, caller: TheCaller, number: FromPath[str], voucher: FromPath[str], data: Form
) -> Response[Any]:
    def one_up(wishes: list[UUID], offer: UUID) -> list[UUID]:
        at = wishes.index(offer) if offer in wishes else 0
        if at == 0:
            return wishes
        return [*wishes[: at - 1], offer, wishes[at - 1], *wishes[at + 1 :]]

    person = person_of(caller, number)
    return _changed(request, caller, person, voucher, data, one_up, _("The order of your wishes is changed."))


@post("/people/{number:str}/vouchers/{voucher:str}/wishes/remove", sync_to_thread=True)
def remove(
    request: WebRequest, caller: TheCaller, number: FromPath[str], voucher: FromPath[str], data: Form
) -> Response[Any]:
    def without(wishes: list[UUID], offer: UUID) -> list[UUID]:
        return [one for one in wishes if one != offer]

    person = person_of(caller, number)
    return _changed(request, caller, person, voucher, data, without, _("The wish is taken from your list."))


HANDLERS = [show_wishes, add, prefer, remove]
