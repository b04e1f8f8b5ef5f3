"""Statistics for everybody: the figures of the day, and the rounds that were published. All of it was made safe before
it came here: a number that is hidden is nowhere in the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from contracts.kernel.work import Work
from market.catalogue.rules import CapacityUnit, CareSetting, Category, Language, ServiceKind
from market.oversight import published, statistics
from market.oversight.published import SafeFigures, SafeTreatment
from market.oversight.statistics import FIRST_STAGES, Shown, Statistics
from market.placement.report_queries import report_of
from market.placement.rules import Policy, Reason, Round
from market.provider.rules import Sector
from market.web.formats import filters, place_names
from market.web.language import _, language_of, tr
from market.web.pages.round.result import way_names
from market.web.pictures.figure import Figure, count_bars
from market.web.pictures.map import Map, Values, draw
from market.web.rendering import render
from market.web.work import TheCaller, WebRequest

PUBLIC: dict[str, Any] = {"public": True}
PLACED, WAITING, BOTH = 0, 1, 2
ROUNDS_SHOWN = 20
HIDDEN = -1  # on a map, where a number must stand
OTHERS = {Policy.WELFARE: Policy.STABLE, Policy.STABLE: Policy.WELFARE}
STAGE_WORDS = {
    "appropriated": _("Appropriated"), "free": _("Free"), "reserved": _("Reserved"), "committed": _("Committed"),
    "payable": _("Payable"), "paid": _("Paid"), "owed": _("Advanced"),
}  # fmt: skip
WAITS = (Reason.CAPACITY, Reason.NO_ELIGIBLE_OFFER)


@dataclass(frozen=True, slots=True)
class Part:
    """A table of people by one property, with a picture where nothing in it is hidden."""

    title: str
    head: str
    rows: list[tuple[str, Shown]]
    chart: Figure | None


@get("/statistics", sync_to_thread=True, opt=PUBLIC)
def show_statistics(request: WebRequest, caller: TheCaller) -> Response[str]:
    def read(work: Work) -> tuple[Statistics | None, list[Round]]:
        return statistics.latest(work), published.published(work, limit=ROUNDS_SHOWN)

    found, rounds = caller.read(read)
    return render(
        request,
        "public/statistics.html",
        found=found,
        rounds=rounds,
        **(_figures(request, found.facts) if found else {}),
    )


def _figures(request: WebRequest, facts: Mapping[str, Any]) -> dict[str, Any]:
    language = language_of(request)
    names = place_names(language)
    return {
        "everybody": facts["everybody"],
        "map": _map(request, facts["people"]["territory"]),
        "parts": _parts(request, facts["people"]),
        "sectors": list(Sector),
        "providers": _providers(names, facts["providers"]),
        "supply": [(ServiceKind(k), CareSetting(s), CapacityUnit(u), *rest) for k, s, u, *rest in facts["supply"]],
        "stages": [STAGE_WORDS[stage] for stage in facts.get("stages", FIRST_STAGES)],
        "money": sorted((names.get(code, code), amounts) for code, amounts in facts["money"].items()),
        "year": facts["year"],
    }


def _parts(request: WebRequest, people: Mapping[str, Mapping[str, Shown]]) -> list[Part]:
    language = language_of(request)
    words, names = filters(language)["words"], place_names(language)
    named: list[tuple[str, str, str, Callable[[str], str]]] = [
        ("territory", _("By region"), _("Region"), lambda key: names.get(key, key)),
        ("kind", _("By kind of service"), _("Kind of service"), lambda key: words(ServiceKind(key))),
        ("setting", _("By place of care"), _("Place of care"), lambda key: words(CareSetting(key))),
        ("category", _("By who is served"), _("Who is served"), lambda key: words(Category(key))),
        ("tier", _("By urgency"), _("Urgency tier"), lambda key: tr(language, _("tier %(tier)s"), tier=key)),
    ]
    return [part_of(request, tr(language, title), tr(language, head), people[name], say)
            for name, title, head, say in named]  # fmt: skip


def part_of(request: WebRequest, title: str, head: str, table: Mapping[str, Shown], say: Callable[[str], str]) -> Part:
    rows = [(say(key), shown) for key, shown in table.items()]
    open_ = [shown for _name, shown in rows if None not in shown]
    whole = len(open_) == len(rows) > 1
    return Part(title, head, rows, _bars(request, title, head, [n for n, _s in rows], open_) if whole else None)


def _bars(request: WebRequest, title: str, head: str, names: list[str], shown: list[Shown]) -> Figure:
    language = language_of(request)
    series = [
        (tr(language, _("with a place")), [row[PLACED] or 0 for row in shown]),
        (tr(language, _("waiting")), [row[WAITING] or 0 for row in shown]),
    ]
    return count_bars(request, title, head, names, series, axis=tr(language, _("vouchers")), stacked=True)


def _map(request: WebRequest, territories: Mapping[str, Shown]) -> Map:
    language = language_of(request)
    waiting = {code: HIDDEN if shown[WAITING] is None else shown[WAITING] or 0 for code, shown in territories.items()}
    number = filters(language)["number"]

    def say(value: int) -> str:
        return tr(language, _("not shown")) if value == HIDDEN else number(value)

    head = tr(language, _("vouchers that wait for a place"))
    return draw(request, tr(language, _("Where people wait for a place")), values=Values(head, waiting, say=say))


def _providers(names: Mapping[str, str], counted: list[tuple[str, str, int]]) -> list[tuple[str, list[int], int]]:
    """By region: how many of each sector, and in all."""
    found: dict[str, dict[str, int]] = {}
    for territory, sector, count in counted:
        found.setdefault(territory, {})[sector] = count
    rows = [(names.get(code, code), [own.get(sector.value, 0) for sector in Sector]) for code, own in found.items()]
    return [(name, counts, sum(counts)) for name, counts in sorted(rows)]


@get("/statistics/rounds/{number:int}", sync_to_thread=True, opt=PUBLIC)
def show_published_round(request: WebRequest, caller: TheCaller, number: FromPath[int]) -> Response[str]:
    def read(work: Work) -> tuple[Round, SafeFigures | None, SafeTreatment | None]:
        one = published.published_round(work, number)
        report = report_of(work, one.id)
        treatment = published.safe_treatment(one, report.fairness) if report else None
        return one, published.safe_figures(one, published.regions_of_localities(work)), treatment

    one, safe, treatment = caller.read(read)
    language = language_of(request)
    return render(
        request,
        "public/round.html",
        round=one,
        outcome=(one.facts or {}).get("status"),
        gap=(one.facts or {}).get("gap"),
        safe=safe,
        parts=[*_round_parts(request, safe), *_treated(request, treatment)] if safe else [],
        treatment=treatment,
        others=OTHERS[one.policy],
        ways=list(zip(way_names(language), safe.histogram, strict=True)) if safe else [],
        given={reason: count for reason, count in safe.reasons.items() if reason not in WAITS} if safe else {},
        waits={reason: safe.reasons[reason] for reason in WAITS} if safe else {},
    )


def _round_parts(request: WebRequest, safe: SafeFigures) -> list[Part]:
    language = language_of(request)
    words, names = filters(language)["words"], place_names(language)

    def service(key: str) -> str:
        kind, setting = key.split(" ")
        return f"{words(ServiceKind(kind))}, {words(CareSetting(setting))}"

    named: list[tuple[str, str, Mapping[str, Shown], Callable[[str], str]]] = [
        (_("By urgency"), _("Urgency tier"), safe.by_tier, lambda key: tr(language, _("tier %(tier)s"), tier=key)),
        (_("By region"), _("Region"), safe.by_region, lambda key: names.get(key, key)),
        (_("By kind of service"), _("Kind of service"), safe.by_service, service),
    ]
    return [part_of(request, tr(language, title), tr(language, head), table, say) for title, head, table, say in named]


def _treated(request: WebRequest, treatment: SafeTreatment | None) -> list[Part]:
    if treatment is None:
        return []
    language = language_of(request)
    words = filters(language)["words"]
    disability = {"yes": tr(language, _("with a disability")), "no": tr(language, _("without a disability"))}
    named: list[tuple[str, str, str, Callable[[str], str]]] = [
        ("category", _("By who is served"), _("Who is served"), lambda key: words(Category(key))),
        ("language", _("By language"), _("Language"), lambda key: words(Language(key))),
        ("disability", _("By disability"), _("Disability"), disability.__getitem__),
    ]
    return [
        part_of(request, tr(language, title), tr(language, head), treatment.tables[name], say)
        for name, title, head, say in named
    ]


HANDLERS = [show_statistics, show_published_round]
