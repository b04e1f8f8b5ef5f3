"""What recipients owe and pay: a due is theirs for one engagement and month, collections bring its money in or back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from contracts.kernel.errors import NotFound, RuleBroken, WrongState
from contracts.kernel.lifecycle import Lifecycle
from contracts.kernel.period import Month
from contracts.payment.rules import Patience, pause_after

LONGEST_REASON = 500
LONGEST_METHOD = 64  # letters of a payment method's name at the server
LONGEST_SENDING = 900  # seconds from the wish to its object at the server: longer than its ordinary outages


class CollectionKind(StrEnum):
    INTENT = "intent"  # the recipient pays
    REFUND = "refund"  # what was paid too much goes back the way it came


class CollectionStatus(StrEnum):
    """``sending`` is "outcome unknown"; ``open``: it exists at the server and has no end there yet."""

    ORDERED = "ordered"
    SENDING = "sending"
    OPEN = "open"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    REFUSED = "refused"
    FAILED = "failed"  # a refund that had succeeded: its money is with us again, and the recipient's


S = CollectionStatus
LIVE = (S.ORDERED, S.SENDING, S.OPEN)  # the ledger's transfer is pending
COLLECTION = Lifecycle[CollectionStatus](
    "collection",
    {
        "claimed": (frozenset({S.ORDERED, S.SENDING}), S.SENDING),
        "opened": (frozenset({S.SENDING}), S.OPEN),
        "succeeded": (frozenset({S.OPEN}), S.SUCCEEDED),
        "canceled": (frozenset({S.ORDERED, S.OPEN}), S.CANCELED),
        "refused": (frozenset({S.SENDING, S.OPEN}), S.REFUSED),
        "failed": (frozenset({S.SUCCEEDED}), S.FAILED),
    },
)
NOT_GIVEN_BACK = (S.REFUSED, S.FAILED)  # ends of a refund


class DueNotFound(NotFound):
    code = "due-not-found"
    title = "There is no such due"


class NothingDue(WrongState):
    code = "nothing-due"
    title = "There is nothing to pay here now"


class RemissionWrong(RuleBroken):
    code = "remission-wrong"
    title = "Of a due between nothing and all of it is remitted, with a reason"


class MethodWrong(RuleBroken):
    code = "payment-method-wrong"
    title = "This is not the name of a way to pay"


class NothingStopped(WrongState):
    code = "nothing-stopped"
    title = "Nothing of this due waits for a person"


class Standing(StrEnum):
    """Where an intent or a refund is, by the payment server's books alone."""

    OPEN = "open"  # an intent nobody has paid
    WAITING = "waiting"  # on its way, or its payer is asked for more
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    FAILED = "failed"  # a refund whose money is with us again


ENDS = {
    Standing.SUCCEEDED: S.SUCCEEDED,
    Standing.CANCELED: S.CANCELED,
    Standing.FAILED: S.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Due:
    """``asked_minor``: what accepted acts ask of the recipient; ``remitted_minor``: what an officer took off it."""

    id: UUID
    number: str
    engagement_id: UUID
    recipient_id: UUID
    provider_id: UUID
    territory: str
    line_id: UUID
    kind: str
    month: Month
    currency: str
    asked_minor: int
    remitted_minor: int
    pay_by_on: date
    opened_at: datetime

    @property
    def goal_minor(self) -> int:
        """What is to be collected in the end."""
        return self.asked_minor - self.remitted_minor


@dataclass(frozen=True, slots=True)
class Collection:
    """The whole row. ``of_id``: the intent that a refund gives back. ``first_tried_at``, ``next_try_at`` and
    ``moved_at`` are real time."""

    id: UUID
    due_id: UUID
    kind: CollectionKind
    of_id: UUID | None
    amount_minor: int
    currency: str
    status: CollectionStatus
    pending_transfer_id: UUID
    ordered_at: datetime
    first_tried_at: datetime | None
    next_try_at: datetime | None
    attempts: int
    strikes: int
    moved_at: datetime
    last_error: str | None
    gateway_id: str | None
    method: str | None
    confirm_ordered_at: datetime | None
    declined_at: datetime | None
    cancel_ordered_at: datetime | None
    ended_at: datetime | None

    @property
    def is_parked(self) -> bool:
        """Without an end, and only a person can move it on; ``last_error`` says why."""
        return self.status in LIVE and self.next_try_at is None


class Move(Protocol):
    """What :func:`wanted` reads of a collection."""

    @property
    def id(self) -> UUID: ...
    @property
    def kind(self) -> CollectionKind: ...
    @property
    def of_id(self) -> UUID | None: ...
    @property
    def amount_minor(self) -> int: ...
    @property
    def status(self) -> CollectionStatus: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What brings a due to its goal next: at most one of the three."""

    ask_minor: int = 0
    cancel: UUID | None = None
    refund: tuple[UUID, int] | None = None


def held_of(moves: Sequence[Move]) -> dict[UUID, int]:
    """By paid intent, the oldest first: what of it was not given back, nor is about to be."""
    held = {m.id: m.amount_minor for m in moves if m.kind is CollectionKind.INTENT and m.status is S.SUCCEEDED}
    for move in moves:
        if move.of_id is not None and move.status in {*LIVE, S.SUCCEEDED}:
            held[move.of_id] -= move.amount_minor
    return held


def wanted(goal_minor: int, moves: Sequence[Move], *, again: bool = False) -> Wanted:
    """``moves``: every collection of the due, the oldest first. One intent at a time, always over all that is owed; a
    wrong one ends before the next begins, and nothing is asked while money is on its way back. What the server refused
    is asked once more only where the amount changed, or a person says so (``again``)."""
    held = held_of(moves)
    owed = goal_minor - sum(held.values())
    live = next((m for m in moves if m.status in LIVE), None)
    if live is not None:
        wrong = live.kind is CollectionKind.INTENT and live.amount_minor != owed
        return Wanted(cancel=live.id if wrong else None)
    if owed > 0:
        last = next((m for m in reversed(moves) if m.kind is CollectionKind.INTENT), None)
        refused = last is not None and last.status is S.REFUSED and last.amount_minor == owed
        return Wanted() if refused and not again else Wanted(ask_minor=owed)
    if owed < 0 and (again or not (moves[-1].kind is CollectionKind.REFUND and moves[-1].status in NOT_GIVEN_BACK)):
        last_paid = next(intent for intent, holds in reversed(held.items()) if holds > 0)
        return Wanted(refund=(last_paid, min(-owed, held[last_paid])))
    return Wanted()


def next_watch(looks: int, patience: Patience) -> float | None:
    """Seconds before a refund that succeeded is looked at again after ``looks``: the payer's bank may send it back."""
    return patience.watch if looks < patience.watches else None


def next_look(looks: int, patience: Patience, dice: float) -> float:
    """Seconds before the next look at what is open after ``looks``: a payer takes days, news comes by itself."""
    return pause_after(looks, patience, longest=patience.longest_look, dice=dice).total_seconds()


def check_reason(reason: str) -> str:
    said = reason.strip()
    if not 0 < len(said) <= LONGEST_REASON:
        raise RemissionWrong(f"A reason has 1 to {LONGEST_REASON} characters", pointer="/reason", rule="reason")
    return said


def check_method(method: str) -> str:
    if not (method.startswith("pm_") and method.replace("_", "").isalnum() and len(method) <= LONGEST_METHOD):
        raise MethodWrong(pointer="/method", rule="payment-method")
    return method
