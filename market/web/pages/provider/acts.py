"""Monthly acts: what each month still waits for, drawing one up, handing it in."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from contracts.act import calendar, editions, queries, service, taken_back
from contracts.act.rules import Act, ActNotFound, ActStatus, DeductionCode
from contracts.act.take_back import TakeBackStatus
from contracts.contract.queries import contract
from contracts.contract.rules import ContractNotFound
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.payment.advance_queries import paid_before
from contracts.payment.queries import payments_of_act
from market.catalogue.rules import ServiceKind, Unit
from market.placement.visiting import plates_of
from market.provider.queries import Provider
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.provider.home import months_back
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.work import Caller, Id, TheCaller, WebRequest

HERE = "/acts"
MONTHS_A_PAGE = 6
MonthAsked = Annotated[str | None, QueryParameter(name="until", pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")]


@get("/organisations/{number:str}/acts", sync_to_thread=True)
def show_acts(
    request: WebRequest, caller: TheCaller, number: FromPath[str], until: MonthAsked = None
) -> Response[str]:  # fmt: skip
    return _show(request, caller, number, until, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, until: str | None, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number)
        newest = Month.parse(until).first_day if until else work.today
        months = months_back(newest, MONTHS_A_PAGE + 1)
        found = calendar.months_of(work, house.id, months[:-1])
        return {"house": house, "found": found, "today": work.today, "earlier": months[-1]}

    read_now = caller.read(read)
    return desk_page(
        request, "acts", read_now.pop("house"), HERE, filled=filled, key=new_key(), months_a_page=MONTHS_A_PAGE,
        in_hand={ActStatus.DRAFT, ActStatus.RETURNED}, **read_now,
    )  # fmt: skip


@post("/organisations/{number:str}/acts", sync_to_thread=True)
def draw_up(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work) -> str:
        house, reading = house_of(work, number), Reading(data)
        contract_id = reading.uuid("contract_id")
        reading.check()
        if contract(work, contract_id).provider_id != house.id:
            raise ContractNotFound
        act_id = service.draft(work, contract_id, month=Month.parse(data.get("month", ""), pointer="/month"))
        return address_of(number, f"{HERE}/{act_id}")

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, None, filled),
        to=address_of(number, HERE), said=_("The act is drawn up. Look at it and hand it in."),
    )  # fmt: skip


@get("/organisations/{number:str}/acts/{act_id:uuid}", sync_to_thread=True)
def show_act(
    request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], act_id: Id
) -> Response[str]:  # fmt: skip
    return _show_act(request, caller, at, number, act_id, EMPTY)


def _show_act(
    request: WebRequest, caller: Caller, at: TheSlice, number: str, act_id: UUID, filled: Filled
) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house, act = _act_in(work, number, act_id)
        lines = calendar.lines_of(work, act.id, after=at.after, limit=at.limit + 1)
        listed = at.listing(lines, lambda one: one, lambda one: one.id)
        plates = plates_of(work, caller.vault, house.id, {one.recipient_id for one in listed.items})
        months = calendar.months_of(work, house.id, [act.month])
        return {
            "house": house, "act": act, "lines": listed, "plates": plates, "payments": payments_of_act(work, act.id),
            "before": paid_before(work, act.id), "back_minor": taken_back.back_of_acts(work, [act.id]).get(act.id, 0),
            "untrue": taken_back.of_act(work, act.id, TakeBackStatus.TAKEN),
            "contract": contract(work, act.contract_id), "told": editions.history(work, act.id),
            "parts": queries.parts_of(work, act),
            "month": next((one for one in months if one.contract_id == act.contract_id), None),
        }  # fmt: skip

    found = caller.write(read)  # to read names leaves an event
    return desk_page(
        request, "act", found.pop("house"), HERE, filled=filled, key=new_key(),
        in_hand=found["act"].status in {ActStatus.DRAFT, ActStatus.RETURNED},
        codes={str(code): code for code in DeductionCode},
        kinds={str(kind): kind for kind in ServiceKind}, units={str(unit): unit for unit in Unit}, **found,
    )  # fmt: skip


def _act_in(work: Work, number: str, act_id: UUID) -> tuple[Provider, Act]:
    house, act = house_of(work, number), queries.act(work, act_id)
    if act.provider_id != house.id:
        raise ActNotFound
    return house, act


@post("/organisations/{number:str}/acts/{act_id:uuid}/assembly", sync_to_thread=True)
def assemble(
    request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], act_id: Id, data: Form
) -> Response[Any]:
    return _move(
        request, caller, at, number, act_id, data, verb=service.redraft,
        said=_("The act is assembled anew from what is confirmed now."),
    )  # fmt: skip


@post("/organisations/{number:str}/acts/{act_id:uuid}/submission", sync_to_thread=True)
def hand_in(
    request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], act_id: Id, data: Form
) -> Response[Any]:
    return _move(
        request, caller, at, number, act_id, data, verb=service.submit,
        said=_("The act is handed in. An officer accepts it or gives it back with a reason."),
    )  # fmt: skip


def _move(
    request: WebRequest, caller: Caller, at: TheSlice, number: str, act_id: UUID, data: Form, *, verb: Any, said: str
) -> Response[Any]:
    """``version``: the act as the page showed it; where it is another one by now, nothing is done."""

    def do(work: Work) -> None:
        _act_in(work, number, act_id)
        reading = Reading(data)
        version = reading.number("version")
        reading.check()
        verb(work, act_id, version=version)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show_act(request, caller, at, number, act_id, filled),
        to=address_of(number, f"{HERE}/{act_id}"), said=said,
    )  # fmt: skip


HANDLERS = [show_acts, draw_up, show_act, assemble, hand_in]
