"""A visit of an accepted act, or an absence noted instead of one, is found untrue: one officer proposes to take its
money back, a second one agrees."""

from typing import Any  # column values, as Work.update takes them
from uuid import UUID

from contracts.act import queries as acts
from contracts.act import taken_back
from contracts.act.models import TakeBackRow
from contracts.act.pricing import Collector
from contracts.act.rules import Act, ActLine, check_reason
from contracts.act.service import for_officer, person
from contracts.act.take_back import (
    TAKE_BACK,
    NotInAcceptedAct,
    TakeBack,
    TakeBackCode,
    TakeBackNotFound,
    TakeBackStatus,
    Worth,
    check_code,
    check_second_person,
    check_worth,
)
from contracts.audit.service import record
from contracts.collection import queries, service
from contracts.kernel.work import Work
from contracts.payment import taking_back as money
from contracts.register.absence_rules import Absence


def propose(work: Work, about_id: UUID, *, code: TakeBackCode, note: str, flag_id: UUID | None = None) -> None:
    """By an officer who may accept acts of that territory; ``about_id``: the visit or the absence. Raises
    EntryNotFound, NotInAcceptedAct, NothingToTakeBack, TakeBackCodeWrong, WrongState where it is proposed or taken
    already, InterestDeclared, ReasonMissing."""
    act, line, is_absence = _billed(work, about_id)
    check_code(code, of_absence=is_absence)
    why: dict[str, Any] = {"code": code, "note": check_reason(note, pointer="/note"), "flag_id": flag_id}
    before = taken_back.take_back(work, about_id)
    if before is not None:
        TAKE_BACK.after("proposed", before.status)
    check_worth(taken_back.worth(work, act, line, about_id))
    values: dict[str, Any] = {
        **why,
        "status": TakeBackStatus.PROPOSED,
        "proposed_by": person(work),
        "proposed_at": work.now,
    }
    nobody: dict[str, Any] = dict.fromkeys(("decided_by", "decided_at", "amount_minor", "copayment_minor"))
    if before is None:
        work.insert(
            TakeBackRow,
            id=about_id,
            entry_id=None if is_absence else about_id,
            absence_id=about_id if is_absence else None,
            act_id=act.id,
            act_line_id=line.id,
            line_id=act.line_id,
            **values,
            **nobody,
        )
    else:
        assert work.update(TakeBackRow, about_id, **values, **nobody)
    record(work, "act", act.id, "take-back-proposed")


def refuse(work: Work, about_id: UUID) -> None:
    """A second person does not agree; it may be proposed anew. Raises as :func:`agree`."""
    act, _line, _is_absence = _billed(work, about_id)
    one = _proposed(work, about_id)
    status = TAKE_BACK.after("refused", one.status)
    check_second_person(one, person(work))
    assert work.update(TakeBackRow, about_id, status=status, decided_by=person(work), decided_at=work.now)
    record(work, "act", act.id, "take-back-refused")


def agree(work: Work, about_id: UUID) -> None:
    """A second person agrees: the money is not the payee's any more, and the recipient owes nothing for it.

    Raises TakeBackNotFound, WrongState, TakeBackSecondPerson, InterestDeclared, NothingToTakeBack, ActInBatch, and
    PaymentExists while a payment of the act has no end.
    """
    act, line, is_absence = _billed(work, about_id)
    one = _proposed(work, about_id)
    status, who = TAKE_BACK.after("taken", one.status), person(work)
    check_second_person(one, who)
    worth = check_worth(taken_back.worth(work, act, line, about_id))
    money.take_back(work, act, worth.amount_minor, about_id)
    assert work.update(
        TakeBackRow, about_id, status=status, decided_by=who, decided_at=work.now, amount_minor=worth.amount_minor,
        copayment_minor=worth.copayment_minor,
    )  # fmt: skip
    record(work, "act", act.id, "absence-taken-back" if is_absence else "visit-taken-back")
    _forgive(work, act, line, worth, one.note)


def _forgive(work: Work, act: Act, line: ActLine, worth: Worth, note: str) -> None:
    """The recipient's part: where the agency collects it, it is taken off what is due, and paid back where it was
    paid. What the provider collected, the provider gives back."""
    if worth.copayment_minor == 0 or act.collector is not Collector.AGENCY:
        return
    service.ask_for(work, act)
    due = queries.due_for(work, line.engagement_id, act.month, lock=True)
    assert due is not None, "the act asks it"
    if amount := min(worth.copayment_minor, due.goal_minor):  # somebody may have remitted it before
        service.take_off(work, due, amount_minor=amount, reason=note)


def show(work: Work, about_id: UUID) -> TakeBack:
    """To the provider's own people, and to officers and auditors of the territory. Raises TakeBackNotFound."""
    found = taken_back.take_back(work, about_id)
    if found is None:
        raise TakeBackNotFound
    acts.act_for_reader(work, found.act_id)
    return found


def _billed(work: Work, about_id: UUID) -> tuple[Act, ActLine, bool]:
    """The act that bills it, held, for who may accept acts there, its line, and whether it is an absence."""
    found = taken_back.doubted(work, about_id)
    if found.act_id is None:
        raise NotInAcceptedAct(rule="in-an-accepted-act")
    act = for_officer(work, found.act_id, None)
    return act, taken_back.line_of(work, act, found), isinstance(found, Absence)


def _proposed(work: Work, about_id: UUID) -> TakeBack:
    """The caller holds the act."""
    found = taken_back.take_back(work, about_id)
    if found is None:
        raise TakeBackNotFound
    return found
