"""An event of the trail in the reader's words."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

import msgspec
import sqlalchemy as sa

from contracts.kernel.database import Base, Instant, MonthType
from contracts.kernel.money import decimal_string
from market.oversight.names import kind_of
from market.oversight.trail import Alteration, TrailEvent
from market.web.formats import NOTHING, Formats
from market.web.language import _, tr
from market.web.pages.officer.told import HIDDEN, HIDDEN_OF, QUIET_TABLES, verb_of
from market.web.pages.record.show import CODED, label_of, last_day
from market.web.pages.record.words import THINGS
from market.web.wire import Money
from market.web.words import WORDS


@dataclass(frozen=True, slots=True)
class ToldChange:
    """``before`` None: there was nothing before."""

    label: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class ToldRow:
    """The changes of one row, under the word for such a thing."""

    thing: str
    changes: list[ToldChange]


@dataclass(frozen=True, slots=True)
class Told:
    event: TrailEvent
    what: str
    who: str
    on_behalf_of: str | None
    rows: list[ToldRow]


def ids_in(events: list[TrailEvent]) -> set[tuple[str, UUID]]:
    found = {("user", event.actor_id) for event in events if event.actor_id}
    found |= {("recipient", event.on_behalf_of) for event in events if event.on_behalf_of}
    for change in (one for event in events for one in event.alterations):
        kind = kind_of(change.column)
        for value in (change.before, change.after):
            key = as_id(value) if kind else None
            if kind and key:
                found.add((kind, key))
    return found


def as_id(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Teller:
    """Says an event in the reader's words."""

    formats: Formats
    known: dict[UUID, str]

    def tell(self, stream: str, event: TrailEvent) -> Told:
        language = self.formats.language
        system = tr(language, _("the system"))
        who = self.known.get(event.actor_id, str(event.actor_id)) if event.actor_id else system
        behalf = self.known.get(event.on_behalf_of, "") if event.on_behalf_of else None
        told = [ToldRow(self._thing(table), changes) for table, changes in self._rows(event)]
        told += [ToldRow(self._thing(str(one.get("table"))), self._set(one)) for one in event.sets]
        return Told(event, tr(language, verb_of(stream, event.verb)), who, behalf, [row for row in told if row.changes])

    def _rows(self, event: TrailEvent) -> list[tuple[str, list[ToldChange]]]:
        """The changes row by row, the money they moved last."""
        rows: dict[tuple[str, str], list[ToldChange]] = {}
        for one in event.alterations:
            if not _is_quiet(one):
                rows.setdefault((one.table, one.key), []).append(self._change(one))
        said = [
            (table, [c for c in changes if c.after != NOTHING or c.before]) for (table, _key), changes in rows.items()
        ]
        return sorted(said, key=lambda row: row[0] == "transfer")

    def _thing(self, table: str) -> str:
        return tr(self.formats.language, THINGS.get(table, table.replace("_", " ")))

    def _change(self, change: Alteration) -> ToldChange:
        label = tr(self.formats.language, label_of(change.column.removesuffix("_minor")))
        before = None if change.is_new else self._say(change.table, change.column, change.before)
        return ToldChange(
            label, None if before == NOTHING else before, self._say(change.table, change.column, change.after)
        )

    def _set(self, facts: dict[str, Any]) -> list[ToldChange]:
        """A set of rows changed at once: how many."""
        count = facts.get("count")
        label = tr(self.formats.language, _("Rows changed at once"))
        return [ToldChange(label, None, self.formats.number(count))] if isinstance(count, int) else []

    def _say(self, table: str, column: str, value: Any) -> str:  # noqa: PLR0911 - one line a kind of value
        match value:
            case "" if column == "territory":
                return self.formats.place("")
            case None | "" | []:
                return NOTHING
            case {"sealed": str()}:
                return tr(self.formats.language, _("sealed"))
            case list():
                return ", ".join(self._say(table, column, one) for one in value)
            case bool():
                return tr(self.formats.language, _("yes") if value else _("no"))
            case int():
                return self.formats.money(Money(decimal_string(value))) if column.endswith("_minor") else str(value)
            case str():
                return self._typed(_type_of(table, column), column, value) or self._named(column, value)
        return msgspec.json.encode(value).decode()

    def _typed(self, kind: Any, column: str, value: str) -> str | None:  # noqa: PLR0911 - one line a kind of value
        """By the type of its column; None where that says nothing, or the value is none of its kind."""
        try:
            match kind:
                case sa.Enum() if kind.enum_class in WORDS:
                    return self.formats.words(cast("type[StrEnum]", kind.enum_class)(value))
                case Instant():
                    return self.formats.moment(datetime.fromisoformat(value))
                case sa.Date():
                    return self.formats.day(last_day(column, date.fromisoformat(value)))
                case MonthType():
                    return self.formats.month(value)
                case sa.LargeBinary():
                    return tr(self.formats.language, _("sealed"))
        except ValueError:
            return None
        return None

    def _named(self, column: str, value: str) -> str:
        """By the name of its column: contracts keep the market's words as text."""
        if column in CODED and value in set(CODED[column]):
            return self.formats.words(CODED[column](value))
        if column == "territory":
            return self.formats.place(value)
        key = as_id(value) if kind_of(column) else None
        return self.known.get(key, value) if key else value


def _is_quiet(one: Alteration) -> bool:
    """Bookkeeping and secrets that say nothing to a reader."""
    hidden = one.column in HIDDEN or one.column in HIDDEN_OF.get(one.table, ()) or one.column.endswith("_hash")
    return hidden or one.table in QUIET_TABLES


def _type_of(table: str, column: str) -> Any:
    """The column's type; None for a table of another release."""
    found = Base.metadata.tables.get(table)
    return found.c[column].type if found is not None and column in found.c else None
