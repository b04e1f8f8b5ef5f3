"""All acts of months in one go: every contract that served somebody gets its act, in a handful of statements.

What it comes to is what drawing them up one by one comes to; a test holds the two against each other. Only months
without an act are taken: what corrects an accepted act is drawn up by itself. The trail has one event for all of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act import dated
from contracts.act.loose import (
    MANY,
    TAKING,
    LooseMonth,
    forget,
    look_at,
    loose_months,
    remember,
    served_together,
    taken,
)
from contracts.act.missed import missed_in
from contracts.act.models import ActEntryRow, ActLineRow, ActRow
from contracts.act.pricing import NO_VAT, Collector, Priced, Vat, cost_of, priced, total_of
from contracts.act.rules import ActStatus, LineOf, PersonNeeded, TermCode, check_month_over, number_of
from contracts.act.served import entries_by_line
from contracts.audit.service import record
from contracts.contract.models import EngagementPriceRow, EngagementRow
from contracts.kernel.bulk import copy_rows, new_ids
from contracts.kernel.database import table_of
from contracts.kernel.period import Month
from contracts.kernel.work import Role, Work
from contracts.register import absences
from contracts.register.models import AbsenceRow, EntryRow
from contracts.register.queries import served_within_engagement
from contracts.register.rules import EntryStatus

_entries, _act_entries = table_of(EntryRow), table_of(ActEntryRow)
ACT_COLUMNS = (
    "id", "number", "contract_id", "provider_id", "territory", "line_id", "month", "part", "status", "vat_mode",
    "vat_rate_bp", "collector", "total_minor", "drafted_by", "drafted_at", "editions", "version",
)  # fmt: skip
LINE_COLUMNS = (
    "id", "act_id", "engagement_id", "recipient_id", "kind", "setting", "unit", "unit_price_minor", "entries",
    "quantity", "seconds", "what", "cost_minor", "deducted_minor", "vat_minor", "copayment_minor", "amount_minor",
)  # fmt: skip
LINES_AT_ONCE = 20_000  # some ten megabytes
Row = Sequence[Any]


@dataclass(slots=True)
class _Terms:
    """By what acts are made, looked up once a month and territory."""

    work: Work
    providers: set[UUID]
    vats: dict[Month, Mapping[UUID, Vat]] = field(default_factory=dict)
    charges: dict[Month, dict[str, int]] = field(default_factory=dict)
    collectors: dict[tuple[str, Month], Collector] = field(default_factory=dict)

    def of(self, one: LooseMonth) -> tuple[Vat, dict[str, int], Collector]:
        month, place = one.month, (one.territory, one.month)
        if month not in self.vats:
            self.vats[month] = dated.vats_of(self.work, self.providers, month)
            self.charges[month] = {who.hex: due for who, due in dated.charges_of_month(self.work, month).items()}
        if place not in self.collectors:
            code, day = TermCode.COLLECTOR, month.first_day
            self.collectors[place] = Collector(dated.term_on(self.work, code, territory=one.territory, day=day))
        return self.vats[month].get(one.provider_id, NO_VAT), self.charges[month], self.collectors[place]


@dataclass(slots=True)
class _Sheet:
    """Acts and their lines on the way to the database."""

    acts: list[Row]
    lines: list[Row]

    def write(self, work: Work) -> None:
        copy_rows(work, ActRow, ACT_COLUMNS, self.acts)
        copy_rows(work, ActLineRow, LINE_COLUMNS, self.lines)
        self.acts.clear()
        self.lines.clear()


def draft_together(work: Work, months: Sequence[Month], *, provider_id: UUID | None = None) -> int:
    """Draw up the act of every contract and month that has confirmed visits and no act yet: of one provider, by who
    speaks for it, or of all, by an administrator. How many acts. Raises MonthNotOver."""
    if provider_id is None:
        work.actor.require(Role.ADMINISTRATOR)
    else:
        work.actor.require_provider(provider_id)
    if work.actor.id is None:
        raise PersonNeeded
    for month in months:
        check_month_over(month, work.today)
    found = loose_months(work, months, provider_id=provider_id)
    if not found:
        return 0
    remember(work, found)
    _claim(work, found)
    if len(found) >= MANY:
        look_at(work, EntryRow, EngagementRow, EngagementPriceRow)
    written = _write(work, {one.act_id.hex: one for one in found}, work.actor.id)
    forget(work)
    record(work, "acts", str(provider_id or "all"), "drafted-together")
    return written


def _claim(work: Work, found: Sequence[LooseMonth]) -> None:
    """Give the confirmed visits, and the payable absences, to the acts that will take them."""
    same = (_entries.c.contract_id == TAKING.c.contract_id, _entries.c.month == TAKING.c.month)
    loose = (_entries.c.status == EntryStatus.CONFIRMED, _entries.c.act_id.is_(None), served_within_engagement())
    statement = sa.update(_entries).where(*same, *loose).values(act_id=TAKING.c.act_id)
    claimed = work.execute(statement).rowcount
    work.note_set(str(_entries.name), verb="claimed", several="act_id", count=claimed)
    acts = {(one.contract_id, one.month): one.act_id for one in found}
    for missing in absences.loose(work, AbsenceRow.month.in_({one.month for one in found})):
        if (missing.contract_id, missing.month) in acts:
            work.update(AbsenceRow, missing.id, act_id=acts[missing.contract_id, missing.month])


def _write(work: Work, made: Mapping[str, LooseMonth], who: UUID) -> int:
    """Acts are read and written some thousand lines at a time, whatever their number; how many there are."""
    terms, sheet, written = _Terms(work, {one.provider_id for one in made.values()}), _Sheet([], []), 0
    for act_id, served in groupby(_served(work), key=lambda row: str(row[0])):
        vat, charges, collector = terms.of(made[act_id])
        priced_lines = _priced(list(served), vat, charges, collector)
        if total_of([figures.cost_minor for _, figures in priced_lines]) == 0:
            continue
        ids = new_ids(len(priced_lines))
        sheet.lines += [_line(line_id, row, figures) for line_id, (row, figures) in zip(ids, priced_lines, strict=True)]
        total = total_of([figures.amount_minor for _, figures in priced_lines])
        sheet.acts.append(_act(work, made[act_id], vat, collector, total, who))
        written += 1
        if len(sheet.lines) >= LINES_AT_ONCE:
            sheet.write(work)
    sheet.write(work)
    if written < len(made):
        _let_go(work)
    if written >= MANY:
        look_at(work, ActLineRow)
    work.execute(sa.insert(_act_entries).from_select(["entry_id", "act_line_id"], entries_by_line(*taken())))
    return written


def _served(work: Work) -> Iterator[Row]:
    """What was served and what was missed, by act and engagement, of one engagement what was served first. What was
    missed is little, and in memory."""
    visits = ((*row, LineOf.VISITS) for row in served_together(work))
    absent = [
        (
            act_id.hex, one.engagement_id.hex, one.recipient_id.hex, one.kind, one.setting, one.unit,
            one.unit_price_minor, one.entries, one.quantity, one.seconds, one.what,
        )
        for act_id, one in missed_in(work, AbsenceRow.act_id.in_(sa.select(TAKING.c.act_id)))
    ]  # fmt: skip
    return merge(visits, absent, key=lambda row: (row[0], row[1]))


def _let_go(work: Work) -> None:
    """Of acts that came to nothing."""
    worthless = TAKING.c.act_id.not_in(sa.select(ActRow.id))
    released = work.execute(sa.update(_entries).where(*taken(), worthless).values(act_id=None)).rowcount
    if released:
        work.note_set(str(_entries.name), verb="released", several="act_id", count=released)


def _priced(served: list[Row], vat: Vat, charges: dict[str, int], collector: Collector) -> list[tuple[Row, Priced]]:
    """Of several lines of one engagement the first asks its recipient first. An engagement is in one act of a month."""
    found = []
    for row in served:
        engagement, unit, price, quantity, seconds = row[1], row[5], row[6], int(row[8]), int(row[9])
        charge, counted = charges.get(engagement, 0), row[10] is not LineOf.VISITS
        cost = cost_of(unit, int(price), quantity=quantity, seconds=seconds, counted=counted)
        figures = priced(cost, vat=vat, charge_minor=charge, collector=collector)
        if charge:
            charges[engagement] = charge - figures.copayment_minor
        found.append((row, figures))
    return found


def _line(line_id: str, row: Row, figures: Priced) -> Row:
    act_id, engagement_id, recipient_id, kind, setting, unit, price, entries, quantity, seconds, what = row
    return (
        line_id, act_id, engagement_id, recipient_id, kind, setting, unit, int(price), int(entries), int(quantity),
        int(seconds), what, figures.cost_minor, 0, figures.vat_minor, figures.copayment_minor, figures.amount_minor,
    )  # fmt: skip


def _act(work: Work, one: LooseMonth, vat: Vat, collector: Collector, total: int, who: UUID) -> Row:
    return (
        one.act_id, number_of(one.contract_number, one.month, 0), one.contract_id, one.provider_id, one.territory,
        one.line_id, one.month, 0, ActStatus.DRAFT, vat.mode, vat.rate_bp, collector, total, who, work.now, 0, 1,
    )  # fmt: skip
