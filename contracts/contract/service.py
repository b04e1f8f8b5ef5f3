"""Concluding contracts, engaging recipients under them, and ending both."""

from dataclasses import asdict
from datetime import date
from typing import Any  # column values, as Work.update takes them
from uuid import UUID

from contracts.approval.service import check_disinterested
from contracts.audit.service import record
from contracts.budget import queries as budget
from contracts.contract import queries
from contracts.contract.models import ContractRow, EngagementRow, SuspensionRow
from contracts.contract.rules import (
    CONTRACT,
    ENGAGEMENT,
    Basis,
    Contract,
    ContractExists,
    ContractStatus,
    ContractTerms,
    ContractTermsWrong,
    DayOutside,
    Engagement,
    EngagementExists,
    EngagementStatus,
    EngagementTerms,
    PayeeMissing,
    VoucherOfAnotherLine,
    check_contract,
    check_engagement,
    check_reason,
    check_terminated_on,
    committed_minor,
    last_day_moved,
    needed_minor,
    unused_from,
)
from contracts.kernel.ids import human_number, new_id
from contracts.kernel.work import Role, Work, canonical
from contracts.ledger import queries as ledger_queries
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind

CONCLUDERS = (Role.PROCUREMENT_OFFICER, Role.BUDGET_OFFICER)
PLACERS = (Role.OPERATOR, Role.PROCUREMENT_OFFICER, Role.BUDGET_OFFICER)


def conclude(work: Work, terms: ContractTerms) -> UUID:
    """By award: pending until the provider signs. By the voucher list: active at once.

    Raises ContractTermsWrong, PayeeMissing, ContractExists.
    """
    territory = budget.line(work, terms.line_id).territory
    work.actor.require(*CONCLUDERS, territory=territory)
    contract_id = _write(work, terms, territory)
    if contract_id is None:
        raise ContractExists(pointer="/award_id", rule="one-contract-an-award")
    return contract_id


def ensure_voucher_contract(work: Work, *, provider_id: UUID, line_id: UUID, on: date) -> UUID:
    """The provider's contract on the voucher list for the funding line's year; concluded where none is active. One that
    was terminated is followed by another: whoever ends a provider's place on the list does so where it is admitted."""
    line = budget.line(work, line_id)
    if not work.actor.has(*PLACERS, Role.RECIPIENT, Role.REPRESENTATIVE):
        work.actor.require_provider(provider_id)
    if on.year != line.year:
        raise ContractTermsWrong(f"The line pays for {line.year}", pointer="/on", rule="year-of-the-line")
    standing = queries.voucher_contract(work, provider_id=provider_id, line_id=line_id)
    if standing is not None:
        return standing.id
    first = queries.voucher_contracts_until(work, provider_id=provider_id, line_id=line_id) or date(line.year, 1, 1)
    until = date(line.year + 1, 1, 1)
    concluded = _write(work, ContractTerms(provider_id, line_id, Basis.VOUCHER_LIST, first, until), line.territory)
    if concluded is not None:
        return concluded
    standing = queries.voucher_contract(work, provider_id=provider_id, line_id=line_id)
    assert standing is not None, "somebody else concluded it at the same time"
    return standing.id


def _write(work: Work, terms: ContractTerms, territory: str) -> UUID | None:
    """None where such a contract stands already."""
    check_contract(terms)
    payee_id = queries.payee_id_of(work, terms.provider_id)
    if payee_id is None:
        raise PayeeMissing(pointer="/provider_id", rule="payee-first")
    contract_id = new_id()
    by_award = terms.basis is Basis.AWARD
    if not work.insert_if_new(
        ContractRow,
        id=contract_id,
        number=human_number("C"),
        provider_id=terms.provider_id,
        payee_id=payee_id,
        line_id=terms.line_id,
        territory=territory,
        basis=terms.basis,
        award_id=terms.award_id,
        from_on=terms.from_on,
        until_on=terms.until_on,
        terms={name: canonical(value) for name, value in asdict(terms).items()},
        status=ContractStatus.PENDING if by_award else ContractStatus.ACTIVE,
        concluded_at=work.now,
        end_reason=None,
    ):
        return None
    record(work, "contract", contract_id, "concluded")
    return contract_id


def sign(work: Work, contract_id: UUID) -> None:
    """The provider's own people accept an award's contract: it is active. Raises WrongState."""
    _move(work, queries.contract_of(work, contract_id, lock=True), "signed")


def cancel(work: Work, contract_id: UUID) -> None:
    """A contract that was never signed. Raises WrongState, InterestDeclared."""
    _move(work, _to_be_ended(work, contract_id), "cancelled")


def complete(work: Work, contract_id: UUID) -> None:
    """Its period is over. Raises WrongState, InterestDeclared, and DayOutside before that."""
    contract = _to_be_ended(work, contract_id)
    if work.today < contract.until_on:
        raise DayOutside(f"The contract ends before {contract.until_on}", rule="after-the-last-day", pointer="/on")
    _move(work, contract, "completed")


def terminate(work: Work, contract_id: UUID, *, on: date, reason: str) -> Contract:
    """Nothing is served under it from that day on; nobody is engaged under it any more. The engagements that would go
    on are the caller's to end in the same transaction (``queries.going_on``): who knows what was entered for them.
    The contract as it was. Raises WrongState, DayOutside, InterestDeclared."""
    contract = _to_be_ended(work, contract_id)
    check_terminated_on(contract, on)
    _move(work, contract, "terminated", until_on=on, end_reason=check_reason(reason))
    return contract


def _to_be_ended(work: Work, contract_id: UUID) -> Contract:
    contract = queries.contract_of(work, contract_id, *CONCLUDERS, lock=True)
    work.actor.require(*CONCLUDERS, territory=contract.territory)
    check_disinterested(work, frozenset({contract.provider_id}))
    return contract


def _move(work: Work, contract: Contract, verb: str, **changed: Any) -> None:
    status = CONTRACT.after(verb, contract.status)
    moved = work.update(ContractRow, contract.id, ContractRow.status == contract.status, status=status, **changed)
    assert moved, "the row is locked"
    record(work, "contract", contract.id, verb)


def engage(work: Work, terms: EngagementTerms, *, voucher_account_id: UUID) -> UUID:
    """One recipient's service begins: the programme's volume at the frozen price moves reserved -> committed
    (``rules.committed_minor``).

    Raises ContractNotActive, EngagementWrong, EngagementOutsideContract, VoucherOfAnotherLine, InsufficientFunds,
    and EngagementExists where the placement has one.
    """
    contract = queries.contract_of(work, terms.contract_id, *PLACERS, recipient_id=terms.recipient_id)
    queries.keep_open(work, contract.id)
    check_engagement(queries.contract(work, contract.id), terms)
    reserved = ledger_queries.account_of(work, AccountKind.RESERVED, terms.voucher_id)
    if reserved is None or reserved.id != voucher_account_id or reserved.line_id != contract.line_id:
        raise VoucherOfAnotherLine(pointer="/voucher_id", rule="money-of-the-voucher")
    free = ledger_queries.account(work, reserved.id, lock=True).free
    amount = committed_minor(terms, free_minor=free, month_shared=queries.is_month_shared(work, terms))
    engagement_id = new_id()
    account_id = ledger.open_account(work, AccountKind.COMMITTED, engagement_id, line_id=contract.line_id)
    if not work.insert_if_new(
        EngagementRow,
        id=engagement_id,
        number=human_number("E"),
        **asdict(terms),
        status=EngagementStatus.ACTIVE,
        account_id=account_id,
    ):
        raise EngagementExists(pointer="/placement_id", rule="one-engagement-a-placement")
    ledger.transfer(
        work,
        debit=voucher_account_id,
        credit=account_id,
        amount_minor=amount,
        reason="engagement",
        about_id=engagement_id,
    )
    record(work, "engagement", engagement_id, "engaged")
    return engagement_id


def suspend_engagement(work: Work, engagement_id: UUID, *, on: date | None = None) -> None:
    """Nothing is served from that day (default today) until it is resumed. Days gone by are an officer's to name.
    Raises WrongState, DayOutside."""
    engagement, contract = queries.engagement_of(work, engagement_id, *PLACERS, lock=True)
    status = ENGAGEMENT.after("suspended", engagement.status)
    day = on or work.today
    if not engagement.from_on <= day < engagement.until_on or day > work.today:
        raise DayOutside(pointer="/on", rule="inside-the-engagement")
    if day < work.today and not work.actor.has(*PLACERS, territory=contract.territory):
        raise DayOutside("That day is over", pointer="/on", rule="not-in-the-past")
    work.insert(SuspensionRow, id=new_id(), engagement_id=engagement_id, from_on=day, until_on=None)
    _move_engagement(work, engagement, status, "suspended")


def resume_engagement(work: Work, engagement_id: UUID, *, on: date | None = None) -> None:
    """Service goes on from that day (default today). Raises WrongState, DayOutside."""
    engagement, _ = queries.engagement_of(work, engagement_id, *PLACERS, lock=True)
    status = ENGAGEMENT.after("resumed", engagement.status)
    day = on or work.today
    last = next(one for one in queries.suspensions(work, engagement_id) if one.until_on is None)
    if not last.from_on <= day <= work.today:
        raise DayOutside(pointer="/on", rule="after-the-suspension")
    closed = work.update(SuspensionRow, last.id, SuspensionRow.until_on.is_(None), until_on=day)
    assert closed, "there is one open at most"
    _move_engagement(work, engagement, status, "resumed")


def note_stay(work: Work, engagement_id: UUID, *, from_on: date, until_on: date) -> None:
    """Days gone by on which nothing was served: a hospital. Checks no role: for whoever enters the absence."""
    queries.engagement(work, engagement_id, lock=True)
    work.insert(SuspensionRow, id=new_id(), engagement_id=engagement_id, from_on=from_on, until_on=until_on)
    record(work, "engagement", engagement_id, "stay-noted")


def lift_stay(work: Work, engagement_id: UUID, *, from_on: date, until_on: date) -> None:
    """The stay was none. It keeps its row, with no day in it."""
    queries.engagement(work, engagement_id, lock=True)
    days = (SuspensionRow.from_on == from_on, SuspensionRow.until_on == until_on)
    stay = next(
        one for one in queries.suspensions(work, engagement_id) if (one.from_on, one.until_on) == (from_on, until_on)
    )
    lifted = work.update(SuspensionRow, stay.id, *days, until_on=from_on)
    assert lifted, "the engagement is locked"
    record(work, "engagement", engagement_id, "stay-lifted")


def move_end(work: Work, engagement_id: UUID, *, until_on: date) -> None:
    """Days of a stay are given back at its end, or were none. No money moves: they are served with what the days of the
    stay left. Checks no role: for whoever enters the stay."""
    engagement = queries.engagement(work, engagement_id, lock=True)
    assert engagement.status is not EngagementStatus.ENDED, "the caller asked"
    planned = engagement.planned_until_on or engagement.until_on
    moved = work.update(EngagementRow, engagement_id, until_on=until_on, planned_until_on=planned)
    assert moved, "the row is locked"
    record(work, "engagement", engagement_id, "end-moved")


def end_engagement(work: Work, engagement_id: UUID, *, on: date, entered_minor: int | None = None) -> date:
    """The last day is the one before ``on`` (which may be a day to come: it is served until then); what the shorter
    plan cannot need goes back to the voucher (``rules.needed_minor``). An end may be moved to an earlier day; the same
    end once more changes nothing. The first day without service. Raises DayOutside for a later day."""
    engagement, _ = queries.engagement_of(work, engagement_id, *PLACERS, lock=True)
    return _end(work, engagement, on, entered_minor)


def stop_service(work: Work, engagement_id: UUID, *, on: date, entered_minor: int) -> date:
    """:func:`end_engagement` for a caller who has decided on what led to the engagement. Checks no role."""
    return _end(work, queries.engagement(work, engagement_id, lock=True), on, entered_minor)


def _end(work: Work, engagement: Engagement, on: date, entered_minor: int | None) -> date:
    until_on = last_day_moved(engagement, on)
    over = until_on <= work.today or until_on == engagement.from_on
    same = until_on == engagement.until_on
    if same and (not over or engagement.status is EngagementStatus.ENDED):
        return until_on
    if not same:
        _give_back(work, engagement, until_on, entered_minor)
    if engagement.status is EngagementStatus.ENDED:
        _move_engagement(work, engagement, engagement.status, "ended-earlier", until_on=until_on)
    elif over:
        status = ENGAGEMENT.after("ended", engagement.status)
        _move_engagement(work, engagement, status, "ended", until_on=until_on)
    else:
        _move_engagement(work, engagement, engagement.status, "end-set", until_on=until_on)
    return until_on


def end_over(work: Work, *, limit: int) -> int:
    """What time ends: engagements whose days are over. How many; call again until 0. By the system."""
    work.actor.require(Role.ADMINISTRATOR)
    over = queries.over(work, work.today, limit=limit)
    for engagement in over:
        status = ENGAGEMENT.after("ended", engagement.status)
        _move_engagement(work, engagement, status, "ended")
    return len(over)


def release_unused(work: Work, engagement_id: UUID, *, on: date) -> None:
    """What an engagement that is over never needed goes back to the voucher. The caller, who can read the register,
    knows that no visit is still to be paid. By the system. Raises DayOutside while late entries are waited for."""
    work.actor.require(Role.ADMINISTRATOR)
    engagement = queries.engagement(work, engagement_id, lock=True)
    assert on <= work.today, "time releases nothing in advance"
    first = unused_from(engagement.until_on)
    if engagement.status is not EngagementStatus.ENDED or on < first:
        raise DayOutside(f"It is kept until {first}", pointer="/on", rule="kept-for-late-entries")
    free = ledger_queries.account(work, engagement.account_id, lock=True).free
    if free:
        _return(work, engagement, free, "engagement-unused")
        record(work, "engagement", engagement.id, "released")


def _give_back(work: Work, engagement: Engagement, until_on: date, entered_minor: int | None) -> None:
    committed = ledger_queries.account(work, engagement.account_id, lock=True)
    spent = committed.debits_posted - queries.returned_minor(work, engagement)
    needed = needed_minor(engagement, until_on, spent_minor=spent, entered_minor=entered_minor)
    if committed.free > needed:
        _return(work, engagement, committed.free - needed, "engagement-ended")


def _return(work: Work, engagement: Engagement, amount_minor: int, reason: str) -> None:
    reserved = ledger_queries.account_of(work, AccountKind.RESERVED, engagement.voucher_id)
    assert reserved is not None, "engage checked it"
    ledger.transfer(
        work,
        debit=engagement.account_id,
        credit=reserved.id,
        amount_minor=amount_minor,
        reason=reason,
        about_id=engagement.id,
    )


def _move_engagement(work: Work, engagement: Engagement, status: EngagementStatus, verb: str, **changed: Any) -> None:
    same = EngagementRow.status == engagement.status
    moved = work.update(EngagementRow, engagement.id, same, status=status, **changed)
    assert moved, "the row is locked"
    record(work, "engagement", engagement.id, verb)
