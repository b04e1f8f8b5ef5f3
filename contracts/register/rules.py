"""Which visits may stand in the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from contracts.contract.rules import HOUR, Engagement, Suspension, is_served_on
from contracts.kernel.calendar import civil_date
from contracts.kernel.errors import Conflict, Malformed, NotAllowed, NotFound, RuleBroken, WrongState
from contracts.kernel.lifecycle import Lifecycle
from contracts.kernel.period import Month

LONGEST_VISIT = timedelta(hours=24)  # a longer one is two visits; the search for overlaps relies on it
MOST_UNITS = 100  # a visit: more sessions than this do not fit into a day
LONGEST_CLIENT_ID = 64
LONGEST_PLACE = 120
LONGEST_REASON = 500
LONGEST_PAGE = 40
_TICK = timedelta(microseconds=1)


class EntryStatus(StrEnum):
    ENTERED = "entered"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"  # by a counter-entry


class Confirmation(StrEnum):
    """How the recipient's word reached us."""

    TAP = "tap"  # the recipient or a representative, signed in
    CODE = "code"  # told to who came, who entered it with the visit
    OPERATOR = "operator"  # to a service centre
    PAPER = "paper"  # a signed page of the paper journal, entered by an operator


ENTRY: Lifecycle[EntryStatus] = Lifecycle(
    "register entry",
    {
        "confirmed": (frozenset({EntryStatus.ENTERED}), EntryStatus.CONFIRMED),
        "cancelled": (frozenset({EntryStatus.ENTERED, EntryStatus.CONFIRMED}), EntryStatus.CANCELLED),
    },
)


class EntryNotFound(NotFound):
    code = "entry-not-found"
    title = "There is no such register entry"


class NobodyActs(NotAllowed):
    code = "person-needed"
    title = "The register names a person or an organisation for everything in it"


class NotServedThatDay(RuleBroken):
    code = "engagement-not-active"
    title = "The engagement is not served on that day"


class VisitBeforeEngagement(NotServedThatDay):
    code = "visit-before-engagement"
    title = "The engagement had not begun on that day"


class VisitAfterEngagement(NotServedThatDay):
    code = "visit-after-engagement"
    title = "The engagement had ended on that day"


class VisitEndsBeforeItStarts(RuleBroken):
    code = "visit-ends-before-it-starts"
    title = "A visit ends after it starts"


class VisitTooLong(RuleBroken):
    code = "visit-too-long"
    title = "A visit lasts at most 24 hours"


class VisitInTheFuture(RuleBroken):
    code = "visit-in-the-future"
    title = "A visit is entered when it is over"


class VisitInTwoMonths(RuleBroken):
    code = "visit-in-two-months"
    title = "Hours across midnight on a month's last day are entered in two parts"


class QuantityWrong(RuleBroken):
    code = "visit-quantity"
    title = f"A visit has between 1 and {MOST_UNITS} units"


class WorkerElsewhere(Conflict):
    code = "worker-elsewhere"
    title = "The worker has another visit at that time"


class RecipientElsewhere(Conflict):
    code = "recipient-elsewhere"
    title = "The recipient has another visit at that time"


class ClientIdReused(Conflict):
    code = "client-id-reused"
    title = "This client id belongs to another visit"


class OwnEntry(NotAllowed):
    code = "second-person-needed"
    title = "Nobody confirms an entry he entered himself"


class OwnProvidersVisit(NotAllowed):
    code = "own-providers-visit"
    title = "A provider's people confirm none of its visits, not even those they received: an operator does"


class PaperPageMissing(RuleBroken):
    code = "paper-page-missing"
    title = f"Name the page of the paper journal in 1 to {LONGEST_PAGE} characters"


class EntryInAct(WrongState):
    code = "entry-in-act"
    title = "The entry stands in an act and can no longer be cancelled"


class ReasonMissing(RuleBroken):
    code = "reason-missing"
    title = f"Give a reason of 1 to {LONGEST_REASON} characters"


@dataclass(frozen=True, slots=True)
class Visit:
    """What happened, as the provider tells it: whole seconds, aware UTC."""

    client_id: str
    worker_id: UUID
    started_at: datetime
    ended_at: datetime
    quantity: int
    place: str

    @property
    def served_on(self) -> date:
        """The civil date it started on."""
        return civil_date(self.started_at)

    @property
    def month(self) -> Month:
        return Month.of(self.served_on)


@dataclass(frozen=True, slots=True)
class Entry:
    id: UUID
    month: Month
    engagement_id: UUID
    contract_id: UUID
    recipient_id: UUID
    worker_id: UUID
    client_id: str
    served_on: date
    started_at: datetime
    ended_at: datetime
    place: str
    quantity: int
    status: EntryStatus
    entered_by: UUID
    entered_at: datetime
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    confirmed_how: Confirmation | None
    paper_page: str | None
    cancel_reason: str | None
    act_id: UUID | None
    batch_id: UUID | None
    items: list[Any] | None  # pairs of a code and an amount

    @property
    def visit(self) -> Visit:
        return Visit(self.client_id, self.worker_id, self.started_at, self.ended_at, self.quantity, self.place)


def read_visit(
    *, client_id: str, worker_id: UUID | None, started_at: datetime, ended_at: datetime, quantity: int, place: str
) -> Visit:
    """Checks the form of each fact. Fractions of a second, which no two clocks share, are dropped at both ends."""
    if not 0 < len(client_id) <= LONGEST_CLIENT_ID:
        raise Malformed(f"A client id has 1 to {LONGEST_CLIENT_ID} characters", pointer="/client_id")
    if not 0 < len(place.strip()) <= LONGEST_PLACE:
        raise Malformed(f"A place has 1 to {LONGEST_PLACE} characters", pointer="/place")
    if worker_id is None:
        raise Malformed("Who served must be named", pointer="/worker_id", rule="worker-named")
    for instant, pointer in ((started_at, "/started_at"), (ended_at, "/ended_at")):
        if instant.tzinfo is None:
            raise Malformed("An instant has an offset, such as 2026-03-02T09:00:00+05:00", pointer=pointer)
    start, end = started_at.replace(microsecond=0), ended_at.replace(microsecond=0)
    return Visit(client_id, worker_id, start, end, quantity, place.strip())


def check_visit(visit: Visit, unit: str, *, now: datetime) -> None:
    """What a visit must be by itself, whoever is served. Hours are paid by the month they lie in; whatever is counted
    belongs whole to the day it began on, a night into the next month (and the next year's money), too."""
    if visit.ended_at <= visit.started_at:
        raise VisitEndsBeforeItStarts(pointer="/ended_at", rule="forward")
    if visit.ended_at - visit.started_at > LONGEST_VISIT:
        raise VisitTooLong(pointer="/ended_at", rule="at-most-a-day")
    if visit.ended_at > now:
        raise VisitInTheFuture(pointer="/ended_at", rule="not-in-the-future")
    if unit == HOUR and Month.of(civil_date(visit.ended_at - _TICK)) != visit.month:
        raise VisitInTwoMonths(pointer="/ended_at", rule="one-month-a-visit")
    if not 0 < visit.quantity <= MOST_UNITS:
        raise QuantityWrong(pointer="/quantity", rule="positive-quantity")


def check_served(engagement: Engagement, suspensions: Sequence[Suspension], day: date) -> None:
    """Raises NotServedThatDay."""
    if day < engagement.from_on:
        raise VisitBeforeEngagement(f"It begins on {engagement.from_on}", pointer="/started_at", rule="from-on")
    if day >= engagement.until_on:
        raise VisitAfterEngagement(f"It ended before {engagement.until_on}", pointer="/started_at", rule="until-on")
    if not is_served_on(engagement, suspensions, day):
        raise NotServedThatDay(f"It is suspended on {day}", pointer="/started_at", rule="not-suspended")


def check_second_person(entry: Entry, actor_id: UUID) -> None:
    if actor_id == entry.entered_by:
        raise OwnEntry(rule="second-person")


def check_page(page: str) -> str:
    """The page of a paper journal as it is printed there. Raises PaperPageMissing."""
    said = " ".join(page.split())
    if not 0 < len(said) <= LONGEST_PAGE or not said.isprintable():
        raise PaperPageMissing(pointer="/page", rule="paper-page")
    return said


def check_reason(reason: str) -> str:
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise ReasonMissing(pointer="/reason", rule="reason")
    return reason.strip()
