"""The monthly act: assembled from confirmed visits, submitted, accepted or returned by a second person."""

from dataclasses import asdict
from typing import Any  # column values, as Work.update takes them
from uuid import UUID

import sqlalchemy as sa

from contracts.act import dated, editions, missed, queries, served
from contracts.act.assembling import lines_of
from contracts.act.editions import Edition
from contracts.act.freezing import freeze
from contracts.act.models import ActEntryRow, ActLineRow, ActReturnRow, ActRow
from contracts.act.pricing import Collector, VatMode, total_of
from contracts.act.rules import (
    ACCEPTED,
    ACT,
    MOST_PARTS,
    Act,
    ActExceedsCommitment,
    ActExists,
    ActHoldsUnserved,
    ActLine,
    ActStatus,
    NothingToAct,
    PayeeNotActive,
    PersonNeeded,
    Side,
    SignatureMissing,
    Signatures,
    TermCode,
    check_holds_something,
    check_month_over,
    check_open,
    check_reason,
    check_second_person,
    is_open,
    number_of,
)
from contracts.approval.service import check_disinterested
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
from contracts.register import absence, absences
from contracts.register import queries as register_queries
from contracts.register import service as register
from contracts.register.models import AbsenceRow

_lines = table_of(ActLineRow)
_act_entries = table_of(ActEntryRow)


def draft(work: Work, contract_id: UUID, *, month: Month) -> UUID:
    """The provider draws up the act of a month that is over; once that is accepted, an act that corrects it, of what
    was confirmed since. Raises MonthNotOver, ActExists, NothingToAct."""
    contract = contracts.contract_of(work, contract_id)
    who = person(work)
    check_month_over(month, work.today)
    latest = queries.act_for(work, contract_id, month, lock=True)
    if latest is not None and latest.status is not ActStatus.ACCEPTED:
        raise ActExists(pointer="/month", rule="one-act-a-month")
    part = 0 if latest is None else latest.part + 1
    if part > MOST_PARTS:
        raise ActExists(pointer="/month", rule="so-many-corrections")
    act_id = new_id()
    if not work.insert_if_new(
        ActRow,
        id=act_id,
        number=number_of(contract.number, month, part),
        contract_id=contract_id,
        provider_id=contract.provider_id,
        territory=contract.territory,
        line_id=contract.line_id,
        month=month,
        part=part,
        corrects_id=None if latest is None else latest.corrects_id or latest.id,
        status=ActStatus.DRAFT,
        vat_mode=VatMode.EXEMPT,
        vat_rate_bp=0,
        collector=Collector.AGENCY,
        total_minor=0,
        drafted_by=who,
        drafted_at=work.now,
        editions=0,
        version=1,
    ):
        raise ActExists(pointer="/month", rule="one-act-a-month")
    if not _assemble(work, queries.act(work, act_id), who):
        raise NothingToAct(pointer="/month", rule="confirmed-service")
    record(work, "act", act_id, "drafted")
    return act_id


def redraft(work: Work, act_id: UUID, *, version: int | None = None) -> None:
    """The provider assembles a draft or a returned act anew from what is confirmed now. Its status stays. With nothing
    confirmed it stays empty, until there is something to assemble it from.

    Raises ActInOthersHands, StaleVersion.
    """
    act = own(work, act_id, version)
    check_open(act)
    _take_apart(work, act)
    _assemble(work, act, person(work))
    record(work, "act", act_id, "redrafted")


def strike(work: Work, entry_id: UUID, *, reason: str) -> None:
    """The provider's people, or a budget officer, take a visit back, also out of an act that is in the provider's
    hands: it falls apart, and is assembled anew before it is submitted.

    Whoever changes an act holds its row before those of its visits. Raises EntryInAct, InterestDeclared, WrongState.
    """
    about = register_queries.entry(work, entry_id)
    act = queries.act_for(work, about.contract_id, about.month, lock=True)
    if act is None or not is_open(act):
        register.cancel(work, entry_id, reason=reason)
        return
    held_by = register_queries.entry(work, entry_id).act_id  # read again: nobody moves it while the act is held
    register.cancel(work, entry_id, reason=reason, let_go_by=act.id)
    if held_by is not None:
        _take_apart(work, act)
        change(work, act, total_minor=0)
        record(work, "act", act.id, "visit-struck")


def withdraw_absence(work: Work, absence_id: UUID, *, reason: str) -> None:
    """As :func:`strike`, of an absence that was none. Raises AbsenceInAct, AbsenceWithdrawn, ReasonMissing."""
    about = absences.absence(work, absence_id)
    act = queries.act_for(work, about.contract_id, about.month, lock=True)
    if act is None or not is_open(act):
        absence.withdraw(work, absence_id, reason=reason)
        return
    held_by = absences.absence(work, absence_id).act_id
    absence.withdraw(work, absence_id, reason=reason, let_go_by=act.id)
    if held_by is not None:
        _take_apart(work, act)
        change(work, act, total_minor=0)
        record(work, "act", act.id, "visit-struck")


def submit(work: Work, act_id: UUID, *, version: int | None = None) -> None:
    """The provider hands it over; what it says is frozen. Raises WrongState, ActNeedsAssembly, ActHoldsUnserved,
    StaleVersion."""
    act = own(work, act_id, version)
    status = ACT.after("submitted", act.status)
    check_holds_something(queries.count_lines(work, act_id))
    _check_served(work, act)
    who = person(work)
    _move(
        work,
        act,
        "submitted",
        status=status,
        editions=freeze(work, act, who).number,
        submitted_by=who,
        submitted_at=work.now,
        return_reason=None,
    )


def return_act(work: Work, act_id: UUID, *, reason: str, version: int | None = None) -> None:
    """A budget officer gives it back with a reason, and with the lines as they were decided on. Raises WrongState,
    SecondPersonNeeded, StaleVersion."""
    act = for_officer(work, act_id, version)
    status = ACT.after("returned", act.status)
    who = person(work)
    check_second_person(act, who)
    said, edition = check_reason(reason), freeze(work, act, who)
    work.insert(ActReturnRow, id=new_id(), edition_id=edition.id, reason=said, returned_by=who, returned_at=work.now)
    _move(work, act, "returned", status=status, editions=edition.number, return_reason=said)


def accept(work: Work, act_id: UUID, *, version: int | None = None) -> None:
    """A second person accepts: each line's money moves committed -> payable, and the account to be paid is frozen.

    Raises WrongState, SecondPersonNeeded, SignatureMissing, ActHoldsUnserved, ActExceedsCommitment naming the line,
    PayeeNotActive, StaleVersion.
    """
    act = for_officer(work, act_id, version)
    status = ACT.after("accepted", act.status)
    who = person(work)
    check_second_person(act, who)
    _check_served(work, act)
    edition = freeze(work, act, who)
    _check_signed(work, act, edition)
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
        editions=edition.number,
        accepted_by=who,
        accepted_at=work.now,
        payee_version_id=payee_version_id,
        account_id=account_id,
    )


def _take_apart(work: Work, act: Act) -> None:
    ids = sa.select(_lines.c.id).where(_lines.c.act_id == act.id)
    work.execute(sa.delete(_act_entries).where(_act_entries.c.act_line_id.in_(ids)))
    dropped = work.execute(sa.delete(_lines).where(_lines.c.act_id == act.id)).rowcount
    work.note_set(str(_lines.name), verb="dropped", act_id=str(act.id), count=dropped)
    register.release(work, act.contract_id, month=act.month, act_id=act.id)
    absence.release(work, act.id)


def _assemble(work: Work, act: Act, who: UUID) -> bool:
    """Claim the month's confirmed visits and write a line for each engagement and price. False, and no line, where
    they are worth nothing."""
    register.claim(work, act.contract_id, month=act.month, act_id=act.id)
    absence.claim(work, act.contract_id, month=act.month, act_id=act.id)
    vat = dated.vat_of_provider(work, act.provider_id, act.month)
    collected_by = dated.term_on(work, TermCode.COLLECTOR, territory=act.territory, day=act.month.first_day)
    collector = Collector(collected_by)
    charges = dated.charges_left(work, act.contract_id, act.month, besides=act.id)
    found = [*served.served_in(work, act), *(one for _, one in missed.missed_in(work, AbsenceRow.act_id == act.id))]
    found.sort(key=lambda one: one.engagement_id)  # of one engagement what was served asks the recipient first
    lines = lines_of(act.id, found, vat=vat, charges=charges, collector=collector)
    worth = total_of([line.cost_minor for line in lines])
    total = total_of([line.amount_minor for line in lines]) if worth else 0
    made_by = {"vat_mode": vat.mode, "vat_rate_bp": vat.rate_bp, "collector": collector}
    change(work, act, total_minor=total, drafted_by=who, drafted_at=work.now, **made_by)
    if not worth:
        register.release(work, act.contract_id, month=act.month, act_id=act.id)
        absence.release(work, act.id)
        return False
    work.insert_many(ActLineRow, [asdict(line) for line in lines])
    entries = served.entries_by_line(*register_queries.of_act(act.id, act.contract_id, act.month))
    work.execute(sa.insert(_act_entries).from_select(["entry_id", "act_line_id"], entries))
    return True


def _check_signed(work: Work, act: Act, edition: Edition) -> None:
    """Raises SignatureMissing. What is asked for is set by territory and day."""
    asked = dated.term_on(work, TermCode.SIGNATURES, territory=act.territory, day=work.today)
    if asked is Signatures.NONE:
        return
    signed = {one.side for one in editions.signatures(work, [edition.id])}
    for side in [Side.PROVIDER, Side.CUSTOMER][: 1 if asked is Signatures.PROVIDER else 2]:
        if side not in signed:
            raise SignatureMissing(f"The {side} has not signed what the act says now", side=side, rule="signed")


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
            reason=ACCEPTED,
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
    visits = register_queries.outside_engagement(work, act.id, act.contract_id, act.month)
    visits += absences.outside_engagement(work, act.id)
    if visits:
        raise ActHoldsUnserved(visits=visits, rule="served-within-the-engagement")


def own(work: Work, act_id: UUID, version: int | None) -> Act:
    act = queries.act_of(work, act_id, lock=True)
    _check_version(act, version)
    return act


def for_officer(work: Work, act_id: UUID, version: int | None) -> Act:
    act = queries.act_of(work, act_id, Role.BUDGET_OFFICER, lock=True)
    work.actor.require(Role.BUDGET_OFFICER, territory=act.territory)
    check_disinterested(work, frozenset({act.provider_id}))
    _check_version(act, version)
    return act


def _check_version(act: Act, version: int | None) -> None:
    if version is not None and version != act.version:
        raise StaleVersion(version=act.version, rule="version")


def person(work: Work) -> UUID:
    if work.actor.id is None:
        raise PersonNeeded
    return work.actor.id


def _move(work: Work, act: Act, verb: str, **changed: Any) -> None:
    change(work, act, **changed)
    record(work, "act", act.id, verb)


def change(work: Work, act: Act, **changed: Any) -> None:
    same = ActRow.version == act.version
    moved = work.update(ActRow, act.id, same, version=act.version + 1, **changed)
    assert moved, "the row is locked"
