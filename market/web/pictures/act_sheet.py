"""A monthly act on paper, after form R-1 of the Ministry of Finance, as values for ``sheets/act.typ``.

The first table tells services by kind, place and price, as the form asks; the annex has the act's own lines, one for
each person served, by their number. Every cost printed is a stored line or a sum of stored lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from contracts.act.editions import Signature
from contracts.act.pricing import SECONDS_AN_HOUR, Collector, VatMode
from contracts.act.rules import Act, ActLine, ActStatus, LineOf
from contracts.contract.rules import HOUR
from contracts.kernel.calendar import civil_date
from market.catalogue.rules import Unit
from market.web.language import _
from market.web.pictures.job import Sheet
from market.web.pictures.queries import ServedLine
from market.web.pictures.speech import Speech, day_of

BLANK = "_" * 16  # to be filled in by hand
MAX_PRINTED = 2000  # lines of an annex: seventy pages; who needs more reads the act where it is kept
Row = list[str]


@dataclass(frozen=True, slots=True)
class Parties:
    """``provider`` is the legal name that is paid, ``account`` its IBAN. The customer's own name and BIN are not known
    here. ``corrects``: the act that this one corrects, by number. ``signatures`` over what the act says, whose SHA-256
    is ``fingerprint``; both are verified at ``address``."""

    provider: str
    provider_bin: str
    customer: str
    contract: str
    concluded_on: date
    account: str | None = None
    corrects: str | None = None
    signatures: Sequence[Signature] = ()
    fingerprint: str | None = None
    address: str = ""


def act_sheet(
    language: str, act: Act, lines: Sequence[ActLine], parties: Parties, served: Mapping[UUID, ServedLine]
) -> Sheet:
    said = Speech(language)
    total = said.say("money", act.total_minor)
    values = {
        "language": language,
        "number": act.number,
        "date": day_of(act.drafted_at),
        "form": said(_("Form R-1")),
        "title": said(_("Act of completed work (services rendered)")),
        "subtitle": said(_("No. %(number)s for %(month)s"), number=act.number, month=said.say("month", act.month)),
        "note": _note(said, act),
        "parties": _parties(said, act, parties),
        "heads": _heads(said),
        "lines": [*_services(said, lines, served), *_subtractions(said, act, lines)],
        "total": ["", said(_("Altogether")), "", "", "", "", total],
        "annexes": _annexes(said, lines),
        "signatures": [
            _signature(said, said(_("Handed over (provider)")), parties.provider, None),
            _signature(said, said(_("Accepted (customer)")), parties.customer, said(_("Date of acceptance"))),
        ],
        "annex_title": said(_("Annex: services by recipient")),
        "annex_heads": _annex_heads(said),
        "annex_lines": _annex(said, lines, served) if len(lines) <= MAX_PRINTED else [],
        "annex_total": ["", said(_("Altogether")), "", "", "", "", total],
    }
    return Sheet("act", values)


def _note(said: Speech, act: Act) -> str | None:
    match act.status:
        case ActStatus.DRAFT:
            return said(_("Draft. The provider has not handed this act in yet."))
        case ActStatus.RETURNED:
            return said(_("Returned to the provider: %(reason)s"), reason=act.return_reason or "")
        case ActStatus.SUBMITTED:
            return said(_("Handed in; the customer has not accepted it yet."))
        case ActStatus.ACCEPTED:
            return None


def _parties(said: Speech, act: Act, parties: Parties) -> list[Row]:
    handed = said.say("day", civil_date(act.submitted_at)) if act.submitted_at else BLANK
    accepted = said.say("day", civil_date(act.accepted_at)) if act.accepted_at else BLANK
    return [
        [said(_("Customer")), said(_("%(name)s, BIN %(bin)s"), name=parties.customer, bin=BLANK)],
        [said(_("Performer")), said(_("%(name)s, BIN %(bin)s"), name=parties.provider, bin=parties.provider_bin)],
        [said(_("Contract (agreement)")), said(_("No. %(number)s of %(day)s"), number=parties.contract,
                                  day=said.say("day", parties.concluded_on))],
        [said(_("Drawn up")), said.say("day", civil_date(act.drafted_at))],
        [said(_("Handed in electronically")), handed],
        [said(_("Accepted electronically")), accepted],
        *_facts(said, act, parties),
    ]  # fmt: skip


def _facts(said: Speech, act: Act, parties: Parties) -> list[Row]:
    """Where there is something to say: where the money goes, what is corrected, how it is taxed, who signed it, where
    that is checked."""
    rows = []
    if parties.account:
        rows.append([said(_("Account of the performer")), parties.account])
    if parties.corrects:
        rows.append([said(_("Corrects the act")), said(_("No. %(number)s"), number=parties.corrects)])
    if act.vat_mode is not VatMode.EXEMPT:
        rate = said.say("number", round(Decimal(act.vat_rate_bp) / 100, 2).normalize())
        rows.append([said(_("Value-added tax")), f"{rate} %, {said.say('words', act.vat_mode)}"])
    for one in parties.signatures:
        title = said(_("Signed electronically: %(side)s"), side=said.say("words", one.side))
        day = said.say("day", civil_date(one.signed_at))
        key = said(_("certificate %(print)s"), print=one.certificate_sha256[:16])
        rows.append([title, ", ".join([one.signer, *([one.subject_bin] if one.subject_bin else []), day, key])])
    if parties.fingerprint:
        rows.append([said(_("Check")), f"{parties.address} ({parties.fingerprint[:16]})"])
    return rows


def _annexes(said: Speech, lines: Sequence[ActLine]) -> str:
    number = said.say("number", len(lines))
    if len(lines) > MAX_PRINTED:
        return said(_("Annex: services by recipient, on %(lines)s lines, kept electronically."), lines=number)
    return said(_("Annex: services by recipient, on %(lines)s lines."), lines=number)


def _heads(said: Speech) -> Row:
    return [
        said(_("No. in order")), said(_("Service, by its kind")), said(_("Days of service")),
        said(_("Unit of measure")), said(_("How many")), said(_("Price of one, tenge")), said(_("Cost, tenge")),
    ]  # fmt: skip


def _annex_heads(said: Speech) -> Row:
    return [
        said(_("No. in order")), said(_("Recipient's number")), said(_("Service, by its kind")),
        said(_("Days of service")), said(_("Number of visits")), said(_("How many")), said(_("Cost, tenge")),
    ]  # fmt: skip


def _services(said: Speech, lines: Sequence[ActLine], served: Mapping[UUID, ServedLine]) -> list[Row]:
    rows = []
    ordered = sorted(lines, key=_service)
    for number, (_key, group) in enumerate(groupby(ordered, key=_service), 1):
        same = list(group)
        one, days = same[0], [served[line.engagement_id] for line in same if line.engagement_id in served]
        rows.append([
            str(number), _named(said, one), _days(said, days), said.say("words", Unit(one.unit)),
            said.say("number", sum(quantity_of(line) for line in same)), said.say("money", one.unit_price_minor),
            said.say("money", sum(line.cost_minor for line in same)),
        ])  # fmt: skip
    return rows


def _subtractions(said: Speech, act: Act, lines: Sequence[ActLine]) -> list[Row]:
    """What stands between the cost of the services and the total, so that the printed column adds up."""
    own = sum(line.copayment_minor for line in lines) if act.collector is Collector.PROVIDER else 0
    tax = sum(line.vat_minor for line in lines)
    told = [
        (said(_("Taken off by the customer")), -sum(line.deducted_minor for line in lines)),
        (said(_("Value-added tax on top")), tax if act.vat_mode is VatMode.ADDED else 0),
        (said(_("Paid to the provider by the recipients")), -own),
    ]
    return [["", title, "", "", "", "", said.say("money", amount)] for title, amount in told if amount]


def _service(line: ActLine) -> tuple[Any, ...]:
    return line.kind, line.setting, line.unit, line.what, line.unit_price_minor


def _named(said: Speech, line: ActLine) -> str:
    """Visits that did not take place say why they are paid."""
    service = said.service(line.kind, line.setting)
    return service if line.what is LineOf.VISITS else f"{service}: {said.say('words', line.what)}"


def _annex(said: Speech, lines: Sequence[ActLine], served: Mapping[UUID, ServedLine]) -> list[Row]:
    rows = []
    for number, line in enumerate(lines, 1):
        about = served.get(line.engagement_id)
        rows.append([
            str(number), about.recipient if about else "", _named(said, line),
            _days(said, [about] if about else []), said.say("number", line.entries),
            said.say("number", quantity_of(line)), said.say("money", line.amount_minor),
        ])  # fmt: skip
    return rows


def quantity_of(line: ActLine) -> Decimal:
    """What is multiplied by the price: hours by the second, all else by count."""
    if line.unit != HOUR or line.what is not LineOf.VISITS:
        return Decimal(line.quantity)
    return round(Decimal(line.seconds) / SECONDS_AN_HOUR, 4).normalize()


def _days(said: Speech, served: Sequence[ServedLine]) -> str:
    if not served:
        return ""
    return said.days(min(one.first_on for one in served), max(one.last_on for one in served))


def _signature(said: Speech, title: str, party: str, day: str | None) -> dict[str, Any]:
    under = [said(_("post")), said(_("signature")), said(_("name in full"))]
    return {"title": title, "party": party, "under": under, "day": f"{day}: {BLANK}" if day else ""}
