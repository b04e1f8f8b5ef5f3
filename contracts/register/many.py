"""Many visits at once, by the rules for one: each row is judged by itself, and the right ones are entered."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.contract.rules import Engagement, EngagementNotFound, Suspension
from contracts.kernel.errors import DomainError, NotFound
from contracts.kernel.work import Work
from contracts.register import absences, confirming, journal, queries
from contracts.register.absence_rules import AROUND, AbsenceAndVisit
from contracts.register.codes import parse_code
from contracts.register.journal import ClientKey
from contracts.register.rules import (
    ClientIdReused,
    Entry,
    EntryStatus,
    RecipientElsewhere,
    Visit,
    WorkerElsewhere,
    check_served,
    check_visit,
)
from contracts.register.service import person, take_turns, write

MOST = 1_000  # visits at once: a month's sheet of a house of twenty; about a second in which others wait
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Row:
    """A visit to enter. ``code``: the six digits the recipient told, "" where none were."""

    engagement: Engagement
    visit: Visit
    code: str = ""

    @property
    def key(self) -> ClientKey:
        return self.engagement.id, self.visit.client_id


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a row came to: refused; or right, standing as ``entry_id`` once entered. ``new``: not before this."""

    entry_id: UUID | None = None
    new: bool = False
    refusal: DomainError | None = None


def check_many(work: Work, rows: Sequence[Row]) -> list[Verdict]:
    """A dry run: nothing is written, and of a code only its form is judged, so that nobody can guess one here."""
    book = _open(work, rows)
    verdicts = []
    for row in rows:
        verdict = book.judge(row, now=work.now)
        if verdict.new:
            book.take(row)
        verdicts.append(verdict)
    return verdicts


def enter_many(work: Work, key: bytes, rows: Sequence[Row], *, batch_id: UUID | None = None) -> list[Verdict]:
    """Enter every row that is right, by the provider's people; a visit that stands already is answered as it was.
    A wrong code is counted and its row refused. ``key`` is ``Vault.visit_key``; ``batch_id``: the file they came with.
    Raises EngagementNotFound."""
    entered_by = person(work)
    _check_own(work, rows)
    take_turns(work, *{row.visit.worker_id for row in rows}, *{row.engagement.recipient_id for row in rows})
    book = _open(work, rows)
    by = _By(entered_by, batch_id)
    return [_enter(work, key, book, row, by) for row in rows]


@dataclass(frozen=True, slots=True)
class _By:
    person: UUID
    batch_id: UUID | None


def _enter(work: Work, key: bytes, book: "_Book", row: Row, by: "_By") -> Verdict:
    verdict = book.judge(row, now=work.now)
    if verdict.refusal is not None:
        return verdict
    entry = book.standing.get(row.key)
    told = bool(row.code) and (verdict.new or (entry is not None and entry.status is EntryStatus.ENTERED))
    if told and (refusal := _code_refusal(work, key, row)) is not None:
        return Verdict(refusal=refusal)
    entry_id = (
        write(work, row.engagement, row.visit, by.person, batch_id=by.batch_id) if verdict.new else verdict.entry_id
    )
    assert entry_id is not None, "what stands has an id"
    if told:
        confirming.take_word(work, queries.entry(work, entry_id, lock=True))
    if verdict.new:
        book.take(row, entry_id)
    return Verdict(entry_id, new=verdict.new)


def _code_refusal(work: Work, key: bytes, row: Row) -> DomainError | None:
    try:
        return confirming.check_code(work, key, row.engagement, row.visit.served_on, parse_code(row.code))
    except DomainError as refusal:
        return refusal


def _open(work: Work, rows: Sequence[Row]) -> "_Book":
    assert len(rows) <= MOST, "the caller has a limit, too"
    _check_own(work, rows)
    if not rows:
        return _Book()
    workers, recipients = {r.visit.worker_id for r in rows}, {r.engagement.recipient_id for r in rows}
    first, last = min(r.visit.started_at for r in rows), max(r.visit.ended_at for r in rows)
    book = _Book(
        standing=journal.standing(work, (row.key for row in rows)),
        suspensions=journal.suspensions_of(work, {row.engagement.id for row in rows}),
        missed=absences.missed_times(work, {row.engagement.id for row in rows}, first, last),
    )
    for busy in journal.busy_times(work, workers, recipients, first, last):
        span = (busy.started_at, busy.ended_at)
        book.of_worker[busy.worker_id].append(span)
        book.of_recipient[busy.recipient_id].append(span)
    return book


def _check_own(work: Work, rows: Sequence[Row]) -> None:
    for provider_id in journal.providers_of(work, {row.engagement.contract_id for row in rows}):
        try:
            work.actor.require_provider(provider_id, carers=True)
        except NotFound:
            raise EngagementNotFound from None


@dataclass(slots=True)
class _Book:
    """What the register says about the people of the rows, and what the rows before have added to it."""

    standing: dict[ClientKey, Entry] = field(default_factory=dict)
    suspensions: dict[UUID, list[Suspension]] = field(default_factory=dict)
    missed: dict[UUID, list[datetime]] = field(default_factory=dict)
    of_worker: dict[UUID, list[Span]] = field(default_factory=lambda: defaultdict(list))
    of_recipient: dict[UUID, list[Span]] = field(default_factory=lambda: defaultdict(list))
    added: dict[ClientKey, tuple[Visit, UUID | None]] = field(default_factory=dict)

    def judge(self, row: Row, *, now: datetime) -> Verdict:
        try:
            if row.code:
                parse_code(row.code)
            known = self._known(row)
            if known is None:
                self._check(row, now)
                return Verdict(new=True)
            visit, entry_id = known
            if visit != row.visit:
                raise ClientIdReused(pointer="/client_id", rule="one-visit-a-client-id")
        except DomainError as refusal:
            return Verdict(refusal=refusal)
        return Verdict(entry_id)

    def take(self, row: Row, entry_id: UUID | None = None) -> None:
        """The row counts from now on. Without an id: it would be entered."""
        span = (row.visit.started_at, row.visit.ended_at)
        self.of_worker[row.visit.worker_id].append(span)
        self.of_recipient[row.engagement.recipient_id].append(span)
        self.added[row.key] = (row.visit, entry_id)

    def _known(self, row: Row) -> tuple[Visit, UUID | None] | None:
        entry = self.standing.get(row.key)
        return (entry.visit, entry.id) if entry else self.added.get(row.key)

    def _check(self, row: Row, now: datetime) -> None:
        check_visit(row.visit, row.engagement.unit, now=now)
        check_served(row.engagement, self.suspensions.get(row.engagement.id, []), row.visit.served_on)
        if _overlaps(row.visit, self.of_worker.get(row.visit.worker_id, [])):
            raise WorkerElsewhere(pointer="/worker_id", rule="one-place-at-a-time")
        if _overlaps(row.visit, self.of_recipient.get(row.engagement.recipient_id, [])):
            raise RecipientElsewhere(pointer="/started_at", rule="one-visit-at-a-time")
        planned = [(at, at + AROUND) for at in self.missed.get(row.engagement.id, [])]
        if _overlaps(row.visit, planned):
            raise AbsenceAndVisit(pointer="/started_at", rule="served-or-absent")


def _overlaps(visit: Visit, spans: Sequence[Span]) -> bool:
    return any(start < visit.ended_at and end > visit.started_at for start, end in spans)
