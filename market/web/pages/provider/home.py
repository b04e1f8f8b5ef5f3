"""The organisation's first page: what waits for it today, what money is coming; and registering one."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from contracts.act import calendar
from contracts.act.calendar import ContractMonth
from contracts.act.rules import ActStatus
from contracts.contract.rules import ContractStatus
from contracts.kernel.errors import NotSignedIn
from contracts.kernel.ids import parse_bin, parse_iban
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.payee import queries as payees
from contracts.payee.rules import WAITING_TIME, Version
from contracts.payment import statement
from contracts.register import journal
from market.catalogue.queries import territories
from market.competition import bidder
from market.placement import incoming
from market.provider import queries, service
from market.provider.queries import Provider
from market.provider.rules import MAX_NAME, NewProvider, OrganisationType, ProviderStatus, Sector
from market.web import queries as lists
from market.web.language import _, carried_on, language_of
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.rendering import render
from market.web.wire import PAGE, Slice
from market.web.work import Caller, TheCaller, WebRequest

MONTHS_LOOKED_AT = 3  # this one and the two before: older acts are a case for the page of acts
FIRST = Slice("", {}, None, PAGE)


@dataclass(frozen=True, slots=True)
class Tasks:
    """What somebody of the organisation has to do, and what is only to be known."""

    places: incoming.Waiting
    unconfirmed: int
    to_draw_up: list[ContractMonth]
    to_submit: list[ContractMonth]
    to_sign: int
    coming: statement.Coming
    served_today: int
    open_tenders: int
    missing: list[str]
    change: Version | None  # of the bank account

    @property
    def count(self) -> int:
        return self.places.count + len(self.to_draw_up) + len(self.to_submit) + self.to_sign + len(self.missing)


@get("/organisation", sync_to_thread=True)
def my_organisation(request: WebRequest, caller: TheCaller) -> Response[Any]:
    """The only one, or a choice; for who has none, how to register one."""
    ids = list(dict.fromkeys(caller.actor.providers()))
    houses = caller.read(lambda work: [queries.provider(work, one) for one in ids])
    if len(houses) == 1:
        address = _first_page(caller, houses[0].id, houses[0].number)
        return Redirect(carried_on(request, address), status_code=303)
    addresses = {house.id: _first_page(caller, house.id, house.number) for house in houses}
    return render(request, "provider/choose.html", houses=houses, addresses=addresses)


def _first_page(caller: Caller, provider_id: UUID, number: str) -> str:
    return address_of(number, "" if provider_id in caller.actor.directs() else "/visits")


@get("/organisations/{number:str}", sync_to_thread=True)
def home(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    def read(work: Work) -> tuple[Provider, Tasks]:
        house = house_of(work, number)
        return house, tasks_of(work, house)

    house, tasks = caller.read(read)
    return desk_page(request, "home", house, "", tasks=tasks, change=tasks.change, waiting=WAITING_TIME, key=new_key())


def tasks_of(work: Work, house: Provider) -> Tasks:
    months = calendar.months_of(work, house.id, months_back(work.today, MONTHS_LOOKED_AT))
    over = [one for one in months if one.month.until <= work.today]
    in_hand = {ActStatus.DRAFT, ActStatus.RETURNED}
    return Tasks(
        places=incoming.waiting(work, house.id),
        unconfirmed=sum(one.unconfirmed for one in months),
        to_draw_up=[one for one in over if one.may_draw_up],
        to_submit=[one for one in over if one.act is not None and one.act.status in in_hand],
        to_sign=len(_pending_contracts(work, house.id)),
        coming=statement.coming(work, house.id),
        served_today=journal.count_served_on(work, house.id, work.today),
        open_tenders=bidder.count_open_tenders(work),
        missing=_missing(work, house),
        change=payees.change_to_notice(work, house.id),
    )


def months_back(day: date, count: int) -> list[Month]:
    """This month and those before it, the newest first."""
    this = Month.of(day)
    numbers = [this.year * 12 + this.number - 1 - back for back in range(count)]
    return [Month(number // 12, number % 12 + 1) for number in numbers]


def _pending_contracts(work: Work, provider_id: UUID) -> list[Any]:
    return lists.contracts(work, FIRST, territory=None, status=ContractStatus.PENDING, provider_id=provider_id)


def _missing(work: Work, house: Provider) -> list[str]:
    """The rooms in which something is missing before the organisation can be admitted or paid."""
    missing = []
    if queries.licence_on(work, house.id, work.today) is None:
        missing.append("/licences")
    if not queries.service_points(work, house.id, limit=1):
        missing.append("/points")
    if not calendar.has_account(work, house.id):
        missing.append("/account")
    if house.status is ProviderStatus.ADMITTED and not queries.offers_of(work, house.id, limit=1):
        missing.append("/offers")
    return missing


# --- registering -----------------------------------------------------------------------------------------------------
@get("/organisations/new", sync_to_thread=True)
def ask_for_organisation(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _ask(request, caller, EMPTY)


def _ask(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    name = f"name_{language_of(request)}"
    found = caller.read(territories)
    places = sorted(((one.code, getattr(one, name)) for one in found), key=lambda place: place[1])
    return render(
        request,
        "provider/new.html",
        filled=filled,
        key=new_key(),
        places=places,
        sectors=list(Sector),
        types=list(OrganisationType),
    )


@post("/organisations/new", sync_to_thread=True)
def register(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    def do(work: Work) -> str:
        provider_id = service.register(work, _read(data))
        return address_of(queries.provider(work, provider_id).number)

    if caller.actor.id is None:
        raise NotSignedIn
    return submit(
        request, caller, data, do=do, again=lambda filled: _ask(request, caller, filled), to="/organisation",
        said=_("The organisation is registered. An officer admits it when its licence and a service point are here."),
    )  # fmt: skip


def _read(data: Form) -> NewProvider:
    reading = Reading(data)
    bin_, iban = reading.text("bin", max_length=20), reading.text("iban", max_length=40, required=False)
    new = NewProvider(
        bin=bin_.replace(" ", ""),
        name=reading.text("name", max_length=MAX_NAME),
        sector=reading.choice("sector", Sector),
        organisation_type=reading.choice("organisation_type", OrganisationType),
        territory=reading.text("territory", max_length=9),
        iban=iban.replace(" ", "") or None,
        legal_name=reading.text("legal_name", max_length=MAX_NAME, required=False) or None,
    )
    reading.check()
    parse_bin(new.bin)
    if new.iban:
        parse_iban(new.iban)
    return new


HANDLERS = [my_organisation, home, ask_for_organisation, register]
