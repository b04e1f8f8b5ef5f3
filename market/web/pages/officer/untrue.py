"""The money of a visit, or of an absence noted instead of one, that was found untrue: proposed to be taken back by one
officer, decided by another."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from contracts.act import taken_back
from contracts.act.queries import act_of
from contracts.act.rules import LONGEST_REASON, Act, ActNotFound
from contracts.act.take_back import OF_ABSENCES, OF_VISITS, TakeBack, TakeBackCode, TakeBackStatus, Worth
from contracts.approval.queries import is_free
from contracts.collection import taking_back
from contracts.kernel.work import Role, Work
from contracts.payment.batch_queries import held_by
from contracts.payment.taking_back import is_under_way
from contracts.register.absence_rules import Absence
from contracts.register.rules import Entry
from market.oversight import flags, untrue
from market.oversight.names import names
from market.provider.queries import provider
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import MONEY
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest


@get("/take-backs/{about_id:uuid}", sync_to_thread=True)
def show_take_back(request: WebRequest, caller: TheCaller, about_id: Id) -> Response[str]:
    """``?flag=`` is chosen beforehand: who comes from a flag's page takes the money back because of it."""
    return _show(request, caller, about_id, EMPTY)


def _show(request: WebRequest, caller: Caller, about_id: UUID, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        found, act = _in_sight(work, about_id)
        line, one = taken_back.line_of(work, act, found), taken_back.take_back(work, about_id)
        taken = one is not None and one.status is TakeBackStatus.TAKEN
        worth = None if taken else taken_back.worth(work, act, line, about_id)
        return {
            "about": found, "visit": found if isinstance(found, Entry) else None, "act": act,
            "line": line, "one": one, "worth": worth,
            "provider": provider(work, act.provider_id), "confirmed": flags.confirmed_of(work, about_id),
            "names": names(work, _people(found, one)), "batch": held_by(work, [act.id]).get(act.id),
            "under_way": is_under_way(work, act.id), "why_not": _why_not(work, act, one, worth),
            "codes": sorted(OF_VISITS if isinstance(found, Entry) else OF_ABSENCES, key=list(TakeBackCode).index),
        }  # fmt: skip

    return render(
        request, "officer/untrue.html", filled=filled, key=new_key(),
        flag=request.query_params.get("flag", ""), **caller.read(read),
    )  # fmt: skip


def _in_sight(work: Work, about_id: UUID) -> tuple[Entry | Absence, Act]:
    """For officers of the territory. Raises EntryNotFound, ActNotFound."""
    found = taken_back.doubted(work, about_id)
    if found.act_id is None:
        raise ActNotFound
    return found, act_of(work, found.act_id, *MONEY)


def _people(found: Entry | Absence, one: TakeBack | None) -> list[tuple[str, UUID]]:
    hands = [] if one is None else [who for who in (one.proposed_by, one.decided_by) if who is not None]
    worker = [("worker", found.worker_id)] if isinstance(found, Entry) else [("user", found.entered_by)]
    return [("recipient", found.recipient_id), *worker, *(("user", who) for who in hands)]


def _why_not(work: Work, act: Act, one: TakeBack | None, worth: Worth | None) -> str | None:
    """Why this reader is shown no form; None where one may propose, or decide."""
    if worth is None:
        return _("The money is taken back. Nothing more is to be done.")
    if not work.actor.has(Role.BUDGET_OFFICER, territory=act.territory):
        return _("A budget officer of the territory proposes it, and a second one decides.")
    if not is_free(work, act.provider_id):
        return _("You declared an interest in this organisation: you decide nothing about it.")
    if one is not None and one.status is TakeBackStatus.PROPOSED and one.proposed_by == work.actor.id:
        return _("You proposed it: a second person decides.")
    if not (worth.amount_minor or worth.copayment_minor):
        return _("Nothing is paid for it, so there is nothing to take back.")
    return None


@post("/take-backs/{about_id:uuid}/proposal", sync_to_thread=True)
def propose(request: WebRequest, caller: TheCaller, about_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        code = reading.choice("code", TakeBackCode)
        note = reading.text("note", max_length=LONGEST_REASON)
        flag_id = reading.uuid("flag_id") if data.get("flag_id") else None
        reading.check()
        untrue.propose(work, about_id, code=code, note=note, flag_id=flag_id)

    return _moved(request, caller, about_id, data, do, _("It is proposed. A second budget officer decides."))


@post("/take-backs/{about_id:uuid}/agreement", sync_to_thread=True)
def agree(request: WebRequest, caller: TheCaller, about_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        taking_back.agree(work, about_id)

    return _moved(request, caller, about_id, data, do, _("The money is taken back. The organisation sees why."))


@post("/take-backs/{about_id:uuid}/refusal", sync_to_thread=True)
def refuse(request: WebRequest, caller: TheCaller, about_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        taking_back.refuse(work, about_id)

    return _moved(request, caller, about_id, data, do, _("The money is not taken back."))


def _moved(request: WebRequest, caller: Caller, about_id: UUID, data: Form, do: Any, said: str) -> Response[Any]:
    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, about_id, filled),
        to=f"/take-backs/{about_id}", said=said,
    )  # fmt: skip


HANDLERS = [show_take_back, propose, agree, refuse]
