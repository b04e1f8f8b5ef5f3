"""Batches of payments: acts are chosen, looked at with what they lack, and handed in."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.period import Month
from contracts.kernel.work import Role, Work
from contracts.payment import batch_queries, batching
from contracts.payment.batch_rules import MOST_ACTS, ActNotForBatch, Batch, BatchStatus
from market.oversight.batches import batches
from market.oversight.names import names
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import held_by
from market.web.rendering import render
from market.web.wire import Slice
from market.web.work import Caller, TheCaller, WebRequest

HOME = "/batches-desk"
CHOICE = "act-"  # how the fields of the choice begin: the act's id follows


@get("/batches-desk", sync_to_thread=True)
def list_batches(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    return _list(request, caller, at, EMPTY)


def _list(request: WebRequest, caller: Caller, at: Slice, filled: Filled) -> Response[str]:
    held, asked = held_by(caller, *batching.READERS), at.query.get("status", "")
    which = BatchStatus(asked) if asked in set(BatchStatus) else None
    own = held_by(caller, Role.FINANCE_OFFICER) if caller.actor.has(Role.FINANCE_OFFICER) else ()

    def read(work: Work) -> dict[str, Any]:
        return {
            "found": batches(work, held, status=which, after=at.after, limit=at.limit),
            "purses": batch_queries.purses(work, own) if own else [],
        }

    found = caller.read(read)
    listing = at.listing(found.pop("found"), lambda one: one, lambda one: one.id)
    found["links"] = [(one, f"{HOME}?status={one}", one is which) for one in BatchStatus]
    return render(
        request, "officer/batches.html", filled=filled, key=new_key(), listing=listing, which=which, **found
    )  # fmt: skip


@post("/batches-desk", sync_to_thread=True)
def open_batch(request: WebRequest, caller: TheCaller, at: TheSlice, data: Form) -> Response[Any]:
    def do(work: Work) -> str:
        reading = Reading(data)
        known = {f"{one.territory} {one.year}": one for one in batch_queries.purses(work, [""])}
        purse = reading.one_of("purse", list(known))
        reading.check()
        batch_id = batching.open_batch(work, territory=known[purse].territory, year=known[purse].year)
        return f"{HOME}/{batching.show(work, batch_id).number}/acts"

    return submit(
        request, caller, data, do=do, again=lambda filled: _list(request, caller, at, filled), to=HOME,
        said=_("The batch is open. Choose its acts."),
    )  # fmt: skip


@get("/batches-desk/{number:str}/acts", sync_to_thread=True)
def choose_acts(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str]) -> Response[str]:
    return _choose(request, caller, at, number, EMPTY)


def _choose(request: WebRequest, caller: Caller, at: Slice, number: str, filled: Filled) -> Response[str]:
    caller.actor.require(Role.FINANCE_OFFICER)

    def read(work: Work) -> dict[str, Any]:
        batch = in_sight(work, number)
        where, year = batch.territory, batch.year
        found = batch_queries.payable_acts(work, territory=where, year=year, after=at.after, limit=at.limit + 1)
        return {
            "batch": batch,
            "acts": found,
            "how": batch_queries.conditions(work, found),
            "months": batch_queries.months_waiting(work, territory=where, year=year),
            "providers": names(work, [("provider", one.provider_id) for one in found]),
            "room": MOST_ACTS - len(batch_queries.lines(work, batch.id)),
        }

    told = caller.read(read)
    listing = at.listing(told.pop("acts"), lambda one: one, lambda one: one.id)
    return render(
        request, "officer/batch_acts.html", filled=filled, key=new_key(), listing=listing, most=MOST_ACTS, **told
    )  # fmt: skip


def in_sight(work: Work, number: str) -> Batch:
    """Raises BatchNotFound."""
    return batching.seen(work, batch_queries.batch_numbered(work, number))


@post("/batches-desk/{number:str}/acts", sync_to_thread=True)
def add_acts(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        chosen = [_act_id(name) for name in data if name.startswith(CHOICE)]
        batching.add(work, in_sight(work, number).id, chosen)

    return submit(
        request, caller, data, do=do, again=lambda filled: _choose(request, caller, at, number, filled),
        to=f"{HOME}/{number}", said=_("The acts are in the batch."),
    )  # fmt: skip


def _act_id(name: str) -> UUID:
    try:
        return UUID(name.removeprefix(CHOICE))
    except ValueError:
        raise ActNotForBatch(rule="known-act") from None


@post("/batches-desk/{number:str}/collection", sync_to_thread=True)
def collect(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        batch = in_sight(work, number)
        asked = data.get("month", "")
        reading = Reading(data)
        if asked:
            waiting = batch_queries.months_waiting(work, territory=batch.territory, year=batch.year)
            reading.one_of("month", [str(one) for one in waiting])
        reading.check()
        batching.add_payable(work, batch.id, month=Month.parse(asked) if asked else None)

    return submit(
        request, caller, data, do=do, again=lambda filled: _choose(request, caller, at, number, filled),
        to=f"{HOME}/{number}", said=_("What can be paid was collected."),
    )  # fmt: skip


HANDLERS = [list_batches, open_batch, choose_acts, add_acts, collect]
