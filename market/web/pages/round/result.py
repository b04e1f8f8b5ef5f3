"""What a round came to, in rows and pictures that a page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from market.catalogue.queries import Locality
from market.oversight.published import by_region
from market.placement.rules import Reason
from market.placement.summary import HISTOGRAM_M, Figures, Served
from market.web.formats import filters
from market.web.language import _, language_of, tr
from market.web.pictures.figure import Figure, count_bars
from market.web.pictures.map import Map, Values, draw
from market.web.work import WebRequest

MOST_PLACES = 50  # localities on a page; a region has fewer
WAITS = (Reason.CAPACITY, Reason.NO_ELIGIBLE_OFFER)


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    served: Served


@dataclass(frozen=True, slots=True)
class Result:
    """Tables with their pictures. ``places``: the localities where most people wait, in ``region`` where one is
    chosen."""

    tiers: Figure | None
    tier_rows: list[Row]
    ways: Figure | None
    ranks: list[tuple[str, int]]
    reasons: list[tuple[Reason, int]]
    waits: list[tuple[Reason, int]]
    services: list[Row]
    map: Map
    region: str | None
    places: list[Row]


def result_of(
    request: WebRequest, figures: Figures, localities: Sequence[Locality], *, address: str, region: str | None
) -> Result:
    language, regions = language_of(request), {place.id: place.territory for place in localities}
    words = filters(language)["words"]
    tier_rows = [Row(tr(language, _("tier %(tier)s"), tier=n), one) for n, one in enumerate(figures.by_tier)]
    ways = list(zip(way_names(language), figures.histogram, strict=True))
    return Result(
        tiers=_tiers(request, tier_rows) if tier_rows else None,
        tier_rows=tier_rows,
        ways=_ways(request, ways) if sum(figures.histogram) else None,
        ranks=_ranks(request, figures),
        reasons=[(reason, count) for reason, count in figures.reasons.items() if reason not in WAITS],
        waits=[(reason, figures.reasons[reason]) for reason in WAITS],
        services=[Row(f"{words(kind)}, {words(setting)}", one) for (kind, setting), one in figures.by_service.items()],
        map=_map(request, by_region(figures, regions), address, region),
        region=region,
        places=_places(language, figures, localities, region),
    )


def way_names(language: str) -> list[str]:
    """Of the columns of the histogram."""
    distance = filters(language)["distance"]
    inner = [tr(language, _("up to %(distance)s"), distance=distance(limit)) for limit in HISTOGRAM_M]
    return [*inner, tr(language, _("further than %(distance)s"), distance=distance(HISTOGRAM_M[-1]))]


def _tiers(request: WebRequest, rows: Sequence[Row]) -> Figure:
    language = language_of(request)
    values = [
        (tr(language, _("got a place")), [row.served.served for row in rows]),
        (tr(language, _("wait")), [row.served.waiting for row in rows]),
    ]
    caption, head = tr(language, _("Places by urgency")), tr(language, _("Urgency tier"))
    axis = tr(language, _("requests"))
    return count_bars(request, caption, head, [row.name for row in rows], values, axis=axis, stacked=True)


def _ways(request: WebRequest, rows: Sequence[tuple[str, int]]) -> Figure:
    language = language_of(request)
    caption = tr(language, _("How far the place is from the locality where people live"))
    values = [(tr(language, _("requests")), [count for _name, count in rows])]
    head = tr(language, _("Distance"))
    return count_bars(request, caption, head, [name for name, _count in rows], values, axis=values[0][0])


def _ranks(request: WebRequest, figures: Figures) -> list[tuple[str, int]]:
    language = language_of(request)
    named = [
        (tr(language, _("wish number %(rank)s"), rank=rank), count)
        for rank, count in enumerate(figures.by_rank)
        if rank > 0
    ]
    others = figures.by_rank[0] if figures.by_rank else 0
    return [*named, (tr(language, _("a place that was not among the wishes, or nothing was wished")), others)]


def _map(request: WebRequest, regions: Mapping[str, Served], address: str, region: str | None) -> Map:
    language = language_of(request)
    head = tr(language, _("requests that wait"))
    waiting = {code: served.waiting for code, served in regions.items()}
    caption = tr(language, _("Where people wait: requests without a place"))
    return draw(
        request, caption, area=region, values=Values(head, waiting), link=lambda code: f"{address}?region={code}#places"
    )


def _places(
    language: str, figures: Figures, localities: Sequence[Locality], region: str | None
) -> list[Row]:  # fmt: skip
    say = filters(language)["locality"]
    names = {one.id: say(one.id, one.name) for one in localities if region is None or one.territory == region}
    rows = [Row(names[place], one) for place, one in figures.by_locality.items() if place in names and one.waiting]
    return sorted(rows, key=lambda row: (-row.served.waiting, row.name))[:MOST_PLACES]
