"""Any view as a page can show it: facts with labels, tables with links, values in the reader's words.

What an id names is asked for once a page, kind by kind; an id itself is never shown to a reader.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from market.catalogue.rules import CareSetting, Category, Language, ServiceKind, Unit
from market.oversight.names import kind_of
from market.web.api.engagements import ItemView
from market.web.formats import NOTHING, Formats, item_said
from market.web.language import _, tr
from market.web.pages.record.words import LABELS
from market.web.wire import Money
from market.web.words import WORDS

PAGES: Mapping[str, str] = {
    "act": "acts", "contract": "contracts", "engagement": "engagements", "funding-line": "funding-lines",
    "lot": "lots", "offer": "offers", "payment": "payments", "provider": "providers", "recipient": "recipients",
    "round": "rounds", "tender": "tenders", "voucher": "vouchers",
}  # fmt: skip
KINDS: Mapping[str | None, str] = {page: kind for kind, page in PAGES.items()}
NAMELESS: Mapping[str, str] = {"placement_id": "placements", "entry_id": "entries"}  # things without a number
CODED: Mapping[str, type[StrEnum]] = {
    "kind": ServiceKind, "service_kind": ServiceKind, "setting": CareSetting, "unit": Unit, "categories": Category,
    "languages": Language,
}  # fmt: skip
SILENT = frozenset({
    "id", "version", "payee_id", "award_id", "bid_id", "account_id", "payee_version_id", "client_id", "synthetic",
    "gateway_payout", "latitude", "longitude", "locality_id", "terms",
})  # fmt: skip
DAY = timedelta(days=1)
BASIS_POINTS = 10_000  # in a whole
VERIFIED = "verified"  # what a round's certificate says where nothing is wrong
View = Any  # one of the API's structs; which one, the noun knows


@dataclass(frozen=True, slots=True)
class Fact:
    """``label`` is marked for translation, ``text`` is in the reader's words already."""

    label: str
    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Views that become a table. ``page``: where the rows' own objects have their pages."""

    caption: str
    views: Sequence[View]
    columns: Sequence[str]
    page: str | None = None
    following: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    heads: list[str]
    rows: list[list[Fact]]
    next: str | None = None


def last_day(name: str, day: date) -> date:
    """People read the last day of a period, where the law of the code keeps the first one after it."""
    return day - DAY if name == "until_on" else day


def label_of(name: str) -> str:
    return LABELS.get(name) or name.removesuffix("_id").replace("_", " ").capitalize()


def fields_of(view: msgspec.Struct, *, but: Sequence[str] = ()) -> list[str]:
    names = [field.name for field in msgspec.structs.fields(view)]
    return [name for name in names if name not in SILENT and name not in but]


def ids_in(views: Iterable[View]) -> set[tuple[str, UUID]]:
    """What must be asked for by its id before these views can be shown."""
    found = set()
    for view in views:
        for field in msgspec.structs.fields(view):
            value, kind = getattr(view, field.name), kind_of(field.name)
            if isinstance(value, UUID) and kind:
                found.add((kind, value))
    return found


@dataclass(frozen=True, slots=True)
class Sayer:
    """Says values in one language; ``names``: what the ids of the page are called; ``openable``: which of them lead
    to a page that the reader may open."""

    formats: Formats
    names: Mapping[UUID, str]
    openable: frozenset[UUID]

    def facts(self, view: msgspec.Struct, *, but: Sequence[str] = ()) -> list[Fact]:
        said = [self.fact(name, getattr(view, name)) for name in fields_of(view, but=but)]
        return [fact for fact in said if fact.text != NOTHING]

    def table(self, rows: Rows) -> Table:
        body = []
        for view in rows.views:
            own = f"/{rows.page}/{view.id}" if rows.page and self._opens(rows.page, view.id) else None
            cells = [self.fact(name, getattr(view, name)) for name in rows.columns]
            if own and cells:
                text = cells[0].text if cells[0].text != NOTHING else tr(self.formats.language, _("Open the page"))
                cells[0] = Fact(cells[0].label, text, own)
            body.append(cells)
        return Table(rows.caption, [label_of(name) for name in rows.columns], body, rows.following)

    def _opens(self, page: str, key: UUID) -> bool:
        return page in NAMELESS.values() or key in self.openable

    def fact(self, name: str, value: object) -> Fact:
        if isinstance(value, UUID):
            return self._named(name, value)
        return Fact(label_of(name), self.say(name, value))

    def _named(self, name: str, key: UUID) -> Fact:
        kind = kind_of(name)
        page = (PAGES.get(kind) if key in self.openable else None) if kind else NAMELESS.get(name)
        text = self.names.get(key)
        if text is None:
            text = tr(self.formats.language, _("Open the page")) if page else NOTHING
        return Fact(label_of(name), text, f"/{page}/{key}" if page else None)

    def say(self, name: str, value: object) -> str:  # noqa: PLR0911 - one line a kind of value
        match value:
            case None | [] | "":
                return NOTHING
            case bool():
                return tr(self.formats.language, _("yes") if value else _("no"))
            case Money():
                return self.formats.money(value)
            case datetime():
                return self.formats.moment(value)
            case date():
                return self.formats.day(last_day(name, value))
            case int() | float():
                return self._number(name, value)
            case list() | tuple():
                return ", ".join(self.say(name, one) for one in value)
            case StrEnum():
                return self.formats.words(value) if type(value) in WORDS else str(value)
            case str() | ItemView():
                return self._text(name, value)
            case _:
                return NOTHING

    def _number(self, name: str, value: float) -> str:
        if name in {"distance_m", "radius_m"}:
            return self.formats.distance(int(value))
        if name == "vat_rate_bp":
            return self.formats.percent(value / BASIS_POINTS)
        if name == "seconds":
            return f"{int(value) // 3600}:{int(value) % 3600 // 60:02d}"
        return str(value) if name in {"year", "number", "sequence", "tier"} else self.formats.number(value)

    def _said(self, name: str, value: str) -> str:
        """Words of the program that are kept: ours in the reader's language, others as they are."""
        if name == "last_error":
            return self.formats.doubt(value) or value
        return tr(self.formats.language, _("checked by a second program")) if value == VERIFIED else value

    def _text(self, name: str, value: str | ItemView) -> str:
        if isinstance(value, ItemView):
            return item_said(self.formats.language, value.code, value.amount)
        if name == "items":
            return item_said(self.formats.language, value, None)
        coded = CODED.get(name)
        if coded is not None and value in set(coded):
            return self.formats.words(coded(value))
        if name == "territory":
            return self.formats.place(value)
        if name in {"last_error", "certificate"}:
            return self._said(name, value)
        return self.formats.month(value) if name == "month" else value
