"""The rounds desk: every round in sight, and the form that asks for a new one."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from litestar import Response, get, post

from contracts.kernel.errors import DomainError
from contracts.kernel.work import Work
from market.oversight.desk import scope
from market.placement import queries
from market.placement.nightly_queries import latest
from market.placement.requesting import RoundUnderWay, request_round
from market.placement.rules import Policy, Round
from market.web.formats import Filter, filters, place_names
from market.web.language import _, language_of, tr
from market.web.pages.form import EMPTY, Fault, Filled, Form, Reading, new_key, submit
from market.web.pages.round.queries import START, rounds_seen
from market.web.queries import OFFICERS
from market.web.rendering import render
from market.web.wire import PAGE
from market.web.work import Caller, TheCaller, WebRequest

MINUTES, MOST_MINUTES = 10, 60  # ten times what the whole country needs; an hour
LARGEST_SEED = 2**31
A_MINUTE = timedelta(minutes=1) - timedelta.resolution  # what is cut off is added before
COUNTRY = "all"  # a choice of a form cannot be empty
UNDER_WAY = _(
    "Round %(number)s is under way there; wait for its result. Without another sign of life it holds the territory "
    "until %(until)s at the latest."
)
ABOUT = {
    Policy.WELFARE: _(
        "As many people of the most urgent tier as possible, then of the next; among those, wishes come first, then "
        "the shortest way."
    ),
    Policy.STABLE: _(
        "One after another by urgency and waiting time, each with the best place that is still free: nobody envies a "
        "person who came after them. As a rule fewer people get a place."
    ),
}


@get("/rounds-desk", sync_to_thread=True)
def show_desk(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _show(request, caller, EMPTY)


def _show(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    caller.actor.require(*OFFICERS)
    before = _before(request)
    found = caller.read(lambda work: rounds_seen(work, before=before, limit=PAGE))
    rounds = found[:PAGE]
    following = f"/rounds-desk?before={rounds[-1].number}" if len(found) > PAGE else None
    territories = _territories(request, caller)
    today = caller.read(lambda work: work.today)
    return render(
        request,
        "round/desk.html",
        filled=filled,
        key=new_key(),
        rounds=rounds,
        next=following,
        proof=caller.read(latest),
        first=before is None,
        territories=territories,
        policies=[(p.value, filters(language_of(request))["words"](p), _said(request, p)) for p in Policy],
        seed=f"{today:%Y%m%d}",
        minutes=MINUTES,
    )


def _said(request: WebRequest, policy: Policy) -> str:
    return tr(language_of(request), ABOUT[policy])


def _before(request: WebRequest) -> int | None:
    asked = request.query_params.get("before", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < len(str(LARGEST_SEED)) else None


def _territories(request: WebRequest, caller: Caller) -> list[tuple[str, str]]:
    """Where this officer may start a round: value and name. Empty for those who only look on."""
    held = scope(caller.actor, *START)
    language = language_of(request)
    whole = [(COUNTRY, filters(language)["place"]("").capitalize())] if "" in held else []
    names = [(code, name) for code, name in place_names(language).items() if code.startswith(held)]
    return whole + sorted(names, key=lambda one: one[1])


@post("/rounds-desk", sync_to_thread=True)
def start_round(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    """Written down as asked for; the worker runs it."""

    def do(work: Work) -> str:
        reading = Reading(data)
        territory = reading.one_of("territory", [value for value, _name in _territories(request, caller)])
        policy = reading.choice("policy", Policy)
        seed = reading.number("seed", high=LARGEST_SEED)
        minutes = reading.number("minutes", low=1, high=MOST_MINUTES)
        reading.check()
        round_id = request_round(
            work, territory="" if territory == COUNTRY else territory, policy=policy, seed=seed,
            time_limit_seconds=60 * minutes,
        )  # fmt: skip
        return address_of(queries.round_(work, round_id))

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, filled), to="/rounds-desk",
        said=_("The round is asked for. The worker begins it in a moment."),
        tell=partial(_held, filters(language_of(request))["moment"]),
    )  # fmt: skip


def _held(moment: Filter, error: DomainError) -> Fault | None:
    """Which round is in the way, and until when at the latest: to the minute, rounded up."""
    if not isinstance(error, RoundUnderWay):
        return None
    number, until = error.members["number"], error.members["held_until"]
    if until is None:
        return Fault("territory", _("Round %(number)s is asked for there, and waits for a worker to begin it."),
                     {"number": number})  # fmt: skip
    return Fault("territory", UNDER_WAY, {
        "number": number, "until": moment(datetime.fromisoformat(str(until)) + A_MINUTE),
    })  # fmt: skip


def address_of(one: Round) -> str:
    return f"/rounds-desk/{one.number}"


HANDLERS = [show_desk, start_round]
