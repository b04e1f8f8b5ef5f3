"""Any view as a page can show it: facts with labels, tables with links. One shape for every object."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from contracts.kernel.calendar import ALMATY
from market.web.language import _
from market.web.wire import Money

NOTHING = "–"
LABELS = {
    "number": _("Number"), "name": _("Name"), "title": _("Title"), "status": _("Status"), "territory": _("Territory"),
    "provider_id": _("Provider"), "recipient_id": _("Recipient"), "voucher_id": _("Voucher"), "offer_id": _("Offer"),
    "placement_id": _("Placement"), "engagement_id": _("Engagement"), "contract_id": _("Contract"), "act_id": _("Act"),
    "line_id": _("Funding line"), "tender_id": _("Tender"), "lot_id": _("Lot"), "round_id": _("Matching round"),
    "kind": _("Kind of service"), "setting": _("Where"), "unit": _("Unit"), "units_a_month": _("Units a month"),
    "units": _("Units"), "price": _("Price"), "unit_price": _("Price a unit"), "ceiling": _("At most"),
    "amount": _("Amount"), "total": _("Total"), "from_on": _("From"), "until_on": _("Until, not including"),
    "month": _("Month"), "capacity": _("Capacity"), "free": _("Free"), "places": _("Free places"),
    "distance_m": _("Distance, metres"), "languages": _("Languages"), "categories": _("Who is served"),
    "deadline_at": _("Bids until"), "published_at": _("Published"), "opened_at": _("Opened"),
    "respond_until": _("Answer by"), "created_at": _("Made"), "issued_at": _("Issued"), "decided_at": _("Decided"),
    "submitted_at": _("Submitted"), "accepted_at": _("Accepted"), "drafted_at": _("Drafted"),
    "ordered_at": _("Ordered"), "settled_at": _("Settled"), "served_on": _("Served on"), "started_at": _("Began"),
    "ended_at": _("Ended"), "place": _("Place"), "quantity": _("Quantity"), "entries": _("Visits"),
    "reason": _("Reason"), "served": _("Served"), "requests": _("Requests"), "certificate": _("Proof"),
    "policy": _("Policy"), "programme": _("Programme"), "service_kind": _("Kind of service"), "year": _("Year"),
    "appropriated": _("Appropriated"), "reserved": _("Reserved"), "committed": _("Committed"),
    "payable": _("Payable"), "paid": _("Paid"), "verb": _("What happened"), "at": _("When"), "actor_id": _("Who"),
    "sequence": _("No."), "provider_name": _("Provider"), "sector": _("Sector"), "tier": _("Urgency tier"),
    "registered_at": _("Registered"), "bin": _("BIN"), "organisation_type": _("Kind of organisation"),
    "address": _("Address"), "last_error": _("Last error"), "waiting_since": _("Waiting since"),
    "rejection_reason": _("Why rejected"), "bids": _("Bids"), "award_id": _("Award"), "basis": _("Basis"),
    "id": _("Identifier"), "version": _("Version"), "rank": _("Rank of the wish"), "ends_on": _("Ends on"),
}  # fmt: skip
PAGES = {
    "provider_id": "providers", "recipient_id": "recipients", "voucher_id": "vouchers", "offer_id": "offers",
    "placement_id": "placements", "engagement_id": "engagements", "contract_id": "contracts", "act_id": "acts",
    "line_id": "funding-lines", "tender_id": "tenders", "lot_id": "lots", "round_id": "rounds",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """``rows``: cells as facts. ``next``: the address of the next page."""

    caption: str
    heads: list[str]
    rows: list[list[Fact]]
    next: str | None = None


def label_of(name: str) -> str:
    return LABELS.get(name) or name.removesuffix("_id").replace("_", " ").capitalize()


def say(value: object) -> str:  # noqa: PLR0911 - one line a kind of value
    """A value in words; instants by the clock on the wall in the country."""
    match value:
        case None | []:
            return NOTHING
        case bool():
            return _("yes") if value else _("no")
        case Money():
            return say_money(value)
        case datetime():
            return value.astimezone(ALMATY).strftime("%Y-%m-%d %H:%M")
        case StrEnum():
            return str(value).replace("-", " ")
        case list() | tuple():
            return ", ".join(say(one) for one in value)
        case dict():
            return msgspec.json.encode(value).decode()
        case _:
            return str(value)


def say_money(value: Money) -> str:
    """1250.00 as "1 250.00 ₸", with spaces that do not break the line."""
    whole, _dot, part = value.amount.partition(".")
    return f"{int(whole):,}.{part}\N{NO-BREAK SPACE}₸".replace(",", "\N{NO-BREAK SPACE}")


def fact(name: str, value: object, *, own: str | None = None) -> Fact:
    """``own``: the address of the page of the row's own object, to which its number or name leads."""
    page = PAGES.get(name)
    address = f"/{page}/{value}" if page and isinstance(value, UUID) else None
    if own and name in {"number", "name", "title", "id"}:
        address = own
    return Fact(label_of(name), say(value), address)


def facts_of(view: msgspec.Struct, *, but: Sequence[str] = ()) -> list[Fact]:
    return [
        fact(field.name, getattr(view, field.name))
        for field in msgspec.structs.fields(view)
        if field.name not in {"id", "version", *but}
    ]


def table(
    caption: str, views: Sequence[msgspec.Struct], columns: Sequence[str], *, page: str | None = None,
    following: str | None = None,
) -> Table:  # fmt: skip
    """``page``: where the rows' own objects have their pages."""
    rows = []
    for view in views:
        own = f"/{page}/{getattr(view, 'id', '')}" if page else None
        rows.append([fact(name, getattr(view, name), own=own) for name in columns])
    return Table(caption, [label_of(name) for name in columns], rows, following)
