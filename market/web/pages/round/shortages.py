"""Where a round fell short: who has too few places whatever anybody does, what one more place is worth, and asking the
round what if."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.errors import Conflict, Malformed, RuleBroken, Unavailable, WrongState
from contracts.kernel.work import Role, Work
from market.catalogue.queries import localities
from market.catalogue.rules import CareSetting, ServiceKind
from market.placement.asking import ask_what_if
from market.placement.asking_queries import offer_numbered
from market.placement.report import Diagnosis, RoundReport, Valued
from market.placement.report import Part as Short
from market.placement.report_queries import NamedOffer, offers_named, report_of
from market.placement.rules import Round
from market.placement.supposing import MOST_ADVISED, MOST_PLACES, Kind, Question, Supposed
from market.placement.terms import COST_UNIT_M
from market.web.asking import answer
from market.web.formats import filters, place_names
from market.web.language import _, language_of, tr
from market.web.pages.form import EMPTY, Filled, Form, Reading, faults_of, new_key
from market.web.pages.round.queries import round_seen
from market.web.problems import status_of
from market.web.rendering import render
from market.web.work import Caller, TheCaller, WebRequest

KILOMETRE = 1000
KINDS: Mapping[Kind, str] = {
    Kind.ADD: _("More places at an offer"),
    Kind.CLOSE: _("An offer closes"),
    Kind.MOVE: _("Places move from one offer to another"),
    Kind.PRICE: _("An offer has another price"),
    Kind.BEST: _("Where would more places do most?"),
    Kind.POLICY: _("The other policy"),
}
MAY_ASK = (Role.BUDGET_OFFICER, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class PartRow:
    service: str
    where: list[tuple[str, int]]
    others: int
    short: Short


@dataclass(frozen=True, slots=True)
class WorthRow:
    """``serves``: the tier of the person whom one more place would serve; else so many kilometres would be saved."""

    where: str
    offer: NamedOffer | None
    serves: int | None
    kilometres: float
    serving: int


@get("/rounds-desk/{number:int}/shortages", sync_to_thread=True)
def show_shortages(request: WebRequest, caller: TheCaller, number: FromPath[int]) -> Response[str]:
    asked = {name: request.query_params[name] for name in ("offer", "kind") if name in request.query_params}
    return _show(request, caller, number, Filled(asked) if asked else EMPTY)


def _show(
    request: WebRequest,
    caller: Caller,
    number: int,
    filled: Filled,
    told: Supposed | None = None,
    asked: Question | None = None,
) -> Response[str]:
    language = language_of(request)
    say = filters(language)["locality"]

    def read(work: Work) -> tuple[Round, RoundReport | None, dict[UUID, NamedOffer], dict[int, tuple[str, str]]]:
        one = round_seen(work, number)
        report = report_of(work, one.id)
        ids = _offers_in(report, told, asked)
        places = {one.id: (say(one.id, one.name), one.territory) for one in localities(work)} if report else {}
        return one, report, offers_named(work, ids), places

    one, report, offers, places = caller.read(read)
    diagnosis = report.diagnosis if report else None
    return render(
        request,
        "round/what_if.html" if told else "round/shortages.html",
        round=one,
        address=f"/rounds-desk/{one.number}",
        report=report,
        diagnosis=diagnosis,
        parts=[_part(language, part, places, one.territory) for part in diagnosis.parts] if diagnosis else [],
        regions=_regions(language, diagnosis, offers) if diagnosis else [],
        offers=[_worth("", value, offers) for value in diagnosis.offers] if diagnosis else [],
        may_ask=caller.actor.has(*MAY_ASK, territory=one.territory),
        kinds=[(kind.value, tr(language, said)) for kind, said in KINDS.items()],
        most_places=MOST_PLACES,
        most_advised=MOST_ADVISED,
        filled=filled,
        key=new_key(),
        told=told,
        asked=asked,
        change=asked and tr(language, KINDS[asked.kind]),
        named=offers,
    )


def _offers_in(report: RoundReport | None, told: Supposed | None, asked: Question | None) -> list[UUID]:
    found = [one for one in (asked.offer_id, asked.to_id) if one] if asked else []
    found += [offer for offer, _served in told.advice] if told else []
    if report is not None and report.diagnosis is not None and told is None:
        found += [one.offer_id for one in (*report.diagnosis.offers, *report.diagnosis.regions.values())]
    return found


def _part(language: str, part: Short, places: Mapping[int, tuple[str, str]], here: str) -> PartRow:
    """In a round of one region nobody need read its name behind every town."""
    words = filters(language)["words"]
    service = f"{words(ServiceKind(part.kind))}, {words(CareSetting(part.setting))}"
    regions = place_names(language)
    where = []
    for place, people in part.localities:
        name, territory = places.get(place, (str(place), ""))
        where.append((name if territory == here else f"{name} ({regions.get(territory, territory)})", people))
    return PartRow(service, where, part.others, part)


def _regions(language: str, diagnosis: Diagnosis, offers: Mapping[UUID, NamedOffer]) -> list[WorthRow]:
    names = place_names(language)
    rows = [_worth(names.get(code, code), value, offers) for code, value in diagnosis.regions.items()]
    return sorted(rows, key=lambda row: (-row.serving, row.where))


def _worth(where: str, value: Valued, offers: Mapping[UUID, NamedOffer]) -> WorthRow:
    kilometres = value.saving * COST_UNIT_M / KILOMETRE
    return WorthRow(where, offers.get(value.offer_id), value.tier, kilometres, value.serving)


@post("/rounds-desk/{number:int}/what-if", sync_to_thread=True, status_code=200)
def ask(request: WebRequest, caller: TheCaller, number: FromPath[int], data: Form) -> Response[str]:
    """The answer is the page: nothing of it is kept, so there is no address to go on to."""
    one = caller.read(lambda work: round_seen(work, number))
    try:
        question = _question(caller, data)
        caller.write(lambda work: ask_what_if(work, one.id, question))
        told = answer(caller.site.settings, one.number, question)
    except (Malformed, RuleBroken, WrongState, Conflict, Unavailable) as error:
        page = _show(request, caller, number, Filled(dict(data), faults_of(request, error)))
        page.status_code = status_of(type(error))
        return page
    return _show(request, caller, number, Filled(dict(data)), told, question)


def _question(caller: Caller, data: Mapping[str, str]) -> Question:
    """Raises Incomplete, QuestionUnclear."""
    reading = Reading(data)
    kind = reading.choice("kind", Kind)
    numbers = {"offer": kind in {Kind.ADD, Kind.CLOSE, Kind.MOVE, Kind.PRICE}, "to": kind is Kind.MOVE}
    named = {field: reading.text(field, max_length=20) for field, needed in numbers.items() if needed}
    counted = kind in {Kind.ADD, Kind.MOVE, Kind.BEST}
    most = MOST_ADVISED if kind is Kind.BEST else MOST_PLACES
    count = reading.number("count", low=1, high=most) if counted else 0
    price = reading.money("price") if kind is Kind.PRICE else 0
    reading.check()
    ids = caller.read(lambda work: {field: offer_numbered(work, text, field) for field, text in named.items()})
    return Question(kind, ids.get("offer"), ids.get("to"), count, price)


HANDLERS = [show_shortages, ask]
