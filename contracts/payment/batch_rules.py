"""Batches of payments: their statuses, what keeps an act out of one, and how they are refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.kernel.errors import Conflict, NotFound, RuleBroken, WrongState
from contracts.kernel.lifecycle import Lifecycle

MOST_ACTS = 200  # of one batch: one transaction orders them all, and an approver can still look through them


class BatchStatus(StrEnum):
    """``submitted``: acts and amounts are fixed, others look at it; ``dissolved``: its acts are free again."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ORDERED = "ordered"
    DISSOLVED = "dissolved"


class LineStatus(StrEnum):
    """``held``: no other batch, and no order of the act alone, may have it. ``removed``: taken out of the draft.
    ``dropped``: it could no longer be paid when the batch was ordered. ``released``: the batch was dissolved."""

    HELD = "held"
    REMOVED = "removed"
    ORDERED = "ordered"
    DROPPED = "dropped"
    RELEASED = "released"


class Lack(StrEnum):
    """Why an act cannot be paid with a batch."""

    REJECTED = "rejected"  # an officer said no to the payment of this act
    PAYMENT = "payment"  # a payment of it is under way, or came back
    PAID = "paid"  # nothing of it is left to order
    DEBT = "debt"  # its organisation owes money to the same funding line: that is set off first
    AMOUNT = "amount"  # another sum is left than the batch was approved with


S = BatchStatus
OPEN = (S.DRAFT, S.SUBMITTED)

BATCH = Lifecycle[BatchStatus](
    "payment-batch",
    {
        "submitted": (frozenset({S.DRAFT}), S.SUBMITTED),
        "ordered": (frozenset({S.SUBMITTED}), S.ORDERED),
        "dissolved": (frozenset(OPEN), S.DISSOLVED),
    },
)


@dataclass(frozen=True, slots=True)
class Batch:
    """``year``: the budget year whose lines it pays from. ``total_minor``: of its lines while it was a draft, then
    fixed; ``ordered_minor``: of those that were still to be paid. ``day_minor``, ``month_minor``: what it was judged
    with besides, when it was ordered."""

    id: UUID
    number: str
    territory: str
    year: int
    status: BatchStatus
    total_minor: int
    ordered_minor: int
    day_minor: int
    month_minor: int
    opened_by: UUID
    opened_at: datetime
    submitted_by: UUID | None
    submitted_at: datetime | None
    ordered_by: UUID | None
    ordered_at: datetime | None
    dissolved_by: UUID | None
    dissolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One act. ``line_id``: the funding line whose money it is."""

    id: UUID
    batch_id: UUID
    act_id: UUID
    provider_id: UUID
    line_id: UUID
    amount_minor: int
    status: LineStatus
    lack: Lack | None
    payment_id: UUID | None


class BatchNotFound(NotFound):
    code = "payment-batch-not-found"
    title = "There is no such batch of payments"


class BatchNotOpen(WrongState):
    code = "payment-batch-fixed"
    title = "The acts of this batch are fixed: dissolve it, and open another"


class BatchNotSubmitted(WrongState):
    code = "payment-batch-not-submitted"
    title = "Only a batch that was handed in is decided on and ordered"


class BatchOver(WrongState):
    code = "payment-batch-over"
    title = "This batch was ordered or dissolved"


class BatchEmpty(RuleBroken):
    code = "payment-batch-empty"
    title = "Nothing in this batch can be paid"


class BatchFull(RuleBroken):
    code = "payment-batch-full"
    title = f"A batch holds at most {MOST_ACTS} acts"


class BatchNotReady(RuleBroken):
    code = "payment-batch-not-ready"
    title = "Some acts of this batch cannot be paid: mend what they lack, or take them out"


class ActInBatch(Conflict):
    code = "act-in-batch"
    title = "This act is in a batch of payments, and is paid with it"


class ActNotForBatch(RuleBroken):
    code = "act-not-for-batch"
    title = "This act cannot be paid with this batch"


def total_of(lines: Sequence[BatchLine]) -> int:
    return sum(one.amount_minor for one in lines)


def by_provider(lines: Sequence[BatchLine]) -> dict[UUID, int]:
    parts: dict[UUID, int] = {}
    for one in lines:
        parts[one.provider_id] = parts.get(one.provider_id, 0) + one.amount_minor
    return parts
