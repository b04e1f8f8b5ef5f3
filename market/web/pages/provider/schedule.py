"""Planned against delivered, by person; the visit schedule of one: drawn up, approved by the head, withdrawn."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from contracts.contract.rules import Engagement, EngagementNotFound
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register import delivered, journal
from contracts.schedule import queries, service
from contracts.schedule.rules import ScheduleStatus, Slot, in_force
from market.catalogue.rules import ServiceKind
from market.placement import planning
from market.placement.sheet import parse_time
from market.placement.visiting import plates_of
from market.provider.queries import Provider
from market.provider.roster import roster
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.provider.home import months_back
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.pages.provider.journal import MONTHS_OFFERED, MonthAsked
from market.web.pages.provider.visits import HERE
from market.web.wire import PAGE, Listing
from market.web.work import Caller, Id, TheCaller, WebRequest

ROOM = f"{HERE}/schedule"
WEEKDAYS = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip
After = Annotated[UUID | None, QueryParameter(name="after")]


@get("/organisations/{number:str}/visits/schedule", sync_to_thread=True)
def show_progress(
    request: WebRequest, caller: TheCaller, number: FromPath[str], month: MonthAsked = None, after: After = None
) -> Response[str]:
    """Of the people who are served on the last day looked at, up to and with yesterday."""

    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number, carers=True)
        asked = Month.parse(month) if month else Month.of(work.today)
        until = min(asked.until, max(asked.first_day, work.today))
        day = min(work.today, date.fromordinal(asked.until.toordinal() - 1))
        engagements = journal.served_on(work, house.id, day, after=after, limit=PAGE + 1)
        shown = engagements[:PAGE]
        return {
            "house": house,
            "month": asked,
            "progress": delivered.progress_of(work, shown, asked.first_day, until),
            "plates": plates_of(work, caller.vault, house.id, {one.recipient_id for one in shown}),
            "months": months_back(work.today, MONTHS_OFFERED),
            "following": shown[-1].id if len(engagements) > PAGE else None,
        }

    found = caller.write(read)  # to read names leaves an event
    following = found.pop("following")
    address = address_of(number, f"{ROOM}?month={found['month']}&after={following}") if following else None
    return desk_page(
        request, "schedule", found.pop("house"), HERE, rows=Listing(found.pop("progress"), address),
        kinds={str(kind): kind for kind in ServiceKind}, **found,
    )  # fmt: skip


@get("/organisations/{number:str}/visits/schedule/{engagement:str}", sync_to_thread=True)
def show_schedule(
    request: WebRequest, caller: TheCaller, number: FromPath[str], engagement: FromPath[str]
) -> Response[str]:
    return _show(request, caller, number, engagement, EMPTY)


def _show(request: WebRequest, caller: Caller, number: str, named: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house, engagement = engagement_in(work, number, named)
        schedules = queries.schedules_of(work, engagement.id)
        stands = in_force(schedules, work.today)
        return {
            "house": house, "engagement": engagement, "today": work.today,
            "kind": ServiceKind(engagement.kind),
            "schedules": [one for one in schedules if one.status is not ScheduleStatus.WITHDRAWN],
            "standing": stands.id if stands else None,
            "plate": plates_of(work, caller.vault, house.id, [engagement.recipient_id]).get(engagement.recipient_id),
            "workers": roster(work, caller.vault, house.id, on=work.today),
        }  # fmt: skip

    found = caller.write(read)
    names = {one.id: one.name for one in found["workers"]}
    return desk_page(
        request, "one_schedule", found.pop("house"), HERE, filled=filled, key=new_key(), weekdays=WEEKDAYS,
        names=names, worker_choices=list(names.items()), **found,
    )  # fmt: skip


def engagement_in(work: Work, number: str, named: str) -> tuple[Provider, Engagement]:
    house = house_of(work, number, carers=True)
    found = journal.engagements_named(work, house.id, numbers=[named], recipient_ids=())
    if not found:
        raise EngagementNotFound
    return house, found[0]


@post("/organisations/{number:str}/visits/schedule/{engagement:str}", sync_to_thread=True)
def draw(
    request: WebRequest, caller: TheCaller, number: FromPath[str], engagement: FromPath[str], data: Form
) -> Response[Any]:
    there = address_of(number, f"{ROOM}/{engagement}")

    def do(work: Work) -> None:
        _house, found = engagement_in(work, number, engagement)
        reading = Reading(data)
        from_on = reading.day("from_on")
        slots = [slot for weekday in range(len(WEEKDAYS)) for slot in _slot(reading, data, weekday)]
        if not slots and not reading.faults:
            reading.wrong("start-0", _("Write at least one time"))
        reading.check()
        assert from_on is not None, "a required day that passed the check is one"
        planning.draw(work, found.id, from_on=from_on, slots=slots)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, engagement, filled),
        to=there, said=_("The schedule is drawn up. It is in force when the head of the organisation has approved it."),
    )  # fmt: skip


def _slot(reading: Reading, data: Mapping[str, str], weekday: int) -> list[Slot]:
    """A row of the week that was left empty is no visit."""
    begins, ends = data.get(f"start-{weekday}", "").strip(), data.get(f"end-{weekday}", "").strip()
    if not begins and not ends:
        return []
    start, end = parse_time(begins), parse_time(ends)
    for name, seconds in ((f"start-{weekday}", start), (f"end-{weekday}", end)):
        if seconds is None:
            reading.wrong(name, _("Write the time as 9:30"))
    if start is None or end is None:
        return []
    if end <= start:
        reading.wrong(f"end-{weekday}", _("A visit ends after it starts"))
        return []
    worker = reading.uuid(f"worker-{weekday}") if data.get(f"worker-{weekday}") else None
    return [Slot(weekday, f"{start // 3600:02}:{start % 3600 // 60:02}", (end - start) // 60, worker)]


@post("/organisations/{number:str}/visits/schedule/{engagement:str}/{schedule_id:uuid}/{verb:str}", sync_to_thread=True)
def decide(
    request: WebRequest,
    caller: TheCaller,
    number: FromPath[str],
    engagement: FromPath[str],
    schedule_id: Id,
    verb: FromPath[str],
    data: Form,
) -> Response[Any]:
    """``verb``: approval or withdrawal, by who speaks for the organisation."""
    approving = verb == "approval"

    def do(work: Work) -> None:
        engagement_in(work, number, engagement)
        (service.approve if approving else service.withdraw)(work, schedule_id)

    said = _("The schedule is approved.") if approving else _("The schedule is withdrawn.")
    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, engagement, filled),
        to=address_of(number, f"{ROOM}/{engagement}"), said=said,
    )  # fmt: skip


HANDLERS = [show_progress, show_schedule, draw, decide]
