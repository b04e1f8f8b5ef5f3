"""Writing down a person who needs help, and granting the right to be served with the money behind it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post

from contracts.budget import queries as budget
from contracts.budget.queries import FundingLine
from contracts.kernel.errors import DomainError
from contracts.kernel.ids import parse_iin
from contracts.kernel.work import Role, Work
from market.catalogue import queries as catalogue
from market.catalogue.queries import Locality
from market.catalogue.rules import CareSetting, Category, Language, ServiceKind, Unit
from market.oversight.desk import narrowed
from market.recipient import service as recipients
from market.recipient.queries import recipient, recipient_numbered
from market.recipient.rules import LEAST_URGENT, MAX_ADDRESS, MAX_NAME, NewRecipient, RecipientNotFound
from market.recipient.service import DESK
from market.voucher import service as vouchers
from market.voucher.rules import MAX_UNITS_A_MONTH, NewVoucher
from market.web.formats import filters
from market.web.language import _, language_of
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import held_by
from market.web.rendering import render
from market.web.work import Caller, TheCaller, WebRequest

DAY = timedelta(days=1)
IIN_DIGITS = 12
READ_LANGUAGES = (Language.KAZAKH, Language.RUSSIAN)


@get("/recipients/new", sync_to_thread=True)
def ask_for_person(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _ask_person(request, caller, EMPTY)


def _ask_person(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    held = held_by(caller, *DESK)

    say = filters(language_of(request))["locality"]

    def read(work: Work) -> list[Locality]:
        places = [place for prefix in held for place in catalogue.localities(work, territory=prefix)]
        return sorted(places, key=lambda place: (place.territory, say(place.id, place.name)))

    return render(
        request, "officer/new_recipient.html", filled=filled, key=new_key(), localities=caller.read(read),
        categories=list(Category), spoken_languages=READ_LANGUAGES, least_urgent=LEAST_URGENT,
    )  # fmt: skip


@post("/recipients/new", sync_to_thread=True)
def register(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    def do(work: Work) -> str:
        found = recipient(work, recipients.register(work, caller.vault, _read_person(work, data)))
        grants = work.actor.has(Role.BUDGET_OFFICER, territory=found.territory)
        return f"/vouchers/new?recipient={found.number}" if grants else f"/recipients/{found.id}"

    return submit(
        request, caller, data, do=do, again=lambda filled: _ask_person(request, caller, filled), to="/recipients",
        said=_("The person is in the register."),
    )  # fmt: skip


def _read_person(work: Work, data: Mapping[str, str]) -> NewRecipient:
    """The home stands in the middle of its settlement: good enough for distances, and nothing to mistype."""
    reading = Reading(data)
    iin = reading.text("iin", max_length=IIN_DIGITS)
    _check_iin(reading, iin)
    name, address = reading.text("name", max_length=MAX_NAME), reading.text("address", max_length=MAX_ADDRESS)
    place_id = reading.number("locality_id")
    category, tier = reading.choice("category", Category), reading.number("tier", high=LEAST_URGENT)
    language = reading.choice("language", Language)
    reading.check()
    place = catalogue.locality(work, place_id)
    return NewRecipient(
        iin=iin, name=name, address=address, territory=place.territory, locality_id=place.id, latitude=place.latitude,
        longitude=place.longitude, category=category, tier=tier, language=language,
    )  # fmt: skip


def _check_iin(reading: Reading, iin: str) -> None:
    if not iin:
        return
    try:
        parse_iin(iin)
    except DomainError:
        reading.wrong("iin", _("An IIN has twelve digits, the last of which checks the others: look at it again"))


@get("/vouchers/new", sync_to_thread=True)
def ask_for_voucher(request: WebRequest, caller: TheCaller) -> Response[str]:
    asked = request.query_params
    given = {"recipient_id": asked.get("recipient", ""), "line_id": asked.get("line", "")}
    return _ask_voucher(request, caller, Filled({name: text for name, text in given.items() if text}))


def _ask_voucher(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    held = held_by(caller, Role.BUDGET_OFFICER)

    def read(work: Work) -> tuple[list[FundingLine], date]:
        return budget.lines_from(work, held, year=work.today.year), work.today

    lines, today = caller.read(read)
    return render(
        request, "officer/new_voucher.html", filled=filled, key=new_key(), from_on=today,
        last_on=date(today.year, 12, 31), lines=[(line, ServiceKind(line.service_kind)) for line in lines],
        settings=list(CareSetting), units=list(Unit),
    )  # fmt: skip


@post("/vouchers/new", sync_to_thread=True)
def issue(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    held = held_by(caller, Role.BUDGET_OFFICER)

    def do(work: Work) -> str:
        return f"/vouchers/{vouchers.issue(work, _read_voucher(work, data, held))}"

    return submit(
        request, caller, data, do=do, again=lambda filled: _ask_voucher(request, caller, filled), to="/vouchers",
        said=_("The voucher is issued, and its money is reserved."),
    )  # fmt: skip


def _read_voucher(work: Work, data: Mapping[str, str], held: tuple[str, ...]) -> NewVoucher:
    """The kind of service is the one that the funding line pays for. A person elsewhere is nobody here."""
    reading = Reading(data)
    number, line_id = reading.text("recipient_id"), reading.uuid("line_id")
    person = _person(work, number, held)
    if person is None and number:
        reading.wrong("recipient_id", _("There is no recipient with this number"))
    line = budget.line_known(work, line_id)
    if line is None and data.get("line_id"):
        reading.wrong("line_id", _("Choose one of the answers"))
    from_on, last_on = reading.day("from_on"), reading.day("until_on")
    if from_on is not None and last_on is not None and last_on < from_on:
        reading.wrong("until_on", _("The last day is not before the first"))
    setting, unit = reading.choice("setting", CareSetting), reading.choice("unit", Unit)
    units = reading.number("units_a_month", low=1, high=MAX_UNITS_A_MONTH)
    ceiling = reading.money("ceiling")
    reading.check()
    assert person is not None
    assert line is not None
    assert from_on is not None
    assert last_on is not None
    return NewVoucher(
        recipient_id=person, line_id=line.id, kind=ServiceKind(line.service_kind), setting=setting, unit=unit,
        units_a_month=units, ceiling_minor=ceiling, from_on=from_on, until_on=last_on + DAY,
    )  # fmt: skip


def _person(work: Work, number: str, held: tuple[str, ...]) -> Any:  # the recipient's id, or none
    try:
        found = recipient_numbered(work, number)
    except RecipientNotFound:
        return None
    return found.id if narrowed(held, found.territory) else None


HANDLERS = [ask_for_person, register, ask_for_voucher, issue]
