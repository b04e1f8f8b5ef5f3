"""How many people must agree before money leaves, who may be one of them, and when they have agreed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken, WrongState

MOST_APPROVERS = 5  # of one payment: more people than a finance office has would stop every payment
LONGEST_REASON = 500


class SubjectKind(StrEnum):
    ACT = "act"
    BATCH = "batch"
    ADVANCE = "advance"


class CountedOver(StrEnum):
    """Over what a threshold counts: one order alone, or all that was ordered for the same organisation by the same
    territory on the same day or in the same month, however it was cut up."""

    ORDER = "order"
    DAY = "day"
    MONTH = "month"


class Verdict(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Beside:
    """What else counts beside an amount, for thresholds over a day and over a month, in minor units."""

    day: int = 0
    month: int = 0

    def to(self, counted: CountedOver) -> int:
        return {CountedOver.ORDER: 0, CountedOver.DAY: self.day, CountedOver.MONTH: self.month}[counted]


NOTHING_BESIDE = Beside()


@dataclass(frozen=True, slots=True)
class Subject:
    """What is decided on. ``hands``: who had a part in it already; ``provider_ids``: who would be paid; ``beside``:
    what they were paid besides; ``least``: so many must approve it, however small it is."""

    kind: SubjectKind
    id: UUID
    territory: str
    provider_ids: frozenset[UUID]
    hands: frozenset[UUID]
    beside: Beside = NOTHING_BESIDE
    least: int = 0


@dataclass(frozen=True, slots=True)
class Threshold:
    """From this amount on so many must approve."""

    id: UUID
    territory: str
    least_minor: int
    approvers: int
    counted_over: CountedOver
    from_on: date
    source: str


@dataclass(frozen=True, slots=True)
class Decision:
    id: UUID
    kind: SubjectKind
    subject_id: UUID
    amount_minor: int
    verdict: Verdict
    reason: str | None
    decided_by: UUID
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Interest:
    """An officer said that he or she is not free towards a provider. ``ended_at`` None: it holds."""

    id: UUID
    user_id: UUID
    provider_id: UUID
    reason: str
    declared_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """``needed`` people must approve this amount; ``approved`` are those whose last word is yes, ``rejected`` whose is
    no."""

    needed: int
    approved: Sequence[Decision]
    rejected: Sequence[Decision]

    @property
    def is_complete(self) -> bool:
        return not self.rejected and len(self.approved) >= self.needed


class ApprovalMissing(WrongState):
    code = "approval-missing"
    title = "So much money is paid once enough officers have approved it"


class SelfApproval(NotAllowed):
    code = "self-approval"
    title = "Nobody approves what they had a part in, nor pays what they approved"


class InterestDeclared(NotAllowed):
    code = "interest-declared"
    title = "Who declared an interest in a provider decides nothing about it"


class InterestStands(Conflict):
    code = "interest-stands"
    title = "This interest is declared already"


class InterestNotFound(NotFound):
    code = "interest-not-found"
    title = "There is no such declared interest"


class NothingToApprove(RuleBroken):
    code = "nothing-to-approve"
    title = "This amount needs nobody's approval"


class ThresholdWrong(RuleBroken):
    code = "approval-threshold"
    title = f"A threshold is a positive amount, for 0 to {MOST_APPROVERS} people, from today or a later day"


class ThresholdTaken(Conflict):
    code = "approval-threshold-taken"
    title = "This threshold is set for that day already"


class PersonNeeded(NotAllowed):
    code = "person-needed"
    title = "An approval names a person"


class ReasonMissing(RuleBroken):
    code = "reason-missing"
    title = f"Give a reason of 1 to {LONGEST_REASON} characters"


def needed_for(amount_minor: int, thresholds: Sequence[Threshold], beside: Beside = NOTHING_BESIDE) -> int:
    """The strictest of the thresholds in force that the amount, with what counts beside it, reaches: no office asks for
    less than the country, and a sum that is cut up weighs what it weighed whole."""
    reached = [one for one in thresholds if one.least_minor <= amount_minor + beside.to(one.counted_over)]
    return max((one.approvers for one in reached), default=0)


def last_words(decisions: Sequence[Decision]) -> dict[UUID, Decision]:
    """By person, from decisions in the order in which they were taken."""
    return {one.decided_by: one for one in decisions}


def check_reason(text: str) -> str:
    if not 0 < len(text.strip()) <= LONGEST_REASON:
        raise ReasonMissing(pointer="/reason", rule="reason")
    return text.strip()
