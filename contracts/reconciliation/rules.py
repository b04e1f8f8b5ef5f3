"""Act = payment = bank line, to the tiyn: what counts as a difference, and how one is resolved."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken, WrongState
from contracts.kernel.lifecycle import Lifecycle
from contracts.payment.rules import UNDER_WAY, PaymentStatus

GRACE_DAYS = 3  # from the payment server's "paid" to the line in the bank's statement: a weekend lies between
LONGEST_REASON = 500


class CaseKind(StrEnum):
    PAID_TWICE = "paid-twice"
    AMOUNT_DIFFERS = "amount-differs"
    ACCOUNT_DIFFERS = "account-differs"
    BANK_ONLY = "bank-only"  # the bank paid what our books say was not paid
    LINE_MISSING = "line-missing"  # our books say paid, or a file asked for it, and the bank's days since have no line
    CAME_BACK = "came-back"  # the bank booked it back, and our books say paid
    LINE_UNKNOWN = "line-unknown"
    PAYER_DIFFERS = "payer-differs"  # a line of one of our accounts names a payment that was ordered from another
    STATEMENT_GAP = "statement-gap"
    PAYMENT_STOPPED = "payment-stopped"  # the payment server's books and ours differ


class CaseStatus(StrEnum):
    """``proposed``: a second person is asked."""

    OPEN = "open"
    PROPOSED = "proposed"
    RESOLVED = "resolved"


class Resolution(StrEnum):
    CORRECTION = "correction"  # the ledger is brought to the bank's books
    DECISION = "decision"  # the books stand as they are, and a reason says why
    ASSIGNMENT = "assignment"  # a line that names no payment is one's
    VANISHED = "vanished"  # a later line, or a booking elsewhere, made the books agree


class CaseNotFound(NotFound):
    code = "reconciliation-case-not-found"
    title = "There is no such case"


class StatementNotFound(NotFound):
    code = "bank-statement-not-found"
    title = "There is no such bank statement"


class CaseSecondPerson(NotAllowed):
    code = "case-second-person-needed"
    title = "Who proposed it may not approve it"


class NothingToCorrect(RuleBroken):
    code = "nothing-to-correct"
    title = "This difference is not one of an amount: decide it, and say why"


class NothingToAssign(RuleBroken):
    code = "nothing-to-assign"
    title = "Only a line of the bank that no payment has can be one's"


class LineNotOfPayment(RuleBroken):
    code = "line-not-of-payment"
    title = "This line cannot be of that payment: its sum, side, day or paying account is another"


class LinePaymentUnknown(RuleBroken):
    code = "line-payment-unknown"
    title = "No payment of your territory has this number"


class CaseReasonMissing(RuleBroken):
    code = "case-reason-missing"
    title = f"Give a reason of 1 to {LONGEST_REASON} characters"


class NothingToSend(RuleBroken):
    code = "nothing-to-send"
    title = "No payment of this account waits for an order to the bank"


class BankOrderNotFound(NotFound):
    code = "bank-order-not-found"
    title = "There is no such order to the bank"


class StatementDiffers(Conflict):
    code = "statement-differs"
    title = "A statement with this number was imported before, and said something else"


class StatementAhead(RuleBroken):
    code = "statement-ahead"
    title = "The statement tells of days that have not come"


class DifferenceChanged(WrongState):
    code = "case-has-changed"
    title = "The difference has changed since this was proposed"


C = CaseStatus
CASE = Lifecycle[CaseStatus](
    "case",
    {
        "proposed": (frozenset({C.OPEN, C.PROPOSED}), C.PROPOSED),
        "refused": (frozenset({C.PROPOSED}), C.OPEN),
        "approved": (frozenset({C.PROPOSED}), C.RESOLVED),
        "vanished": (frozenset({C.OPEN, C.PROPOSED}), C.RESOLVED),
        "taken": (frozenset({C.OPEN, C.PROPOSED}), C.OPEN),
    },
)


@dataclass(frozen=True, slots=True)
class Difference:
    """``amount_minor``: what the bank paid beyond our books, negative where it paid less."""

    kind: CaseKind
    subject_id: UUID
    territory: str
    owner_id: UUID
    fingerprint: str
    amount_minor: int
    payment_id: UUID | None = None
    bank_line_id: UUID | None = None
    statement_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Case:
    id: UUID
    number: str
    kind: CaseKind
    territory: str
    subject_id: UUID
    payment_id: UUID | None
    bank_line_id: UUID | None
    statement_id: UUID | None
    fingerprint: str
    difference_minor: int
    status: CaseStatus
    owner_id: UUID
    opened_at: datetime
    proposal: Resolution | None
    proposed_payment_id: UUID | None
    reason: str | None
    proposed_by: UUID | None
    proposed_at: datetime | None
    resolution: Resolution | None
    resolved_by: UUID | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One payment in both books. ``paid_minor``: what the bank debited less what it booked back, of ``debits`` and
    ``returns`` lines; ``elsewhere``: debits to another account than the payment's; ``corrected_minor``: what
    corrections say already; ``covered``: the bank's statements reach past the day on which the line was due."""

    payment_id: UUID
    territory: str
    owner_id: UUID
    status: PaymentStatus
    amount_minor: int
    parked_at: datetime | None
    debits: int
    returns: int
    paid_minor: int
    elsewhere: int
    corrected_minor: int
    covered: bool
    by_file: bool

    @property
    def is_carried_out(self) -> bool:
        """The bank has done what its file asked for, if not to the tiyn, or to another account."""
        return self._is_with_bank and self.paid_minor > 0

    @property
    def is_left_undone(self) -> bool:
        """The bank's days have passed on which it should have done so."""
        return self._is_with_bank and self.covered and self.debits == self.returns == 0

    @property
    def _is_with_bank(self) -> bool:
        return self.by_file and self.status is PaymentStatus.SENT


def compare(one: Comparison) -> Difference | None:
    """The one difference of a payment, or none. A payment under way may be in the bank's books already or not yet."""
    stands = one.amount_minor if one.status is PaymentStatus.SETTLED else 0
    if (
        one.is_carried_out
        or one.is_left_undone
        or (one.status in UNDER_WAY and one.paid_minor - one.corrected_minor == one.amount_minor)
    ):
        stands = one.amount_minor
    expected = stands + one.corrected_minor
    kind = _kind(one, expected)
    if kind is None:
        return None
    found = f"{kind}:{one.debits}:{one.returns}:{one.elsewhere}:{one.paid_minor}:{expected}"
    if one.parked_at is not None:  # what stops again is looked at again
        found += f":{one.parked_at.isoformat()}"
    differs = 0 if kind is CaseKind.PAYMENT_STOPPED else one.paid_minor - expected  # the bank has not told yet
    return Difference(kind, one.payment_id, one.territory, one.owner_id, found, differs, payment_id=one.payment_id)


def _kind(one: Comparison, expected: int) -> CaseKind | None:
    more, stopped = one.paid_minor - expected, CaseKind.PAYMENT_STOPPED if one.parked_at else None
    if more == 0:
        return CaseKind.ACCOUNT_DIFFERS if one.elsewhere else stopped
    if more > 0 and one.debits - one.returns > 1:
        return CaseKind.PAID_TWICE
    if more > 0 and one.status not in {PaymentStatus.SETTLED, *UNDER_WAY}:
        return CaseKind.BANK_ONLY
    if one.paid_minor == 0 and one.debits == 0:
        return CaseKind.LINE_MISSING if one.covered else stopped
    return CaseKind.CAME_BACK if one.paid_minor == 0 else CaseKind.AMOUNT_DIFFERS


def check_fits(*, line_minor: int, paid_minor: int, amount_minor: int, booked_on: date, sent_on: date | None) -> None:
    """Whether a line of the bank can be of a payment of ``amount_minor`` whose other lines come to ``paid_minor``: with
    a debit the bank has paid it to the tiyn, with money booked back to the tiyn or nothing of it. ``line_minor``: as of
    our account; ``sent_on``: when it went to the bank or the server, if it did. Raises LineNotOfPayment."""
    after = paid_minor - line_minor
    whole = after == amount_minor or (line_minor > 0 and after == 0)
    if not whole:
        raise LineNotOfPayment(pointer="/payment", rule="line-sum-and-side")
    if sent_on is None or booked_on < sent_on:
        raise LineNotOfPayment(pointer="/payment", rule="line-after-order")


def check_reason(reason: str) -> str:
    text = " ".join(reason.split())
    if not 0 < len(text) <= LONGEST_REASON:
        raise CaseReasonMissing(pointer="/reason", rule="case-reason")
    return text


def check_second_person(case: Case, person: UUID) -> None:
    if person == case.proposed_by:
        raise CaseSecondPerson(rule="second-person")
