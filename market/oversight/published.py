"""Rounds that everybody may read about: their figures, made safe as the daily ones are.

A round counts requests, and one person may have several; so a number of requests is taken for as few people as it could
be. Made anew at each look from the same figures, so two looks never tell different things.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from contracts.kernel.work import Work
from market.catalogue.queries import localities
from market.catalogue.rules import CareSetting, ServiceKind
from market.oversight.queries import Demand
from market.oversight.statistics import Shown, shown_whole, table_of
from market.oversight.suppression import LEAST, hide_in_list
from market.placement.models import RoundRow
from market.placement.report import Fairness
from market.placement.rules import Reason, Round, RoundNotFound
from market.placement.summary import Figures, Served, figures_of

MAX_ROUNDS = 500  # a round a week for ten years
ENOUGH_FOR_QUANTILES = 50  # people with a place: the median of a few is one of them
PUBLIC_QUANTILES = (50, 90)  # never the longest way of all: that is one person's


@dataclass(frozen=True, slots=True)
class SafeFigures:
    """``whole`` and every table: served, waiting, both; None where it is hidden. So in ``reasons`` and ``histogram``.
    ``quantiles`` in metres, empty where few have a place."""

    whole: Shown
    by_tier: dict[str, Shown]
    by_region: dict[str, Shown]
    by_service: dict[str, Shown]  # kind and setting with a space between them
    reasons: dict[Reason, int | None]
    histogram: list[int | None]
    quantiles: dict[int, int]


def published(work: Work, *, before: int | None = None, limit: int = MAX_ROUNDS) -> list[Round]:
    """The newest first; ``before``: older than the round of that number."""
    public: list[sa.ColumnElement[bool]] = [RoundRow.published_at.is_not(None)]
    if before is not None:
        public.append(RoundRow.number < before)
    return work.find_all(Round, RoundRow, *public, order_by=(RoundRow.number.desc(),), limit=min(limit, MAX_ROUNDS))


def published_round(work: Work, number: int) -> Round:
    """Raises RoundNotFound, also for one that is not public."""
    found = work.find(Round, RoundRow, RoundRow.number == number, RoundRow.published_at.is_not(None))
    if found is None:
        raise RoundNotFound
    return found


def regions_of_localities(work: Work) -> dict[int, str]:
    return {place.id: place.territory for place in localities(work)}


def safe_figures(one: Round, region_of: Mapping[int, str]) -> SafeFigures | None:
    """``region_of``: the territory of each locality. None where too few people were in the round."""
    figures = figures_of(one)
    whole = None if figures is None else shown_whole(_demand(_sum(figures.by_tier), figures.most_of_one))
    if figures is None or whole is None:
        return None
    tiers = {str(tier): served for tier, served in enumerate(figures.by_tier)}
    services = {_key(service): served for service, served in figures.by_service.items()}
    enough = whole[0] is not None and whole[0] >= ENOUGH_FOR_QUANTILES * figures.most_of_one
    return SafeFigures(
        whole=whole,
        by_tier=_table(figures, tiers),
        by_region=_table(figures, by_region(figures, region_of)),
        by_service=_table(figures, services),
        reasons=_reasons(figures, open_=whole[0] is not None),
        histogram=_listed(figures, figures.histogram, open_=whole[0] is not None),
        quantiles={q: figures.quantiles[q] for q in PUBLIC_QUANTILES} if enough else {},
    )


@dataclass(frozen=True, slots=True)
class SafeTreatment:
    """``tables``: by category, language and disability: served, waiting, both. ``other``: so many the other policy
    would have served. ``envy``: how many see a place they would rather have with somebody less urgent. None: hidden."""

    tables: dict[str, dict[str, Shown]]
    other: int | None
    envy: int | None


TREATED_BY = ("category", "language", "disability")


def safe_treatment(one: Round, told: Fairness) -> SafeTreatment | None:
    """None where too few people were in the round."""
    figures = figures_of(one)
    whole = None if figures is None else shown_whole(_demand(_sum(figures.by_tier), figures.most_of_one))
    if figures is None or whole is None:
        return None
    open_, least = whole[0] is not None, LEAST * figures.most_of_one
    tables = {
        name: _table(figures, {key: Served(share.of, share.served) for key, share in told.own.by[name].items()})
        for name in TREATED_BY
    }
    other = told.other.served if told.other else None
    safe = other is not None and all(not n or n >= least for n in (other.served, other.of - other.served))
    envy = told.own.envy
    return SafeTreatment(
        tables=tables,
        other=other.served if other and open_ and safe else None,
        envy=envy if open_ and (envy == 0 or envy >= least) else None,
    )


def by_region(figures: Figures, region_of: Mapping[int, str]) -> dict[str, Served]:
    found: dict[str, list[Served]] = {}
    for place, served in figures.by_locality.items():
        found.setdefault(region_of.get(place, ""), []).append(served)
    return {region: _sum(parts) for region, parts in sorted(found.items())}


def _key(service: tuple[ServiceKind, CareSetting]) -> str:
    return f"{service[0].value} {service[1].value}"


def _sum(parts: Sequence[Served]) -> Served:
    return Served(sum(part.asked for part in parts), sum(part.served for part in parts))


def _demand(served: Served, most_of_one: int) -> Demand:
    """With the fewest people who could stand behind the requests."""

    def people(requests: int) -> int:
        return -(-requests // max(1, most_of_one))

    counts = (served.served, served.waiting)
    return Demand(*counts, people(served.served), people(served.waiting), people(served.asked))


def _table(figures: Figures, rows: Mapping[str, Served]) -> dict[str, Shown]:
    most = figures.most_of_one
    return table_of(_demand(_sum(figures.by_tier), most), {key: _demand(served, most) for key, served in rows.items()})


def _reasons(figures: Figures, *, open_: bool) -> dict[Reason, int | None]:
    """Those of the served add up to the served, those of the others to the others: each list hides by itself."""
    waits = [Reason.CAPACITY, Reason.NO_ELIGIBLE_OFFER]
    found: dict[Reason, int | None] = {}
    for reasons in ([reason for reason in Reason if reason not in waits], waits):
        values = _listed(figures, [figures.reasons[reason] for reason in reasons], open_=open_)
        found.update(zip(reasons, values, strict=True))
    return found


def _listed(figures: Figures, values: Sequence[int], *, open_: bool) -> list[int | None]:
    """``open_``: whether what they add up to is shown."""
    hidden = hide_in_list(values, [0 < value < LEAST * figures.most_of_one for value in values])
    if hidden is None or not open_:
        return [None] * len(values)
    return [None if hide else value for value, hide in zip(values, hidden, strict=True)]
