"""A place that was asked for, or offered by a round: why this one, until when to answer, yes or no."""

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.work import Work
from market.placement import queries, service
from market.placement.ending_queries import left_by_contract
from market.placement.holder_queries import SeenPlacement, of_placement, outcomes_lately, placements_seen
from market.placement.rules import MAX_REASON, OPEN, PlacementNotFound, PlacementStatus
from market.provider.queries import is_admitted
from market.voucher import queries as vouchers
from market.web.language import _, language_of, tr
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.recipient.person import Person, check_own, person_of, show
from market.web.pages.recipient.words import Told, told_by_round
from market.web.work import Caller, Id, TheCaller, WebRequest

DAY = timedelta(days=1)
OTHER = "other"
ACCEPTED = _("You have accepted the place. The service begins tomorrow, or on the first day of your voucher.")
DECLINED = _("The place is free for others now. You are on the waiting list from the same day as before.")
REASONS = {
    "far": _("It is too far away"),
    "elsewhere": _("I have found help elsewhere"),
    "language": _("They do not speak my language"),
    "health": _("My health does not allow it now"),
    OTHER: _("Another reason, which I write below"),
}


@get("/people/{number:str}/places/{place_id:uuid}", sync_to_thread=True)
def show_place(request: WebRequest, caller: TheCaller, number: FromPath[str], place_id: Id) -> Response[str]:
    return _page(request, caller, person_of(caller, number), place_id, EMPTY)


def _page(request: WebRequest, caller: Caller, person: Person, place_id: Id, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        place = _own(work, person, place_id)
        in_time = place.placement.status in OPEN and work.now < place.placement.respond_until
        return {
            "place": place,
            "voucher": vouchers.voucher(work, place.placement.voucher_id),
            "told": _told(work, language_of(request), place),
            "last_on": place.placement.ends_on and place.placement.ends_on - DAY,
            "by_contract": place_id in left_by_contract(work, [place_id]),
            "takes_people": is_admitted(work, place.placement.provider_id, work.today),
            "may_answer": in_time and place.placement.status is PlacementStatus.OFFERED,
            "may_take_back": in_time and place.placement.status is PlacementStatus.REQUESTED,
            "too_late": not in_time and place.placement.status in OPEN,
        }

    reasons = [(code, tr(language_of(request), text)) for code, text in REASONS.items()]
    return show(
        request, person, "place", filled=filled, fields=["why", "reason"], key=new_key(), reasons=reasons,
        **caller.read(read),
    )  # fmt: skip


def _own(work: Work, person: Person, place_id: Id) -> SeenPlacement:
    found = placements_seen(work, *of_placement(place_id))
    if not found:
        raise PlacementNotFound
    check_own(found[0].placement.recipient_id, person, PlacementNotFound)
    return found[0]


def _told(work: Work, language: str, place: SeenPlacement) -> Told | None:
    """What the round that offered it says; nothing where the holder chose it."""
    if place.placement.round_id is None:
        return None
    request = queries.request(work, place.placement.request_id)
    for outcome in outcomes_lately(work, request):
        if outcome.round_id == place.placement.round_id:
            return told_by_round(work, language, request, outcome)
    return None


@post("/people/{number:str}/places/{place_id:uuid}/accept", sync_to_thread=True)
def accept(request: WebRequest, caller: TheCaller, number: FromPath[str], place_id: Id, data: Form) -> Response[Any]:
    person = person_of(caller, number)

    def do(work: Work) -> None:
        _own(work, person, place_id)
        service.accept(work, place_id)

    return submit(
        request, caller, data, do=do, again=lambda filled: _page(request, caller, person, place_id, filled),
        to=f"{person.address}/places/{place_id}", said=ACCEPTED,
    )  # fmt: skip


@post("/people/{number:str}/places/{place_id:uuid}/decline", sync_to_thread=True)
def decline(request: WebRequest, caller: TheCaller, number: FromPath[str], place_id: Id, data: Form) -> Response[Any]:
    """No to an offered place, or one's own request taken back."""
    person = person_of(caller, number)

    def do(work: Work) -> None:
        _own(work, person, place_id)
        service.decline(work, place_id, reason=_reason(data, language_of(request)))

    return submit(
        request, caller, data, do=do, again=lambda filled: _page(request, caller, person, place_id, filled),
        to=f"{person.address}/places/{place_id}", said=DECLINED,
    )  # fmt: skip


def _reason(data: Form, language: str) -> str:
    """As it was said, in the words of who said it."""
    reading = Reading(data)
    code = reading.one_of("why", list(REASONS))
    words = reading.text("reason", max_length=MAX_REASON, required=code == OTHER)
    reading.check()
    said = "" if code == OTHER else tr(language, REASONS[code])
    return f"{said}. {words}" if said and words else said or words


HANDLERS = [show_place, accept, decline]
