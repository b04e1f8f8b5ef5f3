"""Visits of accepted acts, and absences noted instead of one, that were found untrue: their money is taken back by two
officers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody
from pydantic import Field

from contracts.act.rules import LONGEST_REASON
from contracts.act.take_back import TakeBackCode, TakeBackStatus
from contracts.collection import taking_back
from contracts.kernel.work import Work
from contracts.register import absences
from contracts.register.queries import entry
from market.oversight import untrue
from market.web.routes import reads, writes
from market.web.wire import Asked, Money, shown
from market.web.work import Id, TheCaller, TheKey


class NewTakeBack(Asked):
    """``flag_id``: the confirmed flag that led to it, where there is one. The organisation and the recipient read the
    note."""

    code: TakeBackCode
    note: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
    flag_id: UUID | None = None


class TakeBackView(msgspec.Struct, frozen=True):
    """Of a visit or of an absence. ``amount``, of the budget's money, and ``copayment``, the recipient's own part, once
    it is taken."""

    entry_id: UUID | None
    absence_id: UUID | None
    act_id: UUID
    status: TakeBackStatus
    code: TakeBackCode
    note: str
    flag_id: UUID | None
    proposed_at: datetime
    decided_at: datetime | None
    amount: Money | None
    copayment: Money | None


def _visit(work: Work, entry_id: UUID) -> UUID:
    return entry(work, entry_id).id


def _absence(work: Work, absence_id: UUID) -> UUID:
    return absences.absence(work, absence_id).id


def _show(work: Work, about_id: UUID) -> TakeBackView:
    return shown(TakeBackView, taking_back.show(work, about_id))


def _propose(work: Work, about_id: UUID, data: NewTakeBack) -> None:
    untrue.propose(work, about_id, code=data.code, note=data.note, flag_id=data.flag_id)


@reads("/entries/{entry_id:uuid}/take-back")
def get_take_back(caller: TheCaller, entry_id: Id) -> TakeBackView:
    return caller.read(lambda work: _show(work, _visit(work, entry_id)))


@writes("/entries/{entry_id:uuid}/take-back")
def propose(caller: TheCaller, entry_id: Id, data: JSONBody[NewTakeBack]) -> TakeBackView:
    """By a budget officer of the territory; a second one agrees before anything moves."""
    return caller.do(lambda work: _propose(work, _visit(work, entry_id), data), lambda work: _show(work, entry_id))


@writes("/entries/{entry_id:uuid}/take-back/agreement")
def agree(caller: TheCaller, once: TheKey, entry_id: Id) -> Response[TakeBackView]:
    """What is not paid yet is the line's again, what is paid the organisation owes: it is kept from its next acts."""
    return caller.do_once(
        once, lambda work: taking_back.agree(work, _visit(work, entry_id)), lambda work: _show(work, entry_id)
    )


@writes("/entries/{entry_id:uuid}/take-back/refusal")
def refuse(caller: TheCaller, once: TheKey, entry_id: Id) -> Response[TakeBackView]:
    return caller.do_once(
        once, lambda work: taking_back.refuse(work, _visit(work, entry_id)), lambda work: _show(work, entry_id)
    )


@reads("/absences/{absence_id:uuid}/take-back")
def get_of_absence(caller: TheCaller, absence_id: Id) -> TakeBackView:
    return caller.read(lambda work: _show(work, _absence(work, absence_id)))


@writes("/absences/{absence_id:uuid}/take-back")
def propose_of_absence(caller: TheCaller, absence_id: Id, data: JSONBody[NewTakeBack]) -> TakeBackView:
    """Somebody was there whom the act pays for as missed. As for a visit."""
    return caller.do(
        lambda work: _propose(work, _absence(work, absence_id), data), lambda work: _show(work, absence_id)
    )


@writes("/absences/{absence_id:uuid}/take-back/agreement")
def agree_of_absence(caller: TheCaller, once: TheKey, absence_id: Id) -> Response[TakeBackView]:
    return caller.do_once(
        once, lambda work: taking_back.agree(work, _absence(work, absence_id)), lambda work: _show(work, absence_id)
    )


@writes("/absences/{absence_id:uuid}/take-back/refusal")
def refuse_of_absence(caller: TheCaller, once: TheKey, absence_id: Id) -> Response[TakeBackView]:
    return caller.do_once(
        once, lambda work: taking_back.refuse(work, _absence(work, absence_id)), lambda work: _show(work, absence_id)
    )


HANDLERS = [
    get_take_back, propose, agree, refuse, get_of_absence, propose_of_absence, agree_of_absence, refuse_of_absence,
]  # fmt: skip
