"""How a round treated people, and beside it what the other policy would have done for the same people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from contracts.kernel.work import Work
from market.catalogue.rules import Category, Language
from market.placement.report import Fairness, RoundReport, Treated
from market.placement.report_queries import report_of
from market.placement.rules import Policy, Round
from market.web.formats import filters, place_names
from market.web.language import _, language_of, tr
from market.web.pages.round.queries import round_seen
from market.web.pictures.figure import Figure, count_bars
from market.web.rendering import render
from market.web.work import TheCaller, WebRequest
from matching.fairness import Share

QUANTILES = (50, 90, 99, 100)
TIE_RULES: Mapping[Policy, str] = {
    Policy.WELFARE: _(
        "Who is served: by urgency, then so that all ways together are shortest; of people who are alike in everything"
        " that counts, the one who waits longest. Nothing is drawn by lot."
    ),
    Policy.STABLE: _(
        "Who comes first: by urgency, then by the time they wait, then by a draw: the SHA-256 of the number for the"
        " draw, a colon and the number of the request; the smaller result comes first."
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A group of people: how they fared here, and which share of them the other policy would have served."""

    name: str
    own: Share
    other: Share | None


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    head: str
    lines: list[Line]
    chart: Figure | None


@get("/rounds-desk/{number:int}/fairness", sync_to_thread=True)
def show_fairness(request: WebRequest, caller: TheCaller, number: FromPath[int]) -> Response[str]:
    def read(work: Work) -> tuple[Round, RoundReport | None]:
        one = round_seen(work, number)
        return one, report_of(work, one.id)

    one, report = caller.read(read)
    return render(
        request,
        "round/fairness.html",
        round=one,
        address=f"/rounds-desk/{one.number}",
        report=report,
        fairness=report and report.fairness,
        tie_rule=TIE_RULES[one.policy],
        **(_shown(request, report.fairness) if report else {}),
    )


def _shown(request: WebRequest, told: Fairness) -> dict[str, Any]:
    return {
        "both": [one for one in (told.own, told.other) if one],
        "parts": parts_of(request, told),
        "quantiles": QUANTILES,
        "ways": _ways(request, told.own),
        "ranks": _ranks(request, told),
    }


def parts_of(request: WebRequest, told: Fairness) -> list[Part]:
    language = language_of(request)
    names = names_of(language)
    return [
        _part(request, tr(language, title), tr(language, head), told, key, names[key])
        for key, title, head in (
            ("tier", _("Places by urgency"), _("Tier")),
            ("territory", _("Places by region"), _("Region")),
            ("category", _("Places by category"), _("Category")),
            ("language", _("Places by language"), _("Language")),
            ("disability", _("Places by disability"), _("Disability")),
        )
    ]


def names_of(language: str) -> dict[str, Callable[[str], str]]:
    """How the values of each property are said."""
    words, places = filters(language)["words"], place_names(language)
    disability = {"yes": tr(language, _("with a disability")), "no": tr(language, _("without a disability"))}
    return {
        "tier": lambda key: tr(language, _("tier %(tier)s"), tier=key),
        "territory": lambda key: places.get(key, key),
        "category": lambda key: words(Category(key)),
        "language": lambda key: words(Language(key)),
        "disability": lambda key: disability[key],
    }


def _part(request: WebRequest, title: str, head: str, told: Fairness, key: str, say: Callable[[str], str]) -> Part:
    others = told.other.by[key] if told.other else {}
    lines = [Line(say(value), share, others.get(value)) for value, share in told.own.by[key].items()]
    return Part(title, head, lines, _bars(request, title, head, lines) if lines else None)


def _bars(request: WebRequest, title: str, head: str, lines: list[Line]) -> Figure:
    language = language_of(request)
    values = [
        (tr(language, _("got a place")), [line.own.served for line in lines]),
        (tr(language, _("wait")), [line.own.of - line.own.served for line in lines]),
    ]
    axis = tr(language, _("requests"))
    return count_bars(request, title, head, [line.name for line in lines], values, axis=axis, stacked=True)


def _ways(request: WebRequest, own: Treated) -> list[tuple[str, list[int | None]]]:
    """By tier, how far so many of a hundred go at most."""
    language = language_of(request)
    return [
        (tr(language, _("tier %(tier)s"), tier=tier), [ways.get(percent) for percent in QUANTILES])
        for tier, ways in sorted(own.distance_by_tier.items())
    ]


def _ranks(request: WebRequest, told: Fairness) -> list[tuple[str, int, int | None]]:
    language = language_of(request)
    ranks = sorted(set(told.own.ranks) | set(told.other.ranks if told.other else ()), key=lambda rank: rank or 99)
    nothing = tr(language, _("a place that was not among the wishes, or nothing was wished"))
    return [
        (
            tr(language, _("wish number %(rank)s"), rank=rank) if rank else nothing,
            told.own.ranks.get(rank, 0),
            told.other.ranks.get(rank, 0) if told.other else None,
        )
        for rank in ranks
    ]


HANDLERS = [show_fairness]
