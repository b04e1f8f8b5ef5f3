"""The monthly act: what a line costs, and which moves it may make."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.act.pricing import Collector, Vat, VatMode
from contracts.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken, WrongState
from contracts.kernel.lifecycle import Lifecycle
from contracts.kernel.period import Month

ACCEPTED = "act-accepted"  # why money moves from an engagement to an act
LONGEST_REASON = 500
MOST_PARTS = 99  # of a month's act: the first and what corrects it; more is a register nobody keeps


class ActStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class DeductionCode(StrEnum):
    """Why an officer takes something off a line."""

    NOT_SERVED = "not-served"
    NO_PROOF = "no-proof"
    ABOVE_PROGRAMME = "above-programme"
    WRONG_PRICE = "wrong-price"
    POOR_QUALITY = "poor-quality"
    OTHER = "other"


class LineOf(StrEnum):
    """What a line is of: what was served, or visits that did not take place and are paid in part."""

    VISITS = "visits"
    NO_SHOW = "no-show"
    SHORT_NOTICE = "short-notice"


class Side(StrEnum):
    """Who signs: one hands over, the other accepts."""

    PROVIDER = "provider"
    CUSTOMER = "customer"


class TermCode(StrEnum):
    COLLECTOR = "copayment-collector"
    PAY_WITHIN = "copayment-within"
    SIGNATURES = "signatures"


class Signatures(StrEnum):
    """Which signatures acceptance asks for."""

    NONE = "none"
    PROVIDER = "provider"
    BOTH = "both"


class PayWithin(StrEnum):
    """How long a recipient has for what the agency asks, from the day it is asked."""

    TEN_DAYS = "10-days"
    TWENTY_DAYS = "20-days"
    THIRTY_DAYS = "30-days"

    @property
    def days(self) -> int:
        return int(self.value.partition("-")[0])


TERMS: dict[TermCode, type[StrEnum]] = {
    TermCode.COLLECTOR: Collector,
    TermCode.PAY_WITHIN: PayWithin,
    TermCode.SIGNATURES: Signatures,
}
UNTIL_SET: dict[TermCode, StrEnum] = {
    TermCode.COLLECTOR: Collector.AGENCY,
    TermCode.PAY_WITHIN: PayWithin.THIRTY_DAYS,
    TermCode.SIGNATURES: Signatures.NONE,
}
ACT: Lifecycle[ActStatus] = Lifecycle(
    "act",
    {
        "submitted": (frozenset({ActStatus.DRAFT, ActStatus.RETURNED}), ActStatus.SUBMITTED),
        "returned": (frozenset({ActStatus.SUBMITTED}), ActStatus.RETURNED),
        "accepted": (frozenset({ActStatus.SUBMITTED}), ActStatus.ACCEPTED),
    },
)


class ActNotFound(NotFound):
    code = "act-not-found"
    title = "There is no such act"


class MonthNotOver(RuleBroken):
    code = "month-not-over"
    title = "An act is drawn up after the month's last day"


class ActExists(Conflict):
    code = "act-exists"
    title = "This contract has an act for this month already"


class NothingToAct(RuleBroken):
    code = "nothing-to-act"
    title = "No confirmed service of this month is worth anything"


class ActInOthersHands(WrongState):
    code = "act-not-open"
    title = "Only a draft or a returned act is assembled anew"


class ActNeedsAssembly(WrongState):
    code = "act-needs-assembly"
    title = "The act holds no visit, or lost one since it was drawn up: assemble it anew"


class ActExceedsCommitment(RuleBroken):
    code = "act-exceeds-commitment"
    title = "A line costs more than the engagement has left"


class ActHoldsUnserved(RuleBroken):
    code = "act-holds-unserved"
    title = "The act holds visits of days on which the engagement was ended or suspended: assemble it anew"


class TermNotSet(Conflict):
    code = "act-term-taken"
    title = "What acts are made by is set once for a day, and not for days gone by"


class LineNotFound(NotFound):
    code = "act-line-not-found"
    title = "The act has no such line"


class ActNotSubmitted(WrongState):
    code = "act-not-submitted"
    title = "Lines are decided on while the act lies with the officer"


class DeductionWrong(RuleBroken):
    code = "act-deduction"
    title = "Of a line between nothing and all of its cost is taken off"


class SecondPersonNeeded(NotAllowed):
    code = "second-person-needed"
    title = "Who drew up or submitted an act does not decide on it"


class SignatureMissing(RuleBroken):
    code = "act-not-signed"
    title = "An act is accepted once it was signed as it stands"


class PersonNeeded(NotAllowed):
    code = "person-needed"
    title = "An act names a person or an organisation for every step"


class PayeeNotActive(RuleBroken):
    code = "payee-missing"
    title = "The provider has no approved account that could be paid"


class ReasonMissing(RuleBroken):
    code = "reason-missing"
    title = f"Give a reason of 1 to {LONGEST_REASON} characters"


@dataclass(frozen=True, slots=True)
class Act:
    id: UUID
    number: str
    contract_id: UUID
    provider_id: UUID
    territory: str
    line_id: UUID
    month: Month
    part: int
    corrects_id: UUID | None
    status: ActStatus
    vat_mode: VatMode
    vat_rate_bp: int
    collector: Collector
    total_minor: int
    drafted_by: UUID
    drafted_at: datetime
    submitted_by: UUID | None
    submitted_at: datetime | None
    accepted_by: UUID | None
    accepted_at: datetime | None
    return_reason: str | None
    payee_version_id: UUID | None
    account_id: UUID | None
    editions: int
    version: int

    @property
    def vat(self) -> Vat:
        return Vat(self.vat_mode, self.vat_rate_bp)


@dataclass(frozen=True, slots=True)
class ActLine:
    """One engagement's service in the month at one price; ``amount_minor`` is what the budget pays of it. Of visits
    that did not take place ``unit_price_minor`` is the rule's share, and ``entries`` says how many."""

    id: UUID
    act_id: UUID
    engagement_id: UUID
    recipient_id: UUID
    kind: str
    setting: str
    unit: str
    what: LineOf
    entries: int
    quantity: int
    seconds: int
    unit_price_minor: int
    cost_minor: int
    deducted_minor: int
    deduct_code: DeductionCode | None
    deduct_note: str | None
    deducted_by: UUID | None
    vat_minor: int
    copayment_minor: int
    amount_minor: int


def number_of(contract: str, month: Month, part: int) -> str:
    """C-7/2026-03, and of its second correction C-7/2026-03-2."""
    return f"{contract}/{month}-{part}" if part else f"{contract}/{month}"


def check_month_over(month: Month, today: date) -> None:
    if today < month.until:
        raise MonthNotOver(f"{month} ends before {month.until}", pointer="/month", rule="after-the-last-day")


def is_open(act: Act) -> bool:
    """In the provider's hands: what it holds may still change."""
    return act.status in {ActStatus.DRAFT, ActStatus.RETURNED}


def check_open(act: Act) -> None:
    if not is_open(act):
        raise ActInOthersHands(f"The act is {act.status}", status=act.status, rule="draft-or-returned")


def check_holds_something(lines: int) -> None:
    if lines == 0:
        raise ActNeedsAssembly(rule="assembled-anew")


def check_second_person(act: Act, actor_id: UUID) -> None:
    """Raises SecondPersonNeeded for the hands the act has been through."""
    if actor_id in {act.drafted_by, act.submitted_by}:
        raise SecondPersonNeeded(rule="second-person")


def check_reason(reason: str, *, pointer: str = "/reason") -> str:
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise ReasonMissing(pointer=pointer, rule="reason")
    return reason.strip()


def check_submitted(act: Act) -> None:
    if act.status is not ActStatus.SUBMITTED:
        raise ActNotSubmitted(f"The act is {act.status}", status=act.status, rule="submitted")
