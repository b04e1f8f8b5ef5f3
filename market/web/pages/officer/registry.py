"""The registry of organisations: who waits for admission, who is admitted or suspended; one of them, and deciding."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.approval.queries import is_free
from contracts.kernel.errors import NotAllowed
from contracts.kernel.work import Role, Work
from contracts.payee import queries as payees
from contracts.payee.rules import Payee, Version
from market.oversight.desk import registrations
from market.placement.ending import OFFICERS as REHOUSERS
from market.provider import queries, service
from market.provider.queries import Provider
from market.provider.rules import MAX_LICENCE_NUMBER, MAX_REASON, ProviderNotFound, ProviderStatus
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import MONEY, held_by, regions, seen
from market.web.rendering import render
from market.web.work import Caller, TheCaller, WebRequest

READERS = (*MONEY, Role.OPERATOR)
PAYEE_READERS = MONEY
DAY = timedelta(days=1)
MOST_OFFERS = 50  # on an organisation's page; the offers' own list has all


@get("/registry", sync_to_thread=True)
def list_registrations(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    held = held_by(caller, *READERS)
    territories, asked = seen(request, held), at.query.get("status", "")
    status = ProviderStatus(asked) if asked in set(ProviderStatus) else ProviderStatus.REGISTERED
    found = caller.read(lambda work: registrations(work, territories, status=status, after=at.after, limit=at.limit))
    rest = {"territory": at.query["territory"]} if at.query.get("territory") else {}
    links = [(one, f"/registry?{urlencode({'status': str(one), **rest})}", one is status) for one in ProviderStatus]
    return render(
        request, "officer/registry.html", listing=at.listing(found, lambda one: one, lambda one: one.id), which=status,
        links=links, regions=regions(request, held), territory=at.query.get("territory", ""),
    )  # fmt: skip


@get("/registry/{number:str}", sync_to_thread=True)
def show_organisation(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, number, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        provider = organisation_in_sight(work, number)
        buys = work.actor.has(Role.PROCUREMENT_OFFICER, territory=provider.territory)
        decides, free = buys and provider.id not in work.actor.providers(), is_free(work, provider.id)
        licences, points = queries.licences(work, provider.id), queries.service_points(work, provider.id)
        return {
            "provider": provider,
            "licences": licences,
            "points": points,
            "offers": queries.offers_of(work, provider.id, limit=MOST_OFFERS),
            "payee": _payee(work, provider),
            "today": work.today,
            "one_day": DAY,
            "may_rehouse": work.actor.has(*REHOUSERS, territory=provider.territory),
            "may_decide": decides and free,
            "tied": decides and not free,
            "is_licensed": queries.licence_on(work, provider.id, work.today) is not None,
        }

    return render(request, "officer/organisation.html", filled=filled, key=new_key(), **caller.read(read))


def organisation_in_sight(work: Work, number: str) -> Provider:
    provider = queries.provider_numbered(work, number)
    if not work.actor.has(*READERS, territory=provider.territory):
        raise ProviderNotFound
    return provider


def _payee(work: Work, provider: Provider) -> tuple[Payee, list[Version]] | None:
    """Where its money goes, for those who answer for money."""
    payee = payees.payee_of(work, provider.id)
    if payee is None or not work.actor.has(*PAYEE_READERS, territory=provider.territory):
        return None
    return payee, payees.versions(work, payee.id)


Decision = Callable[[Work, Provider, Reading], None]


def _decide(request: WebRequest, caller: Caller, number: str, data: Form, verb: Decision, said: str) -> Response[Any]:
    def do(work: Work) -> None:
        verb(work, organisation_in_sight(work, number), Reading(data))

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, filled),
        to=f"/registry/{number}", said=said,
    )  # fmt: skip


@post("/registry/{number:str}/admission", sync_to_thread=True)
def admit(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def verb(work: Work, provider: Provider, _reading: Reading) -> None:
        service.admit(work, provider.id)

    return _decide(request, caller, number, data, verb, _("The organisation is admitted. Its offers can be chosen."))


@post("/registry/{number:str}/suspension", sync_to_thread=True)
def suspend(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def verb(work: Work, provider: Provider, reading: Reading) -> None:
        reason = reading.text("reason", max_length=MAX_REASON)
        reading.check()
        service.suspend(work, provider.id, reason=reason)

    return _decide(request, caller, number, data, verb, _("The organisation is suspended. Nobody new can choose it."))


@post("/registry/{number:str}/readmission", sync_to_thread=True)
def readmit(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    def verb(work: Work, provider: Provider, _reading: Reading) -> None:
        service.readmit(work, provider.id)

    return _decide(request, caller, number, data, verb, _("The organisation is admitted again."))


@post("/registry/{number:str}/licences", sync_to_thread=True)
def add_licence(request: WebRequest, caller: TheCaller, number: FromPath[str], data: Form) -> Response[Any]:
    """By an officer who has it before them; the organisation does so on its own desk."""

    def verb(work: Work, provider: Provider, reading: Reading) -> None:
        if not work.actor.has(Role.PROCUREMENT_OFFICER, territory=provider.territory):
            raise NotAllowed
        text = reading.text("licence", max_length=MAX_LICENCE_NUMBER)
        from_on, last_on = reading.day("from_on"), reading.day("until_on", required=False)
        if from_on is not None and last_on is not None and last_on < from_on:
            reading.wrong("until_on", _("The last day is not before the first"))
        reading.check()
        assert from_on is not None, "a required day that passed the check is one"
        until_on = None if last_on is None else last_on + DAY
        service.add_licence(work, provider.id, number=text, from_on=from_on, until_on=until_on)

    return _decide(request, caller, number, data, verb, _("The licence is in the registry."))


HANDLERS = [list_registrations, show_organisation, admit, suspend, readmit, add_licence]
