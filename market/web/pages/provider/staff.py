"""Who works for the organisation: by name, for its own people."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.work import Work
from market.provider import queries, roster, service
from market.provider.roster import WorkerNotFound
from market.provider.rules import MAX_NAME, MAX_SPECIALITY
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.provider.house import ONE_DAY, address_of, desk_page, house_of
from market.web.work import Caller, Id, TheCaller, WebRequest

HERE = "/staff"


@get("/organisations/{number:str}/staff", sync_to_thread=True)
def show_staff(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, at, number, EMPTY)


def _show(request: WebRequest, caller: Caller, at: TheSlice, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number)
        workers = queries.staff_of(work, house.id, after=at.after, limit=at.limit + 1)
        return {"house": house, "workers": roster.opened(work, caller.vault, workers), "today": work.today}

    found = caller.read(read)
    workers = at.listing(found.pop("workers"), lambda one: one, lambda one: one.id)
    return desk_page(
        request, "staff", found.pop("house"), HERE, filled=filled, key=new_key(), workers=workers, **found
    )  # fmt: skip


@post("/organisations/{number:str}/staff", sync_to_thread=True)
def add_worker(
    request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form
) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        name = reading.text("name", max_length=MAX_NAME)
        speciality = reading.text("speciality", max_length=MAX_SPECIALITY)
        from_on = reading.day("from_on")
        reading.check()
        assert from_on is not None
        house = house_of(work, number)
        service.add_staff(work, caller.vault, house.id, name=name, speciality=speciality, from_on=from_on)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, at, number, filled),
        to=address_of(number, HERE), said=_("The worker is on the staff list."),
    )  # fmt: skip


@get("/organisations/{number:str}/staff/{worker_id:uuid}", sync_to_thread=True)
def show_worker(request: WebRequest, caller: TheCaller, number: FromPath[str], worker_id: Id) -> Response[str]:
    return _show_worker(request, caller, number, worker_id, EMPTY)


def _show_worker(
    request: WebRequest, caller: Caller, number: str, worker_id: Id, filled: Filled
) -> Response[str]:  # fmt: skip
    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number)
        worker = queries.worker(work, worker_id)
        if worker is None or worker.provider_id != house.id:
            raise WorkerNotFound
        return {"house": house, "worker": roster.opened(work, caller.vault, [worker])[0], "today": work.today}

    found = caller.read(read)
    return desk_page(request, "worker", found.pop("house"), HERE, filled=filled, key=new_key(), **found)


@post("/organisations/{number:str}/staff/{worker_id:uuid}/end", sync_to_thread=True)
def end_employment(
    request: WebRequest, caller: TheCaller, number: FromPath[str], worker_id: Id, data: Form
) -> Response[Any]:
    def do(work: Work) -> None:
        house_of(work, number)
        reading = Reading(data)
        last_on = reading.day("last_on")
        worker = queries.worker(work, worker_id)
        if worker and last_on and last_on < worker.from_on:
            reading.wrong("last_on", _("The last day must not lie before the first"))
        reading.check()
        assert last_on is not None
        roster.end_employment(work, worker_id, until_on=last_on + ONE_DAY)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show_worker(request, caller, number, worker_id, filled),
        to=address_of(number, HERE), said=_("The last day of the worker is set."),
    )  # fmt: skip


HANDLERS = [show_staff, add_worker, show_worker, end_employment]
