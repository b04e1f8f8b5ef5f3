"""Advances: a contract allows them, its provider asks, finance officers approve, and one orders the payment.

From the order on an advance is a payment like any other; what it is owed for, ``advance_books`` knows.
"""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.approval import queries as approval_queries
from contracts.approval import service as approvals
from contracts.approval.rules import Standing, Subject, SubjectKind, Verdict
from contracts.approval.turns import begin_rule
from contracts.audit.service import record
from contracts.contract import queries as contracts
from contracts.contract.rules import Contract, PayeeMissing, check_source
from contracts.contract.service import CONCLUDERS
from contracts.kernel.calendar import start_of
from contracts.kernel.errors import Malformed
from contracts.kernel.ids import human_number, new_id
from contracts.kernel.work import Role, Work
from contracts.ledger import queries as accounts
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind, InsufficientFunds
from contracts.payee import queries as payees
from contracts.payee.rules import VersionStatus
from contracts.payment import advance_queries as queries
from contracts.payment import weighing
from contracts.payment.advance_models import AdvanceRow, AdvanceRuleRow, AdvanceTermRow
from contracts.payment.advance_rules import (
    ADVANCE,
    LEAST_APPROVERS,
    LONGEST_PURPOSE,
    Advance,
    AdvanceAccountChanged,
    AdvanceDecided,
    AdvanceNotFound,
    AdvanceOpen,
    AdvanceShareTaken,
    AdvanceStatus,
    Allowance,
    check_positive,
    check_running,
    check_share,
    check_within,
)
from contracts.payment.clearance import keep_weight
from contracts.payment.rules import check_third_person
from contracts.payment.service import Order, write_order

READERS = (Role.FINANCE_OFFICER, Role.BUDGET_OFFICER, Role.PROCUREMENT_OFFICER, Role.AUDITOR)


# --- what is allowed --------------------------------------------------------------------------------------------------
def set_rule(work: Work, *, territory: str, most_bp: int, from_on: date, source: str) -> UUID:
    """By a budget officer of the territory: the most that any contract there may advance, of what it has still to give.
    Raises AdvanceShareWrong, AdvanceShareTaken."""
    work.actor.require(Role.BUDGET_OFFICER, territory=territory)
    begin_rule(work)
    check_share(most_bp, from_on, work.today)
    rule_id = new_id()
    if not work.insert_if_new(
        AdvanceRuleRow, id=rule_id, territory=territory, most_bp=most_bp, **_signed(work, from_on, source)
    ):
        raise AdvanceShareTaken(pointer="/from_on", rule="one-a-day")
    record(work, "advance-rule", rule_id, "set")
    return rule_id


def agree(work: Work, contract_id: UUID, *, most_bp: int, from_on: date, source: str) -> UUID:
    """By who concludes contracts there: what this one says of advances from that day on. Raises AdvanceShareWrong,
    AdvanceShareTaken, ContractNotFound, SourceMissing."""
    contract = contracts.contract_of(work, contract_id, *CONCLUDERS, lock=True)
    work.actor.require(*CONCLUDERS, territory=contract.territory)
    work.clock_on()  # an advance that was ordered while this waited was ordered before it
    check_share(most_bp, from_on, work.today)
    term_id = new_id()
    if not work.insert_if_new(
        AdvanceTermRow, id=term_id, contract_id=contract_id, most_bp=most_bp, **_signed(work, from_on, source)
    ):
        raise AdvanceShareTaken(pointer="/from_on", rule="one-a-day")
    record(work, "contract", contract_id, "advance-agreed")
    return term_id


def _signed(work: Work, from_on: date, source: str) -> dict[str, Any]:
    return {
        "from_on": from_on,
        "from_at": max(start_of(from_on), work.now),  # what was ordered before today's change was ordered rightly
        "source": check_source(source),
        "set_by": work.actor.id or UUID(int=0),
        "set_at": work.now,
    }


# --- the provider -----------------------------------------------------------------------------------------------------
def ask(work: Work, contract_id: UUID, *, amount_minor: int, purpose: str) -> UUID:
    """By who speaks for the contract's provider. The account it would be paid to is fixed with it. Raises
    ContractNotActive, AdvanceNotAgreed, AdvanceAboveLimit, AdvanceOpen, PayeeMissing."""
    contract = contracts.contract_of(work, contract_id, lock=True)
    text = " ".join(purpose.split())
    if not 0 < len(text) <= LONGEST_PURPOSE:
        raise Malformed(f"Say what it is for, in 1 to {LONGEST_PURPOSE} characters", pointer="/purpose")
    check_running(contract, work.today)
    if queries.is_open(work, contract_id):
        raise AdvanceOpen(rule="one-at-a-time")
    check_positive(amount_minor)
    check_within(amount_minor, queries.allowance(work, contract), pointer="/amount")
    account = payees.active_version(work, contract.payee_id)
    if account is None:
        raise PayeeMissing(rule="payee-first")
    advance_id = new_id()
    work.insert(
        AdvanceRow, id=advance_id, number=human_number("AD"), contract_id=contract_id,
        provider_id=contract.provider_id, territory=contract.territory, line_id=contract.line_id,
        payee_version_id=account.id,
        account_id=ledger.open_account(work, AccountKind.PAYABLE, advance_id, line_id=contract.line_id),
        amount_minor=amount_minor, purpose=text, status=AdvanceStatus.ASKED,
        asked_by=check_third_person(work.actor.id), asked_at=work.now, base_minor=None, share_bp=None,
        ceiling_minor=None, closed_by=None, closed_at=None,
    )  # fmt: skip
    record(work, "advance", advance_id, "asked")
    return advance_id


def withdraw(work: Work, advance_id: UUID) -> None:
    """By who speaks for the provider, before it is ordered. Raises AdvanceDecided."""
    advance = queries.advance(work, advance_id, lock=True)
    _check_own(work, advance)
    _close(work, advance, "withdrawn")


def _check_own(work: Work, advance: Advance) -> None:
    if work.actor.grants is not None and advance.provider_id not in work.actor.directs():
        raise AdvanceNotFound


# --- finance officers -------------------------------------------------------------------------------------------------
def subject_of(work: Work, advance: Advance) -> Subject:
    """It weighs with everything else that was ordered for its organisation, as an act does."""
    besides = weighing.beside_of(work, advance.provider_id, advance.territory)
    return Subject(
        SubjectKind.ADVANCE, advance.id, advance.territory, frozenset({advance.provider_id}),
        frozenset({advance.asked_by}), besides, least=LEAST_APPROVERS,
    )  # fmt: skip


def standing_of(work: Work, advance: Advance) -> Standing:
    return approval_queries.approved(work, subject_of(work, advance), advance.amount_minor)


def decide(work: Work, advance_id: UUID, *, verdict: Verdict, reason: str = "") -> UUID:
    """By a finance officer of its territory. A no, with its reason, ends it: its provider may ask for another. Raises
    AdvanceDecided, and as ``approval.decide``."""
    advance = _asked(work, advance_id)
    decision = approvals.decide(work, subject_of(work, advance), advance.amount_minor, verdict=verdict, reason=reason)
    if verdict is Verdict.REJECTED:
        _close(work, advance, "refused")
    return decision


def order(work: Work, advance_id: UUID) -> UUID:
    """Its payment, from the free money of the contract's funding line: the payment's id. What is allowed is looked at
    again. Raises AdvanceDecided, ContractNotActive, AdvanceOpen, AdvanceAccountChanged, AdvanceNotAgreed,
    AdvanceAboveLimit, ApprovalMissing, SelfApproval, InterestDeclared, InsufficientFunds."""
    advance = _asked(work, advance_id)
    ordered_by = check_third_person(work.actor.id, advance.asked_by)
    contract = contracts.contract(work, advance.contract_id, lock=True)
    weighing.stand_in_line(work, [advance.provider_id])  # what holds by the end of the wait decides
    allowed = check_payable(work, advance, contract)
    subject = subject_of(work, advance)
    approvals.check_approved(work, subject, advance.amount_minor)
    payment_id = _pay(work, advance, contract, ordered_by)
    ordered = work.update(
        AdvanceRow, advance_id, AdvanceRow.status == advance.status, status=ADVANCE.after("ordered", advance.status),
        base_minor=allowed.base_minor, share_bp=allowed.share_bp, ceiling_minor=allowed.ceiling_minor,
        closed_by=ordered_by, closed_at=work.now,
    )  # fmt: skip
    assert ordered, "the row is locked"
    record(work, "advance", advance_id, "ordered")
    keep_weight(work, payment_id, subject.beside)
    record(work, "payment", payment_id, "ordered")
    return payment_id


def check_payable(work: Work, advance: Advance, contract: Contract) -> Allowance:
    """What allows its payment now, whoever orders it. Raises ContractNotActive, AdvanceOpen, AdvanceAccountChanged,
    AdvanceNotAgreed, AdvanceAboveLimit, InsufficientFunds."""
    check_running(contract, work.today)
    if queries.is_open(work, contract.id, besides=advance.id):
        raise AdvanceOpen(rule="one-at-a-time")
    if payees.version(work, advance.payee_version_id).status is not VersionStatus.ACTIVE:
        raise AdvanceAccountChanged(rule="account-as-asked")
    allowed = queries.allowance(work, contract)
    check_within(advance.amount_minor, allowed)
    if _free_money(work, contract).free < advance.amount_minor:
        raise InsufficientFunds("The funding line has less free money than the advance", rule="funds")
    return allowed


def _free_money(work: Work, contract: Contract) -> accounts.Account:
    found = accounts.account_of(work, AccountKind.APPROPRIATED, contract.line_id)
    assert found is not None, "a line is opened with it"
    return found


def _pay(work: Work, advance: Advance, contract: Contract, ordered_by: UUID) -> UUID:
    payment_id = new_id()
    ledger.transfer(
        work, debit=_free_money(work, contract).id, credit=advance.account_id, amount_minor=advance.amount_minor,
        reason="advance-ordered", about_id=advance.id,
    )  # fmt: skip
    recovery = ledger.open_account(work, AccountKind.RECOVERY, payment_id, line_id=contract.line_id)
    write_order(
        work,
        Order(
            payment_id, advance.provider_id, advance.territory, advance.payee_version_id, debit=advance.account_id,
            credit=recovery, amount_minor=advance.amount_minor, ordered_by=ordered_by, advance_id=advance.id,
        ),
    )  # fmt: skip
    return payment_id


def _asked(work: Work, advance_id: UUID) -> Advance:
    """The advance, locked, for a finance officer of its territory, while nobody has ended it."""
    work.actor.require(Role.FINANCE_OFFICER)
    advance = queries.advance(work, advance_id, lock=True)
    if not work.actor.has(Role.FINANCE_OFFICER, territory=advance.territory):
        raise AdvanceNotFound
    _check_asked(advance)
    return advance


def _check_asked(advance: Advance) -> None:
    if advance.status is not AdvanceStatus.ASKED:
        raise AdvanceDecided(rule="asked", status=str(advance.status))


def _close(work: Work, advance: Advance, verb: str) -> None:
    _check_asked(advance)
    closed = work.update(
        AdvanceRow, advance.id, AdvanceRow.status == advance.status, status=ADVANCE.after(verb, advance.status),
        closed_by=work.actor.id, closed_at=work.now,
    )  # fmt: skip
    assert closed, "the row is locked"
    record(work, "advance", advance.id, verb)


def seen(work: Work, advance: Advance) -> Advance:
    """The advance, if the actor may look at it: its provider's own people, officers and auditors of the territory.
    Raises AdvanceNotFound."""
    own = work.actor.grants is None or advance.provider_id in work.actor.directs()
    if not own and not work.actor.has(*READERS, territory=advance.territory):
        raise AdvanceNotFound
    return advance
