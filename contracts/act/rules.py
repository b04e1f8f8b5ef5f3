"""The monthly act: what a line costs, and which moves it may make."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from contracts.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken, WrongState
from contracts.kernel.lifecycle import Lifecycle
from contracts.kernel.money import price_of
from contracts.kernel.period import Month

HOUR = "hour"  # the one unit that is measured, not counted
SECONDS_AN_HOUR = 3600
LONGEST_REASON = 500


class ActStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


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


class SecondPersonNeeded(NotAllowed):
    code = "second-person-needed"
    title = "Who drew up or submitted an act does not decide on it"


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
    status: ActStatus
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
    version: int


@dataclass(frozen=True, slots=True)
class ActLine:
    """One engagement's service in the month; ``amount_minor`` was computed once and is what is printed."""

    id: UUID
    act_id: UUID
    engagement_id: UUID
    recipient_id: UUID
    kind: str
    setting: str
    unit: str
    entries: int
    quantity: int
    seconds: int
    unit_price_minor: int
    amount_minor: int


def amount_of(unit: str, unit_price_minor: int, *, quantity: int, seconds: int) -> int:
    """Hours are paid by the exact second, all other units by count. Rounded once a line, half up."""
    if unit == HOUR:
        return price_of(unit_price_minor, Fraction(seconds, SECONDS_AN_HOUR))
    return price_of(unit_price_minor, quantity)


def total_of(amounts: Sequence[int]) -> int:
    """The sum of the printed lines, never a rounded sum of what they were computed from."""
    return sum(amounts)


def check_month_over(month: Month, today: date) -> None:
    if today < month.until:
        raise MonthNotOver(f"{month} ends before {month.until}", pointer="/month", rule="after-the-last-day")


def is_open(act: Act) -> bool:
    """In the provider's hands: what it holds may still change."""
    return act.status in {ActStatus.DRAFT, ActStatus.RETURNED}


def check_open(act: Act) -> None:
    if not is_open(act):
        raise ActInOthersHands(f"The act is {act.status}", status=act.status, rule="draft-or-returned")


def check_holds_something(act: Act) -> None:
    if act.total_minor == 0:
        raise ActNeedsAssembly(rule="assembled-anew")


def check_second_person(act: Act, actor_id: UUID) -> None:
    """Raises SecondPersonNeeded for the hands the act has been through."""
    if actor_id in {act.drafted_by, act.submitted_by}:
        raise SecondPersonNeeded(rule="second-person")


def check_reason(reason: str) -> str:
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise ReasonMissing(pointer="/reason", rule="reason")
    return reason.strip()
