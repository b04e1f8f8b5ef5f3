"""Visits that look untrue: by reason, each with its facts and its visit, and a place to say what was found."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post

from contracts.act import queries as acts
from contracts.act.rules import ActStatus
from contracts.approval.queries import is_free
from contracts.kernel.work import Role, Work
from market.oversight import flagging, flags
from market.oversight.flagging import DECIDERS
from market.oversight.flags import SeenFlag
from market.oversight.names import names
from market.oversight.suspicion import LONGEST_NOTE, FlagNotFound, FlagStatus, Suspicion
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.sight import MONEY, held_by, regions, seen
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest

DECIDED = (FlagStatus.EXPLAINED, FlagStatus.CONFIRMED)
REASONS = {
    Suspicion.IMPOSSIBLE_TRAVEL: _("The visit before was %(metres)s m away and ended %(minutes)s minutes earlier."),
    Suspicion.OVER_VOLUME: _("With this visit %(so_far)s were given in the month; the programme has %(granted)s."),
    Suspicion.AFTER_DEATH: _("The recipient died on %(died_on)s."),
    Suspicion.AFTER_END: _("The service had ended: its first day without service is %(until_on)s."),
    Suspicion.AFTER_EXPIRY: _("The voucher had expired: its first day without service is %(until_on)s."),
    Suspicion.OWN_RELATIVE: _(
        "The recipient, or somebody who speaks for them, is one of the provider's own people. Said once a month."
    ),
    Suspicion.DURING_STAY: _("The recipient was in a home or a hospital on that day."),
    Suspicion.TOO_REGULAR: _(
        "All %(visits)s visits of the month began at the same minute and took the same time. Said once a month."
    ),
}


@get("/flags-desk", sync_to_thread=True)
def list_flags(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    held = held_by(caller, *MONEY)
    territories, asked = seen(request, held), at.query.get("status", "")
    which = FlagStatus(asked) if asked in set(FlagStatus) else FlagStatus.OPEN
    reason = at.query.get("suspicion", "")
    suspicion = Suspicion(reason) if reason in set(Suspicion) else None

    def read(work: Work) -> tuple[list[SeenFlag], dict[FlagStatus, int]]:
        found = flags.flags_in(work, territories, status=which, suspicion=suspicion, after=at.after, limit=at.limit)
        return found, flags.counted(work, territories)

    found, counts = caller.read(read)
    rest = {name: at.query[name] for name in ("territory", "suspicion") if at.query.get(name)}
    links = [
        (one, counts[one], f"/flags-desk?{urlencode({'status': str(one), **rest})}", one is which) for one in FlagStatus
    ]
    return render(
        request, "officer/flags.html", listing=at.listing(found, lambda one: one, lambda one: one.id), which=which,
        links=links, regions=regions(request, held), territory=at.query.get("territory", ""), suspicion=reason,
        suspicions=list(Suspicion), most=flags.MOST_COUNTED,
    )  # fmt: skip


@get("/flags-desk/{flag_id:uuid}", sync_to_thread=True)
def show_flag(request: WebRequest, caller: TheCaller, flag_id: Id) -> Response[str]:
    return _show(request, caller, flag_id, EMPTY)


def _show(request: WebRequest, caller: Caller, flag_id: Id, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        flag = flagging.flag_of(work, flag_id, *MONEY)
        found = flags.seen_flag(work, flag_id)
        if found is None:
            raise FlagNotFound
        decides, free = work.actor.has(*DECIDERS, territory=flag.territory), is_free(work, flag.provider_id)
        people = [("recipient", flag.recipient_id), ("worker", flag.worker_id)]
        hands = [("user", flag.decided_by)] if flag.decided_by else []
        return {
            "flag": found,
            "names": names(work, [*people, *hands]),
            "may_read_trail": work.actor.has(Role.AUDITOR, territory=flag.territory),
            "is_paid_for": _is_in_accepted_act(work, found),
            "may_decide": decides and free,
            "tied": decides and not free,
        }

    read_ = caller.read(read)
    flag = read_["flag"]
    return render(
        request, "officer/flag.html", filled=filled, key=new_key(), reason=REASONS[flag.suspicion],
        facts_said=_said(flag), answers=[one for one in DECIDED if one is not flag.status], **read_,
    )  # fmt: skip


def _is_in_accepted_act(work: Work, flag: SeenFlag) -> bool:
    return flag.act_id is not None and acts.act(work, flag.act_id).status is ActStatus.ACCEPTED


def _said(flag: SeenFlag) -> dict[str, object]:
    facts = dict(flag.facts)
    if "seconds" in facts:
        facts["minutes"] = round(facts["seconds"] / 60)
    for name in ("died_on", "until_on"):
        if name in facts:
            facts[name] = date.fromisoformat(facts[name]).strftime("%d.%m.%Y")
    return facts


@post("/flags-desk/{flag_id:uuid}/decision", sync_to_thread=True)
def decide(request: WebRequest, caller: TheCaller, flag_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        status = reading.one_of("status", [str(one) for one in DECIDED])
        note = reading.text("note", max_length=LONGEST_NOTE)
        reading.check()
        flagging.decide(work, flag_id, status=FlagStatus(status), note=note)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, flag_id, filled), to="/flags-desk",
        said=_("What you found is kept with the visit."),
    )  # fmt: skip


HANDLERS = [list_flags, show_flag, decide]
