"""One round: where it is while it runs, what it came to, why it failed, and making its summary public."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.work import Work
from market.catalogue.queries import localities
from market.placement.progress import Phase, Progress, progress_of
from market.placement.publishing import publish_round
from market.placement.requesting import Failure
from market.placement.rules import Round, RoundStatus
from market.placement.summary import figures_of
from market.web.formats import place_names
from market.web.language import SPOKEN_BY_DEFAULT, _, language_of, tr
from market.web.pages.form import EMPTY, Filled, Form, new_key, submit
from market.web.pages.round.desk import address_of
from market.web.pages.round.queries import START, round_seen
from market.web.pages.round.result import result_of
from market.web.problems import kinds, title_of
from market.web.rendering import page_text, render
from market.web.work import Caller, TheCaller, WebRequest

LIVE = frozenset({RoundStatus.REQUESTED, RoundStatus.RUNNING})
CODE_DIGITS = 9  # of a region; a shorter prefix is more than one
UNCHANGED = 204  # the page that asks keeps what it shows
PHASES = {
    Phase.READ: _("Reading who waits and which places are free"),
    Phase.ARCS: _("Working out who may go where, and how far it is"),
    Phase.SOLVE: _("Finding the best places for everybody together"),
    Phase.VERIFY: _("Checking the answer with a second program"),
    Phase.EXPLAIN: _("Writing down the reason for each person"),
    Phase.WRITE: _("Saving the result and offering the places"),
}
FAILURES = {
    Failure.GAVE_WAY: _("Another round was begun before a worker took this one."),
    Failure.WORKER_DIED: _("The program that ran it stopped in the middle. Nothing was written."),
    Failure.WORKERS_DIED: _("The program that ran it stopped in the middle several times. Nothing was written."),
}


@get("/rounds-desk/{number:int}", sync_to_thread=True)
def show_round(request: WebRequest, caller: TheCaller, number: FromPath[int]) -> Response[str]:
    return _show(request, caller, number, EMPTY)


def _show(request: WebRequest, caller: Caller, number: int, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        one = round_seen(work, number)
        return {
            "round": one,
            "progress": progress_of(work, one),
            "places": localities(work) if one.status is RoundStatus.COMPLETE else [],
            "may_publish": work.actor.has(*START, territory=one.territory),
        }

    found = caller.read(read)
    one: Round = found["round"]
    figures, places = figures_of(one), found.pop("places")
    asked = request.query_params.get("region", "")
    region = asked if asked in place_names(language_of(request)) else None
    area = region or (one.territory if len(one.territory) == CODE_DIGITS else None)
    return render(
        request,
        "round/round.html",
        filled=filled,
        key=new_key(),
        address=address_of(one),
        live=one.status in LIVE,
        token=token_of(one, found["progress"]),
        phases=PHASES,
        failure=failure_of(request, one),
        figures=figures,
        result=figures and result_of(request, figures, places, address=address_of(one), region=area),
        facts=one.facts or {},
        **found,
    )


@get("/rounds-desk/{number:int}/progress", sync_to_thread=True)
def show_progress(request: WebRequest, caller: TheCaller, number: FromPath[int]) -> Response[str]:
    """A piece of the page, asked for again and again. Nothing new is no answer, so that nothing is read out twice; a
    round that has ended reloads the page."""

    def read(work: Work) -> tuple[Round, Progress]:
        one = round_seen(work, number)
        return one, progress_of(work, one)

    one, progress = caller.read(read)
    if one.status not in LIVE:
        return Response("", media_type="text/html", headers={"HX-Refresh": "true"})
    token = token_of(one, progress)
    if request.query_params.get("seen") == token:
        return Response("", media_type="text/html", status_code=UNCHANGED)
    context = {"round": one, "progress": progress, "phases": PHASES, "address": address_of(one), "token": token}
    return Response(page_text(request, "round/progress.html", **context), media_type="text/html")


def token_of(one: Round, progress: Progress) -> str:
    """Changes when there is something new to say."""
    return f"{one.status.value}-{progress.now.value if progress.now else ''}-{int(progress.silent)}"


def failure_of(request: WebRequest, one: Round) -> str | None:
    """Why a round failed, in the reader's language; to readers of English with the details."""
    if one.status is not RoundStatus.FAILED:
        return None
    language, facts = language_of(request), one.facts or {}
    code = facts.get("code", "")
    if code in FAILURES:
        return tr(language, FAILURES[Failure(code)])
    kind = kinds().get(code)
    if kind is None:
        return tr(language, _("The matching program refused the figures. Nothing was written."))
    said = title_of(kind, language)
    detail = str(facts.get("problem", ""))
    return f"{said} ({detail})" if language == SPOKEN_BY_DEFAULT and detail and detail != said else said


@post("/rounds-desk/{number:int}/publication", sync_to_thread=True)
def publish(request: WebRequest, caller: TheCaller, number: FromPath[int], data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        publish_round(work, round_seen(work, number).id)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, number, filled),
        to=f"/rounds-desk/{number}", said=_("The summary of this round is public now."),
    )  # fmt: skip


HANDLERS = [show_round, show_progress, publish]
