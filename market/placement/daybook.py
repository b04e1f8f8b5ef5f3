"""A day's or a month's visits at once, as clerks write them: numbers, names, days and times of the wall clock.

Each row is judged by itself, by the rules for one visit; the right ones are entered, the wrong ones keep their text and
say what is wrong in which cell. What a row says makes its client id, so the same paste once more enters nothing.
A visit that was cancelled by itself is entered again by hand only: no file that is sent again brings it back.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from contracts.contract.rules import Engagement
from contracts.kernel.calendar import ALMATY
from contracts.kernel.errors import Conflict, DomainError, Malformed, NotFound, RuleBroken
from contracts.kernel.work import Work
from contracts.register import journal, many
from contracts.register.codes import DIGITS, parse_code
from contracts.register.rules import LONGEST_PLACE, Entry, EntryStatus, Visit
from market.catalogue.rules import CareSetting, Unit
from market.placement.serving import WorkerNotOnStaff
from market.placement.sheet import (
    MIDNIGHT,
    NEEDED,
    CellMissing,
    Column,
    DayUnreadable,
    Line,
    TimeUnreadable,
    clean_name,
    clean_number,
    parse_day,
    parse_quantity,
    parse_time,
)
from market.provider import board
from market.provider.roster import Employee, roster
from market.provider.rules import ProviderNotFound
from market.recipient import queries as recipients
from market.user.personal import Vault

RETAKES = 9  # how often the same visit is taken back and entered again before somebody should talk
OVER_MIDNIGHT = frozenset({Unit.NIGHT, Unit.PERSON_DAY})  # counted, not measured: a slip costs nothing
_COLUMN_OF = {
    "/worker_id": Column.WORKER, "/started_at": Column.START, "/ended_at": Column.END, "/quantity": Column.QUANTITY,
    "/place": Column.PLACE, "/code": Column.CODE,
}  # fmt: skip


class PersonUnknown(RuleBroken):
    code = "visit-person-unknown"
    title = "Your organisation serves nobody under this number"


class PersonAmbiguous(RuleBroken):
    code = "visit-person-ambiguous"
    title = "This person has several services on that day; write the number of the service"


class WorkerUnknown(RuleBroken):
    code = "visit-worker-unknown"
    title = "Nobody of this name is on your staff list"


class WorkerAmbiguous(RuleBroken):
    code = "visit-worker-ambiguous"
    title = "Several of your workers have this name; choose one in the form"


class QuantityUnreadable(RuleBroken):
    code = "visit-quantity-unreadable"
    title = "Write a whole number"


class PlaceTooLong(RuleBroken):
    code = "visit-place-too-long"
    title = f"A place has at most {LONGEST_PLACE} characters"


class CodeUnreadable(RuleBroken):
    code = "visit-code-unreadable"
    title = f"A code has {DIGITS} digits"


class RowTwice(Conflict):
    code = "visit-row-twice"
    title = "This visit stands in an earlier row already"


class CancelledBefore(Conflict):
    """``reason``: why it was cancelled."""

    code = "visit-cancelled-before"
    title = "This visit was cancelled; if it took place after all, enter it by hand"

    def __init__(self, reason: str) -> None:
        super().__init__(f"{self.title} ({reason})", rule="not-from-a-file-again", reason=reason)
        self.reason = reason


@dataclass(slots=True)
class Judged:
    """What became of a line. ``visit`` where it could be read; ``entry_id`` where it stands in the register, ``new``
    where it did not before."""

    line: Line
    faults: list[tuple[Column, DomainError]] = field(default_factory=list)
    engagement: Engagement | None = None
    visit: Visit | None = None
    entry_id: UUID | None = None
    new: bool = False

    @property
    def right(self) -> bool:
        return not self.faults

    def wrong(self, column: Column, fault: DomainError) -> None:
        self.faults.append((column, fault))

    def fault(self, column: Column) -> DomainError | None:
        return next((fault for at, fault in self.faults if at is column), None)


def dry_run(
    work: Work, vault: Vault, provider_id: UUID, lines: Sequence[Line], *, place: str, of_file: bool = False
) -> list[Judged]:
    """What would become of the lines, of a file or written by hand. ``place``: at home, where a row names none and the
    person had no visit yet; who is served elsewhere is served at the offer's point."""
    judged, rows = _read(work, vault, provider_id, lines, _Source(place, of_file))
    _tell(judged, rows, many.check_many(work, list(rows.values())))
    return judged


def enter(
    work: Work, vault: Vault, provider_id: UUID, lines: Sequence[Line], *, place: str, batch_id: UUID | None = None
) -> list[Judged]:
    """The right lines are entered, in one transaction; ``batch_id``: with which file. Raises ProviderNotFound."""
    judged, rows = _read(work, vault, provider_id, lines, _Source(place, batch_id is not None))
    _tell(judged, rows, many.enter_many(work, vault.visit_key, list(rows.values()), batch_id=batch_id))
    return judged


@dataclass(frozen=True, slots=True)
class _Source:
    place: str
    of_file: bool


def _tell(judged: Sequence[Judged], rows: dict[int, many.Row], verdicts: Sequence[many.Verdict]) -> None:
    for at, verdict in zip(rows, verdicts, strict=True):
        one = judged[at]
        one.entry_id, one.new = verdict.entry_id, verdict.new
        if verdict.refusal is not None:
            one.wrong(_column_of(verdict.refusal), verdict.refusal)


def _column_of(refusal: DomainError) -> Column:
    """A visit on the wrong day is the day's fault; of two that overlap, the start's."""
    if refusal.members.get("rule") in {"from-on", "until-on", "not-suspended"}:
        return Column.DAY
    return _COLUMN_OF.get(str(refusal.members.get("pointer", "")), Column.PERSON)


def _read(
    work: Work, vault: Vault, provider_id: UUID, lines: Sequence[Line], source: _Source
) -> tuple[list[Judged], dict[int, many.Row]]:
    """The rows that can be read, by their index among the lines."""
    house = _House.of(work, vault, provider_id, lines)
    judged = [house.judge(line) for line in lines]
    readable = [at for at, one in enumerate(judged) if one.right]
    _settle(work, [judged[at] for at in readable], source)
    rows: dict[int, many.Row] = {}
    seen: set[journal.ClientKey] = set()
    for at in readable:
        one = judged[at]
        if not one.right:
            continue
        assert one.engagement is not None
        assert one.visit is not None
        row = many.Row(one.engagement, one.visit, one.line.cell(Column.CODE))
        if row.key in seen:
            one.wrong(Column.PERSON, RowTwice(rule="one-row-a-visit"))
            continue
        seen.add(row.key)
        rows[at] = row
    return judged, rows


def _settle(work: Work, judged: Sequence[Judged], source: _Source) -> None:
    """Client ids, and the places that nobody wrote: where the visit that stands was, or the one before."""
    if not judged:
        return
    pairs = [(one, one.engagement, one.visit) for one in judged if one.engagement and one.visit]
    engagement_ids = {engagement.id for _, engagement, _ in pairs}
    days = [visit.served_on for _, _, visit in pairs]
    gone = journal.taken_back(work, engagement_ids, min(days), max(days))
    last = journal.last_visits(work, [engagement for _, engagement, _ in pairs], work.today + timedelta(days=1))
    tries = [_client_ids(engagement.id, visit) for _, engagement, visit in pairs]
    for (one, engagement, visit), ids in zip(pairs, tries, strict=True):
        free = next((each for each in ids if (engagement.id, each) not in gone), ids[-1])
        one.visit = replace(visit, client_id=free)
    points = board.point_names(work, {engagement.offer_id for _, engagement, _ in pairs})
    stands = journal.standing(work, [(e.id, o.visit.client_id) for o, e, _ in pairs if o.visit])
    for (one, engagement, _), ids in zip(pairs, tries, strict=True):
        assert one.visit is not None
        if source.of_file:
            _check_cancelled(one, engagement.id, ids, gone, stands)
        if one.visit.place:
            continue
        known = stands.get((engagement.id, one.visit.client_id)) or last.get(engagement.id)
        usual = (
            source.place if engagement.setting == CareSetting.HOME else points.get(engagement.offer_id, source.place)
        )
        one.visit = replace(one.visit, place=known.place if known else usual[:LONGEST_PLACE])


def _check_cancelled(
    one: Judged,
    engagement_id: UUID,
    ids: Sequence[str],
    gone: Mapping[journal.ClientKey, str | None],
    stands: Mapping[journal.ClientKey, Entry],
) -> None:
    """Of a row of a file: what was cancelled last by itself stays cancelled, unless somebody entered it again."""
    assert one.visit is not None
    standing = stands.get((engagement_id, one.visit.client_id))
    if standing is not None and standing.status is not EntryStatus.CANCELLED:
        return
    last = [(engagement_id, each) for each in ids if (engagement_id, each) in gone][-1:]
    reason = gone[last[0]] if last else None
    if reason is not None:
        one.wrong(Column.PERSON, CancelledBefore(reason))


def _client_ids(engagement_id: UUID, visit: Visit) -> list[str]:
    """Made of what the row says. A visit that was taken back may be entered again, under the next one."""
    span = (visit.started_at.astimezone(UTC), visit.ended_at.astimezone(UTC))
    facts = (engagement_id, visit.worker_id, *span, visit.quantity, visit.place)
    digest = hashlib.blake2b("\0".join(map(str, facts)).encode(), digest_size=20).hexdigest()
    return [digest, *(f"{digest}-{again}" for again in range(1, RETAKES + 1))]


@dataclass(slots=True)
class _House:
    """What the rows may name: engagements by number, workers by name and id."""

    by_number: dict[str, list[Engagement]]
    by_name: dict[str, list[Employee]]

    @classmethod
    def of(cls, work: Work, vault: Vault, provider_id: UUID, lines: Sequence[Line]) -> "_House":
        try:
            work.actor.require_provider(provider_id, carers=True)
        except NotFound:
            raise ProviderNotFound from None
        numbers = {clean_number(line.cell(Column.PERSON)) for line in lines}
        ids = recipients.ids_numbered(work, numbers)
        number_of = {recipient_id: number for number, recipient_id in ids.items()}
        by_number: dict[str, list[Engagement]] = defaultdict(list)
        served = journal.engagements_named(work, provider_id, numbers=numbers, recipient_ids=number_of)
        for engagement in served:
            by_number[engagement.number].append(engagement)
            if engagement.recipient_id in number_of:
                by_number[number_of[engagement.recipient_id]].append(engagement)
        by_name: dict[str, list[Employee]] = defaultdict(list)
        for worker in roster(work, vault, provider_id):
            by_name[clean_name(worker.name)].append(worker)
            by_name[str(worker.id)].append(worker)
        return cls(by_number, by_name)

    def judge(self, line: Line) -> Judged:
        """Read, and not yet held against the register."""
        one = Judged(line)
        for column in NEEDED:
            if not line.cell(column):
                one.wrong(column, CellMissing(rule="cell-filled"))
        day = _day(one)
        start, end = _seconds(one, Column.START), _seconds(one, Column.END)
        quantity = _quantity(one)
        _check_form(one)
        one.engagement = self._engagement(one, day)
        worker = self._worker(one, day)
        if one.right:
            assert day is not None
            assert start is not None
            assert end is not None
            assert worker is not None
            one.visit = _visit(one, day, start, end, quantity, worker)
        return one

    def _engagement(self, one: Judged, day: date | None) -> Engagement | None:
        cell = one.line.cell(Column.PERSON)
        named = self.by_number.get(clean_number(cell), [])
        if cell and not named:
            one.wrong(Column.PERSON, PersonUnknown(rule="served-by-the-provider"))
        that_day = [e for e in named if day is not None and e.from_on <= day < e.until_on]
        if len(that_day) > 1:
            one.wrong(Column.PERSON, PersonAmbiguous(rule="one-service"))
        fitting = that_day or named
        return fitting[-1] if fitting else None

    def _worker(self, one: Judged, day: date | None) -> Employee | None:
        cell = one.line.cell(Column.WORKER)
        named = self.by_name.get(clean_name(cell), [])
        if not cell or day is None:
            return None
        there = [worker for worker in named if worker.works_on(day)]
        if not named:
            one.wrong(Column.WORKER, WorkerUnknown(rule="on-the-staff-list"))
        elif not there:
            one.wrong(Column.WORKER, WorkerNotOnStaff(rule="on-staff-that-day"))
        elif len(there) > 1:
            one.wrong(Column.WORKER, WorkerAmbiguous(rule="one-worker"))
        return there[0] if there else None


def _day(one: Judged) -> date | None:
    cell = one.line.cell(Column.DAY)
    day = parse_day(cell)
    if cell and day is None:
        one.wrong(Column.DAY, DayUnreadable(rule="day-form"))
    return day


def _seconds(one: Judged, column: Column) -> int | None:
    cell = one.line.cell(column)
    seconds = parse_time(cell)
    if cell and seconds is None:
        one.wrong(column, TimeUnreadable(rule="time-form"))
    return seconds


def _quantity(one: Judged) -> int:
    """One, where nobody says otherwise; hours are measured by their start and end."""
    cell = one.line.cell(Column.QUANTITY)
    quantity = parse_quantity(cell) if cell else 1
    if quantity is None:
        one.wrong(Column.QUANTITY, QuantityUnreadable(rule="quantity-form"))
    return quantity or 0


def _check_form(one: Judged) -> None:
    if len(one.line.cell(Column.PLACE)) > LONGEST_PLACE:
        one.wrong(Column.PLACE, PlaceTooLong(rule="place-length"))
    try:
        if code := one.line.cell(Column.CODE):
            parse_code(code)
    except Malformed:
        one.wrong(Column.CODE, CodeUnreadable(rule="code-form"))


def _visit(one: Judged, day: date, start: int, end: int, quantity: int, worker: Employee) -> Visit:
    assert one.engagement is not None
    over_midnight = end <= start and one.engagement.unit in OVER_MIDNIGHT
    return Visit(
        client_id="",  # made of the facts when the row is settled
        worker_id=worker.id,
        started_at=_instant(day, start),
        ended_at=_instant(day, end + (MIDNIGHT if over_midnight else 0)),
        quantity=quantity,
        place=one.line.cell(Column.PLACE),
    )


def _instant(day: date, seconds: int) -> datetime:
    return datetime.combine(day, time(), ALMATY) + timedelta(seconds=seconds)
