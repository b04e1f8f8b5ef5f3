"""Absences of somebody who is served: entered, and taken back, by the provider's people."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.calendar import ALMATY
from contracts.kernel.work import Work
from contracts.register import absences
from contracts.register.absence_rules import AbsenceKind, NewAbsence
from contracts.register.rules import LONGEST_REASON
from market.placement import stays
from market.placement.sheet import parse_time
from market.placement.visiting import plates_of
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit, told_apart
from market.web.pages.provider.house import ONE_DAY, address_of, desk_page
from market.web.pages.provider.schedule import ROOM, engagement_in
from market.web.pages.provider.visits import HERE
from market.web.work import Caller, Id, TheCaller, WebRequest

MOST_UNITS = 100


@get("/organisations/{number:str}/visits/schedule/{engagement:str}/absences", sync_to_thread=True)
def show_absences(
    request: WebRequest, caller: TheCaller, number: FromPath[str], engagement: FromPath[str]
) -> Response[str]:
    return _show(request, caller, number, engagement, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, named: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house, engagement = engagement_in(work, number, named)
        plates = plates_of(work, caller.vault, house.id, [engagement.recipient_id])
        return {
            "house": house,
            "engagement": engagement,
            "plate": plates.get(engagement.recipient_id),
            "absences": absences.absences_of(work, engagement.id),
            "days": absences.days_stood_still(work, engagement.id),
            "rules": [one for one in absences.rules(work) if one.from_on <= work.today < one.until_on],
        }

    found = caller.write(read)  # to read a name leaves an event
    return desk_page(
        request, "absences", found.pop("house"), HERE, filled=filled, key=new_key(), kinds=list(AbsenceKind), **found
    )


@post("/organisations/{number:str}/visits/schedule/{engagement:str}/absences", sync_to_thread=True)
def enter(
    request: WebRequest, caller: TheCaller, number: FromPath[str], engagement: FromPath[str], data: Form
) -> Response[Any]:
    def do(work: Work) -> None:
        _house, found = engagement_in(work, number, engagement)
        stays.enter(work, found.id, _read(data))

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, engagement, filled),
        to=address_of(number, f"{ROOM}/{engagement}/absences"), said=_("The absence is entered."),
    )  # fmt: skip


def _read(data: Mapping[str, str]) -> NewAbsence:
    """A stay has a last day; a visit its time, and what was called off the moment it was told."""
    reading = Reading(data)
    kind, first = reading.choice("kind", AbsenceKind), reading.day("from_on")
    if kind is AbsenceKind.HOSPITAL:
        last = reading.day("last_on")
        if first is not None and last is not None and last < first:
            reading.wrong("last_on", _("The last day is not before the first"))
        reading.check()
        return NewAbsence(kind, from_on=first, until_on=None if last is None else last + ONE_DAY)
    planned = _moment(reading, data, first, "time")
    quantity = reading.number("quantity", low=1, high=MOST_UNITS)
    told = None
    if kind is AbsenceKind.SHORT_NOTICE:
        told = _moment(reading, data, reading.day("told_on"), "told_time")
    reading.check()
    return NewAbsence(kind, planned_at=planned, told_at=told, quantity=quantity)


def _moment(reading: Reading, data: Mapping[str, str], day: date | None, name: str) -> datetime | None:
    seconds = parse_time(data.get(name, "").strip())
    if seconds is None:
        reading.wrong(name, _("Write the time as 9:30"))
    if day is None or seconds is None:
        return None
    return datetime.combine(day, time(), ALMATY) + timedelta(seconds=seconds)


@post(
    "/organisations/{number:str}/visits/schedule/{engagement:str}/absences/{absence_id:uuid}/withdrawal",
    sync_to_thread=True,
)
def withdraw(
    request: WebRequest,
    caller: TheCaller,
    number: FromPath[str],
    engagement: FromPath[str],
    absence_id: Id,
    data: Form,
) -> Response[Any]:
    def do(work: Work) -> None:
        engagement_in(work, number, engagement)
        reading = Reading(data)
        reason = reading.text("reason", max_length=LONGEST_REASON)
        reading.check()
        stays.withdraw(work, absence_id, reason=reason)

    def again(filled: Filled) -> Response[str]:
        return _show(request, caller, number, engagement, told_apart(filled, absence_id, "reason"))

    return submit(
        request, caller, data, do=do, again=again,
        to=address_of(number, f"{ROOM}/{engagement}/absences"), said=_("The absence is taken back."),
    )  # fmt: skip


HANDLERS = [show_absences, enter, withdraw]
