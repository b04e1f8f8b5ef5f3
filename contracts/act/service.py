"""The monthly act: assembled from confirmed visits, submitted, accepted or returned by a second person."""

from dataclasses import asdict
from typing import Any  # column values, as Work.update takes them
from uuid import UUID

import sqlalchemy as sa

from contracts.act import queries
from contracts.act.models import ActEntryRow, ActLineRow, ActRow
from contracts.act.rules import (
    ACT,
    Act,
    ActExceedsCommitment,
    ActExists,
    ActHoldsUnserved,
    ActLine,
    ActStatus,
    NothingToAct,
    PayeeNotActive,
    PersonNeeded,
    amount_of,
    check_holds_something,
    check_month_over,
    check_open,
    check_reason,
    check_second_person,
    is_open,
    total_of,
)
from contracts.audit.service import record
from contracts.contract import queries as contracts
from contracts.kernel.database import table_of
from contracts.kernel.errors import StaleVersion
from contracts.kernel.ids import new_id
from contracts.kernel.money import decimal_string
from contracts.kernel.period import Month
from contracts.kernel.work import Role, Work
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind, InsufficientFunds
from contracts.register import queries as register_queries
from contracts.register import service as register

_lines = table_of(ActLineRow)
_act_entries = table_of(ActEntryRow)


def draft(work: Work, contract_id: UUID, *, month: Month) -> UUID:
    """The provider draws up the act of a month that is over. Raises MonthNotOver, ActExists, NothingToAct."""
    contract = contracts.contract_of(work, contract_id)
    person = _person(work)
    check_month_over(month, work.today)
    act_id = new_id()
    if not work.insert_if_new(
        ActRow,
        id=act_id,
        number=f"{contract.number}/{month}",
        contract_id=contract_id,
        provider_id=contract.provider_id,
        territory=contract.territory,
        line_id=contract.line_id,
        month=month,
        status=ActStatus.DRAFT,
        total_minor=0,
        drafted_by=person,
        drafted_at=work.now,
        version=1,
    ):
        raise ActExists(pointer="/month", rule="one-act-a-month")
    if not _assemble(work, queries.act(work, act_id), person):
        raise NothingToAct(pointer="/month", rule="confirmed-service")
    record(work, "act", act_id, "drafted")
    return act_id


def redraft(work: Work, act_id: UUID, *, version: int | None = None) -> None:
    """The provider assembles a draft or a returned act anew from what is confirmed now. Its status stays. With nothing
    confirmed it stays empty, until there is something to assemble it from.

    Raises ActInOthersHands, StaleVersion.
    """
    act = _own(work, act_id, version)
    check_open(act)
    _take_apart(work, act_id)
    _assemble(work, act, _person(work))
    record(work, "act", act_id, "redrafted")


def strike(work: Work, entry_id: UUID, *, reason: str) -> None:
    """The provider's people, or a budget officer, take a visit back, also out of an act that is in the provider's
    hands: it falls apart, and is assembled anew before it is submitted.

    Whoever changes an act holds its row before those of its visits. Raises EntryInAct, WrongState.
    """
    about = register_queries.entry(work, entry_id)
    act = queries.act_for(work, about.contract_id, about.month, lock=True)
    if act is None or not is_open(act):
        register.cancel(work, entry_id, reason=reason)
        return
    held_by = register_queries.entry(work, entry_id).act_id  # read again: nobody moves it while the act is held
    register.cancel(work, entry_id, reason=reason, let_go_by=act.id)
    if held_by is not None:
        _take_apart(work, act.id)
        _change(work, act, total_minor=0)
        record(work, "act", act.id, "visit-struck")


def submit(work: Work, act_id: UUID, *, version: int | None = None) -> None:
    """The provider hands it over. Raises WrongState, ActNeedsAssembly, ActHoldsUnserved, StaleVersion."""
    act = _own(work, act_id, version)
    status = ACT.after("submitted", act.status)
    check_holds_something(act)
    _check_served(work, act)
    _move(work, act, "submitted", status=status, submitted_by=_person(work), submitted_at=work.now, return_reason=None)


def return_act(work: Work, act_id: UUID, *, reason: str, version: int | None = None) -> None:
    """A budget officer gives it back with a reason. Raises WrongState, SecondPersonNeeded, StaleVersion."""
    act = _for_officer(work, act_id, version)
    status = ACT.after("returned", act.status)
    check_second_person(act, _person(work))
    _move(work, act, "returned", status=status, return_reason=check_reason(reason))


def accept(work: Work, act_id: UUID, *, version: int | None = None) -> None:
    """A second person accepts: each line's money moves committed -> payable, and the account to be paid is frozen.

    Raises WrongState, SecondPersonNeeded, ActHoldsUnserved, ActExceedsCommitment naming the line, PayeeNotActive,
    StaleVersion.
    """
    act = _for_officer(work, act_id, version)
    status = ACT.after("accepted", act.status)
    person = _person(work)
    check_second_person(act, person)
    _check_served(work, act)
    payee_version_id = queries.active_payee_version_id(work, contracts.contract(work, act.contract_id).payee_id)
    if payee_version_id is None:
        raise PayeeNotActive(rule="payee-active")
    account_id = ledger.open_account(work, AccountKind.PAYABLE, act_id, line_id=act.line_id)
    for place, line in enumerate(queries.lines(work, act_id)):
        _commit_line(work, line, place, account_id)
    _move(
        work,
        act,
        "accepted",
        status=status,
        accepted_by=person,
        accepted_at=work.now,
        payee_version_id=payee_version_id,
        account_id=account_id,
    )


def _take_apart(work: Work, act_id: UUID) -> None:
    ids = sa.select(_lines.c.id).where(_lines.c.act_id == act_id)
    work.execute(sa.delete(_act_entries).where(_act_entries.c.act_line_id.in_(ids)))
    dropped = work.execute(sa.delete(_lines).where(_lines.c.act_id == act_id)).rowcount
    work.note_set(str(_lines.name), verb="dropped", act_id=str(act_id), count=dropped)
    register.release(work, act_id)


def _assemble(work: Work, act: Act, person: UUID) -> bool:
    """Claim the month's confirmed visits and write a line for each engagement. False, and no line, where they are
    worth nothing."""
    register.claim(work, act.contract_id, month=act.month, act_id=act.id)
    served = register_queries.served_in(work, act.id)
    amounts = [amount_of(s.unit, s.unit_price_minor, quantity=s.quantity, seconds=s.seconds) for s in served]
    total = total_of(amounts)
    if total == 0:
        register.release(work, act.id)
        _change(work, act, total_minor=0, drafted_by=person, drafted_at=work.now)
        return False
    lines = [
        ActLine(id=new_id(), act_id=act.id, amount_minor=a, **asdict(s)) for s, a in zip(served, amounts, strict=True)
    ]
    work.insert_many(ActLineRow, [asdict(line) for line in lines])
    work.execute(sa.insert(_act_entries).from_select(["entry_id", "act_line_id"], queries.entries_by_line(act.id)))
    _change(work, act, total_minor=total, drafted_by=person, drafted_at=work.now)
    return True


def _commit_line(work: Work, line: ActLine, place: int, account_id: UUID) -> None:
    if line.amount_minor == 0:  # a few seconds of an hour may be worth nothing
        return
    engagement = contracts.engagement(work, line.engagement_id)
    try:
        ledger.transfer(
            work,
            debit=engagement.account_id,
            credit=account_id,
            amount_minor=line.amount_minor,
            reason="act-accepted",
            about_id=line.act_id,
        )
    except InsufficientFunds as error:
        raise ActExceedsCommitment(
            f"Line {place + 1}: {decimal_string(line.amount_minor)} is more than engagement {engagement.number} has",
            pointer=f"/lines/{place}",
            rule="within-the-commitment",
            engagement=engagement.number,
        ) from error


def _check_served(work: Work, act: Act) -> None:
    visits = register_queries.outside_engagement(work, act.id)
    if visits:
        raise ActHoldsUnserved(visits=visits, rule="served-within-the-engagement")


def _own(work: Work, act_id: UUID, version: int | None) -> Act:
    act = queries.act_of(work, act_id, lock=True)
    _check_version(act, version)
    return act


def _for_officer(work: Work, act_id: UUID, version: int | None) -> Act:
    act = queries.act_of(work, act_id, Role.BUDGET_OFFICER, lock=True)
    work.actor.require(Role.BUDGET_OFFICER, territory=act.territory)
    _check_version(act, version)
    return act


def _check_version(act: Act, version: int | None) -> None:
    if version is not None and version != act.version:
        raise StaleVersion(version=act.version, rule="version")


def _person(work: Work) -> UUID:
    if work.actor.id is None:
        raise PersonNeeded
    return work.actor.id


def _move(work: Work, act: Act, verb: str, **changed: Any) -> None:
    _change(work, act, **changed)
    record(work, "act", act.id, verb)


def _change(work: Work, act: Act, **changed: Any) -> None:
    same = ActRow.version == act.version
    moved = work.update(ActRow, act.id, same, version=act.version + 1, **changed)
    assert moved, "the row is locked"
