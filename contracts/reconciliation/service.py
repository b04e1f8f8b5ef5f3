"""Cases: opened by what differs, exactly one a difference, and closed by its cause or by two people."""

from typing import Any  # column values, as Work.update takes them
from uuid import UUID

from contracts.act import queries as acts
from contracts.approval.service import check_disinterested
from contracts.audit.service import record
from contracts.kernel.ids import human_number, new_id
from contracts.kernel.work import Role, Work
from contracts.ledger import queries as ledger_queries
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from contracts.payment import advance_books, taking_back
from contracts.payment import queries as payments
from contracts.payment.queries import Payment
from contracts.payment.service import looked_into
from contracts.reconciliation import assigning, queries
from contracts.reconciliation.bank_orders import answer_for_bank
from contracts.reconciliation.comparing import differences
from contracts.reconciliation.models import CaseRow, CorrectionRow
from contracts.reconciliation.rules import (
    CASE,
    Case,
    CaseKind,
    CaseNotFound,
    CaseStatus,
    Difference,
    DifferenceChanged,
    NothingToCorrect,
    Resolution,
    check_reason,
    check_second_person,
)

READERS = (Role.FINANCE_OFFICER, Role.BUDGET_OFFICER, Role.AUDITOR)
NOBODY = UUID(int=0)  # the system orders nothing; a seed may


def reconcile(work: Work) -> int:
    """Bring the cases to what differs now: how many were opened, changed, or closed because their cause is gone."""
    open_before = {case.subject_id: case for case in queries.open_cases(work, lock=True)}
    found = {difference.subject_id: difference for difference in differences(work)}
    answered = queries.decided(work, found.keys())
    moved = 0
    for subject, difference in found.items():
        case = open_before.get(subject)
        if case is None:
            moved += (subject, difference.fingerprint) not in answered and _open(work, difference)
        elif case.fingerprint != difference.fingerprint:
            _change(work, case, difference)
            moved += 1
    for subject, case in open_before.items():
        if subject not in found:
            _resolve(work, case, "vanished", Resolution.VANISHED)
            moved += 1
    return moved


def _open(work: Work, found: Difference) -> bool:
    case_id = new_id()
    opened = work.insert_if_new(
        CaseRow,
        id=case_id,
        number=human_number("R"),
        kind=found.kind,
        territory=found.territory,
        subject_id=found.subject_id,
        payment_id=found.payment_id,
        bank_line_id=found.bank_line_id,
        statement_id=found.statement_id,
        fingerprint=found.fingerprint,
        difference_minor=found.amount_minor,
        status=CaseStatus.OPEN,
        owner_id=found.owner_id,
        opened_at=work.now,
        **_UNTOUCHED,
    )
    if opened:  # else somebody looked at the same moment
        record(work, "reconciliation-case", case_id, "opened")
    return opened


_NOT_PROPOSED: dict[str, Any] = dict.fromkeys(
    ("proposal", "proposed_payment_id", "reason", "proposed_by", "proposed_at")
)
_UNTOUCHED = _NOT_PROPOSED | dict.fromkeys(("resolution", "resolved_by", "resolved_at"))


def _change(work: Work, case: Case, found: Difference) -> None:
    """The same payment differs in another way now: the case goes on, and what was proposed for it no longer stands."""
    values: dict[str, Any] = {
        "kind": found.kind,
        "fingerprint": found.fingerprint,
        "difference_minor": found.amount_minor,
    }
    assert work.update(CaseRow, case.id, status=CaseStatus.OPEN, **values, **_NOT_PROPOSED)
    record(work, "reconciliation-case", case.id, "changed")


# --- what people do ---------------------------------------------------------------------------------------------------
def take(work: Work, number: str) -> None:
    """A finance officer of the territory makes it theirs; a proposal of the owner before falls. Raises WrongState."""
    case = _for_officer(work, number)
    status = CASE.after("taken", case.status)
    assert work.update(CaseRow, case.id, status=status, owner_id=_person(work), **_NOT_PROPOSED)
    record(work, "reconciliation-case", case.id, "taken")


def propose(work: Work, number: str, *, resolution: Resolution, reason: str, payment: str | None = None) -> None:
    """One person says what is to be done and why; ``payment``: the number of that which a bank line is of. Raises
    WrongState, NothingToCorrect, CaseReasonMissing, NothingToAssign, LinePaymentUnknown, LineNotOfPayment."""
    case = _to_decide(work, number)
    status, text = CASE.after("proposed", case.status), check_reason(reason)
    if resolution is Resolution.VANISHED:
        raise NothingToCorrect(pointer="/resolution", rule="case-resolution")
    if resolution is Resolution.CORRECTION and (case.payment_id is None or case.difference_minor == 0):
        raise NothingToCorrect(pointer="/resolution", rule="case-resolution")
    of = assigning.payment_for(work, case, payment).id if resolution is Resolution.ASSIGNMENT else None
    assert work.update(
        CaseRow, case.id, status=status, proposal=resolution, proposed_payment_id=of, reason=text,
        proposed_by=_person(work), proposed_at=work.now,
    )  # fmt: skip
    record(work, "reconciliation-case", case.id, "proposed")


def refuse(work: Work, number: str) -> None:
    """A second person does not agree: the case is open again. Raises WrongState, CaseSecondPerson."""
    case = _to_decide(work, number)
    status = CASE.after("refused", case.status)
    check_second_person(case, _person(work))
    assert work.update(CaseRow, case.id, status=status, **_NOT_PROPOSED)
    record(work, "reconciliation-case", case.id, "refused")


def approve(work: Work, number: str) -> None:
    """A second person agrees: a correction is booked, or a payment that stopped waits no more; what the bank has
    carried out of its file otherwise than we asked has arrived, and what it never did is with us; a line that named
    no payment is one's. Raises WrongState, CaseSecondPerson, InsufficientFunds, MoreThanAdvanced, MoreThanPaid,
    LineNotOfPayment, and DifferenceChanged where the difference is no longer what was proposed about."""
    case = _to_decide(work, number)
    CASE.after("approved", case.status)
    check_second_person(case, _person(work))
    assert case.proposal is not None
    if case.payment_id is not None:
        gives_up = (CaseKind.LINE_MISSING, Resolution.DECISION)
        answer_for_bank(work, case.payment_id, never_paid=(case.kind, case.proposal) == gives_up)
    if case.proposal is Resolution.CORRECTION:
        _correct(work, case)
    elif case.proposal is Resolution.ASSIGNMENT:
        assigning.assign(work, case)
    elif case.payment_id is not None and case.proposed_at is not None:
        looked_into(work, case.payment_id, asked_at=case.proposed_at)
    _resolve(work, case, "approved", case.proposal, resolved_by=_person(work))


def _correct(work: Work, case: Case) -> None:
    """More left than our books say: it is of the line's free money, and the payee owes it. Less: the payee owes less,
    and the act is owed."""
    assert case.payment_id is not None
    payment = payments.payment(work, case.payment_id, lock=True)  # a worker who moves it was before us, or waits
    now = differences(work, [payment.id])
    if not now or now[0].fingerprint != case.fingerprint:
        raise DifferenceChanged(rule="case-as-proposed")
    moved = _brought_over(work, case, payment)
    work.insert(
        CorrectionRow, id=new_id(), case_id=case.id, payment_id=payment.id, amount_minor=case.difference_minor,
        transfer_id=moved, booked_at=work.now,
    )  # fmt: skip


def _brought_over(work: Work, case: Case, payment: Payment) -> UUID:
    """The transfer of the whole difference."""
    line_id, amount = _line_of(work, payment), abs(case.difference_minor)
    free = ledger_queries.account_of(work, AccountKind.APPROPRIATED, line_id)
    assert free is not None, "a line is opened with it"
    ledger_queries.account(work, payments.paid_account(work, line_id), lock=True)  # set-off waits here
    owed = ledger_queries.account_of(work, AccountKind.RECOVERY, payment.id)
    if case.difference_minor > 0:
        debit, credit, reason = free.id, _recovery(work, payment.id, line_id), "overpaid"
    elif owed is not None and owed.free >= amount:  # the payee gave back what it had too much
        debit, credit, reason = owed.id, free.id, "recovered"
    elif payment.act_id is None:
        return advance_books.underpaid(work, payment, amount, case.id)
    else:
        return taking_back.underpaid(work, payment, acts.act(work, payment.act_id), amount, case.id)
    return ledger.transfer(work, debit=debit, credit=credit, amount_minor=amount, reason=reason, about_id=case.id)


def _line_of(work: Work, payment: Payment) -> UUID:
    """The funding line whose money it is."""
    if payment.act_id is None:
        return advance_books.advance_of(work, payment).line_id
    return acts.act(work, payment.act_id).line_id


def _recovery(work: Work, payment_id: UUID, line_id: UUID) -> UUID:
    """What a payee has to give back of one payment."""
    found = ledger_queries.account_of(work, AccountKind.RECOVERY, payment_id)
    return found.id if found else ledger.open_account(work, AccountKind.RECOVERY, payment_id, line_id=line_id)


def _resolve(work: Work, case: Case, verb: str, resolution: Resolution, **by: Any) -> None:
    assert work.update(
        CaseRow, case.id, status=CASE.after(verb, case.status), resolution=resolution, resolved_at=work.now, **by
    )
    record(work, "reconciliation-case", case.id, "resolved" if by else "vanished")


def show(work: Work, number: str) -> Case:
    """To officers and auditors of the territory."""
    case = queries.case(work, number)
    if not work.actor.has(*READERS, territory=case.territory):
        raise CaseNotFound
    return case


def _for_officer(work: Work, number: str) -> Case:
    work.actor.require(Role.FINANCE_OFFICER)
    case = queries.case(work, number, lock=True)
    if not work.actor.has(Role.FINANCE_OFFICER, territory=case.territory):
        raise CaseNotFound
    return case


def _to_decide(work: Work, number: str) -> Case:
    """As :func:`_for_officer`, for who is free towards the payee. Raises InterestDeclared."""
    case = _for_officer(work, number)
    about = case.payment_id or case.proposed_payment_id
    if about is not None:
        check_disinterested(work, frozenset({payments.payment(work, about).provider_id}))
    return case


def _person(work: Work) -> UUID:
    return work.actor.id or NOBODY
